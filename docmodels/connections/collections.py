"""Give the driver's collections with what the `Meta` of a document class says of them."""

from __future__ import annotations

from typing import Any

from docmodels.connections.bridged import driver_object
from docmodels.connections.lending import NO_SESSIONS, LentSessions
from docmodels.exceptions import NotSupportedError

#: How many collections a connection remembers; names may come from outside.
MAX_COLLECTIONS = 500


def require_usable(name: str) -> None:
    """Raise NotSupportedError for a collection of the server's own."""
    if name.startswith("system."):
        raise NotSupportedError(
            f"The collection '{name}' belongs to the server: it cannot be used here."
        )


class KnownCollection:
    """A collection of the driver, and what small operations ask of it, found once."""

    __slots__ = (
        "client",
        "codec_options",
        "collection",
        "command",
        "has_read_concern",
        "name",
        "read_preference",
        "sessions",
    )

    def __init__(self, collection: Any, sessions: LentSessions = NO_SESSIONS) -> None:
        """Take the driver's collection, or what stands for it in a coroutine, and its sessions."""
        self.collection = collection
        own = driver_object(collection)
        #: The method of the driver's own database, which a coroutine has to await.
        self.command = own.database.command
        self.client = own.database.client
        self.name: str = own.name
        self.codec_options = own.codec_options
        self.read_preference = own.read_preference
        #: Whether the reads of the collection say what they may see.
        self.has_read_concern = bool(own.read_concern.document)
        #: The sessions of the client; a write without an answer can have none.
        self.sessions = sessions if own.write_concern.acknowledged else NO_SESSIONS

    def of(self, meta: Any, *, fresh: bool) -> KnownCollection:
        """Return the same with the options of a class, as `collection_of` does."""
        options = collection_options(meta, fresh=fresh)
        return KnownCollection(self.collection.with_options(**options), self.sessions)

    def update_one(self, selector: dict[str, Any], update: dict[str, Any], session: Any) -> Any:
        """Do what the driver's method does, in a session of ours where none is given."""
        if session is not None:
            return self.collection.update_one(selector, update, session=session)
        lent = self.sessions.borrow()
        try:
            answer = self.collection.update_one(selector, update, session=lent)
        except Exception as error:
            self.sessions.give_back(lent, error)
            raise
        self.sessions.give_back(lent)
        return answer


def collection_of(meta: Any, connection: Any, *, fresh: bool = False, beside: str = "") -> Any:
    """
    Return the collection that the class is read from and written to.

    It has the read preference and the write concern of `Meta`; with `fresh`
    it reads where the alias does, for what was just written. `beside` names
    another collection, which holds what belongs to the documents.
    """
    found = connection.collection(beside or meta.collection)
    if not meta.collection_options:
        return found
    return found.with_options(**collection_options(meta, fresh=fresh))


def collection_options(meta: Any, *, fresh: bool = False) -> dict[str, Any]:
    """Return the driver's options for collections that hold what belongs to the class."""
    options: dict[str, Any] = meta.collection_options
    if fresh and options:
        options = {name: value for name, value in options.items() if name != "read_preference"}
    return options
