"""
Know what changed in a document: sentinels, state, and the tracked protocol.

Nothing here knows fields or documents. There are no references back to a
parent: a save walks down the containers that were touched, so that an object
that was only read costs nothing and no reference cycle is ever made.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol


class Missing:
    """The state of a path that is not there: neither null nor a value."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"

    def __reduce__(self) -> str:
        return "MISSING"


#: The only instance of `Missing`.
MISSING = Missing()


class Unknown:
    """The old value of a field that was not loaded when it was assigned."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __reduce__(self) -> str:
        return "UNKNOWN"


#: The only instance of `Unknown`.
UNKNOWN = Unknown()


class ItemCodec(Protocol):
    """Turn one element of a container between Python and BSON."""

    @property
    def converted_types(self) -> tuple[type, ...]:
        """Return the classes that `from_db` turns into something else."""

    @property
    def distinct(self) -> bool:
        """Return whether a list holds each element once."""

    def to_python(self, value: Any) -> Any:
        """Cast `value`, given by a user; raise ValidationError."""

    def from_db(self, value: Any) -> Any:
        """Wrap `value`, decoded by the driver; never raise."""

    def get_prep_value(self, value: Any) -> Any:
        """Return what the driver is to encode, sharing no container."""

    @property
    def identity(self) -> str | None:
        """Return the key that tells one embedded document from the others."""

    def load_items(self, raw: list[Any], parent: Any) -> list[Any]:
        """Wrap the elements of a decoded list; `parent` refers weakly to their document."""

    def make_test(self, conditions: dict[str, Any]) -> Callable[[Any], bool]:
        """Return the function that compares an element's values by name."""

    def keep_type(self, stored: Any, value: Any) -> Any:
        """Return `value` as the BSON type of `stored`, where both may be."""

    def check_key(self, key: Any) -> None:
        """Raise ValidationError for a key that a map must not get."""


class Increment(NamedTuple):
    """An amount that was added to a number, all in all."""

    #: What is stored, and what it became.
    old: Any
    value: Any
    amount: Any

    def explains(self, old: Any, value: Any) -> bool:
        """Return whether the amount is all that makes `value` of `old`."""
        return (old is self.old or same(old, self.old)) and bool(value == self.value)

    @classmethod
    def after(
        cls, before: Increment | None, stored: Any, old: Any, value: Any, amount: Any
    ) -> Increment | None:
        """
        Return what explains `value`, which is `old` and `amount`, or None.

        `before` explained `old` so far; the server counts a missing number
        from 0, and refuses to count null.
        """
        if stored is None:
            return None
        if old is stored or same(old, stored):
            return cls(stored, value, amount)
        if before is not None and before.explains(stored, old):
            return cls(stored, value, before.amount + amount)
        return None


class Changes(Protocol):
    """What `Tracked.collect_changes` reports to (the update builder)."""

    def set(self, path: str, value: Any, original: Any, *, whole_list: bool = False) -> None:
        """Note that `path` is to hold `value` in place of `original`."""

    def unset(self, path: str, original: Any) -> None:
        """Note that `path` is to be removed."""

    def push(
        self,
        path: str,
        values: list[Any],
        position: int | None = None,
        bound: int | None = None,
    ) -> None:
        """Note that `values` were put into the list at `path`, which is cut to `bound`."""

    def add_to_set(self, path: str, values: list[Any]) -> None:
        """Note that `values` are to be in the list at `path`, once."""

    def pull(self, path: str, key: str | None, values: list[Any]) -> None:
        """Note that `values`, or the documents with these at `key`, were taken out."""

    def pop(self, path: str, end: int, original: Any) -> None:
        """Note that the last (1) or the first (-1) element was taken out."""

    def increment_by(self, path: str, amount: Any) -> None:
        """Note that `amount` was added to the number at `path`."""

    def refuse(self, path: str) -> None:
        """Note that a change cannot be sent: it depends on elements that were not loaded."""

    def inside(self, path: str, original: Any, identity: str | None) -> None:
        """Note that changes lie inside the list's element at `path`, which was `original`."""

    def indexed(self) -> AbstractContextManager[None]:
        """Return a context in which paths lie below a list index."""


class Tracked:
    """A container or an embedded document that knows its own changes."""

    __slots__ = ()

    @abstractmethod
    def is_changed(self) -> bool:
        """Return whether a save would write anything of it."""

    @abstractmethod
    def original(self) -> Any:
        """Return the value as it was loaded, in BSON types, or MISSING."""

    @abstractmethod
    def encode(self) -> Any:
        """Return the value in BSON types, sharing no container with it."""

    @abstractmethod
    def commit(self) -> None:
        """Take the value as it is now as what is stored."""

    @abstractmethod
    def renew(self) -> None:
        """Take the value, just wrapped, as a new one, of which nothing is stored."""

    @abstractmethod
    def collect_changes(self, path: str, changes: Changes) -> None:
        """Report the smallest update that makes the stored value this one."""

    @abstractmethod
    def adopt(self, parent: Any) -> None:
        """Let the embedded documents inside know their parent, by a weak reference."""

    @abstractmethod
    def uncommit(self) -> Callable[[], None]:
        """Return a function that undoes a following `commit`, not the edits."""


def stored_value(value: Any, codec: ItemCodec) -> Any:
    """Return the BSON value that `value`, once read, was loaded from."""
    return value.original() if isinstance(value, Tracked) else codec.get_prep_value(value)


def same(left: Any, right: Any) -> bool:
    """
    Tell whether two BSON values are the same in value *and* type.

    Python finds `1 == True == 1.0` and ignores the order of keys; MongoDB
    stores each of them differently.
    """
    if left is right:
        return True
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and len(left) == len(right)
            and all(
                lk == rk and same(lv, rv)
                for (lk, lv), (rk, rv) in zip(left.items(), right.items(), strict=True)
            )
        )
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(same, left, right))
    return left.__class__ is right.__class__ and bool(left == right or left != left != right)
