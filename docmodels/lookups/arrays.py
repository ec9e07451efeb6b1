"""Comparisons of lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docmodels.fields import AnyField, ListField, MapField
from docmodels.lookups.base import Lookup, literal
from docmodels.lookups.placing import place, place_condition

#: The longest length that is compared where lengths are listed one by one.
MAX_NAMED = 1000


class _ListLookup(Lookup):
    """The base of lookups on lists."""

    whole = True


@AnyField.register_lookup
@ListField.register_lookup
class All(_ListLookup):
    """A list that has all the values."""

    lookup_name = "all"

    def prepare(self, value: Any) -> Any:
        """Cast each value as an element."""
        if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
            value = [value]
        values = list(value)
        for item in values:
            self.refuse_pattern(item)
        field = self.field.base_field if isinstance(self.field, ListField) else self.field
        return [self.cast(field, item) for item in values]

    def compile(self, resolved: Any) -> dict[str, Any]:
        """Return one condition for each value where they are elements of lists in the list."""
        if not resolved.nested or not self.value:
            return super().compile(resolved)
        placed = [
            place_condition(resolved, literal(item), whole=isinstance(item, list))
            for item in self.value
        ]
        return placed[0] if len(placed) == 1 else {"$and": placed}

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

    def compile(self, resolved: Any) -> dict[str, Any]:
        """Return a filter that demands a list, and an index of it or its absence."""
        return place(resolved, self._at, whole=True, one_element=resolved.in_list)

    def _at(self, path: str) -> dict[str, Any]:
        index = self.value + self.offset
        # The type keeps out embedded documents, which may have a key that looks like an index.
        condition: dict[str, Any] = {path: {"$type": "array"}}
        if index < 0:
            # Every list is longer than nothing; none is shorter.
            return condition if self.present else {"$nor": [{}]}
        if self._may_have_index_as_key():
            shorter = [{path: {"$size": size}} for size in range(index + 1)]
            return {**condition, "$nor": shorter} if self.present else {"$or": shorter}
        return {**condition, f"{path}.{index}": {"$exists": self.present}}

    def _may_have_index_as_key(self) -> bool:
        """Return whether `path.1` may be the key "1" of a dict in the list."""
        element = self.field.base_field if isinstance(self.field, ListField) else self.field
        return isinstance(element, (AnyField, MapField))

    def prepare(self, value: Any) -> int:
        """Take a number of elements, a small one where each has to be named."""
        number = super().prepare(value)
        if number > MAX_NAMED and self._may_have_index_as_key():
            raise self.error(value, f"expected at most {MAX_NAMED} for a list of anything.")
        return number


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
