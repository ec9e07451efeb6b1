"""Databases that belong to one test process, emptied between tests."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
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
from docmodels.connections.embedded import server_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docmodels.connections.backends.base import Connection

#: The environment variable that names a server for the tests.
URI_VARIABLE = "DOCMODELS_TEST_URI"
#: What stands for a server of the run's own, in a folder that is removed at its end.
OWN_SERVER = "embedded://"
#: The environment variable by which the processes of a run know their own server.
OWN_VARIABLE = "DOCMODELS_TEST_SERVER"


_FAKE = "mongomock"


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
    databases = deepcopy(getattr(settings, SETTING, None) or {})
    for given in databases.values():
        test = given.get("TEST") or {}
        given["NAME"] = f"{test.get('NAME') or 'test_' + given['NAME']}_{suffix}"
        host = _test_host(given)
        if host == OWN_SERVER:
            given["HOST"] = share_own_server()
        elif host:
            given["HOST"] = host
    return databases


def _test_host(given: dict[str, Any]) -> str | None:
    """Return the server that tests of an alias use, None for the configured one."""
    if scheme_of(given.get("HOST", "")) == "mongomock":
        return None
    return os.environ.get(URI_VARIABLE) or (given.get("TEST") or {}).get("HOST")


def share_own_server() -> str | None:
    """
    Return the address of the run's own server, None where nobody wants one.

    It starts with the first command, and the processes that this one starts use it, too.
    """
    databases = getattr(settings, SETTING, None) or {}
    if not any(_test_host(given) == OWN_SERVER for given in databases.values()):
        return None
    if OWN_VARIABLE not in os.environ:
        folder = tempfile.mkdtemp(prefix="docmodels-tests-")
        os.environ[OWN_VARIABLE] = f"{OWN_SERVER}{folder}"
        _own_folders[folder] = os.getpid()
        atexit.register(end_own_server)
    return os.environ[OWN_VARIABLE]


#: Folders that this process made, with its number: a fork does not own them.
_own_folders: dict[str, int] = {}


def end_own_server() -> None:
    """End the server that this process let be started, and remove its folder."""
    for folder in [f for f, owner in _own_folders.items() if owner == os.getpid()]:
        del _own_folders[folder]
        server_for(os.environ.pop(OWN_VARIABLE), {}).stop()
        shutil.rmtree(folder, ignore_errors=True)


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
    for connection in connections.all(initialized_only=True):
        # The fake tells nobody what it does.
        if connection.vendor == _FAKE and not connection.read_only:
            for name in connection.database.list_collection_names():
                connection.database.drop_collection(name)


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
        if connection.name in names and not connection.read_only and connection.vendor != _FAKE:
            chosen.setdefault((connection.settings["HOST"], connection.name), connection)
    return list(chosen.values())
