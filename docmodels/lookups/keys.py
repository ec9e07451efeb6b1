"""Comparisons of the keys of maps and of embedded data, in Django's words."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from docmodels.fields import AnyField, MapField
from docmodels.lookups.base import Lookup
from docmodels.lookups.placing import place


class _Keys(Lookup):
    """The base of lookups of keys; whatever is stored there, null included."""

    def prepare(self, value: Any) -> Any:
        """Check the keys."""
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise self.error(value, "expected a list of keys.")
        return [self.key(item) for item in value]

    def key(self, value: Any) -> str:
        """Return a key; raise FilterValueError for one that no map can have."""
        key = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        try:
            self.field.check_key(key)
        except ValidationError as error:
            raise self.error(value, "expected text without '.', NUL or leading '$'.") from error
        return key

    def compile(self, resolved: Any) -> dict[str, Any]:
        """Return a condition on the path of each key; all of them in one element of a list."""
        return place(resolved, self._at, one_element=len(self.value) > 1)

    def _at(self, path: str) -> dict[str, Any]:
        start = f"{path}." if path else ""
        return self.join([{f"{start}{key}": {"$exists": True}} for key in self.value])

    def join(self, conditions: list[dict[str, Any]]) -> dict[str, Any]:
        """Return one filter: for all keys."""
        return {key: value for part in conditions for key, value in part.items()}


@AnyField.register_lookup
@MapField.register_lookup
class HasKey(_Keys):
    """A map that has the key."""

    lookup_name = "has_key"

    def prepare(self, value: Any) -> Any:
        """Check the key."""
        return [self.key(value)]


@AnyField.register_lookup
@MapField.register_lookup
class HasKeys(_Keys):
    """A map that has all the keys."""

    lookup_name = "has_keys"


@AnyField.register_lookup
@MapField.register_lookup
class HasAnyKeys(_Keys):
    """A map that has one of the keys."""

    lookup_name = "has_any_keys"

    def join(self, conditions: list[dict[str, Any]]) -> dict[str, Any]:
        """Return one filter: for any of the keys."""
        if not conditions:
            return {"$nor": [{}]}
        return conditions[0] if len(conditions) == 1 else {"$or": conditions}


@MapField.register_lookup
class MapValues(Lookup):
    """
    A map with a value, under whatever key: `prices__values=3`, `prices__values__gt=3`.

    It takes a Q for several conditions on one value, as `elemmatch` does. The
    compiler knows the lookups of the values, and compiles them.
    """

    lookup_name = "values"
    #: What may follow; a key called as this lookup is named in a path with dots.
    comparisons: ClassVar[tuple[str, ...]] = (
        "exact", "ne", "gt", "gte", "lt", "lte", "in", "nin", "range", "isnull", "type", "iexact",
        "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "regex",
        "iregex",
    )  # fmt: skip

    @classmethod
    @functools.cache
    def compared(cls, name: str) -> type[MapValues] | None:
        """Return the lookup `values__<name>`, None for what values are not compared by."""
        if name not in cls.comparisons:
            return None
        return type(f"MapValues{name.title()}", (cls,), {"lookup_name": f"values__{name}"})
