"""Run what a system does in coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any


class InLoop:
    """The part of a system of coroutines that has the event loop."""

    def begin(self) -> None:
        """Make the loop."""
        self.runner = asyncio.Runner()

    def end(self) -> None:
        """Close the loop."""
        self.runner.close()

    def do(self, action: str, *args: Any) -> Any:
        """Run a coroutine to its end."""
        found = getattr(self, action)(*args)
        return self.runner.run(found) if asyncio.iscoroutine(found) else found

    def each(self, action: str, calls: Iterable[tuple[Any, ...]]) -> None:
        """Await one call after the other in one run of the loop: none pays for its start."""
        method = getattr(self, action)

        async def await_all() -> None:
            for args in calls:
                await method(*args)

        self.runner.run(await_all())
