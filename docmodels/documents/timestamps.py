"""
`Meta.timestamps`, and what else is set by itself right before a write.

Meta.timestamps stands for two fields: when a document was created, which then
stays, and when it was last changed, which wins over whatever a user gives
(rule X1). Embedded documents may have their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from bson import ObjectId

from docmodels.documents.options import Options
from docmodels.fields import DateTimeField, Field
from docmodels.query.timestamps import TIMESTAMP_NAMES, is_timestamp
from docmodels.tracking import MISSING
from docmodels.transaction import on_rollback


def make_fields(name: str, meta: Any, parents: Iterable[Options]) -> dict[str, Field[Any]]:
    """
    Return the fields that `Meta.timestamps` asks for.

    True means `created_at` and `updated_at`; a pair gives other names, of
    which either may be None.
    """
    wanted: Any = False
    for options in parents:
        wanted = options.timestamps or wanted
    wanted = getattr(meta, "timestamps", wanted)
    if not wanted:
        return {}
    names = TIMESTAMP_NAMES if wanted is True else wanted
    if not (
        isinstance(names, (tuple, list))
        and len(names) == 2
        and all(part is None or isinstance(part, str) for part in names)
    ):
        raise TypeError(
            f"{name}.Meta.timestamps: {wanted!r}, expected True or a pair of names "
            f"(created, updated)."
        )
    created, updated = names
    fields: dict[str, Field[Any]] = {}
    if created:
        fields[created] = DateTimeField(auto_now_add=True, immutable=True)
    if updated:
        fields[updated] = DateTimeField(auto_now=True)
    return fields


class Stamps:
    """
    The values that one save set by itself, and how to take them back.

    With an alias, an abort of its open transaction takes them back, too.
    """

    def __init__(self, using: str | None = None) -> None:
        self._using = using
        self._undo: list[tuple[Any, Any, Any, Any]] = []
        self._moment: Any = None

    def __bool__(self) -> bool:
        return bool(self._undo)

    def apply(self, document: Any, *, adding: bool, names: Any, timestamps: bool) -> None:
        """Set what a save of `document` sets by itself."""
        # An object that changed nothing keeps its time of change (semantics S6).
        if not adding and not (document._meta.updates_automatic and document._is_changed()):
            return
        if timestamps and document._meta.embeds_automatic:
            for embedded in _changed_inside(document):
                self._set(embedded, not embedded._source.stored, None, timestamps=True)
        self._set(document, adding, names, timestamps=timestamps)

    def _set(self, document: Any, adding: bool, names: Any, *, timestamps: bool) -> None:
        for field in document._meta.automatic_fields:
            if names is not None and field.name not in names:
                continue
            of_time = is_timestamp(field)
            if of_time and not timestamps:
                continue
            value = field.pre_save(document, adding=adding)
            if value is MISSING:
                continue
            if of_time and type(field) is DateTimeField:
                # One save is one moment: created and updated are equal at first.
                self._moment = value = self._moment or value
            old = document._slot_value(field)
            if self._using is not None and not self._undo:
                on_rollback(self.undo, self._using)
            known = {k: v for k, v in document._changed.items() if k == field.name}
            self._undo.append((document, field, old, known))
            document._assign(field, value)

    def undo(self) -> None:
        """Put back what was there, after a write that failed (rule S7); keep what came later."""
        for document, field, value, known in reversed(self._undo):
            changed = {k: v for k, v in document._changed.items() if k != field.name}
            restore_slot(document, field, value, changed | known)
        self._undo.clear()


def set_automatic(document: Any, *, timestamps: bool, using: str | None = None) -> None:
    """Set what the insert of a new document sets by itself; `using` is that of `Stamps`."""
    if document._meta.makes_only_keys:
        given = give_key(document)
        if using is not None and (given is None or given is MISSING):
            on_rollback(partial(take_key_back, document, given), using)
        return
    Stamps(using).apply(document, adding=True, names=None, timestamps=timestamps)


def give_key(document: Any) -> Any:
    """Give a new document an ObjectId, unless it has a key; return what was there."""
    field = document._meta.pk
    try:
        old = field.slot_get(document)
    except AttributeError:
        old = MISSING
    if old is None or old is MISSING:
        field.slot_set(document, ObjectId())
    return old


def take_key_back(document: Any, given: Any) -> None:
    """Take the ObjectId of `give_key` back, for what was there."""
    restore_slot(document, document._meta.pk, given, document._changed)


def restore_slot(document: Any, field: Any, value: Any, changed: dict[str, Any]) -> None:
    """Put back a value and the known changes."""
    document._changed = changed
    if value is not MISSING:
        field.slot_set(document, value)
    elif document._slot_value(field) is not MISSING:
        field.slot_delete(document)


def _changed_inside(container: Any) -> Iterator[Any]:
    """Yield the embedded documents that a save would write, innermost first."""
    if hasattr(container, "_meta"):
        for _field, value in container._touched():
            yield from _changed_inside(value)
        if container._meta.embedded and container.is_changed():
            yield container
    elif isinstance(container, (list, dict)):
        for item in container.values() if isinstance(container, dict) else container:
            yield from _changed_inside(item)
