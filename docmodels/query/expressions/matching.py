"""
Say a filter as an expression, true for exactly the documents that it matches.

A filter enters lists by itself and compares values of one type only, missing
and null alike; an expression does neither. Here both are said. It is used
where a filter cannot stand: in the conditions of `Case` and of aggregates.
Where a path is declared to lead to one value, a list that is stored there all
the same is not entered.
"""

from __future__ import annotations

import datetime
import math
import re
import uuid
from collections.abc import Callable
from typing import Any

from bson import Binary, Decimal128, ObjectId, Regex

from docmodels.exceptions import InvalidCondition
from docmodels.fields import Field, ListField
from docmodels.query.expressions.literals import NUMBERS, is_number, quote

#: Tells whether a value, given as an expression, meets a condition.
Predicate = Callable[[Any], Any]


class Place:
    """A path of stored keys, with the fields along it where they are known."""

    def __init__(
        self,
        root: str,
        db_path: str,
        fields: tuple[Field[Any], ...],
        *,
        enters_root: bool = False,
    ) -> None:
        #: `"$"` of the document, `"$$name."` of a variable, `"$$name"` for the variable itself.
        self.root = root
        self.keys = db_path.split(".") if db_path else []
        self.fields = fields
        #: Whether the variable may hold a list, whose elements the path goes into.
        self.enters_root = enters_root

    @property
    def is_single(self) -> bool:
        """Return whether the path leads to one value, which is no list."""
        if not self.fields:
            # Of an element nothing is declared: what its keys lead to may be a list.
            return not self.keys
        return all(of.bson_types and not isinstance(of, ListField) for of in self.fields)

    @property
    def value(self) -> str:
        """Return the path as an expression."""
        return f"{self.root}{'.'.join(self.keys)}"

    def leaves(self) -> Any:
        """Return a list of `{v: value}` for each end of the path; no `v` where nothing is."""
        if not self.keys:
            return [{"v": self.root}]
        root = self.root.rstrip(".") if self.root != "$" else "$$ROOT"
        level: Any = [root]
        if self.enters_root:
            level = _objects(root)
        elif root != "$$ROOT":
            # An element may be a list, of which a path in an expression gives a list again.
            level = [{"$cond": [_is_type(root, "object"), root, {}]}]
        for position, key in enumerate(self.keys):
            level = self._step(level, position, key)
        return level

    def _step(self, level: Any, position: int, key: str) -> Any:
        value: Any = f"$$this.{key}"
        if self._is_index(position):
            # The level is the list itself, see below.
            value = {"$arrayElemAt": ["$$this.list", int(key)]}
        if position + 1 == len(self.keys):
            made: Any = [{"v": value}]
        elif self._is_index(position + 1):
            made = [{"list": {"$cond": [{"$isArray": [value]}, value, []]}}]
        else:
            made = {"$let": {"vars": {"v": value}, "in": _objects("$$v")}}
        return {
            "$reduce": {
                "input": level,
                "initialValue": [],
                "in": {"$concatArrays": ["$$value", made]},
            }
        }

    def _is_index(self, position: int) -> bool:
        """Return whether the key there is an index of the list in front of it."""
        if not (position and self.keys[position].isdecimal()):
            return False
        return not self.fields or (
            position <= len(self.fields) and isinstance(self.fields[position - 1], ListField)
        )


def _objects(value: str) -> Any:
    """Return a list of the objects that a path goes on in: the value, or elements of it."""
    elements = {"$filter": {"input": value, "cond": _is_type("$$this", "object")}}
    single = [{"$cond": [_is_type(value, "object"), value, {}]}]
    return {"$cond": [{"$isArray": [value]}, elements, single]}


def as_expression_of(compiled: dict[str, Any], place: Callable[[str], Place]) -> Any:
    """Return a compiled filter as an expression; `place` gives the place of a stored path."""
    parts = [_part(key, condition, place) for key, condition in compiled.items()]
    if not parts:
        return True
    return parts[0] if len(parts) == 1 else {"$and": parts}


def _part(key: str, condition: Any, place: Callable[[str], Place]) -> Any:
    if key in {"$and", "$or", "$nor"}:
        parts = [as_expression_of(part, place) for part in condition]
        return {"$not": [{"$or": parts}]} if key == "$nor" else {key: parts}
    if key == "$expr" and place("").root == "$":
        return condition
    if key.startswith("$"):
        raise InvalidCondition(f"{key} in a condition inside of an expression, {_UNSAYABLE}")
    return match_at(place(key), condition)


_UNSAYABLE = "which MongoDB has in filters only, expected it in filter()."


def match_at(at: Place, condition: Any) -> Any:
    """Return whether what is at a place meets the condition of a filter."""
    if not (isinstance(condition, dict) and any(str(k).startswith("$") for k in condition)):
        condition = {"$eq": condition}
    if "$regex" in condition:
        rest = {k: v for k, v in condition.items() if k not in {"$regex", "$options"}}
        pattern = _pattern(condition["$regex"], condition.get("$options", ""))
        parts = [_any(at, pattern), *([match_at(at, rest)] if rest else [])]
    else:
        parts = [_operator(at, operator, value) for operator, value in condition.items()]
    return parts[0] if len(parts) == 1 else {"$and": parts}


_NEGATIONS = {"$ne": "$eq", "$nin": "$in"}


def _operator(at: Place, operator: str, value: Any) -> Any:
    if operator in _NEGATIONS:
        return {"$not": [_operator(at, _NEGATIONS[operator], value)]}
    if operator == "$not":
        return {"$not": [match_at(at, value)]}
    if operator == "$all":
        parts = [match_at(at, item) for item in value]
        return {"$and": parts} if parts else False
    if operator == "$exists":
        found = _any(at, lambda found: {"$ne": [{"$type": found}, "missing"]}, whole=True)
        return found if value else {"$not": [found]}
    if operator == "$size":
        return _any(at, lambda found: _has_size(found, value), whole=True)
    if operator == "$elemMatch":
        return _any(at, lambda found: _has_element(found, value), whole=True)
    if operator == "$eq" and isinstance(value, (Regex, re.Pattern)):
        return _any(at, _pattern(value, ""))
    maker = _PREDICATES.get(operator)
    if maker is None:
        raise InvalidCondition(f"{operator} in a condition inside of an expression, {_UNSAYABLE}")
    return _any(at, maker(value))


def _any(at: Place, predicate: Predicate, *, whole: bool = False) -> Any:
    """Return whether a value meets a predicate: of a list, itself or any element."""
    if at.is_single:
        return predicate(at.value)
    if whole:
        inside: Any = predicate("$$leaf.v")
    else:
        elements = {"$map": {"input": "$$leaf.v", "as": "element", "in": predicate("$$element")}}
        inside = {
            "$or": [
                predicate("$$leaf.v"),
                {"$and": [{"$isArray": ["$$leaf.v"]}, {"$anyElementTrue": [
                    {"$cond": [{"$isArray": ["$$leaf.v"]}, elements, []]}
                ]}]},
            ]
        }  # fmt: skip
    return {"$anyElementTrue": [{"$map": {"input": at.leaves(), "as": "leaf", "in": inside}}]}


def _has_size(found: Any, size: int) -> Any:
    return {"$eq": [{"$cond": [{"$isArray": [found]}, {"$size": found}, None]}, size]}


def _has_element(found: Any, condition: dict[str, Any]) -> Any:
    if any(str(key).startswith("$") and key not in {"$and", "$or", "$nor"} for key in condition):
        inside = match_at(Place("$$item", "", ()), condition)
    else:
        inside = as_expression_of(condition, lambda path: Place("$$item.", path, ()))
        # To a filter an element that is a list has no such keys; an expression goes into it.
        element = {"$cond": [{"$isArray": ["$$item"]}, {}, "$$item"]}
        inside = {"$let": {"vars": {"item": element}, "in": inside}}
        inside = {"$and": [{"$in": [{"$type": "$$item"}, ["object", "array"]]}, inside]}
    items = {"$cond": [{"$isArray": [found]}, found, []]}
    return {"$anyElementTrue": [{"$map": {"input": items, "as": "item", "in": inside}}]}


# Predicates on one value


def _is_type(found: Any, name: str) -> Any:
    return {"$eq": [{"$type": found}, name]}


def _equal(value: Any) -> Predicate:
    if value is None:
        return lambda found: {"$eq": [{"$ifNull": [found, None]}, None]}
    return lambda found: {"$eq": [found, quote(value)]}


def _one_of(values: list[Any]) -> Predicate:
    literals = {"$literal": list(values)}
    if None in values:
        return lambda found: {"$in": [{"$ifNull": [found, None]}, literals]}
    return lambda found: {"$in": [found, literals]}


def _ordered(operator: str) -> Callable[[Any], Predicate]:
    def make(value: Any) -> Predicate:
        check = _same_kind(value)
        if operator in {"$lt", "$lte"} and is_number(value):
            # In expressions NaN is less than any number, in filters it is not.
            return lambda found: {
                "$and": [
                    check(found),
                    {"$gte": [found, -math.inf]},
                    {operator: [found, quote(value)]},
                ]
            }
        return lambda found: {"$and": [check(found), {operator: [found, quote(value)]}]}

    return make


#: The `$type` of Python values; filters compare within one type.
_KINDS: tuple[tuple[Any, str], ...] = (
    (bool, "bool"), (str, "string"), (datetime.datetime, "date"), (ObjectId, "objectId"),
    ((bytes, Binary, uuid.UUID), "binData"), (dict, "object"), (list, "array"),
)  # fmt: skip


def _same_kind(value: Any) -> Predicate:
    for classes, name in _KINDS:
        if isinstance(value, classes):
            return lambda found: _is_type(found, name)
    if isinstance(value, (int, float, Decimal128)):
        return lambda found: {"$isNumber": found}
    raise InvalidCondition(f"{value!r} in a condition inside of an expression, {_UNSAYABLE}")


def _type(names: Any) -> Predicate:
    wanted: set[Any] = set()
    for name in names if isinstance(names, list) else [names]:
        wanted |= NUMBERS if name == "number" else {name}
    if not all(isinstance(name, str) for name in wanted):
        raise InvalidCondition(
            f"{names!r}: numbers of types in an expression, expected their names."
        )
    return lambda found: {"$in": [{"$type": found}, sorted(wanted)]}


def _modulo(value: list[int]) -> Predicate:
    divisor, rest = value
    return lambda found: {
        "$and": [
            {"$isNumber": found},
            {"$eq": [
                {"$cond": [{"$isNumber": found}, {"$mod": [{"$trunc": found}, divisor]}, None]},
                rest,
            ]},
        ]
    }  # fmt: skip


def _pattern(value: Any, options: str) -> Predicate:
    if isinstance(value, (Regex, re.Pattern)):
        flags = {re.I: "i", re.M: "m", re.S: "s", re.X: "x"}
        options += "".join(letter for flag, letter in flags.items() if int(value.flags) & flag)
        value = value.pattern
    match = {"regex": quote(value), **({"options": options} if options else {})}
    return lambda found: {
        "$regexMatch": {"input": {"$cond": [_is_type(found, "string"), found, None]}, **match}
    }


_PREDICATES: dict[str, Callable[[Any], Predicate]] = {
    "$eq": _equal,
    "$in": _one_of,
    "$gt": _ordered("$gt"),
    "$gte": _ordered("$gte"),
    "$lt": _ordered("$lt"),
    "$lte": _ordered("$lte"),
    "$type": _type,
    "$mod": _modulo,
}
