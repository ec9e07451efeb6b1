"""
Asynchronous twins: `aget` of `get`, which run the same code and await it.

A twin calls the method by its name, so that a subclass that overrides
`delete()` has changed `adelete()` as well.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, ParamSpec, TypeVar

from docmodels.connections.bridging import arun
from docmodels.connections.rows import AsyncRows

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def twin(method: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Return the coroutine method that does what `method` does."""
    name = method.__name__

    @functools.wraps(method)
    async def asynchronous(self: Any, *args: Any, **options: Any) -> Any:
        return await arun(getattr(self, name), *args, **options)

    return as_twin(asynchronous, method)


def function_twin(function: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Return the coroutine function that does what `function` does."""

    @functools.wraps(function)
    async def asynchronous(*args: Any, **options: Any) -> Any:
        return await arun(function, *args, **options)

    return as_twin(asynchronous, function)


def rows_twin(method: Callable[P, Iterator[R]]) -> Callable[P, AsyncRows[R]]:
    """Return the method that gives the rows of the iterator that `method` gives."""
    return lasting_twin(method, AsyncRows, gives="AsyncRows")


def lasting_twin(
    method: Callable[P, R], make: Callable[[Callable[[], R]], T], *, gives: str
) -> Callable[P, T]:
    """
    Return the method that gives an asynchronous object for what `method` gives.

    `make` makes it of a function that calls `method`; `gives` is the name of its class.
    """
    name = method.__name__

    @functools.wraps(method)
    def asynchronous(self: Any, *args: Any, **options: Any) -> Any:
        return make(lambda: getattr(self, name)(*args, **options))

    signature = inspect.signature(method)
    _class, _bracket, rest = signature.return_annotation.partition("[")
    shown: Any = asynchronous
    shown.__signature__ = signature.replace(return_annotation=f"{gives}{_bracket}{rest}")
    return as_twin(asynchronous, method)


def as_twin(asynchronous: Any, method: Callable[..., Any]) -> Any:
    """Give `asynchronous` the name and the description of the twin of `method`."""
    name = method.__name__
    asynchronous.__name__ = f"a{name}"
    asynchronous.__qualname__ = f"{method.__qualname__[: -len(name)]}a{name}"
    first = (method.__doc__ or "").strip().partition("\n")[0]
    asynchronous.__doc__ = f"{first}\n\nThe asynchronous `{name}()`, with the same arguments."
    return asynchronous
