"""
Put validated data into a document so that only what differs is written.

Lists of embedded documents are merged: an element that is the same stays the
same object, wherever it moved, and keeps what the API does not show; one that
differs is changed in place if no element came or went. Maps are merged by key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import bson
from django.core.exceptions import ValidationError

from docmodels.documents import EmbeddedField, ListField, MapField
from docmodels.tracking import MISSING, same


def assign(document: Any, values: Mapping[str, Any], serializer: Any = None) -> None:
    """
    Assign values by source name; nested ones are dicts and lists of dicts.

    The serializer that they came through tells which values an element of a
    list could have had.
    """
    inputs = _by_source(serializer)
    for name, value in values.items():
        field = document._meta.by_name.get(name)
        if field is None:
            setattr(document, name, value)
            continue
        current = getattr(document, field.attname) if document.is_set(field.name) else MISSING
        merged = merge(field, current, value, inputs.get(name))
        if merged is not current:
            setattr(document, field.attname, merged)


def _by_source(serializer: Any) -> dict[str, Any]:
    """Return the fields that take input, by the name of the document's field."""
    if not getattr(serializer, "represents_document", False):
        return {}
    return {field.source: field for field in serializer._writable_fields}


def merge(field: Any, current: Any, value: Any, given: Any = None) -> Any:
    """Return `current`, changed in place, where it can become `value`."""
    if isinstance(field, EmbeddedField):
        return _merge_embedded(field, current, value, given)
    child = getattr(given, "child", None)
    if isinstance(field, ListField):
        return _merge_list(field, current, value, child)
    if isinstance(field, MapField) and isinstance(current, dict) and isinstance(value, Mapping):
        return _merge_map(field, current, value, child)
    if isinstance(current, Decimal) and current.__class__ is value.__class__ and current == value:
        # 1.5 and 1.50 differ as Decimal128, but nobody meant to change anything.
        return current
    return value


def _merge_embedded(field: Any, current: Any, value: Any, given: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if isinstance(current, field.embedded_model):
        assign(current, value, given)
        return current
    return make(field.embedded_model, value)


def make(model: Any, values: Mapping[str, Any]) -> Any:
    """Make an embedded document; errors stay in it until it is validated."""
    document = model()
    assign(document, values)
    return document


def _merge_map(field: Any, current: Any, value: Mapping[str, Any], child: Any) -> Any:
    base = field.base_field
    try:
        items = {
            key: merge(base, current.get(key, MISSING), item, child) for key, item in value.items()
        }
        cast = {key: base.to_python(item) for key, item in items.items()}
    except ValidationError:
        # The assignment of the whole reports it at its path.
        return value
    for key in [key for key in current if key not in cast]:
        del current[key]
    for key, item in cast.items():
        if items[key] is not current.get(key, MISSING) and not _is_same(base, current, key, item):
            current[key] = item
    return current


def _is_same(base: Any, current: Any, key: str, item: Any) -> bool:
    return key in current and same(base.get_prep_value(current[key]), base.get_prep_value(item))


def _merge_list(field: Any, current: Any, value: Any, child: Any) -> Any:
    base = field.base_field
    if not isinstance(base, EmbeddedField) or not _are_dicts(value):
        return value
    new = [make(base.embedded_model, item) for item in value]
    if not isinstance(current, list):
        return new
    if not all(isinstance(item, base.embedded_model) for item in current):
        return new
    merged = _match(current, new, value, child)
    kept = len(current)
    if len(merged) >= kept and all(a is b for a, b in zip(merged, current, strict=False)):
        current.extend(merged[kept:])
        return current
    return merged


def _are_dicts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _match(current: list[Any], new: list[Any], values: list[Any], child: Any) -> list[Any]:
    """Return the elements of `current` that are those of `new`, else new ones."""
    merged: list[Any] = [None] * len(new)
    unclaimed = dict.fromkeys(range(len(current)))
    wanted = [_fingerprint(item, None) for item in new]
    names = {name for item in values for name in item} | set(_by_source(child))
    known = [_fingerprint(item, names) for item in current]
    by_content: dict[bytes, list[int]] = {}
    for index in reversed(range(len(current))):
        by_content.setdefault(known[index], []).append(index)
    for index, print_ in enumerate(wanted):
        if index in unclaimed and known[index] == print_:
            merged[index] = current[index]
            del unclaimed[index]
    for index, print_ in enumerate(wanted):
        candidates = by_content.get(print_, [])
        while merged[index] is None and candidates:
            found = candidates.pop()
            if found in unclaimed:
                merged[index] = current[found]
                del unclaimed[found]
    in_place = len(new) == len(current)
    for index, item in enumerate(new):
        if merged[index] is None:
            if in_place and index in unclaimed:
                _replace(current[index], values[index], names, child)
                merged[index] = current[index]
            else:
                merged[index] = item
    return merged


def _replace(
    document: Any, values: Mapping[str, Any], names: Iterable[str], serializer: Any
) -> None:
    for name in names:
        if name not in values and name in document._meta.by_name and document.is_set(name):
            delattr(document, document._meta.by_name[name].attname)
    assign(document, values, serializer)


def _fingerprint(document: Any, names: Iterable[str] | None) -> bytes:
    """Return the stored form of the named fields, of all where none are named."""
    return bson.encode(dict(_stored_items(document, names)))


def _stored_items(document: Any, names: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
    raw = document.to_mongo()
    for field in document._meta.fields:
        if (names is None or field.name in names) and field.db_field in raw:
            yield field.db_field, raw[field.db_field]
