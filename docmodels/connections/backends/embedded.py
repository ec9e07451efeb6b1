"""Serve an alias from a ``mongod`` that is started for a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docmodels.connections.backends.mongodb import MongoDBConnection
from docmodels.connections.embedded import server_for

if TYPE_CHECKING:
    from pymongo import MongoClient

    from docmodels.connections.loops import LoopSide

#: How long to wait for a server that is being restarted, in seconds.
RESTART_SECONDS = 20.0


class EmbeddedConnection(MongoDBConnection):
    """An alias whose HOST is ``embedded://<folder>``."""

    def __init__(self, alias: str, settings: dict[str, Any]) -> None:
        super().__init__(alias, settings)
        #: The server of the folder.
        self.server = server_for(settings["HOST"], settings["EMBEDDED"])
        self._uri = ""

    @property
    def uri(self) -> str:
        """The connection string; the server is started if need be."""
        return self.server.acquire(self.alias)

    @property
    def selection_seconds(self) -> float:
        """How long to wait for the server: it comes back by itself."""
        chosen = {key.lower() for key in self.settings["OPTIONS"]}
        if "serverselectiontimeoutms" in chosen:
            return super().selection_seconds
        return RESTART_SECONDS

    def ensure_reachable(self) -> None:
        """Start the server again when it, or its supervisor, was killed."""
        client = self._client
        if client is not None and not client.topology_description.has_known_servers:
            with self._lock:
                if self.server.acquire(self.alias) != self._uri:
                    self._retire_client()
        super().ensure_reachable()

    def ensure_side_reachable(self, side: LoopSide) -> None:
        """Do the same where the running event loop has the client."""
        if not side.client.topology_description.has_known_servers:
            with self._lock:
                if self.server.acquire(self.alias) != side.uri:
                    self._retire_client()
        super().ensure_side_reachable(side)

    def close(self) -> None:
        """Close the client and give up the server."""
        super().close()
        self.server.release(self.alias)

    def _open(self) -> MongoClient[dict[str, Any]]:
        self._uri = self.uri
        return self._make_client(self._uri)
