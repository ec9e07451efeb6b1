"""Let the hooks of a class run around what its querysets do."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


#: The events after which a result that was kept is read again.
WRITES = frozenset(
    {
        "update", "delete", "bulk", "find_one_and_update", "find_one_and_replace",
        "find_one_and_delete",
    }
)  # fmt: skip


def hooked(event: str) -> Callable[[F], F]:
    """Run the class's hooks of `event` around a method of the queryset."""

    def decorate(method: F) -> F:
        @functools.wraps(method)
        def run(self: Any, *args: Any, **options: Any) -> Any:
            chain = self.model._meta.query_hooks.get(event) if self._hooks else None
            if chain is None:
                return method(self, *args, **options)
            try:
                # Inside of one event no other is announced.
                return chain.run_query(
                    self, lambda queryset: method(queryset.without_hooks(), *args, **options)
                )
            finally:
                if event in WRITES:
                    self._result_cache = None

        return run  # type: ignore[return-value]

    return decorate
