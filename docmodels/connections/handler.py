"""Give one connection per alias and process, made when first asked for."""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.connection import ConnectionDoesNotExist
from django.utils.module_loading import import_string

from docmodels.connections.configuration import BACKENDS, SETTING, normalise, scheme_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docmodels.connections.backends.base import Connection


class ConnectionHandler:
    """Map aliases to connections; shared by all threads of the process.

    Not Django's `BaseConnectionHandler`: its connections belong to a thread,
    and each thread would open a pool of its own.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._connections: dict[str, Connection] = {}
        self._settings: dict[str, dict[str, Any]] | None = None

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        """The normalised settings by alias, the derived slow one included."""
        if self._settings is None:
            with self._lock:
                self._settings = normalise(getattr(django_settings, SETTING, None))
        return self._settings

    @property
    def aliases(self) -> tuple[str, ...]:
        """All the aliases."""
        return tuple(self.settings)

    def __getitem__(self, alias: str) -> Connection:
        """Give the connection of `alias`."""
        try:
            return self._connections[alias]
        except KeyError:
            return self._create(alias)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the aliases."""
        return iter(self.settings)

    def __contains__(self, alias: object) -> bool:
        """Tell whether `alias` is configured."""
        return alias in self.settings

    def all(self, *, initialized_only: bool = False) -> list[Connection]:
        """Give the connections of all aliases, or of those used so far."""
        if initialized_only:
            return list(self._connections.values())
        return [self[alias] for alias in self]

    def close_all(self) -> None:
        """Close every client; the next use of an alias opens it again."""
        for connection in self.all(initialized_only=True):
            connection.close()

    async def aclose_all(self) -> None:
        """Close the clients of the running event loop; the next use opens them again."""
        for connection in self.all(initialized_only=True):
            await connection.aclose()

    def reconfigure(self) -> None:
        """Read the setting again; close what changed, keep what did not."""
        with self._lock:
            self._settings = None
            try:
                current = self.settings
            except ImproperlyConfigured:
                # Told when something asks for a connection, and by the system checks.
                current = {}
            stale = [
                connection
                for alias, connection in self._connections.items()
                if connection.settings != current.get(alias)
            ]
            for connection in stale:
                del self._connections[connection.alias]
        for connection in stale:
            connection.close()

    def after_fork(self) -> None:
        """Give the child its own lock and clients; the parent's are left untouched."""
        self._lock = threading.RLock()
        for connection in self._connections.values():
            connection.after_fork()

    def _create(self, alias: str) -> Connection:
        with self._lock:
            if alias in self._connections:
                return self._connections[alias]
            if alias not in self.settings:
                choices = ", ".join(self.settings)
                raise ConnectionDoesNotExist(
                    f"The connection '{alias}' doesn't exist in settings.{SETTING}. "
                    f"Choices are: {choices}."
                )
            configured = self.settings[alias]
            backend = import_string(BACKENDS[scheme_of(configured["HOST"])])
            connection: Connection = backend(alias, configured)
            self._connections[alias] = connection
            return connection


connections = ConnectionHandler()


def _reconfigure_on_change(*, setting: str, **kwargs: Any) -> None:
    if setting == SETTING:
        connections.reconfigure()


setting_changed.connect(_reconfigure_on_change, dispatch_uid="docmodels.connections.handler")
atexit.register(connections.close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=connections.after_fork)
