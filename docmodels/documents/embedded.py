"""Embedded documents: a part of a document with fields of its own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar

from docmodels.documents.base import EMPTY, BaseDocument, set_source
from docmodels.tracking import (
    MISSING,
    NEW,
    Changes,
    Tracked,
    same,
)


class EmbeddedDocument(BaseDocument, Tracked):
    """
    The base of documents that are stored inside another one.

    Two are equal when what they store is equal. They have no key, no manager
    and no collection; they are saved with the document that holds them.
    """

    __root__ = True
    __slots__ = ("_kind", "_parent")
    _embedded = True

    #: What the discriminator key holds; empty where the field says the class.
    _kind: Any
    #: A weak reference to the document that it is in; empty where it is in none.
    _parent: Any
    #: The setter of that slot, which knows nothing of the document's `__setattr__`.
    _set_parent: ClassVar[Any]

    @property
    def parent(self) -> Any:
        """
        The document, or embedded document, that holds this one, else None.

        It is known from when this one was read through the parent or put into
        it, and is not kept alive by it.
        """
        parent = self._parent
        return None if parent is None else parent()

    def adopt(self, parent: Any) -> None:
        """Let it know the document that it is in, by a weak reference."""
        self._set_parent(self, parent)

    def is_changed(self) -> bool:
        """Return whether a save would write anything of it."""
        return not self._source.stored or self._is_changed()

    def original(self) -> Any:
        """Return what is stored, in BSON types, or MISSING."""
        if not self._source.stored:
            return MISSING
        raw: dict[str, Any] = self._original_fields()
        if self._kind is not MISSING:
            raw[self._meta.discriminator_key] = self._kind
        return raw

    def encode(self) -> dict[str, Any]:
        """Return a fresh dict of BSON values by key."""
        raw = self._meta.encode(self, self._meta.minimize)
        if self._kind is not MISSING:
            raw[self._meta.discriminator_key] = self._kind
        return raw

    #: What a class has that encodes itself as docmodels does.
    _plain_encode = encode

    def commit(self) -> None:
        """Take what it holds now as what is stored."""
        self._commit_fields()
        set_source(self, self._source.as_stored())

    def renew(self) -> None:
        """Take the document, just wrapped, as a new one, of which nothing is stored."""
        set_source(self, NEW)

    def collect_changes(self, path: str, changes: Changes) -> None:
        """Report the changes of its fields, or the whole where it is new."""
        if not self._source.stored:
            changes.set(path, self.encode(), MISSING)
        elif self._unnamable():
            changes.set(path, self.encode(), self.original())
        else:
            self._collect_fields(f"{path}.", changes)

    def uncommit(self) -> Callable[[], None]:
        """Return a function that undoes a following `commit`, not the edits."""
        return self._uncommit_fields()

    def keep_types(self, stored: dict[str, Any]) -> None:
        """Give each value the BSON type of the stored one it is to replace."""
        for field in self._meta.fields:
            value, old = self._slot_value(field), stored.get(field.db_field)
            if old is not None and value is not None and value is not MISSING:
                field.slot_set(self, field.keep_type(old, value))  # type: ignore[attr-defined]

    def to_mongo(self) -> dict[str, Any]:
        """Return what is stored of it."""
        return self.encode()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EmbeddedDocument) or type(self) is not type(other):
            return NotImplemented
        mine = self._encode_fields(minimize=True)
        theirs = other._encode_fields(minimize=True)
        return same(mine, theirs) or mine == theirs

    #: Mutable and equal by value, as lists and dicts are.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{field.name}={getattr(self, field.attname)!r}"
            for field in self._meta.fields
            if self.is_set(field.name)
        )
        return f"{type(self).__name__}({shown})"

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (restore, (type(self), get_state(self)))

    def __copy__(self) -> Any:
        return restore(type(self), get_state(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Return a new document with the same values."""
        new = type(self).from_mongo(self.encode())
        new._source = NEW
        return new


EmbeddedDocument._set_parent = EmbeddedDocument.__dict__["_parent"].__set__
EmbeddedDocument._fill = (
    *BaseDocument._fill,
    (EmbeddedDocument.__dict__["_kind"].__set__, MISSING),
)

#: What is filled in on use and must not be carried along half-filled.
_STATE_NAMES = (
    "_changed", "_defaulted", "_errors", "_increments", "_undeclared", "_version",
    "_status", "_kind",
)  # fmt: skip


def get_state(document: BaseDocument) -> dict[str, Any]:
    """Return everything that makes up `document`, for pickles and copies."""
    state: dict[str, Any] = {"__dict__": dict(document.__dict__), "_source": document._source}
    for name in _STATE_NAMES:
        try:
            value = object.__getattribute__(document, name)
        except AttributeError:
            continue
        if value is not EMPTY and value is not MISSING and value is not None:
            # A copy must not note its changes in what it was copied from.
            state[name] = value if name == "_version" else copy.copy(value)
    for field in document._meta.fields:
        try:
            state[field.attname] = field.slot_get(document)  # type: ignore[attr-defined]
        except AttributeError:
            continue
    return state


def restore(cls: Any, state: dict[str, Any]) -> Any:
    """Make the object that `get_state` described."""
    document = object.__new__(cls)
    attributes = cls._meta.attributes
    state = dict(state)
    document.__dict__.update(state.pop("__dict__"))
    for name, value in state.items():
        field = attributes.get(name)
        if field is not None:
            field.slot_set(document, value)
        else:
            object.__setattr__(document, name, value)
    return document
