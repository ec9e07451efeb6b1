"""
Place a condition on a path that crosses lists.

MongoDB enters one list at each step of a path by itself. A list directly in a
list has to be opened with `$elemMatch`, and so has the list whose elements a
condition of several parts is about: two bounds may otherwise be met by two
elements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docmodels.fields import Field, ListField

#: Makes the filter of a path; of the operators alone where the path is empty.
Maker = Callable[[str], dict[str, Any]]


def depth_of(field: Field[Any]) -> int:
    """Return how many lists are directly in one another."""
    depth = 0
    while isinstance(field, ListField):
        depth += 1
        field = field.base_field
    return depth


def entered_lists(resolved: Any) -> list[int]:
    """Return the positions of lists on the path any of whose elements may match."""
    return _entered(resolved.db_path.split("."), resolved.fields, False)


def place(
    resolved: Any, make: Maker, *, whole: bool = False, one_element: bool = False
) -> dict[str, Any]:
    """
    Return the filter that `make` gives for the resolved path.

    With `whole` a list at the end of the path is compared as it is, with
    `one_element` the condition must hold of a single element.
    """
    keys = resolved.db_path.split(".")
    return _place(keys, resolved.fields, make, whole, one_element)


def _place(
    keys: Sequence[str], fields: Sequence[Field[Any]], make: Maker, whole: bool, one_element: bool
) -> dict[str, Any]:
    entered = _entered(keys, fields, whole)
    opened = [i for i in entered if _is_closed(keys, fields, i)]
    if one_element and entered:
        opened.append(entered[-1])
    if not opened:
        return make(".".join(keys))
    first = opened[0]
    rest = keys[first + 1 :]
    inner = _place(rest, fields[first + 1 :], make, whole, one_element) if rest else make("")
    for _level in range(depth_of(fields[first])):
        inner = {"$elemMatch": inner}
    return {".".join(keys[: first + 1]): inner}


def _entered(keys: Sequence[str], fields: Sequence[Field[Any]], whole: bool) -> list[int]:
    """Return the positions of lists any of whose elements may match."""
    last = len(fields) - 1
    return [
        i
        for i, field in enumerate(fields)
        if isinstance(field, ListField)
        and not (i < last and keys[i + 1].isdecimal())
        and not (whole and i == last)
    ]


def _is_closed(keys: Sequence[str], fields: Sequence[Field[Any]], position: int) -> bool:
    """Return whether the server does not enter the list at `position` by itself."""
    if depth_of(fields[position]) > 1:
        return True
    # It takes an element that an index names as it is, also where it is a list.
    by_index = position > 0 and keys[position].isdecimal()
    return by_index and position == len(keys) - 1 and isinstance(fields[position - 1], ListField)


def place_condition(resolved: Any, condition: Any, *, whole: bool) -> dict[str, Any]:
    """Return the filter of a condition on a path that may cross lists of lists."""
    keys, fields = resolved.db_path.split("."), resolved.fields
    if not any(_is_closed(keys, fields, i) for i in _entered(keys, fields, whole)):
        return {resolved.db_path: condition}
    positive, negated = _positive(condition)
    made = _place(keys, fields, lambda path: _at(path, positive), whole, False)
    ((path, opened),) = made.items()
    if negated:
        return {path: {"$not": opened}}
    if positive is None:
        # As on any path: where there is no list at all, there is nothing in it.
        return {"$or": [{path: None}, made]}
    return made


def _at(path: str, condition: Any) -> dict[str, Any]:
    if path:
        return {path: condition}
    return condition if is_operators(condition) else {"$eq": condition}


def _positive(condition: Any) -> tuple[Any, bool]:
    """Return what `condition` says or denies, and whether it denies it."""
    if is_operators(condition) and len(condition) == 1:
        ((operator, value),) = condition.items()
        if operator == "$ne":
            return ({"$eq": value} if isinstance(value, (dict, list)) else value), True
        if operator == "$nin":
            return {"$in": value}, True
        if operator == "$not":
            return value, True
        if operator == "$exists" and not value:
            return {"$exists": True}, True
    return condition, False


def is_operators(condition: Any) -> bool:
    """Return whether a condition is a dict of operators, and not a value."""
    return isinstance(condition, dict) and any(str(key).startswith("$") for key in condition)
