"""The interface that the layers above use, whatever serves the alias."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from docmodels.codecs import CODEC_OPTIONS
from docmodels.connections.backends.readonly import read_only_error
from docmodels.connections.watching import Watch, watch_database
from docmodels.exceptions import NotSupportedError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from bson import CodecOptions
    from pymongo import MongoClient
    from pymongo.collection import Collection
    from pymongo.database import Database
    from pymongo.monitoring import CommandListener


#: How many collections a connection remembers; names may come from outside.
MAX_COLLECTIONS = 500


class Connection(ABC):
    """One alias in this process: its client, made on first use, and its rules."""

    #: The backend's name.
    vendor: str
    #: Whether ``find_raw_batches`` works.
    supports_raw_batches = True
    #: Whether collections may be capped, time series, validated or of a collation.
    supports_collection_options = True
    #: Whether the server numbers rows in windows (``$setWindowFields``).
    supports_windows = True
    #: Whether operations can belong to sessions.
    supports_sessions = True
    #: Whether many operations can be sent at a time.
    supports_bulk = True
    #: Whether dicts are equal in whatever order their keys are.
    ignores_key_order = False
    #: How values are read and written.
    codec_options: CodecOptions[dict[str, Any]] = CODEC_OPTIONS
    #: Turn driver errors into ours: ``with connection.wrap_errors: …``.
    wrap_errors: AbstractContextManager[Any]
    #: The same around a write, whose outcome is unknown when no answer comes.
    wrap_write_errors: AbstractContextManager[Any]

    def __init__(self, alias: str, settings: dict[str, Any]) -> None:
        #: The alias in ``MONGO_DATABASES``.
        self.alias = alias
        #: The normalised settings of the alias.
        self.settings = settings
        #: The database's name.
        self.name: str = settings["NAME"]
        #: Whether writes are refused.
        self.read_only: bool = bool(settings["READ_ONLY"])
        self._lock = threading.RLock()
        self._client: MongoClient[dict[str, Any]] | None = None
        # Clients that others may still hold: of before a fork, or of before a listener came.
        self._retired: list[MongoClient[dict[str, Any]]] = []
        # The driver's collections are immutable; making one takes longer than a lookup.
        self._collections: dict[str, Collection[dict[str, Any]]] = {}
        #: Names of collections that were made, or found there, by this process.
        self.created: set[str] = set()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.alias!r} to {self.name!r}>"

    @property
    def backend(self) -> str:
        """The backend's name."""
        return self.vendor

    @property
    def client(self) -> MongoClient[dict[str, Any]]:
        """The driver's client of this alias and process."""
        client = self._client
        if client is None:
            with self._lock:
                client = self._client
                if client is None:
                    client = self._client = self._open()
        return client

    @property
    def database(self) -> Database[dict[str, Any]]:
        """The driver's database object."""
        return self.client.get_database(self.name, codec_options=self.codec_options)

    def collection(self, name: str) -> Collection[dict[str, Any]]:
        """Give the driver's collection; one of a read-only alias refuses writes."""
        found = self._collections.get(name)
        if found is None or self._client is None:
            if name.startswith("system."):
                raise NotSupportedError(
                    f"The collection '{name}' belongs to the server: it cannot be used here."
                )
            # Taken before, so that one of a client that is being retired is not remembered.
            remembered = self._collections
            found = self._make_collection(name)
            if len(remembered) < MAX_COLLECTIONS:
                remembered[name] = found
        return found

    def _make_collection(self, name: str) -> Collection[dict[str, Any]]:
        return self.database.get_collection(name)

    @property
    @abstractmethod
    def supports_transactions(self) -> bool:
        """Whether the server has transactions."""

    def watch(self, **options: Any) -> Watch:
        """
        Follow every change of the database: iterate over the `Watch` for its events.

        `options` are those of a queryset's `watch()`. Raise NotSupportedError
        on a server without change streams.
        """
        return watch_database(self, **options)

    def require_writable(self, operation: str) -> None:
        """Raise `ReadOnlyConnection` when the alias is read-only."""
        if self.read_only:
            raise read_only_error(self.alias, operation)

    @property
    def attaches_in_place(self) -> bool:
        """Whether `attach` leaves the client, and the sessions of it, as they are."""
        return True

    @abstractmethod
    def attach(self, listener: CommandListener) -> None:
        """Let `listener` hear every command from now on."""

    @abstractmethod
    def detach(self, listener: CommandListener) -> None:
        """Undo `attach`."""

    def close(self) -> None:
        """Close the client; the next use opens another."""
        with self._lock:
            self._retire_client()
            retired, self._retired = self._retired, []
        for client in retired:
            client.close()

    def after_fork(self) -> None:
        """Forget the parent's client without touching its sockets."""
        self._lock = threading.RLock()
        self._retire_client()

    def _retire_client(self) -> None:
        client, self._client = self._client, None
        self._collections = {}
        if client is not None:
            self._retired.append(client)

    @abstractmethod
    def _open(self) -> MongoClient[dict[str, Any]]:
        """Make the client."""
