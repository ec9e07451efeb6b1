"""
Paths of updates: names, indexes, and MongoDB's places of list elements.

`lines.$.count` is the element that the filter matched, `lines.$[].count` every
element, `lines.$[cheap].count` those that the array filter `cheap` matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.constants import LOOKUP_SEP, PATH_SEP
from docmodels.fields import EmbeddedField, Field, ListField
from docmodels.query.protocols import OptionsLike
from docmodels.query.where import element_match

#: The element that was matched, every element, and those of an array filter.
_PLACE = re.compile(r"\$(?:\[(?P<name>.*)\])?")
_FILTER_NAME = re.compile(r"[a-z][a-zA-Z0-9]*")


class UpdatePath(NamedTuple):
    """Where a path of an update leads."""

    #: As it was given.
    path: str
    #: The fields along the path, outermost first.
    fields: tuple[Field[Any], ...]
    #: The path of keys in MongoDB, dotted, with the places of elements.
    db_path: str
    #: Whether the path crosses a list.
    in_list: bool

    @property
    def field(self) -> Field[Any]:
        """Return the last field."""
        return self.fields[-1]


def split(path: str) -> list[str]:
    """Split a path by dots where it has any, else by double underscores."""
    return path.split(PATH_SEP if PATH_SEP in path else LOOKUP_SEP)


def resolve(meta: OptionsLike, path: str) -> UpdatePath:
    """Follow a path of names and places; raise FieldError for one that does not exist."""
    if "$" not in path:
        found = meta.resolve(path)
        return UpdatePath(path, found.fields, found.db_path, found.in_list)
    parts = split(path)
    places = {i: part for i, part in enumerate(parts) if _PLACE.fullmatch(part)}
    for index in places:
        if index == 0 or not _may_be_list(meta, parts[:index]):
            raise FieldError(
                f"{meta.object_name}.{path}: {parts[index]!r}, expected it behind a list, as in "
                f"lines.{parts[index]}.price."
            )
    if list(places.values()).count("$") > 1:
        raise FieldError(
            f"{meta.object_name}.{path}: '$' twice, expected it once: the filter matches one "
            f"element."
        )
    # Elements have the same fields wherever they are.
    found = meta.resolve(PATH_SEP.join("0" if i in places else p for i, p in enumerate(parts)))
    keys = found.db_path.split(PATH_SEP)
    for index, place in places.items():
        keys[index] = place
    return UpdatePath(path, found.fields, PATH_SEP.join(keys), found.in_list)


def _may_be_list(meta: OptionsLike, parts: list[str]) -> bool:
    plain = PATH_SEP.join("0" if _PLACE.fullmatch(part) else part for part in parts)
    field = meta.resolve(plain).field
    return isinstance(field, ListField) or not field.bson_types or "array" in field.bson_types


def check_path(
    meta: OptionsLike, resolved: UpdatePath, update: Mapping[str, Any], *, new: bool = False
) -> None:
    """
    Raise FieldError for what nobody may update, or the server would only refuse later.

    Of a `new` document the key may be given.
    """
    path, keys = resolved.path, resolved.db_path.split(PATH_SEP)
    if (resolved.field.primary_key or keys[0] == "_id") and not new:
        raise FieldError(f"{meta.object_name}.{path}: the key of stored documents cannot change.")
    _refuse_internal(meta, resolved, keys)
    for field, key in zip(resolved.fields, keys[1:], strict=False):
        if isinstance(field, ListField) and not (key.isdecimal() or key.startswith("$")):
            raise FieldError(
                f"{meta.object_name}.{path}: crosses the list {field.name!r}, expected the index "
                f"of an element, as in {field.name}__0."
            )
    for operator, paths in update.items():
        for taken in (*paths, *(paths.values() if operator == "$rename" else ())):
            if taken and _overlap(str(taken), resolved.db_path):
                raise FieldError(
                    f"{meta.object_name}.{path}: overlaps with another path of the same update, "
                    f"expected one of them."
                )


def refuse_elements(meta: OptionsLike, resolved: UpdatePath) -> None:
    """Raise FieldError for a path of an upsert that leads into a list."""
    keys = resolved.db_path.split(PATH_SEP)
    for field, key in zip(resolved.fields, keys[1:], strict=False):
        # The server would make a document with the index as a key.
        if isinstance(field, ListField) or key.startswith("$"):
            raise FieldError(
                f"{meta.object_name}.{resolved.path}: an element of a list in an upsert, expected "
                f"the whole list or an operator on it: where it inserts there is no element."
            )


def _overlap(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _refuse_internal(meta: Any, resolved: UpdatePath, keys: list[str]) -> None:
    # Where undeclared names are kept, these are paths like any other.
    where = f"{meta.object_name}.{resolved.path}"
    if keys[0] in {getattr(meta, "version_key", None), getattr(meta, "schema_key", None)} and (
        keys[0] not in meta.by_key
    ):
        raise FieldError(f"{where}: kept by saves alone, expected another path.")
    inside: Any = meta
    for field, key in zip((*resolved.fields, None), keys, strict=False):
        if inside is not None and key == inside.discriminator_key and _has_classes(inside):
            raise FieldError(f"{where}: the class of a stored document cannot change.")
        inside = field.embedded_model._meta if isinstance(field, EmbeddedField) else None


def _has_classes(meta: Any) -> bool:
    return meta.discriminator is not None or bool(meta.children)


def is_dropped(meta: Any, path: str) -> bool:
    """Return whether `Meta.strict = True` leaves the undeclared path out."""
    options = meta
    parts = split(path)
    for count in range(1, len(parts) + 1):
        if parts[count - 1].startswith("$"):
            continue
        try:
            field = resolve(meta, PATH_SEP.join(parts[:count])).field
        except FieldError:
            return getattr(options, "strict", "raise") is True
        while isinstance(field, ListField):
            field = field.base_field
        options = field.embedded_model._meta if isinstance(field, EmbeddedField) else None
    return False


# Array filters


def compile_array_filters(
    meta: OptionsLike, paths: Mapping[str, Any], filters: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """
    Compile the conditions of `$[name]`, cast by the class of the elements.

    Raise FieldError for a name without conditions and for conditions that no
    path asks for.
    """
    lists = {name: field for path in paths for name, field in _named_lists(meta, path)}
    given = filters or {}
    if "" in lists or not all(_FILTER_NAME.fullmatch(name) for name in lists):
        wrong = next(name for name in lists if not _FILTER_NAME.fullmatch(name))
        raise FieldError(
            f"{meta.object_name}: the array filter {wrong!r}, expected a name of letters and "
            f"digits that begins with a small letter."
        )
    for name in lists.keys() ^ given.keys():
        problem = "is asked for by no path" if name in given else "is missing"
        choices = ", ".join(lists) or "none"
        raise FieldError(
            f"{meta.object_name}: the array filter {name!r} {problem}. Names in the paths are: "
            f"{choices}."
        )
    compiled = []
    for name, field in lists.items():
        condition = given[name]
        if not isinstance(condition, Q):
            raise FieldError(
                f"{meta.object_name}: array_filters={{{name!r}: {condition!r}}}, expected a Q."
            )
        found = element_match(field, condition, f"{meta.object_name}: array_filters[{name!r}]")
        compiled.append(_below(name, found, embedded=_is_embedded(field)))
    return compiled


def _named_lists(meta: OptionsLike, path: str) -> Iterator[tuple[str, Field[Any]]]:
    if "$[" not in path:
        return
    parts = split(path)
    for index, part in enumerate(parts):
        place = _PLACE.fullmatch(part)
        if place is not None and place["name"]:
            yield place["name"], resolve(meta, PATH_SEP.join(parts[:index])).field


def _is_embedded(field: Any) -> bool:
    return isinstance(getattr(field, "base_field", None), EmbeddedField)


def _below(name: str, condition: dict[str, Any], *, embedded: bool) -> dict[str, Any]:
    """Return the condition on an element as one on the identifier of an array filter."""
    if not embedded:
        return {name: condition}
    found: dict[str, Any] = {}
    for key, value in condition.items():
        if key in {"$and", "$or", "$nor"}:
            found[key] = [_below(name, part, embedded=True) for part in value]
        elif key.startswith("$"):
            raise FieldError(f"array_filters[{name!r}]: {key}, expected comparisons of paths.")
        else:
            found[f"{name}.{key}"] = value
    return found
