"""Build the update of one save from the changes that a document reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from docmodels.tracking import MISSING, UNKNOWN, is_safe_key


class UpdateBuilder:
    """
    Collect `$set`, `$unset` and `$push`, and what they mean for the version.

    Rules T2 and T3 of Mongoose: appending to a list increments the version,
    writing a whole list increments it and demands the loaded one, writing
    below an index of a list demands it.
    """

    def __init__(self) -> None:
        self.operators: dict[str, dict[str, Any]] = {}
        #: The stored values that the update replaces, by path; MISSING for none.
        self.originals: dict[str, Any] = {}
        #: Whether the update makes a new version.
        self.increment = False
        #: The paths that are only right on the version that was loaded.
        self.checked: list[str] = []
        self._depth = 0

    def set(self, path: str, value: Any, original: Any, *, whole_list: bool = False) -> None:
        """Note that `path` is to hold `value` in place of `original`."""
        self.operators.setdefault("$set", {})[path] = value
        self.originals[path] = original
        if whole_list:
            self.increment = True
        self._check(path, whole_list)

    def unset(self, path: str, original: Any) -> None:
        """Note that `path` is to be removed."""
        self.operators.setdefault("$unset", {})[path] = ""
        self.originals[path] = original
        self._check(path)

    def push(self, path: str, values: list[Any]) -> None:
        """Note that `values` were appended to the list at `path`."""
        item = values[0] if len(values) == 1 else {"$each": values}
        # `$each` keeps a list that is itself one element from being spread by mistake.
        if len(values) == 1 and isinstance(values[0], (dict, list)):
            item = {"$each": values}
        self.operators.setdefault("$push", {})[path] = item
        self.increment = True
        self._check(path)

    def _check(self, path: str, whole_list: bool = False) -> None:
        if self._depth or whole_list:
            self.checked.append(path)

    @contextmanager
    def indexed(self) -> Iterator[None]:
        """Mark the paths that are reported inside as below a list index."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def paths(self) -> list[str]:
        """Return the changed paths, in MongoDB's keys."""
        return [path for changes in self.operators.values() for path in changes]

    def guards(self, paths: Iterable[str] | None = None) -> dict[str, Any]:
        """Return conditions that hold while nobody else changed the paths."""
        conditions: dict[str, Any] = {}
        for path in self.originals if paths is None else paths:
            original = self.originals.get(path, UNKNOWN)
            if original is not UNKNOWN:
                _guard(path, original, conditions)
        return conditions


def _guard(path: str, original: Any, conditions: dict[str, Any]) -> None:
    if original is MISSING:
        conditions[path] = {"$exists": False}
    elif isinstance(original, dict) and original and all(map(is_safe_key, original)):
        # MongoDB compares embedded documents with the order of their keys, which
        # is not known any more: compare what is inside of them.
        for key, value in original.items():
            _guard(f"{path}.{key}", value, conditions)
    elif isinstance(original, list) and any(isinstance(i, (dict, list)) for i in original):
        conditions[path] = {"$size": len(original)}
        for index, item in enumerate(original):
            _guard(f"{path}.{index}", item, conditions)
    elif original is None:
        conditions[path] = {"$type": "null"}
    elif isinstance(original, (bool, int, float, str)):
        conditions[path] = original
    else:
        conditions[path] = {"$eq": original}
