"""Paths of names as expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import FieldError

from docmodels.fields import Field, ListField, MapField
from docmodels.query.protocols import OptionsLike

#: What the last name of a path may compute of the value in front of it, such as `year`.
TRANSFORMS: dict[str, Callable[[Any], Any]] = {}


def split_transform(meta: OptionsLike, path: str) -> tuple[str, Callable[[str], Any] | None]:
    """Return the path in front and what its last name computes, None where it is a path."""
    front, _separator, last = path.rpartition("__")
    if not front or last not in TRANSFORMS:
        return path, None
    try:
        meta.resolve(path)
    except FieldError:
        return front, TRANSFORMS[last]
    # A field, or a key of a map, of that name.
    return path, None


def path_of(meta: OptionsLike, path: str) -> Any:
    """Return a path of names as an expression; an index takes an element."""
    resolved = meta.resolve(path)
    keys = resolved.db_path.split(".")
    found, plain = None, [keys[0]]
    for of, key in zip(resolved.fields, keys[1:], strict=False):
        if isinstance(of, ListField) and key.isdecimal():
            found = {"$arrayElemAt": [_joined(found, plain), int(key)]}
            plain = []
        else:
            plain.append(key)
    return _joined(found, plain)


def _joined(found: Any, keys: list[str]) -> Any:
    if found is None:
        return f"${'.'.join(keys)}"
    if not keys:
        return found
    return {"$let": {"vars": {"found": found}, "in": f"$$found.{'.'.join(keys)}"}}


def variable_path(variable: str, of: Field[Any], rest: str) -> str:
    """Return a path below a variable as an expression."""
    if not rest:
        return f"$${variable}"
    model = getattr(of, "embedded_model", None)
    if model is not None:
        return f"$${variable}.{model._meta.resolve(rest).db_path}"
    if of.bson_types and not isinstance(of, MapField):
        raise FieldError(f"{variable}__{rest}: {of.description} has no paths inside.")
    return f"$${variable}.{rest.replace('__', '.')}"


def reference(meta: OptionsLike, path: str) -> str:
    """Return a path as an expression; raise FieldError for one with an index."""
    resolved = meta.resolve(path)
    if resolved.in_list and any(key.isdecimal() for key in resolved.db_path.split(".")):
        raise FieldError(
            f"{meta.object_name}.{path}: an index cannot be grouped or computed with, expected a "
            f"path without one."
        )
    return f"${resolved.db_path}"


def count_lists(meta: OptionsLike, path: str) -> int:
    """Return how many lists the values at `path` are in."""
    stored, _transform = split_transform(meta, path)
    return sum(isinstance(field, ListField) for field in meta.resolve(stored).fields)


def innermost(field: Field[Any] | None) -> Field[Any] | None:
    """Return the field of the elements of lists; else `field`."""
    while isinstance(field, ListField):
        field = field.base_field
    return field
