"""Comparisons: equality, order, membership, null, existence, type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bson import Regex

from docmodels.fields import Field
from docmodels.lookups.base import Lookup, element_field, literal


@Field.register_lookup
class Exact(Lookup):
    """Equal; null also matches where nothing is stored."""

    lookup_name = "exact"

    def prepare(self, value: Any) -> Any:
        """Keep None, cast everything else."""
        return None if value is None else super().prepare(value)

    @property
    def whole(self) -> bool:  # type: ignore[override]
        """Return whether the path is meant (null), or the whole list (a list)."""
        return self.value is None or isinstance(self.value, list)

    def condition(self) -> Any:
        """Return the value itself."""
        return literal(self.value)


@Field.register_lookup
class NotEqual(Exact):
    """Not equal: the exact complement of `exact`."""

    lookup_name = "ne"

    def condition(self) -> Any:
        """Return a `$ne`, which takes anything but a pattern."""
        if isinstance(self.value, Regex):
            return {"$not": {"$eq": self.value}}
        return {"$ne": self.value}


class Ordering(Lookup):
    """The base of the order comparisons, which never match null."""

    operator: str

    def prepare(self, value: Any) -> Any:
        """Cast the value as one element; null and patterns have no order."""
        self.refuse_pattern(value)
        value = self.cast(element_field(self.field), value)
        if value is None:
            raise self.error(value, "null cannot be ordered, expected a value or isnull.")
        return value

    def condition(self) -> Any:
        """Return the operator with the value."""
        return {self.operator: self.value}


@Field.register_lookup
class GreaterThan(Ordering):
    """Greater."""

    lookup_name, operator = "gt", "$gt"


@Field.register_lookup
class GreaterThanOrEqual(Ordering):
    """Greater or equal."""

    lookup_name, operator = "gte", "$gte"


@Field.register_lookup
class LessThan(Ordering):
    """Less."""

    lookup_name, operator = "lt", "$lt"


@Field.register_lookup
class LessThanOrEqual(Ordering):
    """Less or equal."""

    lookup_name, operator = "lte", "$lte"


@Field.register_lookup
class In(Lookup):
    """Equal to one of several values; a scalar counts as a list of one."""

    lookup_name, operator = "in", "$in"

    def prepare(self, value: Any) -> Any:
        """Cast each value; a queryset gives its keys."""
        if hasattr(value, "values_list") and hasattr(value, "query"):
            shape = value.query.shape
            if shape is None:
                value = value.values_list("pk", flat=True)
            elif not shape.flat and len(shape.paths) == 1:
                # Rows of one path, as a subquery of Django.
                value = value.values_list(shape.paths[0], flat=True)
        if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
            value = [value]
        values = list(value)
        for item in values:
            self.refuse_pattern(item)
        return [None if v is None else self.cast(self.field, v) for v in values]

    @property
    def whole(self) -> bool:  # type: ignore[override]
        """Return whether null or a whole list is among the values."""
        return any(value is None or isinstance(value, list) for value in self.value)

    def condition(self) -> Any:
        """Return the operator with the list."""
        return {self.operator: self.value}


@Field.register_lookup
class NotIn(In):
    """Equal to none of several values: the exact complement of `in`."""

    lookup_name, operator = "nin", "$nin"


@Field.register_lookup
class Range(Lookup):
    """Between two values, both included."""

    lookup_name, one_element = "range", True

    def prepare(self, value: Any) -> Any:
        """Cast both ends."""
        if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
            raise self.error(value, "expected a pair (low, high).")
        pair = list(value)
        if len(pair) != 2 or None in pair:
            raise self.error(value, "expected a pair (low, high).")
        for item in pair:
            self.refuse_pattern(item)
        return [self.cast(element_field(self.field), item) for item in pair]

    def condition(self) -> Any:
        """Return `$gte` and `$lte`."""
        return {"$gte": self.value[0], "$lte": self.value[1]}


class _Flag(Lookup):
    """The base of lookups whose value is true or false."""

    def prepare(self, value: Any) -> bool:
        """Accept booleans and the texts that mean them."""
        meanings = {True: True, False: False, "true": True, "false": False, "1": True, "0": False}
        key = value.lower() if isinstance(value, str) else value
        if not isinstance(key, (bool, int, str)) or key not in meanings:
            raise self.error(value, "expected True or False.")
        return meanings[key]


@Field.register_lookup
class IsNull(_Flag):
    """Null or missing (True), or a value (False)."""

    lookup_name, whole = "isnull", True

    def condition(self) -> Any:
        """Return a comparison with null, which matches missing paths too."""
        return None if self.value else {"$ne": None}


@Field.register_lookup
class Exists(_Flag):
    """Stored, be it as null, or missing."""

    lookup_name, whole = "exists", True

    def condition(self) -> Any:
        """Return an `$exists`."""
        return {"$exists": self.value}


#: The names of `$type`, from the server's manual.
BSON_TYPES = frozenset({
    "double", "string", "object", "array", "binData", "undefined", "objectId", "bool", "date",
    "null", "regex", "dbPointer", "javascript", "javascriptWithScope", "symbol", "int",
    "timestamp", "long", "decimal", "minKey", "maxKey", "number",
})  # fmt: skip


@Field.register_lookup
class Type(Lookup):
    """Stored as one of the BSON types that are named as in `$type`."""

    lookup_name, whole = "type", True

    def prepare(self, value: Any) -> Any:
        """Check the names."""
        names = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
        if not names or not all(isinstance(name, str) and name in BSON_TYPES for name in names):
            raise self.error(value, f"expected one of {', '.join(sorted(BSON_TYPES))}.")
        return names if len(names) > 1 else names[0]

    def condition(self) -> Any:
        """Return a `$type`."""
        return {"$type": self.value}


@Field.register_lookup
class Mod(Lookup):
    """A number whose remainder is known: `mod=(4, 0)`."""

    lookup_name = "mod"

    def prepare(self, value: Any) -> Any:
        """Check the pair (divisor, remainder)."""
        pair = list(value) if isinstance(value, (list, tuple)) else []
        if len(pair) != 2 or not all(isinstance(n, int) for n in pair) or not pair[0]:
            raise self.error(value, "expected a pair (divisor, remainder) of whole numbers.")
        return pair

    def condition(self) -> Any:
        """Return a `$mod`."""
        return {"$mod": self.value}
