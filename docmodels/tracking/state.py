"""Where an object came from, and whether it is stored."""

from __future__ import annotations


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

    __slots__ = ("alias", "loaded", "stored")

    def __init__(
        self, alias: str | None, loaded: frozenset[str] | None = None, *, stored: bool = True
    ) -> None:
        #: The alias that the objects were read from.
        self.alias = alias
        #: The names of the fields that were asked for, None for all.
        self.loaded = loaded
        #: False for objects that the constructor made.
        self.stored = stored

    def make_state(self) -> DocumentState:
        """Return the `_state` of one of the objects."""
        return DocumentState(adding=not self.stored, db=self.alias)

    def as_stored(self) -> Source:
        """Return the source of the same object once it was saved."""
        return self if self.stored else STORED


#: The source of objects that the constructor made.
NEW = Source(None, stored=False)
#: The source of embedded documents that were read or saved.
STORED = Source(None)
