"""
Lists and dicts that are stored where another type is declared.

They are shown as the driver decoded them, so that reading costs nothing, and
an edit inside of one leaves no trace. A save that judges everything refuses
such values anyway. One that does not compares them with what is stored: an
edit is refused then, never lost silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from docmodels.documents.base import BaseDocument
from docmodels.fields import AnyField, EmbeddedField, ListField, MapField, UnionField
from docmodels.queryset.collections import collection_of
from docmodels.tracking import Tracked, TrackedDict, TrackedList, same
from docmodels.transaction import current_session

#: Fields whose containers are tracked as soon as they are read.
TRACKING = (AnyField, EmbeddedField, ListField, MapField, UnionField)

EDITED = _(
    "Stored as %(got)s, which is not what is declared; it was changed in place, by you or by "
    "somebody else meanwhile. Assign a new value instead."
)

#: Dotted names, keys in MongoDB, and the value.
Found = tuple[str, list[str], Any]


def refuse_edits(document: Any, connection: Any, names: Any) -> None:
    """Raise ValidationError for each such value that is not as it is stored."""
    found = [
        item
        for item in _find(document, "", [])
        if names is None or item[0].partition(".")[0] in names
    ]
    if not found:
        return
    with connection.wrap_errors:
        stored = collection_of(document._meta, connection, fresh=True).find_one(
            {"_id": document._stored_pk()},
            dict.fromkeys((keys[0] for _path, keys, _value in found), 1),
            session=current_session(connection.alias),
        )
    errors = {
        path: ValidationError(EDITED, code="untracked", params={"got": type(value).__name__})
        for path, keys, value in found
        # The save itself tells of a document that is gone.
        if stored is not None and not any(same(value, old) for old in _at(stored, keys))
    }
    if errors:
        raise ValidationError(errors)


def _find(value: Any, path: str, keys: list[str]) -> Iterator[Found]:
    for name, key, item, tracks in _inside(value):
        inner, inner_keys = f"{path}.{name}" if path else name, [*keys, key]
        if isinstance(item, Tracked):
            yield from _find(item, inner, inner_keys)
        elif item.__class__ in (list, dict) and not tracks:
            yield inner, inner_keys, item


def _inside(value: Any) -> Iterator[tuple[str, str, Any, bool]]:
    if isinstance(value, BaseDocument):
        for field in value._meta.fields:
            if field.name in value._changed:
                continue
            try:
                item = field.slot_get(value)  # type: ignore[attr-defined]
            except AttributeError:
                continue
            tracks = isinstance(field, TRACKING) and item.__class__ in field.converted_types
            yield field.name, field.db_field, item, tracks
    elif isinstance(value, TrackedList):
        for index, item in enumerate(value):
            yield str(index), str(index), item, False
    elif isinstance(value, TrackedDict):
        for key, item in value.items():
            yield key, key, item, False


def _at(stored: Any, keys: list[str]) -> Iterator[Any]:
    """Yield what is stored at a path; of a list all elements, as they may have moved."""
    if not keys:
        yield stored
    elif isinstance(stored, list):
        for item in stored:
            yield from _at(item, keys[1:])
    elif isinstance(stored, dict) and keys[0] in stored:
        yield from _at(stored[keys[0]], keys[1:])
