"""Results that are read while they are asked for, batch by batch."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from itertools import chain
from typing import Any, Generic, TypeVar

from docmodels.connections.bridging import arun

R = TypeVar("R")


class Rows(Iterator[R]):
    """The rows of lists, one after the other; `close()` closes what they come from."""

    def __init__(self, batches: Generator[list[R], None, None]) -> None:
        self._batches = batches
        self._rows = chain.from_iterable(batches)

    def __iter__(self) -> Iterator[R]:
        return self._rows

    def __next__(self) -> R:
        return next(self._rows)

    def next_batch(self) -> list[R] | None:
        """Return the next list as a whole, None at the end."""
        return next(self._batches, None)

    def close(self) -> None:
        """Read no further."""
        self._batches.close()


class AsyncRows(AsyncIterator[R], Generic[R]):
    """
    Rows that a coroutine reads while it asks for them: `async for row in rows`.

    `await rows` gives all of them as a list. The cursor is closed when nobody
    reads on, or by `aclose()`.
    """

    def __init__(self, begin: Callable[[], Iterator[R]]) -> None:
        self._begin = begin
        self._rows = self._read()

    async def _read(self) -> AsyncGenerator[R, None]:
        rows = await arun(self._begin)
        next_batch = rows.next_batch if isinstance(rows, Rows) else _Single(rows).next_batch
        try:
            while (batch := await arun(next_batch)) is not None:
                for row in batch:
                    yield row
        finally:
            close = getattr(rows, "close", None)
            if close is not None:
                await arun(close)

    def __aiter__(self) -> AsyncIterator[R]:
        return self._rows

    async def __anext__(self) -> R:
        return await anext(self._rows)

    def __await__(self) -> Generator[Any, Any, list[R]]:
        return self._all().__await__()

    async def _all(self) -> list[R]:
        return [row async for row in self._rows]

    async def aclose(self) -> None:
        """Read no further."""
        await self._rows.aclose()


class _Single(Generic[R]):
    """The batches of one that any other iterator has."""

    def __init__(self, rows: Iterator[R]) -> None:
        self._rows = iter(rows)

    def next_batch(self) -> list[R] | None:
        return next(([row] for row in self._rows), None)
