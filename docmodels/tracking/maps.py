"""A dict that knows how it was changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

V = TypeVar("V")


def is_safe_key(key: Any) -> bool:
    """Return whether an update can address `key` by a dotted path."""
    if not isinstance(key, str) or not key or key.startswith("$") or "." in key or "\x00" in key:
        return False
    # A lone surrogate has no UTF-8.
    return key.isascii() or not any("\ud800" <= character <= "\udfff" for character in key)


class TrackedDict(dict[str, V], Tracked):
    """
    A dict with text keys that casts its values and knows how it was changed.

    A changed value is a `$set` of its key, a removed one an `$unset`. Where
    the driver left keys that no dotted path can name (a dot, a leading `$`),
    a change of such a key is a `$set` of the whole.
    """

    __slots__ = ("_amounts", "_codec", "_original", "_parent")

    _codec: ItemCodec
    #: None while the items are the stored ones, MISSING for a new dict, else
    #: the items as they were before the first change.
    _original: Any
    #: What was added to numbers, by key, with the `_original` since which; not set for nothing.
    _amounts: tuple[Any, dict[str, Increment]]
    #: A weak reference to the document that the dict is in; not set where it is in none.
    _parent: Any

    def __init__(self, items: Mapping[str, Any], codec: ItemCodec) -> None:
        """Cast `items`; the dict is new, nothing of it is stored yet."""
        for key in items:
            codec.check_key(key)
        super().__init__((key, codec.to_python(value)) for key, value in items.items())
        self._codec = codec
        self._original = MISSING

    @classmethod
    def wrap(cls, items: Mapping[str, Any], codec: ItemCodec) -> TrackedDict[V]:
        """Make a new dict of items that `codec` has checked and cast already."""
        self = cls.__new__(cls)
        dict.__init__(self, items)
        self._codec = codec
        self._original = MISSING
        return self

    @classmethod
    def load(cls, raw: dict[str, Any], codec: ItemCodec) -> TrackedDict[V]:
        """Wrap `raw`, a dict that the driver decoded; it is not kept."""
        self = cls.__new__(cls)
        from_db = codec.from_db
        dict.__init__(self, ((key, from_db(value)) for key, value in raw.items()))
        self._codec = codec
        self._original = None
        return self

    def adopt(self, parent: Any) -> None:
        """Let the values know the document that they are in."""
        self._parent = parent
        for item in self.values():
            if isinstance(item, Tracked):
                item.adopt(parent)

    # What changed

    def is_changed(self) -> bool:
        """Return whether a save would write anything of the dict."""
        if self._original is MISSING:
            return True
        if self._original is not None:
            return bool(self.changed_keys())
        return any(item.is_changed() for item in self.values() if isinstance(item, Tracked))

    def original(self) -> Any:
        """Return the stored dict, or MISSING."""
        if self._original is MISSING:
            return MISSING
        items = self if self._original is None else self._original
        return {key: stored_value(item, self._codec) for key, item in items.items()}

    def encode(self) -> dict[str, Any]:
        """Return a plain dict of BSON values."""
        encode = self._codec.get_prep_value
        return {key: encode(value) for key, value in self.items()}

    def commit(self) -> None:
        """Take the items as they are now as what is stored."""
        self._original = None
        for item in self.values():
            if isinstance(item, Tracked):
                item.commit()

    def renew(self) -> None:
        """Take the dict, just wrapped, as a new one, of which nothing is stored."""
        self._original = MISSING
        for item in self.values():
            if isinstance(item, Tracked):
                item.renew()

    def collect_changes(self, path: str, changes: Changes) -> None:
        """Report a `$set` or an `$unset` for each key that differs."""
        if self._original is MISSING:
            changes.set(path, self.encode(), MISSING)
        elif self.unnamable():
            changes.set(path, self.encode(), self.original())
        else:
            self.collect_items(f"{path}.", changes)

    def unnamable(self) -> list[str]:
        """Return the changed keys that no dotted path can name."""
        return [key for key in self.changed_keys() if not is_safe_key(key)]

    def collect_items(self, prefix: str, changes: Changes) -> None:
        """Report the changed items of a stored dict, each at its own path."""
        stored = self if self._original is None else self._original
        for key in self.changed_keys():
            inner = f"{prefix}{key}"
            item = self.get(key)
            if key not in self:
                changes.unset(inner, stored_value(stored[key], self._codec))
            elif isinstance(item, Tracked) and item is stored.get(key):
                item.collect_changes(inner, changes)
            elif (added := self._all_added().get(key)) is not None and added.explains(
                stored.get(key, MISSING), item
            ):
                changes.increment_by(inner, self._codec.get_prep_value(added.amount))
            else:
                old = stored_value(stored[key], self._codec) if key in stored else MISSING
                changes.set(inner, self._codec.get_prep_value(item), old)

    def put_sum(self, key: str, value: Any, amount: Any) -> None:
        """Set `key` to `value`, which is what it was and `amount` together."""
        old = self.get(key, MISSING)
        self[key] = value
        original = self._original
        if original is None or original is MISSING:
            return
        known = dict(self._all_added())
        before = known.pop(key, None)
        found = Increment.after(before, original.get(key, MISSING), old, self[key], amount)
        self._amounts = (original, known if found is None else {**known, key: found})

    def _all_added(self) -> dict[str, Increment]:
        original, known = getattr(self, "_amounts", (MISSING, {}))
        # What was saved meanwhile does not count any more.
        return known if original is self._original else {}

    def uncommit(self) -> Callable[[], None]:
        """Return a function that undoes a following `commit`, not the edits."""
        before = self._original
        inner = [item.uncommit() for item in self.values() if isinstance(item, Tracked)]

        def restore() -> None:
            for undo in inner:
                undo()
            if before is not None:
                self._original = before

        return restore

    def changed_keys(self) -> list[str]:
        """Return the keys whose values differ from the stored ones."""
        stored = self if self._original is None else self._original or {}
        return [key for key in {**stored, **self} if self._differs(key, stored)]

    def _differs(self, key: str, stored: Mapping[str, Any]) -> bool:
        if key not in self or key not in stored:
            return True
        item, old = self[key], stored[key]
        if item is old:
            return isinstance(item, Tracked) and item.is_changed()
        return not same(self._codec.get_prep_value(item), stored_value(old, self._codec))

    def _keep_original(self) -> None:
        if self._original is None:
            self._original = dict(self)

    # Python's dict, each method noting what it does

    def __setitem__(self, key: str, value: Any) -> None:
        if value is self.get(key, MISSING):
            # What `map["x"] += ...` assigns at its end.
            return
        value = self._cast(key, value)
        self._keep_original()
        super().__setitem__(key, value)

    def _cast(self, key: str, value: Any) -> Any:
        old = self.get(key, MISSING)
        if old is MISSING:
            self._codec.check_key(key)
        value = self._codec.to_python(value)
        if isinstance(value, Tracked) and (parent := getattr(self, "_parent", None)) is not None:
            value.adopt(parent)
        if value is None or old is None or old is MISSING:
            return value
        return self._codec.keep_type(stored_value(old, self._codec), value)

    def __delitem__(self, key: str) -> None:
        self._keep_original()
        super().__delitem__(key)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, set to `default` where it is not there."""
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *args: Any, **values: Any) -> None:
        """Set several keys; none is set if one value is not valid."""
        cast = {key: self._cast(key, value) for key, value in dict(*args, **values).items()}
        self._keep_original()
        super().update(cast)

    def __ior__(self, other: Any) -> TrackedDict[V]:  # type: ignore[misc,override]
        self.update(other)
        return self

    def pop(self, key: str, *default: Any) -> Any:
        """Remove `key` and return its value."""
        self._keep_original()
        return super().pop(key, *default)

    def popitem(self) -> tuple[str, V]:
        """Remove and return the last item."""
        self._keep_original()
        return super().popitem()

    def clear(self) -> None:
        """Remove all keys."""
        self._keep_original()
        super().clear()

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        known = self._all_added()
        return (_restore_dict, (type(self), dict(self), self._codec, self._original, known))


def _restore_dict(
    cls: type[TrackedDict[Any]],
    items: dict[str, Any],
    codec: ItemCodec,
    original: Any,
    amounts: dict[str, Increment],
) -> TrackedDict[Any]:
    self = cls.__new__(cls)
    dict.__init__(self, items)
    self._codec, self._original = codec, original
    if amounts:
        self._amounts = (original, amounts)
    return self
