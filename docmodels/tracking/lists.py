"""A list that knows how it was changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, SupportsIndex, TypeVar

from docmodels.tracking.base import (
    MISSING,
    Changes,
    ItemCodec,
    Tracked,
    same,
    stored_value,
)

T = TypeVar("T")


class TrackedList(list[T], Tracked):
    """
    A list that casts what is put into it and knows how it was changed.

    Appending is sent as `$push`, replacing an element as a `$set` of its
    index, a change inside an element as the change of that inner path, and
    everything else as a `$set` of the whole list.
    """

    __slots__ = ("_codec", "_original", "_pushed", "_replaced", "_rewritten")

    _codec: ItemCodec
    #: None while the elements are the stored ones, MISSING for a new list,
    #: else the elements as they were before the first change.
    _original: Any
    #: How many elements at the end are new.
    _pushed: int
    #: Indexes that were assigned to.
    _replaced: set[int] | None
    #: Whether only the whole list tells what happened.
    _rewritten: bool

    def __init__(self, items: Iterable[Any], codec: ItemCodec) -> None:
        """Cast `items`; the list is new, nothing of it is stored yet."""
        super().__init__(map(codec.to_python, items))
        self._codec = codec
        self._original = MISSING
        self._pushed = 0
        self._replaced = None
        self._rewritten = False

    @classmethod
    def wrap(cls, items: Iterable[Any], codec: ItemCodec) -> TrackedList[T]:
        """Make a new list of items that `codec` has cast already."""
        self = cls.__new__(cls)
        list.__init__(self, items)
        self._codec = codec
        self._original = MISSING
        self._pushed = 0
        self._replaced = None
        self._rewritten = False
        return self

    @classmethod
    def load(cls, raw: list[Any], codec: ItemCodec) -> TrackedList[T]:
        """Wrap `raw`, a list that the driver decoded; it is not kept."""
        self = cls.__new__(cls)
        list.__init__(self, map(codec.from_db, raw) if codec.converted_types else raw)
        self._codec = codec
        self._original = None
        self._pushed = 0
        self._replaced = None
        self._rewritten = False
        return self

    # What changed

    def is_changed(self) -> bool:
        """Return whether a save would write anything of the list."""
        if self._original is not None or self._pushed:
            return not same(self.encode(), self.original())
        return any(item.is_changed() for item in self if isinstance(item, Tracked))

    def original(self) -> Any:
        """Return the stored list, or MISSING."""
        if self._original is MISSING:
            return MISSING
        items = self._stored_items() if self._original is None else self._original
        return [stored_value(item, self._codec) for item in items]

    def encode(self) -> list[Any]:
        """Return a plain list of BSON values."""
        return list(map(self._codec.get_prep_value, self))

    def commit(self) -> None:
        """Take the elements as they are now as what is stored."""
        self._original = None
        self._pushed = 0
        self._replaced = None
        self._rewritten = False
        for item in self:
            if isinstance(item, Tracked):
                item.commit()

    def uncommit(self) -> Callable[[], None]:
        """Return a function that undoes a following `commit`, not the edits."""
        before = (self._original, self._pushed, self._replaced, self._rewritten)
        stored = self._stored_items() if self._original is None else self._original
        inner = [item.uncommit() for item in self if isinstance(item, Tracked)]

        def restore() -> None:
            for undo in inner:
                undo()
            if self._original is None and not self._pushed:
                self._original, self._pushed, self._replaced, self._rewritten = before
            elif before[0] is not None or before[1]:
                self._original = stored
                self._rewritten = True

        return restore

    def collect_changes(self, path: str, changes: Changes) -> None:
        """Report the smallest update that makes the stored list this one."""
        if self._original is MISSING:
            if self and self._pushed == len(self) and not self._rewritten:
                # A list that was absent and only grew: others may do the same.
                changes.push(path, self.encode())
            else:
                changes.set(path, self.encode(), MISSING, whole_list=True)
            return
        if not self._rewritten:
            if not self._pushed:
                self._collect_inner(path, changes)
                return
            # MongoDB refuses `$push` on a list together with a change inside it.
            kept = self._stored_items()
            if not self._replaced and not any(
                item.is_changed() for item in kept if isinstance(item, Tracked)
            ):
                changes.push(path, list(map(self._codec.get_prep_value, self[len(kept) :])))
                return
        encoded, original = self.encode(), self.original()
        if not same(encoded, original):
            changes.set(path, encoded, original, whole_list=True)

    def _collect_inner(self, path: str, changes: Changes) -> None:
        with changes.indexed():
            for index, item in enumerate(self):
                inner = f"{path}.{index}"
                if self._replaced and index in self._replaced:
                    stored = stored_value(self._original[index], self._codec)
                    encoded = self._codec.get_prep_value(item)
                    if not same(encoded, stored):
                        changes.set(inner, encoded, stored)
                elif isinstance(item, Tracked):
                    item.collect_changes(inner, changes)

    def _stored_items(self) -> list[Any]:
        return self[: len(self) - self._pushed]

    def _keep_original(self) -> None:
        if self._original is None:
            self._original = self._stored_items()

    def _rewrite(self) -> None:
        self._keep_original()
        self._rewritten = True

    # Python's list, each method noting what it does

    def append(self, value: Any) -> None:
        """Add one element at the end."""
        super().append(self._codec.to_python(value))
        self._pushed += 1

    def extend(self, values: Iterable[Any]) -> None:
        """Add elements at the end; none is added if one is not valid."""
        cast = [self._codec.to_python(value) for value in values]
        super().extend(cast)
        self._pushed += len(cast)

    def __iadd__(self, values: Iterable[Any]) -> TrackedList[T]:  # type: ignore[misc,override]
        self.extend(values)
        return self

    def insert(self, index: SupportsIndex, value: Any) -> None:
        """Insert one element before `index`."""
        if index.__index__() >= len(self):
            self.append(value)
            return
        value = self._codec.to_python(value)
        self._rewrite()
        super().insert(index, value)

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            items = [self._codec.to_python(item) for item in value]
            self._rewrite()
            super().__setitem__(index, items)
            return
        old = self[index]
        if value is old:
            # What `list[0] += ...` assigns at its end.
            return
        value = self._codec.to_python(value)
        if value is not None and old is not None:
            value = self._codec.keep_type(stored_value(old, self._codec), value)
        self._keep_original()
        super().__setitem__(index, value)
        position = index.__index__()
        position = position + len(self) if position < 0 else position
        if position < len(self) - self._pushed:
            if self._replaced is None:
                self._replaced = set()
            self._replaced.add(position)

    def __delitem__(self, index: Any) -> None:
        self._rewrite()
        super().__delitem__(index)

    def __imul__(self, count: SupportsIndex) -> TrackedList[T]:
        self._rewrite()
        super().__imul__(count)
        return self

    def pop(self, index: SupportsIndex = -1) -> T:
        """Remove and return an element."""
        self._rewrite()
        return super().pop(index)

    def remove(self, value: Any) -> None:
        """Remove the first element that equals `value`."""
        self._rewrite()
        super().remove(value)

    def clear(self) -> None:
        """Remove all elements."""
        self._rewrite()
        super().clear()

    def sort(self, **options: Any) -> None:
        """Sort in place, as `list.sort`."""
        self._rewrite()
        super().sort(**options)

    def reverse(self) -> None:
        """Reverse in place."""
        self._rewrite()
        super().reverse()

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        state = (self._codec, self._original, self._pushed, self._replaced, self._rewritten)
        return (_restore_list, (type(self), list(self), state))


def _restore_list(cls: type[TrackedList[Any]], items: list[Any], state: Any) -> TrackedList[Any]:
    self = cls.__new__(cls)
    list.__init__(self, items)
    self._codec, self._original, self._pushed, self._replaced, self._rewritten = state
    return self
