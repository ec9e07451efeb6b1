"""What of other documents a queryset loads, ahead or on access."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from docmodels.constants import FetchMode
from docmodels.query.relations import Populate, plan
from docmodels.queryset.base import BaseQuerySet

D = TypeVar("D")


class RelationsMixin(BaseQuerySet[D]):
    """`populate`, `fetch_mode`, and the names that Django has for the first."""

    def populate(self, *paths: str | Populate | None) -> Self:
        """
        Load what references lead to with the result: one query for each path.

        `paths` are names joined by `__` or dots, through embedded documents,
        lists, maps and other references, or `Populate` objects, which say what
        is wanted of the documents. The later of two for the same path counts;
        None alone takes all of them away. Raise FieldError for a path that
        leads to no reference, TypeError after `values()`.
        """
        clone = self._clone()
        query = clone.query
        if paths == (None,):
            query.populated, query.populated_fields = (), frozenset()
            return clone
        if query.shape is not None:
            raise TypeError(
                f"{self._name}: Cannot call populate() after .values() or .values_list()."
            )
        for path in paths:
            if not isinstance(path, (str, Populate)):
                raise TypeError(
                    f"{self._name}.populate(): {path!r}, expected a path or a Populate object."
                )
        query.populated = (*query.populated, *paths)
        steps = plan(self.model, query.populated)
        query.populated_fields = frozenset(
            name for step in steps for name in self._fields_of(step) if name
        )
        return clone

    def _fields_of(self, step: Any) -> tuple[str, ...]:
        # What a projection must load for the step.
        if len(step.names) == 1 and step.relation.reference is None:
            return (str(step.relation.local_name),)
        return (str(step.names[0]),)

    def select_related(self, *paths: str | Populate | None) -> Self:
        """Load what references lead to, as `populate()`; there are no joins."""
        if not paths:
            raise TypeError(
                f"{self._name}.select_related(): without names, expected those of the references "
                "to load, as of populate()."
            )
        return self.populate(*paths)

    def prefetch_related(self, *paths: str | Populate | None) -> Self:
        """Load what references lead to, as `populate()`, which is its name here."""
        return self.populate(*paths)

    def fetch_mode(self, mode: str) -> Self:
        """
        Choose what reading a reference or a field does that was not loaded.

        `FETCH_PEERS` loads it for all documents of the same result at once,
        `FETCH_ONE` for the one document, `RAISE` forbids it: FieldFetchBlocked.
        The default is `DOCMODELS["FETCH_MODE"]`. Raise ValueError for another
        mode.
        """
        try:
            chosen = FetchMode(mode)
        except ValueError:
            raise ValueError(
                f"{self._name}.fetch_mode(): {mode!r}, expected FETCH_PEERS, FETCH_ONE or RAISE."
            ) from None
        clone = self._clone()
        clone.query.fetch_mode = chosen
        return clone
