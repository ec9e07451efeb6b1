"""A query over documents that come from stages: a union, a random sample."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docmodels.exceptions import NotSupportedError
from docmodels.query.expressions import F
from docmodels.query.query import Query
from docmodels.query.rows import Annotation

#: What would have to go in front of the stages, by the attribute that a method sets.
_REFUSED = {
    "annotations": "annotate()",
    "deferred": "defer()",
    "fixed_sort": "page()",
    "group": "distinct()",
    "only": "only()",
    "portions": "only()",
    "selected": "select()",
    "unwound": "unwind()",
    "where": "filter(), exclude()",
}
#: What a query of stages begins without: it was said by the stages.
_AFRESH: dict[str, Any] = {
    "steps": (),
    "source": None,
    "unwound": (),
    "ordering": (),
    "default_ordering": False,
    "reversed": False,
    "low": 0,
    "high": None,
    "empty": False,
}


class StagedQuery(Query):
    """
    What one queryset asks of the documents that some stages give.

    They can be ordered, cut, counted and shaped by `values()`, as in Django.
    """

    is_staged = True

    #: The stages, which no later method changes.
    stages: list[dict[str, Any]]
    #: The method that made them.
    made_by: str

    def __init__(
        self, base: Query, stages: list[dict[str, Any]], made_by: str, **changes: Any
    ) -> None:
        """Take over what `base` says of the results, and `changes` of that."""
        self.__dict__.update(base.__dict__)
        self.__dict__.update(_AFRESH, where={}, unfiltered={}, **changes)
        if self.group is not None:
            keys = {path: Annotation(F(path), base.rows) for path in self.group}
            self.__dict__["group_keys"] = keys
        self.stages = stages
        self.made_by = made_by

    def clone(self) -> StagedQuery:
        """Return a copy."""
        query = object.__new__(StagedQuery)
        query.__dict__.update(self.__dict__)
        return query

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _REFUSED:
            self._refuse(_REFUSED[name])
        super().__setattr__(name, value)

    def _refuse(self, method: str) -> None:
        raise NotSupportedError(
            f"{self.meta.object_name}: {method} after {self.made_by}(), expected it before. Order, "
            f"slices, counts and values() may follow."
        )

    def add(self, *args: Any, **options: Any) -> None:
        """Refuse to narrow."""
        self._refuse(_REFUSED["where"])

    def add_equalities(self, conditions: dict[str, Any]) -> bool:
        """Refuse to narrow."""
        self._refuse(_REFUSED["where"])
        return False

    def add_raw(self, condition: dict[str, Any]) -> None:
        """Refuse to narrow."""
        self._refuse("raw_filter()")

    @property
    def is_pipeline(self) -> bool:
        """Return True: no `find` can say it."""
        return True

    @property
    def has_own_rows(self) -> bool:
        """Return True: the filter is in the stages."""
        return True

    def pipeline(self) -> list[dict[str, Any]]:
        """Return the stages, then the order and the cut."""
        return [*self.stages, *self._tail(self.sort())]

    def count_pipeline(self, reads: Iterable[str] = ()) -> list[dict[str, Any]]:
        """Return the stages, with the order where the result is cut."""
        return [*self.stages, *self._tail(self.sort() if self.is_cut else [])]
