"""
Run synchronous code for a coroutine, which waits wherever that code would block.

The code runs in a greenlet. Where it reaches the driver it hands the driver's
own coroutine to the greenlet of the event loop, which awaits it in the running
task and comes back with the result. So there is one implementation, no thread,
and the loop is free while the server works. SQLAlchemy does the same.
"""

from __future__ import annotations

import os
from asyncio import AbstractEventLoop, Lock
from asyncio import _get_running_loop as running_loop
from asyncio import sleep as sleep_in_loop
from collections.abc import Awaitable, Callable, Coroutine
from inspect import iscoroutine
from threading import Lock as ThreadLock
from threading import local
from time import sleep
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from greenlet import getcurrent, greenlet

from docmodels.connections.refusing import make_refusal
from docmodels.exceptions import AsynchronousOnlyOperation

__all__ = [
    "arun",
    "bridged_loop",
    "finish",
    "is_blocking",
    "is_bridged",
    "make_lock",
    "pause",
    "running_loop",
    "wait_for",
]

#: How many bridges a thread keeps.
MAX_IDLE = 32

P = ParamSpec("P")
R = TypeVar("R")


class Bridge(greenlet):
    """A greenlet in which synchronous code runs for coroutines, for one after the other."""

    #: Whether it has not finished what it was given.
    busy = False
    result: Any = None

    def run(self, function: Callable[..., Any], args: Any, options: Any) -> None:
        """Call the function, leave its result, and wait for the next one."""
        while self.parent is not None:
            self.result = function(*args, **options)
            # Whoever waits for work keeps nothing alive.
            function = args = options = None  # type: ignore[assignment]
            self.busy = False
            function, args, options = self.parent.switch()


class _Idle(local):
    """The bridges of a thread that wait for work: to begin one takes memory from the system."""

    def __init__(self) -> None:
        self.bridges: list[Bridge] = []


_idle = _Idle()


async def arun(function: Callable[P, R], /, *args: P.args, **options: P.kwargs) -> R:
    """
    Run `function`, which calls the synchronous API, for a coroutine.

    No thread is used: whatever the function sends is awaited by the running
    task. Only what goes through docmodels waits so; anything else that blocks
    would block the event loop.
    """
    idle = _idle.bridges
    bridge = idle.pop() if idle else Bridge()
    # An error ends the bridge, and is raised in its parent.
    bridge.parent = caller = getcurrent()
    # What it sets in context variables is set for the task.
    bridge.gr_context = caller.gr_context
    bridge.busy = True
    given: Any = bridge.switch(function, args, options)
    while bridge.busy:
        try:
            value = await given
        except GeneratorExit:
            _unwind(bridge)
            raise
        except BaseException as error:
            # A cancellation, too: blocks of `with` and `finally` may wait once more.
            given = bridge.throw(type(error), error, error.__traceback__)
        else:
            given = bridge.switch(value)
    result: R = bridge.result
    bridge.result = bridge.gr_context = None
    if len(idle) < MAX_IDLE:
        idle.append(bridge)
    return result


def _unwind(bridge: Bridge) -> None:
    """End the code of a coroutine that was closed, which cannot wait any more."""
    while bridge.busy:
        try:
            given = bridge.throw(GeneratorExit)
        except GeneratorExit:
            return
        if iscoroutine(given):
            given.close()


def is_bridged() -> bool:
    """Tell whether the running code runs for a coroutine and may wait."""
    return getcurrent().__class__ is Bridge


def bridged_loop() -> AbstractEventLoop | None:
    """
    Return the event loop whose task waits for the running code, None without a loop.

    Raise Django's SynchronousOnlyOperation for code that would block the loop,
    unless the environment variable DJANGO_ALLOW_ASYNC_UNSAFE is set.
    """
    loop = running_loop()
    if loop is None or getcurrent().__class__ is Bridge:
        return loop
    if is_blocking():
        raise make_refusal()
    return None


def is_blocking() -> bool:
    """Tell whether a wait of the running code would block an event loop, and must not."""
    if running_loop() is None or is_bridged():
        return False
    return not os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")


def wait_for(awaitable: Awaitable[R]) -> R:
    """Wait for `awaitable` in code that runs for a coroutine, and return its result."""
    bridge = getcurrent()
    if bridge.__class__ is not Bridge or bridge.parent is None:
        if iscoroutine(awaitable):
            awaitable.close()
        raise make_refusal()
    result: R = bridge.parent.switch(awaitable)
    return result


def finish(given: Any, function: Any) -> Any:
    """Return what `function`, of a user, gave; wait for it if that is a coroutine."""
    if not iscoroutine(given):
        return given
    if is_bridged():
        return wait_for(given)
    given.close()
    raise AsynchronousOnlyOperation(
        f"{getattr(function, '__qualname__', function)}() is a coroutine function, and nothing "
        f"awaits it in a synchronous call; expected the call's asynchronous twin, such as "
        f"`await document.asave()`."
    )


def pause(seconds: float) -> None:
    """Wait for some time, without blocking an event loop."""
    if is_bridged():
        wait_for(sleep_in_loop(seconds))
    else:
        sleep(seconds)


class TaskLock:
    """A lock between tasks, for code that runs for coroutines; used as `threading.Lock`."""

    def __init__(self) -> None:
        self._lock = Lock()

    def acquire(self, blocking: bool = True) -> bool:
        """Take the lock; without `blocking` only if it is free."""
        if not blocking and self._lock.locked():
            return False
        return wait_for(self._lock.acquire())

    def release(self) -> None:
        """Give the lock up."""
        self._lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def make_lock() -> Any:
    """Return a lock between tasks where the running code runs for one, else between threads."""
    return TaskLock() if is_bridged() else ThreadLock()


async def hold(lock: Lock, waiting: Coroutine[Any, Any, R]) -> R:
    """Await `waiting` while no other one that `lock` belongs to is awaited."""
    try:
        await lock.acquire()
    except BaseException:
        waiting.close()
        raise
    try:
        return await waiting
    finally:
        lock.release()
