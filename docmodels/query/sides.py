"""
The left side of a comparison with an expression: a stored value, or a part of a date.

The right side is known only when the server computes it, so that its kind is
tested for each document: only values of one kind are compared, and nothing
compares with null or with what is not there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from django.core.exceptions import FieldError

from docmodels.fields import DateField, Field, TimeField
from docmodels.lookups import Lookup, element_field, find_lookup
from docmodels.lookups.comparison import In, Ordering
from docmodels.lookups.computed import when
from docmodels.lookups.temporal import DatePart
from docmodels.query.expressions.base import Expression, Raw
from docmodels.query.expressions.dates import TruncDate
from docmodels.query.expressions.literals import NUMBERS, is_date, quote
from docmodels.query.expressions.paths import TRANSFORMS
from docmodels.query.protocols import OptionsLike


class Side(ABC):
    """What an expression is compared with, of the values at a path."""

    def __init__(self, field: Field[Any], comparison: str, key: str) -> None:
        """Take the path as the user wrote it, for messages."""
        #: The field by which literals are cast.
        self.field: Field[Any] | None = field
        self.comparison, self.key = comparison, key

    @abstractmethod
    def among(self, literals: list[Any]) -> Lookup:
        """Return the lookup of what is one of some Python values."""

    @abstractmethod
    def literal(self, value: Any) -> Any:
        """Return a Python value as an expression."""

    def accept(self, expression: Expression, kind: Field[Any] | None) -> Field[Any] | None:
        """Return the field of the other side; raise FieldError where none of it compares."""
        return kind

    @abstractmethod
    def compare(self, found: str, operator: str, other: str, kind: Field[Any] | None) -> Any:
        """Return the test of one value with the other side, which is of a kind."""


class ValueSide(Side):
    """The values themselves."""

    field: Field[Any]

    def among(self, literals: list[Any]) -> Lookup:
        """Return an `in`."""
        return In(self.field, literals, self.key)

    def literal(self, value: Any) -> Any:
        """Return the value cast as one that has an order."""
        return quote(Ordering(self.field, value, self.key).value)

    def compare(self, found: str, operator: str, other: str, kind: Field[Any] | None) -> Any:
        """Return a comparison of values of one kind, as MongoDB's filters have it."""
        comparison = {operator: [found, other]}
        if _is_number(self.field) and _is_number(kind):
            return {"$and": [{"$isNumber": found}, {"$isNumber": other}, comparison]}
        kinds = [{"$cond": [{"$isNumber": v}, "number", {"$type": v}]} for v in (found, other)]
        return {"$and": [{"$gt": [found, None]}, {"$eq": kinds}, comparison]}


class PartSide(Side):
    """A part of the dates at a path, in the current time zone: `at__year=F("founded")`."""

    @classmethod
    def find(
        cls, meta: OptionsLike, field: Field[Any], lookup_name: str, key: str
    ) -> PartSide | None:
        """Return the side of a lookup, None where it is not one of a part."""
        found = find_lookup(field, lookup_name)
        is_part = isinstance(found, type) and issubclass(found, DatePart)
        return cls(meta, field, found, key) if is_part else None

    def __init__(
        self, meta: OptionsLike, field: Field[Any], lookup: type[DatePart], key: str
    ) -> None:
        super().__init__(lookup.part_field, lookup.comparison, key)
        self.meta, self.lookup, self.date_field = meta, lookup, element_field(field)
        self.name = lookup.lookup_name.partition("__")[0]

    def among(self, literals: list[Any]) -> Lookup:
        """Return the part's own `in`."""
        return self._compared("in")(self.date_field, literals, self.key)

    def literal(self, value: Any) -> Any:
        """Return the value cast as the part."""
        prepared = self._compared("exact")(self.date_field, value, self.key).value
        return quote(self.lookup.part_field.get_prep_value(prepared))

    def _compared(self, comparison: str) -> type[DatePart]:
        found = find_lookup(self.date_field, f"{self.name}__{comparison}")
        made: type[DatePart] = found
        return made

    def accept(self, expression: Expression, kind: Field[Any] | None) -> Field[Any] | None:
        """Return the kind; raise FieldError for one that no part is of."""
        if kind is not None and kind.bson_types and not kind.bson_types & self._types:
            raise FieldError(
                f"{self.meta.object_name}.{self.key}: {expression!r} is {kind.description}, "
                f"expected {self.lookup.part_field.description}."
            )
        return kind

    @property
    def _types(self) -> frozenset[str]:
        types: frozenset[str] = self.lookup.part_field.bson_types
        return NUMBERS if types & NUMBERS else types

    def compare(self, found: str, operator: str, other: str, kind: Field[Any] | None) -> Any:
        """Return the test of the part of one date, false of anything else."""
        part = TRANSFORMS[self.name](Raw(found, output_field=self.date_field)).compile(self.meta)
        is_kind: Any = {"$isNumber": other}
        if self._types is not NUMBERS:
            (name,) = self._types
            is_kind = {"$eq": [{"$type": other}, name]}
        guard = {"$and": [{"$eq": [{"$type": found}, "date"]}, is_kind]}
        return when(guard, {operator: [part, self._aligned(other, kind)]})

    def _aligned(self, other: str, kind: Field[Any] | None) -> Any:
        """Return the other side in the form of the part: a day at midnight, a time to the ms."""
        if is_date(self.field) and not isinstance(kind, DateField):
            # What is not declared as a day is a moment, which is on a day of the time zone.
            return TruncDate(Raw(other, output_field=kind)).compile(self.meta)
        if isinstance(self.field, TimeField) and getattr(kind, "timespec", "") != _MILLISECONDS:
            rest = {"$substrCP": ["00:00:00.000", {"$strLenCP": other}, 12]}
            return {"$substrCP": [{"$concat": [other, rest]}, 0, 12]}
        return other


_MILLISECONDS = "milliseconds"


def _is_number(field: Field[Any] | None) -> bool:
    return field is not None and bool(field.bson_types) and field.bson_types <= NUMBERS
