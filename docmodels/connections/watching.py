"""Follow the changes of a collection or of a database as they happen."""

from __future__ import annotations

import time
from asyncio import Lock
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from docmodels.connections.bridging import arun, make_lock, pause
from docmodels.connections.deadlines import DEFAULT_TIMEOUT_MS, deadline
from docmodels.connections.events import (
    UNDECLARED,
    Event,
    ReaderOf,
    make_event,
    not_supported,
    stream_options,
    token_error,
)
from docmodels.exceptions import ConnectionUnavailable, OperationFailed

if TYPE_CHECKING:
    from docmodels.connections.backends.base import Connection

#: How long a watch tries to reach a server that is away, in seconds.
RESUME_SECONDS = 60.0
#: How long it waits between two trials.
RETRY_SECONDS = 0.2
#: How long an answer may take beyond the time that the server waits for changes, in seconds.
ANSWER_SECONDS = DEFAULT_TIMEOUT_MS / 1000


class Watch(Iterator[Event]):
    """
    The changes from now on, or from a token on: a context manager and an iterator.

    The `timeoutMS` of the alias does not end it: that is for operations with
    an end. Each question to the server has a deadline of its own, the wait
    for changes and some seconds; a `deadline()` around it stays in force.
    A lost connection is opened again, and nothing is missed or told twice.
    """

    def __init__(
        self,
        connection: Connection,
        target: Any,
        pipeline: list[dict[str, Any]],
        reader_of: ReaderOf,
        *,
        full_document: bool | str = True,
        before: bool | str = False,
        after: str | None = None,
        start_at: Any = None,
        max_await: float = 1,
        batch_size: int | None = None,
    ) -> None:
        options = stream_options(
            full_document=full_document,
            before=before,
            after=after,
            start_at=start_at,
            max_await=max_await,
            batch_size=batch_size,
        )
        if not connection.supports_transactions:
            raise not_supported(connection.alias)
        self._connection = connection
        self._target = target
        self._pipeline = pipeline
        self._options = options
        self._interrupted = False
        self._reader_of = reader_of
        self._seconds = max_await + ANSWER_SECONDS
        self._busy = make_lock()
        self._closed = False
        self._last: str | None = after
        self._stream = self._begin(options)

    def _begin(self, options: dict[str, Any]) -> Any:
        connection = self._connection
        try:
            with deadline(self._seconds), connection.wrap_errors:
                return self._target.watch(self._pipeline, **options)
        except OperationFailed as error:
            raise token_error(error, connection.alias) from error

    def _begin_again(self) -> None:
        """Go on where a wait was interrupted: the driver closes its stream then."""
        options, token = self._options, self._stream.resume_token
        if token is not None:
            options = {k: v for k, v in options.items() if k != "start_at_operation_time"}
            options["start_after"] = token
        self._stream = self._begin(options)
        self._interrupted = False

    @property
    def token(self) -> str | None:
        """
        Where another watch would go on after the last event that this one gave.

        It moves on without events too, so that it does not grow too old.
        """
        if not self._closed and (found := self._stream.resume_token):
            self._last = found["_data"]
        return self._last

    @property
    def alive(self) -> bool:
        """Tell whether more can come."""
        return not self._closed

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        """Wait for the next event; stop when the watch was closed or invalidated."""
        while not self._closed:
            event = self.try_next()
            if event is not None:
                return event
        raise StopIteration

    def try_next(self) -> Event | None:
        """Return the next event, or None when none comes within `max_await` seconds."""
        if self._closed:
            return None
        with self._busy:
            raw = None if self._closed else self._ask()
            if raw is not None:
                self._last = raw["_id"]["_data"]
            if not self._stream.alive:
                self._closed = True
        if self._closed:
            self._shut()
        return None if raw is None else make_event(raw, self._reader_of)

    def close(self) -> None:
        """End the watch; another thread that waits for an event ends with its wait."""
        self._closed = True
        if self._busy.acquire(blocking=False):
            try:
                self._shut()
            finally:
                self._busy.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self) -> dict[str, Any] | None:
        if self._interrupted:
            self._begin_again()
        until = time.monotonic() + RESUME_SECONDS
        while True:
            try:
                with deadline(self._seconds), self._connection.wrap_errors:
                    found: dict[str, Any] | None = self._stream.try_next()
            except ConnectionUnavailable:
                # The driver resumes once; a server that is being restarted is away for longer.
                if self._closed or not self._stream.alive or time.monotonic() > until:
                    raise
                pause(RETRY_SECONDS)
            except OperationFailed as error:
                raise token_error(error, self._connection.alias) from error
            except BaseException as error:
                # A task that was cancelled, or the keyboard.
                self._interrupted = not isinstance(error, Exception)
                raise
            else:
                return found

    def _shut(self) -> None:
        with deadline(ANSWER_SECONDS):
            self._stream.close()


class AsyncWatch(AsyncIterator[Event]):
    """
    A `Watch` for coroutines, used by `async with` and `async for`.

    It begins when it is entered or awaited, else with the first event that is
    asked for.
    """

    def __init__(self, begin: Callable[[], Watch]) -> None:
        self._begin = begin
        self._beginning = Lock()
        self._watch: Watch | None = None

    async def _begun(self) -> Watch:
        async with self._beginning:
            if self._watch is None:
                self._watch = await arun(self._begin)
        return self._watch

    @property
    def token(self) -> str | None:
        """Where another watch would go on after the last event; None before it has begun."""
        return None if self._watch is None else self._watch.token

    @property
    def alive(self) -> bool:
        """Tell whether more can come."""
        return self._watch is None or self._watch.alive

    def __await__(self) -> Generator[Any, Any, Self]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> Self:
        await self._begun()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def __anext__(self) -> Event:
        """Wait for the next event; stop when the watch was closed or invalidated."""
        event = await arun(next, await self._begun(), None)
        if event is None:
            raise StopAsyncIteration
        return event

    async def atry_next(self) -> Event | None:
        """Return the next event, or None when none comes within `max_await` seconds."""
        return await arun((await self._begun()).try_next)

    async def aclose(self) -> None:
        """End the watch; another task that waits for an event ends with its wait."""
        if self._watch is not None:
            await arun(self._watch.close)


def _know_nothing(alias: str) -> ReaderOf:
    return lambda collection: UNDECLARED


#: Give, for an alias, the readers of its collections. The layer that knows the document classes
#: puts its own here.
readers: list[Callable[[str], ReaderOf]] = [_know_nothing]


def watch_database(connection: Connection, **options: Any) -> Watch:
    """Follow every collection of the connection's database."""
    if not connection.supports_transactions:
        raise not_supported(connection.alias)
    return Watch(connection, connection.database, [], readers[-1](connection.alias), **options)
