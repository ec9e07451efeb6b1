"""Serve an alias from memory by ``mongomock``, for unit tests without a server."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from docmodels.connections.backends.base import Connection
from docmodels.connections.backends.errors import DRIVER_ERRORS, ErrorBlock, translate
from docmodels.connections.backends.readonly import COLLECTION_WRITES
from docmodels.connections.bridging import bridged_loop
from docmodels.exceptions import NotSupportedError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from types import TracebackType

    from pymongo.collection import Collection
    from pymongo.database import Database
    from pymongo.monitoring import CommandListener

    from docmodels.connections.loops import LoopSide
    from docmodels.exceptions import DocmodelsError

# One store per HOST, so that the aliases of one "server" see the same data.
_stores: dict[str, Any] = {}


class MockErrorWrapper(ErrorBlock):
    """Turn the errors of mongomock into ours."""

    __slots__ = ("_connection",)

    def __init__(self, connection: MongomockConnection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        """Do nothing: memory is always reachable."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is not None and isinstance(exc, self._connection.errors):
            raise self._connection.explain(exc) from exc

    async def __aenter__(self) -> None:
        """Do nothing: memory is always reachable."""


class ReadOnlyMock:
    """The fake's collection without its write methods."""

    def __init__(self, collection: Any, connection: MongomockConnection) -> None:
        self._collection = collection
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        """Give the fake's attribute unless it writes."""
        if name in COLLECTION_WRITES:
            self._connection.require_writable(name)
        return getattr(self._collection, name)


class MongomockConnection(Connection):
    """An alias whose HOST is ``mongomock://``."""

    vendor = "mongomock"
    supports_raw_batches = False
    supports_windows = False
    supports_collection_options = False
    supports_bulk = False
    supports_commands = False
    supports_sessions = False
    ignores_key_order = True
    errors = (*DRIVER_ERRORS, NotImplementedError)

    def __init__(self, alias: str, settings: dict[str, Any]) -> None:
        super().__init__(alias, settings)
        self.wrap_errors = self.wrap_write_errors = MockErrorWrapper(self)

    def explain(self, error: Exception, *, writing: bool = False) -> DocmodelsError:
        """Return our error for one of the fake's; no outcome is unknown."""
        if isinstance(error, NotImplementedError):
            return NotSupportedError(f"mongomock ('{self.alias}'): {error}")
        return translate(error, self.alias)

    @property
    def supports_transactions(self) -> bool:
        """Whether there are transactions: never in memory."""
        return False

    @property
    def database(self) -> Database[dict[str, Any]]:
        """The fake's database object; it knows no codec options but ``tz_aware``."""
        return self.client.get_database(self.name)

    def _make_collection(self, name: str) -> Collection[dict[str, Any]]:
        collection = self.database[name]
        return ReadOnlyMock(collection, self) if self.read_only else collection  # type: ignore[return-value]

    def _side(self) -> None:
        """Do without asynchronous objects: memory is never waited for."""
        bridged_loop()

    def _open_side(self, loop: AbstractEventLoop) -> LoopSide:
        raise NotSupportedError(
            f"mongomock ('{self.alias}') has no asynchronous client; the asynchronous methods of "
            f"documents and querysets work."
        )

    def attach(self, listener: CommandListener) -> None:
        """Refuse: the fake sends no commands."""
        raise NotSupportedError(f"mongomock ('{self.alias}') sends no commands to listen to.")

    def detach(self, listener: CommandListener) -> None:
        """Do nothing: nothing was attached."""

    def _open(self) -> Any:
        try:
            mongomock = import_module("mongomock")
        except ImportError as exc:
            raise ImproperlyConfigured(
                f"HOST of '{self.alias}' is mongomock:// but mongomock is not installed. "
                "Run: pip install mongomock"
            ) from exc
        host = self.settings["HOST"]
        if host not in _stores:
            _stores[host] = import_module("mongomock.store").ServerStore()
        return mongomock.MongoClient(tz_aware=True, _store=_stores[host])
