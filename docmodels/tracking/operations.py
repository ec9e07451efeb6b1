"""
What was done to a list since it was loaded, and the operator that says it.

A list is changed by one kind of operation at a time: a second kind makes the
whole list the change, because MongoDB takes one operator for each path.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bson import Decimal128, Regex

from docmodels.tracking.base import Changes, Increment, same


class Kind(enum.Enum):
    """The kinds of changes of a list."""

    #: New elements, all in one block: `$push`.
    PUSH = "push"
    #: New elements, and a bound on the number of all: `$push` with `$slice`.
    SLICE = "slice"
    #: New elements that were not there: `$addToSet`.
    ADD = "addToSet"
    #: Elements taken out by what they are: `$pull` or `$pullAll`.
    PULL = "pull"
    #: One element taken from an end: `$pop`.
    POP = "pop"
    #: Elements replaced at their indexes: `$set` of each.
    REPLACE = "replace"
    #: Anything else: `$set` of the whole list.
    REWRITE = "rewrite"


class Edits:
    """The changes of one list."""

    __slots__ = (
        "amounts",
        "at_end",
        "bound",
        "count",
        "first",
        "indexes",
        "key",
        "kind",
        "position",
        "values",
    )

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        #: Where the block of new elements begins, and how many they are.
        self.position = 0
        self.count = 0
        #: Whether the block stands after all that is stored.
        self.at_end = False
        #: The new elements and the bound of a `$slice`.
        self.values: list[Any] = []
        self.bound = 0
        #: The key that tells pulled documents apart, None for pulled values.
        self.key: str | None = None
        #: Whether the first element was popped, not the last.
        self.first = False
        #: The indexes that were assigned to.
        self.indexes: set[int] = set()
        #: What was added to numbers, by index.
        self.amounts: dict[int, Increment] = {}

    def copy(self) -> Edits:
        """Return edits that can go on without these."""
        twin = Edits(self.kind)
        for name in self.__slots__:
            value = getattr(self, name)
            setattr(twin, name, value.copy() if isinstance(value, (dict, list, set)) else value)
        return twin

    def is_new(self, index: int) -> bool:
        """Return whether the element at `index` is one of a block that was pushed."""
        return self.kind is Kind.PUSH and self.position <= index < self.position + self.count

    def block(self, items: list[Any]) -> list[Any]:
        """Return the new elements."""
        if self.kind is Kind.SLICE:
            return self.values
        if self.kind is Kind.ADD:
            return items[len(items) - self.count :]
        return items[self.position : self.position + self.count]

    def kept(self, items: list[Any]) -> list[Any]:
        """Return the elements that are stored already."""
        if self.kind is Kind.PUSH:
            return items[: self.position] + items[self.position + self.count :]
        if self.kind is Kind.SLICE:
            return [item for item in items if not any(item is new for new in self.values)]
        return items[: len(items) - self.count] if self.kind is Kind.ADD else items

    def report(
        self,
        path: str,
        items: list[Any],
        encode: Callable[[Any], Any],
        original: Callable[[], Any],
        changes: Changes,
        *,
        distinct: bool = False,
    ) -> None:
        """
        Report the operator that does to the stored list what was done to this one.

        A list of `distinct` elements stays one whatever others add meanwhile.
        """
        if self.kind is Kind.POP:
            changes.pop(path, -1 if self.first else 1, original())
        elif self.kind is Kind.PULL:
            if self.values:
                changes.pull(path, self.key, self.values)
        elif self.kind is Kind.ADD:
            if self.count:
                changes.add_to_set(path, [encode(item) for item in self.block(items)])
        elif self.kind is Kind.SLICE:
            position = None if self.at_end else self.position
            changes.push(path, [encode(item) for item in self.values], position, self.bound)
        elif self.count and distinct and not self.at_end:
            # No operator adds at a place only what is not there.
            changes.set(path, [encode(item) for item in items], original(), whole_list=True)
        elif self.count:
            position = None if self.at_end else self.position
            values = [encode(item) for item in self.block(items)]
            if distinct and not _has_equals(values, [encode(item) for item in self.kept(items)]):
                changes.add_to_set(path, values)
            else:
                changes.push(path, values, position)


def _has_equals(values: list[Any], others: list[Any]) -> bool:
    known = list(others)
    for value in values:
        if any(equal(value, other) for other in known):
            return True
        known.append(value)
    return False


def is_pullable(value: Any) -> bool:
    """Return whether `$pull` takes `value` (BSON) for what it is, not as a condition."""
    if value is None or isinstance(value, (dict, list, Regex, re.Pattern)):
        return False
    # NaN is not equal to itself here, but is there.
    return bool(value == value)


def equal(left: Any, right: Any) -> bool:
    """Tell whether the server finds two BSON values equal: 1 is 1.0, but not True."""
    return same(left, right) or (
        _is_number(left) and _is_number(right) and _number(left) == _number(right)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal128)) and value.__class__ is not bool


def _number(value: Any) -> int | float | Decimal:
    return value.to_decimal() if isinstance(value, Decimal128) else value
