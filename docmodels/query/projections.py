"""
Parts of lists in a projection: `only("title", Slice("reviews", 5))`.

A list that was loaded in part is marked, so that no write depends on the
elements that are not there.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.fields import EmbeddedField, ListField
from docmodels.query import where
from docmodels.query.protocols import OptionsLike


class Portion(NamedTuple):
    """What a projection says of one list, compiled."""

    #: The names that lead to the list.
    names: tuple[str, ...]
    #: Its stored path.
    db_path: str
    #: What the server is told: `{"$slice": 5}`.
    operator: dict[str, Any]


class ListPart:
    """A list of which only a part is loaded."""

    def __init__(self, path: str) -> None:
        self.path = path

    def compile(self, meta: OptionsLike) -> Portion:
        """Return the part of a projection; raise FieldError where the path is no list."""
        resolved = meta.resolve(self.path)
        label = f"{meta.object_name}.{self.path}"
        if not isinstance(resolved.field, ListField) or any(
            part.isdecimal() for part in resolved.db_path.split(".")
        ):
            raise FieldError(f"{label}: a {type(resolved.field).__name__}, expected a list.")
        for field in resolved.fields[:-1]:
            inner = field.base_field if isinstance(field, ListField) else field
            if not isinstance(inner, EmbeddedField):
                raise FieldError(
                    f"{label}: inside a {type(inner).__name__}, expected declared data."
                )
        if getattr(meta, "schema_version", None) is not None:
            raise FieldError(
                f"{label}: a part of a list, expected all of it, because documents with a "
                f"schema_version are upgraded as a whole."
            )
        names = tuple(field.name for field in resolved.fields)
        return Portion(names, resolved.db_path, self.operator(resolved.field, label))

    @abstractmethod
    def operator(self, field: Any, label: str) -> dict[str, Any]:
        """Return what the server is told of the list."""


class Slice(ListPart):
    """
    Some elements of a list, by position.

    `Slice("reviews", 5)` loads the first five, `Slice("reviews", -5)` the last
    five, `Slice("reviews", 10, 5)` five after the first ten.
    """

    def __init__(self, path: str, start: int, limit: int | None = None) -> None:
        super().__init__(path)
        if limit is not None and limit < 1:
            raise ValueError(f"Slice({path!r}, {start}, {limit}): expected a limit of 1 or more.")
        self.start = start
        self.limit = limit

    def operator(self, field: Any, label: str) -> dict[str, Any]:
        """Return `$slice`."""
        return {"$slice": self.start if self.limit is None else [self.start, self.limit]}

    def __repr__(self) -> str:
        limit = "" if self.limit is None else f", {self.limit}"
        return f"Slice({self.path!r}, {self.start}{limit})"


class ElemMatch(ListPart):
    """
    The first element of a list that meets conditions.

    `ElemMatch("lines", Q(sku="tea"))`; of a list of plain values the conditions
    are its lookups, as in `ElemMatch("scores", Q(gte=80))`.
    """

    def __init__(
        self, path: str, condition: Q | Mapping[str, Any] | None = None, **conditions: Any
    ) -> None:
        super().__init__(path)
        if isinstance(condition, Mapping):
            condition = Q(**condition)
        self.condition = Q(**conditions) if condition is None else condition & Q(**conditions)

    def operator(self, field: Any, label: str) -> dict[str, Any]:
        """Return `$elemMatch`; raise FieldError where the list is not of the document itself."""
        if "__" in self.path or "." in self.path:
            raise FieldError(f"{label}: inside of another field, expected a list of the document.")
        if not self.condition:
            raise FieldError(f"{label}: no condition, expected ElemMatch({self.path!r}, Q(…)).")
        return {"$elemMatch": where.element_match(field, self.condition, label)}

    def __repr__(self) -> str:
        return f"ElemMatch({self.path!r}, {self.condition!r})"


def with_portions(
    projection: dict[str, Any] | None, portions: tuple[Portion, ...]
) -> dict[str, Any]:
    """Return a projection that tells the server of the portions as well."""
    found = dict(projection or {})
    found |= {portion.db_path: portion.operator for portion in portions}
    if not projection and any("$elemMatch" in portion.operator for portion in portions):
        # By itself the operator would leave out all the others.
        found[_NOBODYS_KEY] = 0
    return found


#: A key to leave out where nothing is left out, so that the projection is an excluding one.
_NOBODYS_KEY = "__docmodels_nothing"


def mark_incomplete(document: Any, names: tuple[str, ...]) -> None:
    """Mark the lists at a path of names as loaded in part."""
    value = document._slot_value(document._meta.by_name[names[0]])
    if len(names) == 1:
        if hasattr(value, "mark_incomplete"):
            value.mark_incomplete()
        return
    for item in value if isinstance(value, list) else [value]:
        # What is stored may be of another type than declared.
        if hasattr(item, "_slot_value"):
            mark_incomplete(item, names[1:])
