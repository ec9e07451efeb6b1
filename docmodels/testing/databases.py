"""Databases that belong to one test process, emptied between tests."""

from __future__ import annotations

import os
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.test.utils import override_settings
from pymongo import WriteConcern, monitoring
from pymongo.errors import OperationFailure
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from docmodels.connections import connections
from docmodels.connections.configuration import SETTING, scheme_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docmodels.connections.backends.base import Connection

#: The environment variable that names a server for the tests.
URI_VARIABLE = "DOCMODELS_TEST_URI"


class DatabaseWatch(CommandListener):
    """Remember which databases were used, through whatever client."""

    def __init__(self) -> None:
        #: Names of the databases that commands were sent to since the last emptying.
        self.touched: set[str] = set()
        #: Names of all the databases that commands were sent to.
        self.seen: set[str] = set()
        self._listening = False

    def listen(self) -> None:
        """Hear every client that is made from now on."""
        if not self._listening:
            monitoring.register(self)
            self._listening = True

    def started(self, event: CommandStartedEvent) -> None:
        """Note the database."""
        self.touched.add(event.database_name)
        self.seen.add(event.database_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Ignore the answer."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Ignore the failure."""


_watch = DatabaseWatch()


def test_databases(suffix: str) -> dict[str, dict[str, Any]]:
    """Give ``MONGO_DATABASES`` with each name made the process's own."""
    uri = os.environ.get(URI_VARIABLE)
    databases = deepcopy(getattr(settings, SETTING, None) or {})
    for given in databases.values():
        name = (given.get("TEST") or {}).get("NAME") or f"test_{given['NAME']}"
        given["NAME"] = f"{name}_{suffix}"
        if uri and scheme_of(given.get("HOST", "")) != "mongomock":
            given["HOST"] = uri
    return databases


test_databases.__test__ = False  # type: ignore[attr-defined]


@contextmanager
def own_databases(suffix: str) -> Iterator[None]:
    """Point every alias to a database of this process; drop them at the end."""
    _watch.listen()
    with override_settings(**{SETTING: test_databases(suffix)}):
        try:
            yield
        finally:
            for connection in _used(_watch.seen):
                connection.client.drop_database(connection.name)


def empty_databases() -> None:
    """Empty the collections of all aliases that were used since the last time."""
    for connection in _used(_watch.touched):
        empty_collections(connection)
    _watch.touched.clear()


def empty_collections(connection: Connection) -> None:
    """Delete every document; collections and their indexes stay."""
    database = connection.client.get_database(connection.name)
    for info in database.list_collections():
        if info["type"] == "view" or info["name"].startswith("system."):
            continue
        collection = database.get_collection(info["name"], write_concern=WriteConcern(w=1))
        try:
            collection.delete_many({})
        except OperationFailure:
            # Capped and time-series collections do not delete on all servers.
            database.drop_collection(info["name"])
            connection.created.discard(info["name"])


def _used(names: set[str]) -> list[Connection]:
    chosen: dict[tuple[str, str], Connection] = {}
    for connection in connections.all():
        if connection.name in names and not connection.read_only:
            chosen.setdefault((connection.settings["HOST"], connection.name), connection)
    return list(chosen.values())
