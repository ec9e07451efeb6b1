"""Which paths of a document were changed, down to single elements of lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS

from docmodels.documents.base import BaseDocument
from docmodels.fields.errors import join_path
from docmodels.tracking import MISSING, Tracked, TrackedDict, TrackedList

#: Paths of names; True where all that is inside was changed.
Places = dict[str, bool]


def make_test(document: Any) -> Callable[[str], bool]:
    """
    Return the function that tells whether an error's path was changed.

    So was what holds a changed path. An element that only moved, or stands
    beside a new one, was not changed.
    """
    places: Places = {}
    _add_fields(document, "", places)
    uncast = set(document._errors)

    def is_changed(path: str) -> bool:
        path = path.removesuffix(NON_FIELD_ERRORS).removesuffix(".")
        return path in uncast or any(
            place == path
            or not path
            or place.startswith(f"{path}.")
            or (whole and path.startswith(f"{place}."))
            for place, whole in places.items()
        )

    return is_changed


def _add_fields(document: Any, prefix: str, places: Places) -> None:
    for field in document._meta.fields:
        path = join_path(prefix, field.name)
        if field.name in document._changed:
            _add(document._slot_value(field), path, places)
    for field, value in document._touched():
        if value.is_changed():
            _add(value, join_path(prefix, field.name), places)


def _add(value: Any, path: str, places: Places) -> None:
    """Add what was changed in a value that was assigned, or edited in place."""
    if isinstance(value, BaseDocument):
        # What its `clean` says may be about any of its fields.
        judges_itself = type(value).clean is not BaseDocument.clean
        places[path] = judges_itself or not value._source.stored
        _add_fields(value, path, places)
    elif isinstance(value, TrackedList):
        places[path] = False
        new = {index for index, _item in value.new_items()}
        for index, item in enumerate(value):
            _add_item(item, f"{path}.{index}", places, is_new=index in new)
    elif isinstance(value, TrackedDict):
        places[path] = False
        for key in value.changed_keys():
            _add_item(value.get(key), f"{path}.{key}", places, is_new=True)
    else:
        places[path] = True


def _add_item(item: Any, path: str, places: Places, *, is_new: bool) -> None:
    if isinstance(item, Tracked) and item.original() is not MISSING:
        if item.is_changed():
            _add(item, path, places)
    elif is_new:
        _add(item, path, places)
