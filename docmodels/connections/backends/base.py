"""The interface that the layers above use, whatever serves the alias."""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.module_loading import import_string

from docmodels.codecs import CODEC_OPTIONS
from docmodels.connections.backends.errors import DRIVER_ERRORS, translate
from docmodels.connections.backends.readonly import read_only_error
from docmodels.connections.bridging import bridged_loop, running_loop
from docmodels.connections.collections import MAX_COLLECTIONS, KnownCollection, require_usable
from docmodels.connections.failures import explained
from docmodels.connections.lending import NO_SESSIONS, LentSessions
from docmodels.connections.loops import LoopSide
from docmodels.connections.watching import AsyncWatch, Watch, watch_database

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from bson import CodecOptions
    from gridfs import GridFSBucket
    from pymongo import AsyncMongoClient, MongoClient
    from pymongo.asynchronous.collection import AsyncCollection
    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.collection import Collection
    from pymongo.database import Database
    from pymongo.monitoring import CommandListener

    from docmodels.exceptions import DocmodelsError


class WrapsErrors(Protocol):
    """A context manager of both kinds."""

    def __enter__(self) -> Any: ...
    def __exit__(self, *error: Any) -> None: ...
    async def __aenter__(self) -> Any: ...
    async def __aexit__(self, *error: Any) -> None: ...


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
    #: Whether the database takes commands as the server knows them.
    supports_commands = True
    #: Whether dicts are equal in whatever order their keys are.
    ignores_key_order = False
    #: How values are read and written.
    codec_options: CodecOptions[dict[str, Any]] = CODEC_OPTIONS
    #: What is raised by the driver's methods, and turned into ours by `explain`.
    errors: tuple[type[Exception], ...] = DRIVER_ERRORS
    #: Turn driver errors into ours: ``with connection.wrap_errors: …``, or ``async with``.
    wrap_errors: WrapsErrors
    #: The same around a write, whose outcome is unknown when no answer comes.
    wrap_write_errors: WrapsErrors

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
        self._lent: LentSessions | None = None
        # The driver's collections are immutable; making one takes longer than a lookup.
        self._known: dict[str, KnownCollection] = {}
        #: Names of collections that were made, or found there, by this process.
        self.created: set[str] = set()
        self._sides: dict[AbstractEventLoop, LoopSide] = {}
        self._retired_sides: list[LoopSide] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.alias!r} to {self.name!r}>"

    @property
    def backend(self) -> str:
        """The backend's name."""
        return self.vendor

    @property
    def client(self) -> MongoClient[dict[str, Any]]:
        """The driver's client of this alias and process."""
        if running_loop() is not None and (side := self._side()) is not None:
            return side.bridged_client()
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
        if running_loop() is not None and (side := self._side()) is not None:
            return side.bridged_database()
        return self.client.get_database(self.name, codec_options=self.codec_options)

    def collection(self, name: str) -> Collection[dict[str, Any]]:
        """Give the driver's collection; one of a read-only alias refuses writes."""
        found: Collection[dict[str, Any]] = self.known(name).collection
        return found

    def ready(self, meta: Any, fresh: bool = False) -> KnownCollection:
        """
        Give the collection of a class for an operation that follows at once.

        It has the options of `Meta`; with `fresh` it reads where the alias
        does. Raise `ConnectionUnavailable` soon where no server answers. Errors
        of the operation are to be turned into ours by `explain`.
        """
        found = self.known(meta.collection)
        return found.of(meta, fresh=fresh) if meta.collection_options else found

    def explain(self, error: Exception, *, writing: bool = False) -> DocmodelsError:
        """Return our error for one of `errors`; the caller raises it ``from error``."""
        return explained(translate(error, self.alias, writing=writing), self.alias)

    def known(self, name: str) -> KnownCollection:
        """Give the same with what small operations ask of it."""
        if running_loop() is not None and (side := self._side()) is not None:
            return side.known(name)
        found = self._known.get(name)
        if found is None or self._client is None:
            require_usable(name)
            # Taken before, so that one of a client that is being retired is not remembered.
            remembered = self._known
            collection = self._make_collection(name)
            found = KnownCollection(collection, self._sessions_of(collection))
            if len(remembered) < MAX_COLLECTIONS:
                remembered[name] = found
        return found

    def _sessions_of(self, collection: Any) -> LentSessions:
        # A session belongs to one client; that of the collection may have been retired meanwhile.
        with self._lock:
            if not self.supports_sessions or collection.database.client is not self._client:
                return NO_SESSIONS
            if self._lent is None:
                self._lent = LentSessions(self._client)
            return self._lent

    def _make_collection(self, name: str) -> Collection[dict[str, Any]]:
        return self.database.get_collection(name)

    def bucket(self, name: str, **options: Any) -> GridFSBucket:
        """Give the driver's GridFS bucket; `options` are those of its database."""
        database = self.database.with_options(**options) if options else self.database
        if running_loop() is not None and (side := self._side()) is not None:
            return side.bridged_bucket(database, name)
        # Imported here, as most projects store no files.
        made: GridFSBucket = import_string("gridfs.GridFSBucket")(database, bucket_name=name)
        return made

    # The driver's asynchronous objects

    @property
    def async_client(self) -> AsyncMongoClient[dict[str, Any]]:
        """The driver's asynchronous client of this alias and the running event loop."""
        return self._side_of_loop().client

    @property
    def async_database(self) -> AsyncDatabase[dict[str, Any]]:
        """The driver's asynchronous database object, for the running event loop."""
        return self._side_of_loop().database

    def async_collection(self, name: str) -> AsyncCollection[dict[str, Any]]:
        """Give the driver's asynchronous collection, for the running event loop."""
        collection: AsyncCollection[dict[str, Any]] = (
            self._side_of_loop().known(name).collection.target
        )
        return collection

    def _side_of_loop(self) -> LoopSide:
        loop = running_loop()
        if loop is None:
            raise RuntimeError(
                f"The asynchronous client of '{self.alias}' belongs to an event loop, and none is "
                f"running: expected a call from a coroutine."
            )
        return self._side_of(loop)

    def _side(self) -> LoopSide | None:
        """Return what the running code, which runs in a loop, has to use; None for all others."""
        loop = bridged_loop()
        return None if loop is None else self._side_of(loop)

    def _side_of(self, loop: AbstractEventLoop) -> LoopSide:
        side = self._sides.get(loop)
        if side is None:
            with self._lock:
                # What the loop closed at its end.
                for other in [other for other in self._sides if other.is_closed()]:
                    del self._sides[other]
                side = self._sides[loop] = self._open_side(loop)
        return side

    @abstractmethod
    def _open_side(self, loop: AbstractEventLoop) -> LoopSide:
        """Make the client of an event loop."""

    @property
    def sends_bytes(self) -> bool:
        """Whether documents can be sent as the bytes that they were encoded to before."""
        return False

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

    def awatch(self, **options: Any) -> AsyncWatch:
        """Do what `watch()` does, for `async for` and `async with`."""
        return AsyncWatch(lambda: self.watch(**options))

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
        """Close the client, and let each event loop close its own; the next use opens another."""
        with self._lock:
            self._retire_client()
            retired, self._retired = self._retired, []
            sides, self._retired_sides = self._retired_sides, []
        for client in retired:
            client.close()
        for side in sides:
            side.close()

    async def aclose(self) -> None:
        """Close the client of the running event loop; the next use opens another."""
        loop = asyncio.get_running_loop()
        with self._lock:
            sides = [side for side in self._retired_sides if side.loop is loop]
            self._retired_sides = [side for side in self._retired_sides if side not in sides]
            if loop in self._sides:
                sides.append(self._sides.pop(loop))
        for side in sides:
            await side.aclose()

    def after_fork(self) -> None:
        """Forget the parent's client without touching its sockets."""
        self._lock = threading.RLock()
        # The parent goes on with its sessions.
        self._lent = None
        self._retire_client()

    def _retire_client(self) -> None:
        client, self._client = self._client, None
        lent, self._lent = self._lent, None
        if lent is not None:
            lent.end()
        self._known = {}
        if client is not None:
            self._retired.append(client)
        self._retired_sides += self._sides.values()
        self._sides = {}

    @abstractmethod
    def _open(self) -> MongoClient[dict[str, Any]]:
        """Make the client."""
