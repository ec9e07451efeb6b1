"""Put a value into a field of a document: cast, compared with the old one, noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import ref

from bson import ObjectId
from django.core.exceptions import ValidationError

from docmodels.fields.errors import about, add_errors
from docmodels.tracking import MISSING, UNKNOWN, Tracked, stored_value

#: What a private slot that was never filled reads as; never written to.
EMPTY: Mapping[str, Any] = {}

#: Classes of values of which two that are equal are the same in BSON, too.
_EXACT = frozenset({bool, int, ObjectId, str})


def assign_plainly(document: Any, plain: Any, value: Any) -> bool:
    """
    Assign a scalar in the place of a stored one; return False where there is more to it.

    `plain` is what `assigned_plainly` says of the attribute, None for nothing.
    """
    source, changed, cls = document._source, document._changed, type(value)
    if plain is None or cls not in _EXACT or not source.stored or source.loaded is not None:
        return False
    name, read, write, cast = plain
    if name in changed or document._errors or document._defaulted:
        return False
    try:
        old = read(document)
        if type(old) is not cls:
            return False
        value = cast(value)
    except (AttributeError, ValidationError):
        return False
    if type(value) is not cls:
        return False
    if value != old:
        if changed is EMPTY:
            # Past the document's own `__setattr__`, which looks for a field first.
            object.__setattr__(document, "_changed", {name: old})
        else:
            changed[name] = old
        write(document, value)
    return True


class Assigned:
    """The part of documents and embedded documents that takes values."""

    __slots__ = ()

    def _slot_value(self: Any, field: Any) -> Any:
        """Return what the slot holds, converted, or MISSING."""
        try:
            value = field.slot_get(self)
        except AttributeError:
            return MISSING
        if value.__class__ in field.converted_types:
            # Not by the attribute, which may have a `get`.
            if field.embeds:
                value = field.from_db_inside(value, ref(self))
            else:
                value = field.from_db(value)
            if not self._source.stored and isinstance(value, Tracked):
                value.renew()
            field.slot_set(self, value)
        return value

    def _assign(self: Any, field: Any, value: Any) -> None:
        """Cast `value` and put it into the slot, noting the old one."""
        if isinstance(value, Tracked) and value is self._slot_value(field):
            # What `document.tags += ...` assigns at its end.
            self._forget_error(field.name)
            return
        try:
            value = field.to_python(value)
        except ValidationError as error:
            self._forget_error(field.name)
            if self._errors is EMPTY:
                object.__setattr__(self, "_errors", {})
            add_errors(self._errors, field.name, about(error, value))
            return
        if self._errors:
            self._forget_error(field.name)
        if field.embeds and isinstance(value, Tracked):
            value.adopt(ref(self))
        if not self._source.stored:
            field.slot_set(self, value)
            return
        old = MISSING if field.name in self._defaulted else self._slot_value(field)
        if value is old:
            return
        if value.__class__ is old.__class__ and value.__class__ in _EXACT:
            if value == old:
                return
        elif old is not MISSING and old is not None and value is not None:
            stored = stored_value(old, field)
            value = field.keep_type(stored, value)
            if field.same(stored, field.get_prep_value(value)) and not (
                isinstance(old, Tracked) and old.is_changed()
            ):
                return
        elif old is None and value is None:
            return
        if field.immutable:
            raise ValidationError({field.name: [field.error("immutable")]})
        first = self._changed.get(field.name, MISSING)
        self._note_change(field, old)
        field.slot_set(self, value)
        if first is not MISSING and first is not UNKNOWN and self._equals(field, first, value):
            del self._changed[field.name]
            if isinstance(value, Tracked):
                # It was made as a new one, and is what is stored.
                value.commit()

    def _equals(self: Any, field: Any, first: Any, value: Any) -> bool:
        if first is None or value is None:
            return first is value
        return field.same(stored_value(first, field), field.get_prep_value(value))

    def _note_change(self: Any, field: Any, old: Any) -> None:
        if not self._source.stored:
            return
        if self._changed is EMPTY:
            # Past the document's own `__setattr__`, which looks for a field first.
            object.__setattr__(self, "_changed", {})
        if field.name in self._defaulted:
            del self._defaulted[field.name]
            old = MISSING
        if not self._is_loaded(field):
            # What is stored is not known; the write does not depend on it.
            old = UNKNOWN
        self._changed.setdefault(field.name, old)

    def _forget_error(self: Any, name: str) -> None:
        if self._errors:
            for path in [p for p in self._errors if p == name or p.startswith(f"{name}.")]:
                del self._errors[path]
