"""Make functions of lines of Python, and name what their lines use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Names:
    """The names that generated lines use; what they stand for is known to the function."""

    def __init__(self, **known: Any) -> None:
        self.namespace: dict[str, Any] = known

    def add(self, value: Any) -> str:
        """Return a name for `value`."""
        name = f"_{len(self.namespace)}"
        self.namespace[name] = value
        return name

    def compile(self, name: str, lines: Iterable[str]) -> Any:
        """Return the function of that name, which `lines` define."""
        exec("\n".join(lines), self.namespace)
        return self.namespace.pop(name)
