"""Conditions in MongoDB's own form, in the place of a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Trusted:
    """What `trusted()` returns: a condition that the code vouches for."""

    def __init__(self, condition: Mapping[str, Any]) -> None:
        self.condition = dict(condition)

    def __repr__(self) -> str:
        return f"trusted({self.condition!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trusted) and other.condition == self.condition

    def __hash__(self) -> int:
        return hash(repr(self))


def trusted(condition: Mapping[str, Any]) -> Trusted:
    """
    Return a condition in MongoDB's form that a filter takes as it is.

    As a value it stands for operators, `price=trusted({"$gt": 5})`; in a `Q`
    for a whole filter, `Q(trusted({"tags.1": {"$exists": True}}))`. Nothing in
    it is cast or checked: never make one of what comes from outside. Raise
    TypeError for anything but a dict.
    """
    if not isinstance(condition, Mapping):
        raise TypeError(f"trusted(): {condition!r}, expected a dict of operators.")
    return Trusted(condition)
