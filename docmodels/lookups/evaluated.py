"""
Say the condition of a filter as an expression, which has no path but any value.

It is true where the filter would match a path with this value, and false
where it would not: values of another kind than the one compared with, lists
whose elements match, null and what is missing are judged as filters do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from bson import Decimal128, Regex

from docmodels.lookups.computed import when
from docmodels.lookups.placing import is_operators

_NUMBERS = (int, float, Decimal128)


class NotComputableError(Exception):
    """A condition that only a filter can say."""


def holds(condition: Any, value: str) -> dict[str, Any]:
    """Return the test of `value`, a reference such as `"$$v"`; raise NotComputableError."""
    if not is_operators(condition):
        return _any(lambda v: _equals(v, condition), value)
    options = condition.get("$options", "")
    tests = [
        _test(operator, operand, value, options)
        for operator, operand in condition.items()
        if operator != "$options"
    ]
    return tests[0] if len(tests) == 1 else {"$and": tests}


def _test(operator: str, operand: Any, value: str, options: str) -> dict[str, Any]:
    if operator == "$not":
        return {"$not": [holds(operand, value)]}
    if operator == "$ne":
        return {"$not": [_any(lambda v: _equals(v, operand), value)]}
    if operator == "$nin":
        return {"$not": [_any(lambda v: _is_one_of(v, operand), value)]}
    if operator == "$exists":
        return {"$ne" if operand else "$eq": [{"$type": value}, "missing"]}
    if operator == "$regex":
        return _any(lambda v: _matches(v, operand, options), value)
    if operator == "$eq":
        return _any(lambda v: _equals(v, operand), value)
    if operator == "$in":
        return _any(lambda v: _is_one_of(v, operand), value)
    if operator in {"$gt", "$gte", "$lt", "$lte"}:
        return _any(lambda v: _compares(v, operator, operand), value)
    raise NotComputableError(operator)


def _any(test: Callable[[str], dict[str, Any]], value: str) -> dict[str, Any]:
    """Return the test of a value, or of any of its elements where it is a list."""
    elements = {"$cond": [{"$isArray": [value]}, value, []]}
    in_list = {"$anyElementTrue": [{"$map": {"input": elements, "as": "e", "in": test("$$e")}}]}
    return {"$or": [test(value), in_list]}


def _equals(value: str, other: Any) -> dict[str, Any]:
    if isinstance(other, (Regex, re.Pattern)):
        raise NotComputableError(other)
    if other is None:
        return _is_nothing(value)
    return {"$eq": [value, {"$literal": other}]}


def _is_nothing(value: str) -> dict[str, Any]:
    return {"$eq": [{"$ifNull": [value, None]}, None]}


def _is_one_of(value: str, others: Any) -> dict[str, Any]:
    if any(isinstance(other, (Regex, re.Pattern)) for other in others):
        raise NotComputableError(others)
    found = {"$in": [value, {"$literal": list(others)}]}
    return {"$or": [_is_nothing(value), found]} if None in others else found


def _compares(value: str, operator: str, other: Any) -> dict[str, Any]:
    comparison = {operator: [value, {"$literal": other}]}
    if not isinstance(other, _NUMBERS) or isinstance(other, bool):
        return {"$and": [{"$eq": [{"$type": value}, {"$type": {"$literal": other}}]}, comparison]}
    if isinstance(other, Decimal128) and other.to_decimal().is_nan():
        raise NotComputableError(other)
    if isinstance(other, float) and math.isnan(other):
        raise NotComputableError(other)
    # In expressions NaN is less than any number, in filters it is not.
    return {"$and": [{"$isNumber": value}, {"$gte": [value, -math.inf]}, comparison]}


def _matches(value: str, pattern: Any, options: str) -> dict[str, Any]:
    if isinstance(pattern, (Regex, re.Pattern)):
        raise NotComputableError(pattern)
    match = {"input": value, "regex": {"$literal": pattern}, "options": options}
    return when({"$eq": [{"$type": value}, "string"]}, {"$regexMatch": match})
