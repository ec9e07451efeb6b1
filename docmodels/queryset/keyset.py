"""
The filter for what sorts after a row.

MongoDB compares a value only with values of its own type, while it *sorts* all
types into one order; the filter therefore names the later types as well, each
in a form that an index answers. A list, which no sorted path should hold, is
sorted by its smallest element, or downwards by its largest.
"""

from __future__ import annotations

from typing import Any

from bson import Decimal128, MaxKey, MinKey, Regex

from docmodels.query.where import join_and
from docmodels.queryset.types import EMPTY_LIST, NULLS, NUMBERS, order_of, sort_key, types_in

#: The last place of the order.
_LAST = order_of(MaxKey())
_NAN = float("nan")


def sort_value(value: Any, *, ascending: bool) -> Any:
    """Return what the server sorts a stored value by: of a list, one element."""
    if not isinstance(value, list) or not value:
        return value
    return (min if ascending else max)(value, key=sort_key)


def after_condition(
    sort: list[tuple[str, int]], values: list[Any], *, backwards: bool, inclusive: bool = False
) -> dict[str, Any]:
    """Return the filter for the rows after (or before) a row with `values`, or also for it."""
    branches = []
    equal: list[dict[str, Any]] = []
    for (path, way), value in zip(sort, values, strict=True):
        ascending = (way > 0) != backwards
        for condition in beyond(path, value, ascending=ascending):
            branches.append(join_and([*equal, condition]))
        equal.append(equals(path, value, ascending=ascending))
    if inclusive:
        branches.append(join_and(equal))
    return branches[0] if len(branches) == 1 else {"$or": branches}


def join_page(condition: dict[str, Any], page: dict[str, Any]) -> dict[str, Any]:
    """
    Return the filter for what meets the condition of a query and that of a page.

    The condition goes into each branch, because the server merges the sorted
    runs of the branches only if it plans each by itself.
    """
    if not condition or "$or" not in page or len(repr(condition)) > _MAX_REPEATED:
        return join_and([condition, page])
    if _has_operator(condition, _UNREPEATABLE):
        return join_and([condition, page])
    parts = _one_by_one(condition)
    return {"$or": [join_and([part, branch]) for part in parts for branch in page["$or"]]}


def _one_by_one(condition: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a filter for each value of a short `$in`: an index is sorted behind one value."""
    for path, value in condition.items():
        if isinstance(value, dict) and value.keys() == {"$in"}:
            values = value["$in"]
            if 1 < len(values) <= _MAX_VALUES:
                return [{**condition, path: {"$in": [single]}} for single in values]
    return [condition]


#: A longer list of values is left as it is.
_MAX_VALUES = 10
#: Longer conditions are sent once.
_MAX_REPEATED = 4_000
#: Operators that a filter has once, and in no branch.
_UNREPEATABLE = frozenset({"$text", "$near", "$nearSphere", "$where"})


def _has_operator(value: Any, names: frozenset[str]) -> bool:
    if isinstance(value, dict):
        return any(key in names or _has_operator(inner, names) for key, inner in value.items())
    return isinstance(value, list) and any(_has_operator(item, names) for item in value)


def equals(path: str, value: Any, *, ascending: bool) -> dict[str, Any]:
    """Return the filter for what sorts at the same place as `value`."""
    if value == []:
        return {path: {"$eq": []}}
    # Null and missing sort alike, and `$eq` finds both.
    return _guarded(path, {"$eq": value}, _not_beyond(value, ascending=ascending, equal=True))


def beyond(path: str, value: Any, *, ascending: bool) -> list[dict[str, Any]]:
    """Return filters for what sorts after `value`, or before it."""
    place = order_of(value)
    first, last = (place + 1, _LAST) if ascending else (0, place - 1)
    names = types_in(first, last)
    singles: list[Any] = []
    if not ascending and place == NUMBERS and not _is_nan(value):
        # NaN is the smallest number, and no number is compared with it.
        singles.append(_NAN)
    if path == "_id":
        # Never missing and never a list. Without these the server keeps to the sort's index.
        names += ["null"] if first <= NULLS <= last else []
    else:
        singles += [None] if first <= NULLS <= last else []
        singles += [[]] if first <= EMPTY_LIST <= last else []
    found = [
        _same_type(path, value, ascending=ascending),
        {"$in": singles} if singles else None,
        {"$type": names} if names else None,
    ]
    guard = _not_beyond(value, ascending=ascending, equal=False)
    return [
        condition if "$expr" in condition else _guarded(path, condition, guard)
        for condition in found
        if condition is not None
    ]


def _same_type(path: str, value: Any, *, ascending: bool) -> Any:
    """Return the comparison with values of the same type, None where there is none."""
    if value is None or value == [] or isinstance(value, (MinKey, MaxKey)):
        return None
    operator = "$gt" if ascending else "$lt"
    if isinstance(value, Regex):
        # A filter cannot compare patterns, an expression can.
        compared = {operator: [f"${path}", {"$literal": value}]}
        return {"$expr": {"$and": [{"$eq": [{"$type": f"${path}"}, "regex"]}, compared]}}
    if _is_nan(value):
        return {"$gte": float("-inf")} if ascending else None
    if isinstance(value, list):
        return {"$elemMatch": {operator: value}}
    return {operator: value}


def _not_beyond(value: Any, *, ascending: bool, equal: bool) -> dict[str, Any]:
    """Return what an element of a list must not match if the list sorts beyond `value`."""
    place = order_of(value)
    names = types_in(0, place, lists=True) if ascending else types_in(place, _LAST, lists=True)
    if isinstance(value, (MinKey, MaxKey, Regex)) or value is None or value == []:
        same = types_in(place, place, lists=True)
        return {"$type": [name for name in names if not (equal and name in same)]}
    if _is_nan(value):
        if ascending and equal:
            return {"$type": types_in(0, place - 1, lists=True)}
        if ascending:
            return {"$not": {"$gte": float("-inf")}, "$type": names}
        return {"$not": {"$eq": _NAN}, "$type": names} if equal else {"$type": names}
    operator = ("$gt" if ascending else "$lt") + ("e" if equal else "")
    condition: dict[str, Any] = {"$not": {operator: value}, "$type": names}
    if not ascending and place == NUMBERS:
        condition["$ne"] = _NAN
    return condition


def _guarded(path: str, condition: dict[str, Any], refused: dict[str, Any]) -> dict[str, Any]:
    if path == "_id" or refused.get("$type") == []:
        return {path: condition}
    return {path: {**condition, "$not": {"$elemMatch": refused}}}


def _is_nan(value: Any) -> bool:
    if isinstance(value, Decimal128):
        return value.to_decimal().is_nan()
    return isinstance(value, float) and value != value
