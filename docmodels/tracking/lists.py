"""A list that knows how it was changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, SupportsIndex, TypeVar

from docmodels.tracking.base import (
    MISSING,
    Changes,
    Increment,
    ItemCodec,
    Tracked,
    same,
    stored_value,
)
from docmodels.tracking.members import Members, normalize
from docmodels.tracking.operations import Edits, Kind

T = TypeVar("T")


class TrackedList(Members[T], Tracked):
    """
    A list that casts what is put into it and knows how it was changed.

    One kind of change is sent as its own operator: appending and inserting as
    `$push`, `add_to_set` as `$addToSet`, as is appending to a list of distinct
    elements, removing as `$pull`, `$pullAll` or `$pop`, replacing an element as
    a `$set` of its index, a change inside an element as the change of that
    inner path. Everything else, and a second kind, is a `$set` of the whole
    list.
    """

    __slots__ = ("_codec", "_edits", "_incomplete", "_original", "_parent")

    _codec: ItemCodec
    #: None while the elements are the stored ones, MISSING for a new list,
    #: else the elements as they were before the first change.
    _original: Any
    #: What was done since, None for nothing.
    _edits: Edits | None
    #: Whether elements are stored that were not loaded; not set for False.
    _incomplete: bool
    #: A weak reference to the document that the list is in; not set where it is in none.
    _parent: Any

    def __init__(self, items: Iterable[Any], codec: ItemCodec) -> None:
        """Cast `items`; the list is new, nothing of it is stored yet."""
        super().__init__(map(codec.to_python, items))
        self._codec = codec
        self._original = MISSING
        self._edits = None

    @classmethod
    def wrap(cls, items: Iterable[Any], codec: ItemCodec) -> TrackedList[T]:
        """Make a new list of items that `codec` has cast already."""
        self = cls.__new__(cls)
        list.__init__(self, items)
        self._codec = codec
        self._original = MISSING
        self._edits = None
        return self

    @classmethod
    def load(cls, raw: list[Any], codec: ItemCodec) -> TrackedList[T]:
        """Wrap `raw`, a list that the driver decoded; it is not kept."""
        self = cls.__new__(cls)
        list.__init__(self, map(codec.from_db, raw) if codec.converted_types else raw)
        self._codec = codec
        self._original = None
        self._edits = None
        return self

    @classmethod
    def load_inside(cls, raw: list[Any], codec: ItemCodec, parent: Any) -> TrackedList[T]:
        """Wrap `raw`, a list with embedded documents, which are to know their parent."""
        self = cls.__new__(cls)
        list.__init__(self, codec.load_items(raw, parent))
        self._codec = codec
        self._original = None
        self._edits = None
        self._parent = parent
        return self

    def adopt(self, parent: Any) -> None:
        """Let the elements know the document that they are in."""
        self._parent = parent
        for item in self:
            if isinstance(item, Tracked):
                item.adopt(parent)

    @property
    def is_incomplete(self) -> bool:
        """Return whether elements are stored that were not loaded."""
        return getattr(self, "_incomplete", False)

    def mark_incomplete(self) -> None:
        """Note that not all elements were loaded, so that no write may depend on it (T6)."""
        self._incomplete = True

    # What changed

    def is_changed(self) -> bool:
        """Return whether a save would write anything of the list."""
        if self._original is not None:
            return not same(self.encode(), self.original())
        return any(item.is_changed() for item in self if isinstance(item, Tracked))

    def original(self) -> Any:
        """Return the stored list, or MISSING."""
        if self._original is MISSING:
            return MISSING
        items = self if self._original is None else self._original
        return [stored_value(item, self._codec) for item in items]

    def encode(self) -> list[Any]:
        """Return a plain list of BSON values."""
        return list(map(self._codec.get_prep_value, self))

    def commit(self) -> None:
        """Take the elements as they are now as what is stored."""
        self._original = None
        self._edits = None
        if not self._codec.converted_types:
            return
        for item in self:
            if isinstance(item, Tracked):
                item.commit()

    def renew(self) -> None:
        """Take the list, just wrapped, as a new one, of which nothing is stored."""
        self._original = MISSING
        if not self._codec.converted_types:
            return
        for item in self:
            if isinstance(item, Tracked):
                item.renew()

    def uncommit(self) -> Callable[[], None]:
        """Return a function that undoes a following `commit`, not the edits."""
        original, edits = self._original, self._edits
        inner = [item.uncommit() for item in self if isinstance(item, Tracked)]

        def restore() -> None:
            for undo in inner:
                undo()
            if self._original is None:
                self._original, self._edits = original, edits
            elif original is not None and (
                # The commit was one of other fields, and the edits go on.
                self._original is not original or self._edits is not edits
            ):
                self._original, self._edits = original, Edits(Kind.REWRITE)

        return restore

    def collect_changes(self, path: str, changes: Changes) -> None:
        """Report the smallest update that makes the stored list this one."""
        edits = self._edits
        if self._original is MISSING:
            grew = edits is not None and edits.kind in {Kind.PUSH, Kind.ADD}
            if edits is not None and grew and self and edits.count == len(self):
                # A list that was absent and only grew: others may do the same.
                self._report(edits, path, changes)
            else:
                changes.set(path, self.encode(), MISSING, whole_list=True)
        elif edits is None or edits.kind is Kind.REPLACE:
            self._collect_inner(path, changes, edits.indexes if edits else ())
        elif edits.kind is not Kind.REWRITE and not any(
            # MongoDB refuses an operator on a list together with a change inside it.
            item.is_changed()
            for item in edits.kept(self)
            if isinstance(item, Tracked)
        ):
            if edits.kind is Kind.POP and self.is_incomplete:
                changes.refuse(path)
            if edits.kind is Kind.SLICE and not self.is_changed():
                return
            self._report(edits, path, changes)
        else:
            encoded, original = self.encode(), self.original()
            if not same(encoded, original):
                if self.is_incomplete:
                    changes.refuse(path)
                changes.set(path, encoded, original, whole_list=True)

    def _report(self, edits: Edits, path: str, changes: Changes) -> None:
        codec = self._codec
        edits.report(
            path, self, codec.get_prep_value, self.original, changes, distinct=codec.distinct
        )

    def _collect_inner(self, path: str, changes: Changes, replaced: Iterable[int]) -> None:
        amounts = {} if self._edits is None else self._edits.amounts
        with changes.indexed():
            item: Any
            for index, item in enumerate(self):
                inner = f"{path}.{index}"
                if index in replaced:
                    stored = stored_value(self._original[index], self._codec)
                    encoded = self._codec.get_prep_value(item)
                    added = amounts.get(index)
                    if same(encoded, stored):
                        continue
                    if added is not None and added.explains(self._original[index], item):
                        changes.increment_by(inner, self._codec.get_prep_value(added.amount))
                    else:
                        changes.set(inner, encoded, stored)
                elif isinstance(item, Tracked) and item.is_changed():
                    item.collect_changes(inner, changes)
                    changes.inside(inner, item.original(), self._codec.identity)
                else:
                    continue
                if self.is_incomplete:
                    # Which index it has where it is stored, nobody knows.
                    changes.refuse(inner)

    def new_items(self) -> Iterator[tuple[int, Any]]:
        """Yield the elements, with their indexes, that were not in the stored list."""
        stored = self._original
        if stored is None:
            return
        known = set() if stored is MISSING else set(map(id, stored))
        for index, item in enumerate(self):
            if id(item) not in known:
                yield index, item

    def put_sum(self, index: int, value: Any, amount: Any) -> None:
        """Replace an element by `value`, which is the element and `amount` together."""
        old: Any = self[index]
        self[index] = value
        edits = self._edits
        if edits is not None and edits.kind is Kind.REPLACE and self._original is not MISSING:
            before = edits.amounts.pop(index, None)
            item = self[index]
            found = Increment.after(before, self._original[index], old, item, amount)
            if found is not None:
                edits.amounts[index] = found

    # Noting what is done

    def _begin(self, kind: Kind) -> Edits:
        """Return the edits to note a change in; of another kind, they are of the whole list."""
        if self._original is None:
            self._original = list(self)
        edits = self._edits
        if edits is None:
            edits = self._edits = Edits(kind)
        elif edits.kind is not kind:
            edits.kind = Kind.REWRITE
        return edits

    def _cast(self, value: Any) -> Any:
        value = self._codec.to_python(value)
        if isinstance(value, Tracked):
            parent = getattr(self, "_parent", None)
            if parent is not None:
                value.adopt(parent)
        return value

    def _insert(self, index: int, items: list[Any]) -> None:
        if not items:
            return
        edits = self._edits
        fresh = edits is None
        at_end = index >= len(self)
        index = min(index, len(self))
        edits = self._begin(Kind.PUSH)
        if fresh:
            edits.position, edits.at_end = index, at_end
        elif not edits.position <= index <= edits.position + edits.count:
            edits.kind = Kind.REWRITE
        edits.count += len(items)
        list.__setitem__(self, slice(index, index), items)

    # Python's list, each method noting what it does

    def append(self, value: Any) -> None:
        """Add one element at the end."""
        self._insert(len(self), [self._cast(value)])

    def extend(self, values: Iterable[Any]) -> None:
        """Add elements at the end; none is added if one is not valid."""
        self._insert(len(self), [self._cast(value) for value in values])

    def __iadd__(self, values: Iterable[Any]) -> TrackedList[T]:  # type: ignore[misc,override]
        self.extend(values)
        return self

    def insert(self, index: SupportsIndex, value: Any) -> None:
        """Insert one element before `index`."""
        self._insert(normalize(index.__index__(), len(self)), [self._cast(value)])

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            items = [self._cast(item) for item in value]
            self._begin(Kind.REWRITE)
            super().__setitem__(index, items)
            return
        old = self[index]
        if value is old:
            # What `list[0] += ...` assigns at its end.
            return
        value = self._cast(value)
        if value is not None and old is not None:
            value = self._codec.keep_type(stored_value(old, self._codec), value)
        position = normalize(index.__index__(), len(self))
        if self._edits is None or not self._edits.is_new(position):
            self._begin(Kind.REPLACE).indexes.add(position)
        super().__setitem__(position, value)

    def __delitem__(self, index: Any) -> None:
        if isinstance(index, slice):
            self._begin(Kind.REWRITE)
            super().__delitem__(index)
        else:
            self.pop(index)

    def __imul__(self, count: SupportsIndex) -> TrackedList[T]:
        self._begin(Kind.REWRITE)
        super().__imul__(count)
        return self

    def pop(self, index: SupportsIndex = -1) -> T:
        """Remove and return an element."""
        self[index]
        position = normalize(index.__index__(), len(self))
        edits = self._edits
        if edits is not None and edits.is_new(position):
            edits.count -= 1
        elif edits is None and position in {0, len(self) - 1} and self._original is None:
            self._begin(Kind.POP).first = position < len(self) - 1
        else:
            self._begin(Kind.REWRITE)
        return super().pop(position)

    def remove(self, value: Any) -> None:
        """Remove the first element that equals `value`."""
        index = self.index(value)
        if self._edits is not None and self._edits.is_new(index):
            self.pop(index)
        else:
            self._take_out([index])

    def clear(self) -> None:
        """Remove all elements."""
        self._begin(Kind.REWRITE)
        super().clear()

    def sort(self, **options: Any) -> None:
        """Sort in place, as `list.sort`."""
        self._begin(Kind.REWRITE)
        super().sort(**options)

    def reverse(self) -> None:
        """Reverse in place."""
        self._begin(Kind.REWRITE)
        super().reverse()

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        state = (self._codec, self._original, self._edits, self.is_incomplete)
        return (_restore_list, (type(self), list(self), state))


def _restore_list(cls: type[TrackedList[Any]], items: list[Any], state: Any) -> TrackedList[Any]:
    self = cls.__new__(cls)
    list.__init__(self, items)
    self._codec, self._original, edits, incomplete = state
    # A copy must not note its changes in what it was copied from.
    self._edits = None if edits is None else edits.copy()
    if incomplete:
        self._incomplete = True
    return self
