"""The asynchronous client of an alias for one event loop, closed with the loop."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future, shield
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

from docmodels.connections.bridged import Bridged, bridged
from docmodels.connections.bridging import wait_for
from docmodels.connections.collections import MAX_COLLECTIONS, KnownCollection, require_usable
from docmodels.exceptions import ConnectionUnavailable

if TYPE_CHECKING:
    from bson import CodecOptions
    from pymongo import AsyncMongoClient
    from pymongo.asynchronous.database import AsyncDatabase


class LoopSide:
    """What a connection has in one event loop: a client, and what was made of it."""

    def __init__(
        self,
        loop: AbstractEventLoop,
        client: AsyncMongoClient[dict[str, Any]],
        *,
        name: str,
        codec_options: CodecOptions[dict[str, Any]],
        uri: str,
    ) -> None:
        self.loop = loop
        #: The driver's client, and the connection string that it was made from.
        self.client = client
        self.uri = uri
        #: The driver's database.
        self.database: AsyncDatabase[dict[str, Any]] = client.get_database(
            name, codec_options=codec_options
        )
        self._known: dict[str, KnownCollection] = {}
        #: The description of the servers that said that one can be reached.
        self.reachable: object | None = None
        self._asking: Future[None] | None = None
        self._closing = _close_at_end(self)
        # Begun by hand, as nothing has to be waited for: the loop ends it when it is shut down.
        with suppress(StopIteration):
            self._closing.asend(None).send(None)

    def bridged_client(self) -> Any:
        """Return the client for code that runs for a coroutine."""
        return Bridged(self.client)

    def bridged_database(self) -> Any:
        """Return the database for code that runs for a coroutine."""
        return Bridged(self.database)

    def known(self, name: str) -> KnownCollection:
        """Return a collection for code that runs for a coroutine."""
        found = self._known.get(name)
        if found is None:
            require_usable(name)
            found = KnownCollection(Bridged(self.database.get_collection(name)))
            if len(self._known) < MAX_COLLECTIONS:
                self._known[name] = found
        return found

    def bridged_bucket(self, database: Any, name: str) -> Any:
        """Return the GridFS bucket for code that runs for a coroutine."""
        # Imported here, as most projects store no files.
        make = import_string("gridfs.asynchronous.AsyncGridFSBucket")
        return bridged(make(database.target, bucket_name=name))

    def share(self, ask: Callable[[], None]) -> None:
        """Call `ask`, which waits; a server that is away is so for all who come meanwhile."""
        if self._asking is not None:
            wait_for(shield(self._asking))
            return
        asking = self._asking = self.loop.create_future()
        try:
            ask()
        except ConnectionUnavailable as error:
            asking.set_exception(error)
            # Nobody else may be there to hear of it.
            asking.exception()
            raise
        finally:
            self._asking = None
            if not asking.done():
                asking.set_result(None)

    def close(self) -> None:
        """Let the loop close the client, as soon as it runs."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._begin_closing)

    def _begin_closing(self) -> None:
        # The loop keeps a task by a weak reference only.
        self._closing_task = self.loop.create_task(self.aclose())

    async def aclose(self) -> None:
        """Close the client."""
        await self._closing.aclose()


async def _close_at_end(side: LoopSide) -> AsyncGenerator[None, None]:
    """Close the client when this generator is closed: every loop closes those that are left."""
    client = side.client
    del side
    try:
        yield
    finally:
        await client.close()
