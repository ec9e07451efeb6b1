"""The values of a new document among the conditions that no document met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import FieldError

from docmodels.fields import ListField
from docmodels.query.across import find_crossing
from docmodels.query.comparing import EXPRESSIONS
from docmodels.query.where import split_lookup


def equal_values(
    meta: Any, conditions: Mapping[str, Any], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values by name; of paths into embedded documents and maps, nested dicts."""
    values: dict[str, Any] = {}
    for names, value in _equalities(meta, conditions, defaults):
        *outer, last = names
        inside = values
        for name in outer:
            inside = inside.setdefault(name, {})
        inside[last] = value
    return values


def refuse_computed_values(
    meta: Any, conditions: Mapping[str, Any], defaults: Mapping[str, Any]
) -> None:
    """Raise FieldError for an equality with an expression, which gives a new document no value."""
    for names, value in _equalities(meta, conditions, defaults):
        if isinstance(value, EXPRESSIONS):
            raise FieldError(
                f"{meta.object_name}.{'__'.join(names)}: {value!r} of which a new document has no "
                f"value yet, expected a value, or one in defaults."
            )


def _equalities(
    meta: Any, conditions: Mapping[str, Any], defaults: Mapping[str, Any]
) -> Iterator[tuple[list[str], Any]]:
    """Yield the names along each path that is compared for equality, unless defaults have it."""
    for key, value in conditions.items():
        names = key.removesuffix("__exact").split("__")
        if names[0] in defaults:
            continue
        if len(names) == 1 or _is_inside(meta, key):
            yield names, value


def _is_inside(meta: Any, key: str) -> bool:
    """Return whether a condition is an equality on a path that no list is on."""
    try:
        path, lookup = split_lookup(meta, key)
        if lookup != "exact" or find_crossing(meta, key) is not None:
            return False
        return not any(isinstance(field, ListField) for field in meta.resolve(path).fields)
    except FieldError:
        # An annotation; the query tells of what there is not.
        return False
