"""Comparisons of lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docmodels.fields import AnyField, ListField
from docmodels.lookups.base import Lookup, element_field


class _ListLookup(Lookup):
    """The base of lookups on lists."""


@AnyField.register_lookup
@ListField.register_lookup
class All(_ListLookup):
    """A list that has all the values."""

    lookup_name = "all"

    def prepare(self, value: Any) -> Any:
        """Cast each value as an element."""
        if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
            value = [value]
        field = element_field(self.field)
        return [self.cast(field, item) for item in value]

    def condition(self) -> Any:
        """Return an `$all`; no value at all matches nothing, as on the server."""
        return {"$all": self.value}


class _Length(_ListLookup):
    def prepare(self, value: Any) -> int:
        """Take a number of elements."""
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise self.error(value, "expected a number of elements.") from error
        if isinstance(value, float) and number != value:
            raise self.error(value, "expected a number of elements.")
        if number < 0 or isinstance(value, bool):
            raise self.error(value, "expected a number of elements, 0 or more.")
        return number


@AnyField.register_lookup
@ListField.register_lookup
class Size(_Length):
    """A list of so many elements."""

    lookup_name = "size"

    def condition(self) -> Any:
        """Return a `$size`."""
        return {"$size": self.value}


class LengthComparison(_Length):
    """
    The base of comparisons of a list's length.

    MongoDB has no operator for it; whether the element at an index exists
    says the same, in a form that needs no `$expr`.
    """

    #: The index whose presence tells, relative to the value.
    offset: int
    #: Whether the element must be there.
    present: bool

    def condition(self) -> Any:
        """Return a condition with the index as a path, see `IndexedCondition`."""
        return IndexedCondition(self.value + self.offset, present=self.present)


class IndexedCondition:
    """A condition on `<path>.<index>` that also demands a list."""

    def __init__(self, index: int, *, present: bool) -> None:
        self.index = index
        self.present = present

    def compile(self, path: str) -> dict[str, Any]:
        """Return the filter for the list at `path`."""
        if self.index < 0:
            # Every list is longer than nothing; none is shorter.
            return {path: {"$type": "array"}} if self.present else {"$nor": [{}]}
        # The type keeps out embedded documents, which may have a key that looks like an index.
        return {
            path: {"$type": "array"},
            f"{path}.{self.index}": {"$exists": self.present},
        }


@AnyField.register_lookup
@ListField.register_lookup
class LengthGreaterThan(LengthComparison):
    """A list of more elements."""

    lookup_name, offset, present = "len__gt", 0, True


@AnyField.register_lookup
@ListField.register_lookup
class LengthGreaterThanOrEqual(LengthComparison):
    """A list of so many elements or more."""

    lookup_name, offset, present = "len__gte", -1, True


@AnyField.register_lookup
@ListField.register_lookup
class LengthLessThan(LengthComparison):
    """A list of fewer elements."""

    lookup_name, offset, present = "len__lt", -1, False


@AnyField.register_lookup
@ListField.register_lookup
class LengthLessThanOrEqual(LengthComparison):
    """A list of so many elements or fewer."""

    lookup_name, offset, present = "len__lte", 0, False


@AnyField.register_lookup
@ListField.register_lookup
class Length(Size):
    """A list of so many elements, in the family of `len__gt`."""

    lookup_name = "len"
