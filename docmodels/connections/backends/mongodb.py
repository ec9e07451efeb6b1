"""Serve an alias from a MongoDB server or cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pymongo
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from pymongo import AsyncMongoClient, MongoClient
from pymongo.driver_info import DriverInfo
from pymongo.errors import ConfigurationError, PyMongoError

import docmodels
from docmodels.conf import docmodels_settings
from docmodels.connections.backends.base import Connection
from docmodels.connections.backends.errors import DRIVER_ERRORS, ErrorBlock, translate
from docmodels.connections.backends.readonly import AsyncReadOnlyClient, ReadOnlyClient
from docmodels.connections.bridging import arun, running_loop
from docmodels.connections.collections import KnownCollection
from docmodels.connections.configuration import SETTING, client_options, uri_options
from docmodels.connections.logging import CommandLog
from docmodels.connections.loops import LoopSide

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from types import TracebackType

    from pymongo.monitoring import CommandListener

#: The driver's clients, by whether the alias is read-only.
_CLIENTS = {False: MongoClient, True: ReadOnlyClient}
_ASYNC_CLIENTS = {False: AsyncMongoClient, True: AsyncReadOnlyClient}


class ErrorWrapper(ErrorBlock):
    """
    Turn driver errors of a block into ours; one object serves all threads and tasks.

    On entry it makes sure that a server is known.
    """

    __slots__ = ("_connection", "_writing")

    def __init__(self, connection: MongoDBConnection, *, writing: bool) -> None:
        self._connection = connection
        self._writing = writing

    def __enter__(self) -> None:
        self._connection.require_server()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is not None and isinstance(exc, DRIVER_ERRORS):
            raise self._connection.explain(exc, writing=self._writing) from exc

    async def __aenter__(self) -> None:
        await arun(self.__enter__)


class MongoDBConnection(Connection):
    """An alias whose HOST is ``mongodb://`` or ``mongodb+srv://``."""

    vendor = "mongodb"

    def __init__(self, alias: str, settings: dict[str, Any]) -> None:
        super().__init__(alias, settings)
        self.wrap_errors = ErrorWrapper(self, writing=False)
        self.wrap_write_errors = ErrorWrapper(self, writing=True)
        self._reachable: object | None = None
        self._supports_transactions: bool | None = None
        self._command_log: CommandLog | None = None

    @property
    def uri(self) -> str:
        """The connection string that the client is made from."""
        host: str = self.settings["HOST"]
        return host

    @property
    def selection_seconds(self) -> float:
        """How long to wait for a server that is down."""
        options = {key.lower(): value for key, value in client_options(self.settings).items()}
        chosen = uri_options(self.settings["HOST"]) | options
        return float(chosen["serverselectiontimeoutms"]) / 1000

    @property
    def supports_transactions(self) -> bool:
        """Whether the server is a replica set or a sharded cluster."""
        if self._supports_transactions is None:
            with self.wrap_errors:
                hello = self.client.admin.command("hello")
            self._supports_transactions = "setName" in hello or hello.get("msg") == "isdbgrid"
        return self._supports_transactions

    def ready(self, meta: Any, fresh: bool = False) -> KnownCollection:
        """Give the collection of a class, with few questions where all is as it was before."""
        found = self._known.get(meta.collection)
        if (
            found is None
            or running_loop() is not None
            or found.client.topology_description is not self._reachable
        ):
            self.require_server()
            found = self.known(meta.collection)
        return found.of(meta, fresh=fresh) if meta.collection_options else found

    def require_server(self) -> None:
        """
        Raise `ConnectionUnavailable` soon when no fitting server is known nor answers.

        The driver would wait for one until the whole deadline is over
        (``timeoutMS`` replaces ``serverSelectionTimeoutMS``), which is far too
        long for a page.
        """
        if running_loop() is not None and (side := self._side()) is not None:
            if side.client.topology_description is not side.reachable:
                self.ensure_side_reachable(side)
            return
        client = self._client
        # Topology descriptions are immutable: the same object still says "reachable".
        if client is None or client.topology_description is not self._reachable:
            self.ensure_reachable()

    def ensure_reachable(self) -> None:
        """Raise `ConnectionUnavailable` soon when no fitting server answers."""
        client = self.client
        description = client.topology_description
        preference = client.read_preference
        if not description.has_readable_server(preference):
            self._await_server(MongoClient.get_database(client, "admin"), preference)
            description = client.topology_description
        self._reachable = description

    def ensure_side_reachable(self, side: LoopSide) -> None:
        """Do the same for the client of an event loop; one task asks for all."""
        client = side.client
        preference = client.read_preference
        while not client.topology_description.has_readable_server(preference):
            side.share(lambda: self._await_server(side.bridged_client().admin, preference))
        side.reachable = client.topology_description

    @property
    def sends_bytes(self) -> bool:
        """Whether nobody listens, who would expect dicts in the commands."""
        others = any(key.lower() == "event_listeners" for key in self.settings["OPTIONS"])
        return not others and (self._command_log is None or not self._command_log.listeners)

    @property
    def attaches_in_place(self) -> bool:
        """Whether the clients were made with listeners, or not yet."""
        return self._command_log is not None or not (self._client or self._sides)

    def attach(self, listener: CommandListener) -> None:
        """Let `listener` hear every command from now on."""
        with self._lock:
            if self._command_log is None:
                self._command_log = CommandLog(self.alias)
                # The driver takes listeners only when a client is made. Collections of the
                # old one stay usable.
                self._retire_client()
            self._command_log.listeners.append(listener)

    def detach(self, listener: CommandListener) -> None:
        """Undo `attach`."""
        if self._command_log is not None and listener in self._command_log.listeners:
            self._command_log.listeners.remove(listener)

    def close(self) -> None:
        """Close the client; the next use opens another."""
        super().close()
        self._reachable = None
        self._supports_transactions = None

    def after_fork(self) -> None:
        """Forget the parent's client without touching its sockets."""
        super().after_fork()
        self._reachable = None

    def _await_server(self, admin: Any, preference: Any) -> None:
        try:
            with pymongo.timeout(self.selection_seconds):
                admin.command("ping", read_preference=preference)
        except PyMongoError as exc:
            raise translate(exc, self.alias) from exc

    def _open(self) -> MongoClient[dict[str, Any]]:
        return self._make_client(self.uri)

    def _open_side(self, loop: AbstractEventLoop) -> LoopSide:
        # An embedded server that has to be started first blocks the loop for a second or two,
        # once: its start is guarded by locks between threads and processes.
        uri = self.uri
        client = self._make_client(uri, asynchronous=True)
        return LoopSide(loop, client, name=self.name, codec_options=self.codec_options, uri=uri)

    def _make_client(self, uri: str, *, asynchronous: bool = False) -> Any:
        options = client_options(self.settings)
        if self.settings["USER"]:
            options["username"] = self.settings["USER"]
            options["password"] = self.settings["PASSWORD"]
        listeners = list(options.pop("event_listeners", ()))
        logs = docmodels_settings.LOG_COMMANDS
        if self._command_log is None and (django_settings.DEBUG if logs is None else logs):
            self._command_log = CommandLog(self.alias)
        if self._command_log is not None:
            listeners.append(self._command_log)
        factories: Any = _ASYNC_CLIENTS if asynchronous else _CLIENTS
        factory = factories[self.read_only]
        try:
            client = factory(
                uri,
                tz_aware=self.codec_options.tz_aware,
                uuidRepresentation="standard",
                driver=DriverInfo(name="docmodels", version=docmodels.__version__),
                event_listeners=listeners,
                **options,
            )
        except (ConfigurationError, TypeError, ValueError) as exc:
            # The driver's text may hold the connection string with its password.
            raise ImproperlyConfigured(
                f"settings.{SETTING}['{self.alias}']: HOST or OPTIONS are not accepted by the "
                f"driver ({type(exc).__name__})."
            ) from exc
        if isinstance(client, (ReadOnlyClient, AsyncReadOnlyClient)):
            client.read_only_alias = self.alias
        return client
