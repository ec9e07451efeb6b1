"""Build the update of one save from the changes that a document reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from docmodels.tracking import MISSING, UNKNOWN, is_safe_key


class UpdateBuilder:
    """
    Collect `$set`, `$push` and so on, and what they mean for the version.

    Rules T2 and T3 of Mongoose: adding to a list and pulling from it increment
    the version, popping and writing a whole list increment it and demand the
    loaded one, writing below an index of a list demands it. Paths that are
    `skipped` do none of it.
    """

    def __init__(self, skipped: Iterable[str] = ()) -> None:
        self._skipped = tuple(skipped)
        #: Paths whose change depends on elements that were not loaded.
        self.refused: list[str] = []
        self.operators: dict[str, dict[str, Any]] = {}
        #: The stored values that the update replaces, by path; MISSING for none.
        self.originals: dict[str, Any] = {}
        #: Whether the update makes a new version.
        self.increment = False
        #: The paths that are only right on the version that was loaded.
        self.checked: list[str] = []
        #: The elements of lists in which something changed, or what tells them from others.
        self.elements: dict[str, Any] = {}
        self._depth = 0
        #: Whether the server finds dicts equal in whatever order their keys are.
        self.ignores_key_order = False

    def set(self, path: str, value: Any, original: Any, *, whole_list: bool = False) -> None:
        """Note that `path` is to hold `value` in place of `original`."""
        self.operators.setdefault("$set", {})[path] = value
        self.originals[path] = original
        self._check(path, whole_list, increment=whole_list)

    def unset(self, path: str, original: Any) -> None:
        """Note that `path` is to be removed."""
        self.operators.setdefault("$unset", {})[path] = ""
        self.originals[path] = original
        self._check(path)

    def push(
        self,
        path: str,
        values: list[Any],
        position: int | None = None,
        bound: int | None = None,
    ) -> None:
        """Note that `values` were put into the list at `path`, which is cut to `bound`."""
        if position is None and bound is None:
            item = _one_or_each(values)
        else:
            item = {"$each": values}
            item |= {} if position is None else {"$position": position}
            item |= {} if bound is None else {"$slice": bound}
        self._operate("$push", path, item)

    def add_to_set(self, path: str, values: list[Any]) -> None:
        """Note that `values` are to be in the list at `path`, once."""
        self._operate("$addToSet", path, _one_or_each(values))

    def pull(self, path: str, key: str | None, values: list[Any]) -> None:
        """Note that `values`, or the documents with these at `key`, were taken out."""
        if key is not None:
            wanted = values[0] if len(values) == 1 else {"$in": values}
            self._operate("$pull", path, {key: wanted})
        elif len(values) == 1:
            self._operate("$pull", path, values[0])
        else:
            self._operate("$pullAll", path, values)

    def pop(self, path: str, end: int, original: Any) -> None:
        """Note that the last (1) or the first (-1) element was taken out."""
        self.originals[path] = original
        self._operate("$pop", path, end, always_checked=True)

    def increment_by(self, path: str, amount: Any) -> None:
        """Note that `amount` was added to the number at `path`."""
        self.operators.setdefault("$inc", {})[path] = amount
        self._check(path)

    def refuse(self, path: str) -> None:
        """Note that a change cannot be sent: it depends on elements that were not loaded."""
        self.refused.append(path)

    def inside(self, path: str, original: Any, identity: str | None) -> None:
        """Note that changes lie inside the list's element at `path`, which was `original`."""
        if original is MISSING or self.is_skipped(path):
            return
        if isinstance(original, dict) and identity in original:
            self.elements[f"{path}.{identity}"] = original[identity]
        else:
            self.elements[path] = original

    def _operate(
        self, operator: str, path: str, value: Any, *, always_checked: bool = False
    ) -> None:
        self.operators.setdefault(operator, {})[path] = value
        self._check(path, always_checked, increment=True)

    def _check(self, path: str, always: bool = False, *, increment: bool = False) -> None:
        if self.is_skipped(path):
            return
        self.increment |= increment
        if self._depth or always:
            self.checked.append(path)

    def is_skipped(self, path: str) -> bool:
        """Return whether changes of `path` mean nothing for the version."""
        return any(path == skipped or path.startswith(f"{skipped}.") for skipped in self._skipped)

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

    def guards(
        self, paths: Iterable[str] | None = None, *, elements: bool = False
    ) -> dict[str, Any]:
        """
        Return conditions that hold while nobody else changed the paths.

        With `elements`, also while each changed element of a list is where it was.
        """
        conditions: dict[str, Any] = {}
        for path, original in self.elements.items() if elements else ():
            _guard(path, original, conditions, whole=self.ignores_key_order)
        for path in self.originals if paths is None else paths:
            original = self.originals.get(path, UNKNOWN)
            if original is not UNKNOWN:
                _guard(path, original, conditions, whole=self.ignores_key_order)
        return conditions


def _one_or_each(values: list[Any]) -> Any:
    # `$each` keeps a list that is itself one element from being spread by mistake.
    if len(values) == 1 and not isinstance(values[0], (dict, list)):
        return values[0]
    return {"$each": values}


def _guard(path: str, original: Any, conditions: dict[str, Any], *, whole: bool = False) -> None:
    if original is MISSING:
        conditions[path] = {"$exists": False}
    elif isinstance(original, (dict, list)) and whole:
        conditions[path] = {"$eq": original}
    elif isinstance(original, dict) and original:
        # MongoDB compares embedded documents with the order of their keys, which
        # is not known any more: compare what is inside of them, and how much it is.
        if all(map(is_safe_key, original)):
            for key, value in original.items():
                _guard(f"{path}.{key}", value, conditions)
            condition = {"$jsonSchema": _schema_at(path, {"maxProperties": len(original)})}
        else:
            # No path leads to such a key.
            condition = {"$expr": _holds_pairs(path, original)}
        conditions.setdefault("$and", []).append(condition)
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


def _schema_at(path: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of documents where what is at `path` has this one."""
    for part in reversed(path.split(".")):
        outer: dict[str, Any] = {"properties": {part: schema}}
        if part.isdecimal():
            # An index, where there is a list.
            outer["items"] = [*({} for _before in range(int(part))), schema]
        schema = outer
    return schema


def _holds_pairs(path: str, original: dict[str, Any]) -> dict[str, Any]:
    """Return the expression that tells whether a document holds these items, and no others."""
    found: Any = "$$ROOT"
    for part in path.split("."):
        inner: Any = {"$getField": {"field": part, "input": "$$outer"}}
        if part.isdecimal():
            element = {"$arrayElemAt": ["$$outer", int(part)]}
            inner = {"$cond": [{"$isArray": "$$outer"}, element, inner]}
        found = {"$let": {"vars": {"outer": found}, "in": inner}}
    pairs = {"$literal": [{"k": key, "v": value} for key, value in original.items()]}
    same_pairs = {"$setEquals": [{"$objectToArray": "$$found"}, pairs]}
    is_object = {"$eq": [{"$type": "$$found"}, "object"]}
    return {
        "$let": {"vars": {"found": found}, "in": {"$cond": [is_object, same_pairs, False]}},
    }
