"""
What changed in a document since it was loaded or saved.

A save walks down the fields that were assigned to and the containers that
were read; nothing else can have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import Any

from docmodels.tracking import MISSING, UNKNOWN, Changes, Tracked, TrackedDict, stored_value


class KnownChanges:
    """The part of documents and embedded documents that knows their changes."""

    __slots__ = ()

    def _touched(self: Any) -> Iterator[tuple[Any, Tracked]]:
        """Yield the containers that were read since the object was loaded."""
        for field in self._meta.converted_fields:
            try:
                value = field.slot_get(self)
            except AttributeError:
                continue
            if isinstance(value, Tracked):
                yield field, value

    def _collect_fields(
        self: Any, prefix: str, changes: Changes, names: Container[str] | None = None
    ) -> None:
        """Report what was changed, in all fields or those of `names`."""
        changed = self._changed
        for field in self._meta.fields:
            if field.name not in changed or (names is not None and field.name not in names):
                continue
            path = f"{prefix}{field.db_field}"
            old = changed[field.name]
            original = old if old is MISSING or old is UNKNOWN else stored_value(old, field)
            value = self._slot_value(field)
            added = self._increments.get(field.name)
            if added is not None and added.explains(old, value):
                changes.increment_by(path, field.get_prep_value(added.amount))
                continue
            if getattr(old, "is_incomplete", False):
                changes.refuse(path)
            if value is MISSING or self._is_minimized(value):
                if original is not MISSING:
                    changes.unset(path, original)
            else:
                whole = isinstance(value, list)
                changes.set(path, field.get_prep_value(value), original, whole_list=whole)
        for field, value in self._touched():
            if field.name not in changed and (names is None or field.name in names):
                default = self._defaulted.get(field.name, MISSING)
                if default is not MISSING and value.encode() == default:
                    continue
                path = f"{prefix}{field.db_field}"
                if value.is_changed() and self._is_minimized(value):
                    if value.original() is not MISSING:
                        changes.unset(path, value.original())
                else:
                    value.collect_changes(path, changes)
        if names is None and isinstance(self._undeclared, TrackedDict):
            self._undeclared.collect_items(prefix, changes)

    def _original_fields(self: Any) -> dict[str, Any]:
        """Return what was loaded, in BSON types by key."""
        raw: dict[str, Any] = {}
        for field in self._meta.fields:
            if field.name in self._changed:
                value = self._changed[field.name]
            elif field.name in self._defaulted:
                value = MISSING
            else:
                value = self._slot_value(field)
            if value is not MISSING and value is not UNKNOWN:
                original = stored_value(value, field)
                if original is not MISSING:
                    raw[field.db_field] = original
        undeclared = self._undeclared
        raw.update(undeclared.original() if isinstance(undeclared, Tracked) else undeclared)
        return raw

    def _is_minimized(self: Any, value: Any) -> bool:
        """Return whether an empty embedded document is left out (rule D3)."""
        embedded = isinstance(value, KnownChanges)
        return bool(self._meta.minimize and embedded and not value.encode())

    def _unnamable(self: Any) -> list[str]:
        """Return the changed undeclared keys that no dotted path can name."""
        undeclared = self._undeclared
        return undeclared.unnamable() if isinstance(undeclared, TrackedDict) else []

    def _is_changed(self: Any) -> bool:
        if self._changed:
            return True
        for field, value in self._touched():
            default = self._defaulted.get(field.name, MISSING)
            if value.is_changed() if default is MISSING else value.encode() != default:
                return True
        return isinstance(self._undeclared, TrackedDict) and self._undeclared.is_changed()

    def _commit_fields(self: Any, names: Container[str] | None = None) -> None:
        """Take all fields, or those of `names`, as they are now as stored."""
        for field, value in self._touched():
            if names is not None and field.name not in names:
                continue
            if field.name not in self._defaulted or value.encode() != self._defaulted[field.name]:
                if self._defaulted:
                    self._defaulted.pop(field.name, None)
                value.commit()
        if self._changed:
            kept = () if names is None else self._changed.items()
            self._changed = {k: v for k, v in kept if names is None or k not in names}
            if self._increments:
                self._increments = {k: v for k, v in self._increments.items() if k in self._changed}
        if names is None and isinstance(self._undeclared, TrackedDict):
            self._undeclared.commit()

    def _uncommit_fields(self: Any) -> Callable[[], None]:
        """Return a function that undoes a following `_commit_fields`."""
        source, changed, defaulted = self._source, dict(self._changed), dict(self._defaulted)
        increments = self._increments
        inner = [value.uncommit() for _field, value in self._touched()]
        if isinstance(self._undeclared, TrackedDict):
            inner.append(self._undeclared.uncommit())

        def restore() -> None:
            for undo in inner:
                undo()
            self._source = source
            # What was stored before the commit, not what the commit seemed to store.
            self._changed = {**self._changed, **changed}
            self._defaulted = {**self._defaulted, **defaulted}
            if increments:
                self._increments = {**increments, **self._increments}

        return restore
