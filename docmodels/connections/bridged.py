"""
The driver's asynchronous objects, with the methods of its synchronous ones.

They are for code that runs for a coroutine (`bridging.arun`): a method that the
driver awaits is awaited there, and what it gives is bridged in turn.
"""

from __future__ import annotations

import functools
from asyncio import Lock
from collections import deque
from collections.abc import Callable, Iterator
from inspect import iscoroutine
from types import MethodType, TracebackType
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.command_cursor import AsyncCommandCursor
from pymongo.asynchronous.cursor import AsyncCursor
from pymongo.asynchronous.database import AsyncDatabase

from docmodels.connections.bridging import hold, is_bridged, running_loop, wait_for


class Bridged:
    """Stand for `target`, one of the driver's asynchronous objects."""

    __slots__ = ("__weakref__", "_lock", "target")

    def __init__(self, target: Any, lock: Lock | None = None) -> None:
        #: The driver's own object.
        self.target = target
        #: What its session allows one of at a time.
        self._lock = lock

    def __getattr__(self, name: str) -> Any:
        return bridged(getattr(self.target, name), self._lock)

    def __getitem__(self, name: str) -> Any:
        return bridged(self.target[name], self._lock)

    def __enter__(self) -> Any:
        return bridged(wait_for(self.target.__aenter__()), self._lock)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        wait_for(self.target.__aexit__(exc_type, exc, traceback))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.target!r}>"


class BridgedSession(Bridged):
    """A session; the tasks that share it take turns, as a transaction has one command at a time."""

    __slots__ = ("loop",)

    def __init__(self, target: Any, lock: Lock | None = None) -> None:
        super().__init__(target, lock or Lock())
        #: The event loop whose client has it.
        self.loop = running_loop()


class BridgedCursor(Bridged):
    """A cursor, which waits once for each batch of the server."""

    __slots__ = ("_batch",)

    def __init__(self, target: Any, lock: Lock | None = None) -> None:
        super().__init__(target, lock)
        self._batch: deque[Any] = deque()

    def _fill(self) -> bool:
        """Fetch the next batch; return whether there is one."""
        found: list[Any] = []
        while self.target.alive and not found:
            if not _await(self.target._next_batch(found), self._lock):
                break
        self._batch.extend(found)
        return bool(found)

    def __iter__(self) -> Iterator[Any]:
        batch = self._batch
        while batch or self._fill():
            yield batch.popleft()

    def __next__(self) -> Any:
        if self._batch or self._fill():
            return self._batch.popleft()
        raise StopIteration

    def __enter__(self) -> BridgedCursor:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the cursor, also on the server."""
        # Whoever drops one elsewhere leaves it to the driver, which ends it in the background.
        if is_bridged():
            _await(self.target.close(), self._lock)


class BridgedFiles(BridgedCursor):
    """A cursor over files, which are made one by one."""

    __slots__ = ()

    def _fill(self) -> bool:
        try:
            file = _await(self.target.next(), self._lock)
        except StopAsyncIteration:
            return False
        self._batch.append(bridged(file, self._lock))
        return True


_KINDS: dict[type[Any], type[Bridged]] = {
    AsyncMongoClient: Bridged,
    AsyncDatabase: Bridged,
    AsyncCollection: Bridged,
    AsyncCursor: BridgedCursor,
    AsyncCommandCursor: BridgedCursor,
    AsyncChangeStream: Bridged,
    AsyncClientSession: BridgedSession,
}
#: Where the classes of files are, which are imported by who stores files.
_FILES = "gridfs.asynchronous."


def driver_object(value: Any) -> Any:
    """Return the driver's own object that `value` is or stands for, to read what nothing awaits."""
    return value.target if isinstance(value, Bridged) else value


@functools.cache
def _kind_of(cls: type[Any]) -> type[Bridged] | None:
    if cls.__module__.startswith(_FILES) and cls.__name__.startswith("AsyncGrid"):
        return BridgedFiles if issubclass(cls, AsyncCursor) else Bridged
    return next((_KINDS[base] for base in cls.__mro__ if base in _KINDS), None)


def bridged(value: Any, lock: Lock | None = None) -> Any:
    """Return what stands for `value` in synchronous code: itself, where nothing waits."""
    if value.__class__ is MethodType:
        return functools.partial(_call, value, lock)
    kind = _kind_of(value.__class__)
    return value if kind is None else kind(value, lock)


def _call(method: Callable[..., Any], lock: Lock | None, /, *args: Any, **options: Any) -> Any:
    session = options.get("session")
    if session.__class__ is BridgedSession:
        options["session"] = session.target
        lock = session._lock
    given = method(*args, **options)
    if iscoroutine(given):
        given = _await(given, lock)
    return bridged(given, lock)


def _await(waiting: Any, lock: Lock | None) -> Any:
    return wait_for(waiting if lock is None else hold(lock, waiting))
