"""Where an object came from, and whether it is stored."""

from __future__ import annotations

from functools import cache
from typing import Any


class DocumentState:
    """`document._state`: whether it is new, and where it came from."""

    __slots__ = ("adding", "db")

    def __init__(self, *, adding: bool, db: str | None) -> None:
        #: True until the first successful save.
        self.adding = adding
        #: The alias that the object was loaded from or saved to.
        self.db = db

    def __repr__(self) -> str:
        return f"DocumentState(adding={self.adding}, db={self.db!r})"


class Source:
    """What all the objects of one result have in common."""

    __slots__ = ("alias", "loaded", "mode", "peers", "stored")

    def __init__(
        self,
        alias: str | None,
        loaded: frozenset[str] | None = None,
        *,
        stored: bool = True,
        mode: Any = None,
        peers: Any = None,
    ) -> None:
        #: The alias that the objects were read from.
        self.alias = alias
        #: The names of the fields that were asked for, None for all.
        self.loaded = loaded
        #: False for objects that the constructor made.
        self.stored = stored
        #: The queryset's `FetchMode`, None for that of the setting.
        self.mode = mode
        #: What is known of the other objects, for loads of all of them at once.
        self.peers = peers

    def __reduce__(self) -> Any:
        # A pickled object leaves the others of its result behind.
        return (_restore, (self.alias, self.loaded, self.stored, self.mode))

    def replaced(self, alias: str | None, loaded: frozenset[str] | None) -> Source:
        """Return the source of an object that was read further, or saved."""
        return Source(alias, loaded, mode=self.mode, peers=self.peers)

    def make_state(self) -> DocumentState:
        """Return the `_state` of one of the objects."""
        return DocumentState(adding=not self.stored, db=self.alias)

    def as_stored(self) -> Source:
        """Return the source of the same object once it was saved."""
        return self if self.stored else STORED


def _restore(alias: str | None, loaded: frozenset[str] | None, stored: bool, mode: Any) -> Source:
    return Source(alias, loaded, stored=stored, mode=mode)


#: The source of objects that the constructor made.
NEW = Source(None, stored=False)
#: The source of embedded documents that were read or saved.
STORED = Source(None)


@cache
def saved_to(alias: str) -> Source:
    """Return the source of all the objects that were saved to `alias` one by one."""
    return Source(alias)
