"""
The order that pages go by: stored paths and computed values, made total by the key.

A row of a token must be found again by its values. What the server computes of
one document is, what depends on other documents, on chance or on the clock is
not.
"""

from __future__ import annotations

import itertools
from typing import Any

from django.core.exceptions import FieldError

from docmodels.fields import ListField
from docmodels.query.query import Query
from docmodels.query.rows import name_in
from docmodels.query.steps import Given, Windowed
from docmodels.queryset.keyset import after_condition, join_page
from docmodels.queryset.ordering import shown_order

#: Parts of expressions whose value is another one each time, with the reason.
_UNSTEADY = {
    "$rand": "which is drawn by chance",
    "$sampleRate": "which is drawn by chance",
    "$$NOW": "which moves on with the clock",
    "$$CLUSTER_TIME": "which moves on with the clock",
}


class PageOrder:
    """The sort of the pages of a query; raise FieldError where it has none."""

    def __init__(self, query: Query) -> None:
        self._query = query
        #: The names of computed values that the order reads.
        self.computed: dict[str, None] = {}
        for name in query.order_by:
            self._check(name.lstrip("-+"))
        #: The sort keys with 1 or -1.
        self.sort: list[tuple[str, int]] = list(self._total())

    def _total(self) -> Any:
        pairs: dict[str, int] = {}
        for path, way in self._order_of_source() or self._query.sort():
            pairs.setdefault(path, way)
        last = next(reversed(pairs.values()), 1)
        pairs.setdefault("_id", last)
        return pairs.items()

    def narrow(self, query: Query, values: list[Any], *, backwards: bool, inclusive: bool) -> None:
        """Narrow a query to what is after, or before, a row with these values."""
        condition = after_condition(self.sort, values, backwards=backwards, inclusive=inclusive)
        if not self.computed:
            query.where = join_page(query.where, condition)
            return
        keys = {query.annotations[name].key(name) for name in self.computed}
        stored = list(itertools.takewhile(lambda pair: name_in(pair[0], keys) is None, self.sort))
        if stored:
            # What is computed is judged afterwards, of fewer documents.
            before = after_condition(
                stored, values[: len(stored)], backwards=backwards, inclusive=True
            )
            query.where = join_page(query.where, before)
        query.add_raw(condition)

    def stages(self) -> list[dict[str, Any]]:
        """Return the stages that compute what the order reads."""
        steps = self._query.steps_for(self.computed) if self.computed else []
        return [stage for step in steps for stage in step.stages()]

    # What is refused

    def _order_of_source(self) -> list[tuple[str, int]]:
        """Return the sort of geo_near(), which no order_by() says; refuse that of searches."""
        query = self._query
        source: Any = query.source
        if source is None or query.ordering or query.reversed:
            return []
        distance = source.arguments.get("distanceField")
        if distance is None:
            shown = f" Choices are: {', '.join(query.shown)}." if query.shown else ""
            raise FieldError(
                f"{query.meta.object_name}.page(): in the order of {source.method}, expected "
                f"order_by() of a value.{shown}"
            )
        names = {annotation.key(name): name for name, annotation in query.annotations.items()}
        self.computed[names[distance]] = None
        return [(distance, 1)]

    def _check(self, bare: str) -> None:
        query = self._query
        resolved = query.rows.resolve(bare)
        shown = f"{query.meta.object_name}.page(): ordered by {shown_order(query, bare)}"
        if resolved.in_list or isinstance(resolved.field, ListField):
            raise FieldError(f"{shown}, which crosses a list, expected a path with one value.")
        name = name_in(bare, query.annotations)
        if name is None:
            return
        self.computed[name] = None
        for step in query.steps_for([name]):
            reason = "which depends on other documents" if isinstance(step, Windowed) else None
            if not isinstance(step, Given):
                reason = reason or _unsteady(step.stages())
            if reason is not None:
                raise FieldError(
                    f"{shown}, {reason}, expected a value that stays the same for a document."
                )


def _unsteady(value: Any) -> str | None:
    """Return why a value in MongoDB's form is another one each time, None where it is not."""
    if isinstance(value, str):
        return _UNSTEADY.get(value.partition(".")[0]) if value.startswith("$$") else None
    found: Any = value if isinstance(value, (list, tuple)) else ()
    if isinstance(value, dict):
        if "$literal" in value:
            return None
        for key in value.keys() & _UNSTEADY.keys():
            return _UNSTEADY[key]
        found = value.values()
    return next(filter(None, map(_unsteady, found)), None)
