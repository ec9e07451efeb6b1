"""Which fields of each document a queryset loads."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.core.exceptions import FieldError

from docmodels.query import ListPart
from docmodels.query.projections import Portion
from docmodels.queryset.base import BaseQuerySet

D = TypeVar("D")


class ShapingMixin(BaseQuerySet[D]):
    """`only`, `defer`, `select`."""

    def only(self, *names: str | ListPart) -> Self:
        """
        Load the fields `names` alone; others are loaded when they are read.

        `Slice` and `ElemMatch` load a part of a list.
        """
        clone = self._clone()
        paths, clone.query.portions = self._list_parts(names)
        for portion in clone.query.portions:
            if len(portion.names) > 1:
                raise FieldError(
                    f"{self._name}.only(): a part of {'.'.join(portion.names)!r}, expected a list "
                    "of the document itself; select() takes paths inside."
                )
        clone.query.only = self._field_names(paths)
        clone.query.deferred = frozenset()
        return clone

    def defer(self, *names: str | None) -> Self:
        """Leave the fields `names` out until they are read; `None` loads all again."""
        clone = self._clone()
        if names == (None,):
            clone.query.deferred, clone.query.only, clone.query.portions = frozenset(), None, ()
        else:
            clone.query.deferred |= self._field_names(names) - {self.model._meta.pk.name}
        return clone

    def select(self, *names: str | ListPart) -> Self:
        """
        Add hidden fields, written `"+name"`, or choose: names load these fields alone.

        `"-name"` leaves a field out; that and plain names do not go together,
        but for the key, which is always loaded. `Slice` and `ElemMatch` narrow
        lists to a part and leave the rest of the projection as it is.
        """
        clone = self._clone()
        signed = [name for name in names if not isinstance(name, ListPart)]
        portions = self._list_parts([name for name in names if isinstance(name, ListPart)])[1]
        clone.query.selected |= self._field_names([n[1:] for n in signed if n[0] == "+"])
        self._choose([name for name in signed if name[0] != "+"], clone.query)
        narrowed = {portion.db_path: portion for portion in (*clone.query.portions, *portions)}
        clone.query.portions = tuple(narrowed.values())
        return clone

    def _choose(self, names: list[str], query: Any) -> None:
        """Let the first name decide whether the projection includes or excludes."""
        key = self.model._meta.pk.name
        left_out = self._field_names([name[1:] for name in names if name[0] == "-"]) - {key}
        wanted = self._field_names([name for name in names if name[0] != "-"])
        excludes, includes = left_out or query.deferred, wanted - {key} or query.only
        if excludes and includes and (left_out or wanted):
            raise FieldError(
                f"{self._name}.select({', '.join(map(repr, names))}): names that "
                f"are loaded and names that are left out, expected one of both."
            )
        query.deferred |= left_out
        if wanted and not excludes:
            query.only = wanted | (query.only or frozenset())

    def _list_parts(self, names: Any) -> tuple[list[str], tuple[Portion, ...]]:
        """Return the paths of what was named, and what is said of parts of lists."""
        parts = [name for name in names if isinstance(name, ListPart)]
        paths = [name.path if isinstance(name, ListPart) else name for name in names]
        return paths, tuple(part.compile(self.model._meta) for part in parts)

    def _field_names(self, names: Any) -> frozenset[str]:
        meta = self.model._meta
        for name in names:
            if not isinstance(name, str):
                raise FieldError(f"{meta.object_name}: {name!r}, expected names of fields.")
        return frozenset(meta.resolve(name).fields[0].name for name in names)
