"""
The two ways to do one thing: each test of the behaviour suite runs over both.

`api.call(target, "get", …)` is `target.get(…)` or `await target.aget(…)`. The
asynchronous calls of a test run in one event loop and one context.
"""

import asyncio
import keyword
from contextlib import contextmanager


def twin_of(name):
    """Return the name of the twin of a method; what would be a word of Python ends with `_`."""
    return f"a{name}_" if keyword.iskeyword(f"a{name}") else f"a{name}"


class SyncApi:
    """The synchronous methods."""

    name = "sync"

    def call(self, target, name, /, *args, **options):
        """Call a method, or a function of a module."""
        return getattr(target, name)(*args, **options)

    def list(self, rows):
        """Return what iteration gives."""
        return list(rows)

    def rows(self, target, name, /, *args, **options):
        """Return what the rows of a method are."""
        return list(getattr(target, name)(*args, **options))

    def enter(self, block):
        """Give the context manager that enters `block`."""
        return block

    def next(self, rows):
        """Return the next row."""
        return next(rows)

    def plainly(self, function):
        """Call a function that waits for nothing, where the other calls are made."""
        return function()

    def decorated(self, decorator, before, target, name, /, **options):
        """Call a decorated function, which calls `before`, then the method."""

        @decorator
        def function():
            before()
            return getattr(target, name)(**options)

        return function()

    def close(self):
        """Have nothing to close."""


class AsyncApi:
    """Their twins."""

    name = "async"

    def __init__(self):
        self.runner = asyncio.Runner()

    def call(self, target, name, /, *args, **options):
        return self.runner.run(self._call(target, name, args, options))

    async def _call(self, target, name, args, options):
        return await getattr(target, twin_of(name))(*args, **options)

    def list(self, rows):
        return self.runner.run(self._list(rows))

    async def _list(self, rows):
        return [row async for row in rows]

    def rows(self, target, name, /, *args, **options):
        return self.list(getattr(target, f"a{name}")(*args, **options))

    @contextmanager
    def enter(self, block):
        """Enter and leave in coroutines of the same context."""

        async def leave(*error):
            return await block.__aexit__(*error)

        async def begin():
            return await block.__aenter__()

        entered = self.runner.run(begin())
        try:
            yield entered
        except BaseException as error:
            if not self.runner.run(leave(type(error), error, error.__traceback__)):
                raise
        else:
            self.runner.run(leave(None, None, None))

    def next(self, rows):
        async def step():
            return await anext(rows)

        return self.runner.run(step())

    def plainly(self, function):
        async def call():
            return function()

        return self.runner.run(call())

    def decorated(self, decorator, before, target, name, /, **options):
        @decorator
        async def function():
            before()
            return await getattr(target, f"a{name}")(**options)

        return self.runner.run(function())

    def close(self):
        self.runner.close()
