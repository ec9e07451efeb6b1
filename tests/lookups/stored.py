"""
A plain model of stored values, for the predicates beside the lookups.

It says in Python how MongoDB walks a path and compares values.
"""

import datetime
from collections.abc import Iterator

from bson import Binary


class Missing:
    """What is at a path where nothing is stored."""

    def __repr__(self):
        return "MISSING"


MISSING = Missing()


def reach(value, keys, *, named=False) -> Iterator:
    """
    Yield what is at a path, with whether an index of a list names it.

    Lists on the way give what their dicts have.
    """
    if not keys:
        yield value, named
        return
    key, *rest = keys
    if isinstance(value, dict):
        yield from reach(value[key], rest) if key in value else [(MISSING, False)]
    elif isinstance(value, list):
        if key.isdecimal() and int(key) < len(value):
            yield from reach(value[int(key)], rest, named=True)
        for item in value:
            if isinstance(item, dict):
                yield from reach(item, keys)
    else:
        yield MISSING, False


def values(stored, path) -> list:
    """Return what is at a path, lists as they are."""
    return [value for value, _named in reach(stored, path.split("."))]


def elements(stored, path) -> list:
    """Return what is at a path and, of lists that no index names, their elements too."""
    found = list(reach(stored, path.split(".")))
    opened = [value for value, named in found if isinstance(value, list) and not named]
    return [value for value, _named in found] + [item for value in opened for item in value]


def bracket(value) -> str:
    """Return the kind of a value; MongoDB compares values of one kind only."""
    if value is MISSING or value is None:
        return "nothing"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, (bytes, Binary)):
        return "bytes"
    kinds = (str, dict, list, datetime.datetime)
    return next(kind.__name__ for kind in kinds if isinstance(value, kind))


def is_equal(value, other) -> bool:
    """Return whether two values are the same to MongoDB; null is not there."""
    if bracket(value) != bracket(other):
        return False
    if isinstance(value, dict):
        pairs = list(zip(value.items(), other.items(), strict=False))
        return len(value) == len(other) and all(
            mine[0] == theirs[0] and is_equal(mine[1], theirs[1]) for mine, theirs in pairs
        )
    if isinstance(value, list):
        pairs = list(zip(value, other, strict=False))
        return len(value) == len(other) and all(is_equal(*pair) for pair in pairs)
    return bracket(value) == "nothing" or value == other


_KINDS = ("nothing", "number", "str", "dict", "list", "bytes", "bool", "datetime")


def sort_key(value) -> tuple:
    """Return what sorts values as MongoDB does, of different kinds too."""
    kind = bracket(value)
    rank = _KINDS.index(kind)
    if kind == "dict":
        return rank, [(sort_key(item)[0], key, sort_key(item)) for key, item in value.items()]
    if kind == "list":
        return rank, [sort_key(item) for item in value]
    if kind == "bytes":
        return rank, (len(value), value)
    return rank, 0 if kind == "nothing" else value


def is_ordered(value, operator, other) -> bool:
    """Return whether two values of one kind compare as `operator` says."""
    return bracket(value) == bracket(other) and operator(value, other)


def any_element(path, test):
    """Return a predicate of stored documents: any value at the path, or element, passes."""
    return lambda stored: any(test(value) for value in elements(stored, path))


def any_value(path, test):
    """Return a predicate of stored documents: any value at the path passes, as it is."""
    return lambda stored: any(test(value) for value in values(stored, path))


def any_inner(path, test):
    """Return a predicate: any element of a list in a list passes."""
    return any_value(
        path,
        lambda value: (
            isinstance(value, list)
            and any(isinstance(row, list) and any(map(test, row)) for row in value)
        ),
    )


def is_text(test):
    """Return a test that only text can pass."""
    return lambda value: isinstance(value, str) and test(value)


def is_number(test):
    """Return a test that only numbers can pass."""
    return lambda value: bracket(value) == "number" and test(value)


def as_embedded(value):
    """Return what `$elemMatch` makes of an element: a list is a dict of its indexes."""
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return value


def negate(predicate):
    """Return the opposite."""
    return lambda stored: not predicate(stored)
