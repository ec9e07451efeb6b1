"""What a document held when it was loaded, or saved last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docmodels.documents import paths, upgrades
from docmodels.documents.base import BaseDocument
from docmodels.query.projections import mark_incomplete
from docmodels.tracking import MISSING, UNKNOWN, Tracked, stored_value


def previous(document: Any, path: str) -> Any:
    """Return what was at a dotted path of names; see `Document.previous`."""
    name, _dot, rest = paths.dotted(document, path).partition(".")
    field = document._field(name)
    if field.name not in document._changed and not document._is_loaded(field):
        document._load_deferred(field)
    value = document._changed.get(field.name, MISSING)
    if value is MISSING and field.name not in document._changed:
        value = document._slot_value(field)
    if isinstance(value, Tracked):
        value = field.from_db(value.original())
    if value is UNKNOWN:
        raise ValueError(
            f"{document._meta.object_name}.{name}: assigned without being loaded, expected a "
            f"field of which the previous value is known."
        )
    value = None if value is MISSING else value
    return paths.get_inside(value, rest) if rest else value


def rollback(document: Any) -> None:
    """Put back what was loaded, in place of every change since."""
    document._errors = {}
    incomplete = set(_incomplete(document, ()))
    for field, value in list(document._touched()):
        if field.name not in document._changed and value.is_changed():
            original = value.original()
            if original is MISSING:
                field.slot_delete(document)
            else:
                field.slot_set(document, original)
    for name, old in document._changed.items():
        field = document._meta.get_field(name)
        if document._source.loaded is not None and name not in document._source.loaded:
            old = MISSING
        if old is MISSING:
            if document._slot_value(field) is not MISSING:
                field.slot_delete(document)
        else:
            field.slot_set(document, stored_value(old, field))
    document._changed = {}
    document._increments = {}
    document._defaulted = {}
    if isinstance(document._undeclared, Tracked):
        document._undeclared = document._undeclared.original()
    upgrades.restore(document)
    for names in incomplete:
        mark_incomplete(document, names)


def _incomplete(value: Any, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the paths of lists that were loaded in part, by names, without indexes."""
    if getattr(value, "is_incomplete", False):
        yield names
    if isinstance(value, BaseDocument):
        for field in value._meta.fields:
            inner = value._changed.get(field.name, MISSING)
            if inner is MISSING:
                inner = value._slot_value(field)
            yield from _incomplete(inner, (*names, field.name))
    elif isinstance(value, Tracked) and isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _incomplete(item, names)
