"""
Tell at once that a value has no errors.

A save judges every value that was loaded, and nearly all are right. For the
plain fields there is a function that sees this in a fraction of the time, for
the value as it is in the slot: decoded or converted. It answers True only
where `Field.collect_errors` would find nothing; False means "look closely".

Only these very classes have one, with no other options and validators than
those known here. Every other field, every subclass, is always looked at.
"""

from __future__ import annotations

import datetime
import math
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

from bson import Decimal128, Int64, ObjectId
from django.core import validators

from docmodels import codecs
from docmodels.fields.base import Field
from docmodels.fields.containers import ListField
from docmodels.fields.embedded import EmbeddedField, EmbeddedListField
from docmodels.fields.generated import Names
from docmodels.fields.references import ReferenceField
from docmodels.fields.scalars import (
    BooleanField,
    DecimalField,
    FloatField,
    IntegerField,
    ObjectIdField,
)
from docmodels.fields.temporal import DateTimeField
from docmodels.fields.text import CharField, TextField
from docmodels.tracking import MISSING, TrackedDict, TrackedList

#: Tells whether an embedded class is judged by its fields alone.
IsPlain = Callable[[Any], bool]
#: What `make_is_right` makes says of a document without errors: nothing inside of its lists and
#: embedded documents can have been edited where none of them was touched.
RIGHT, UNTOUCHED = 1, 2

#: Return the fields of a document that have to be looked at closely.
Suspects = Callable[[Any], list[Any]]

#: What any field has; an attribute that is not here or below is an option not known here.
_COMMON = frozenset(vars(Field())) | {
    "error_messages", "slot", "slot_delete", "slot_get", "slot_set", "validators",
}  # fmt: skip
_OWN = {
    TextField: {"max_length", "min_length"},
    CharField: {"max_length", "min_length"},
    IntegerField: {"max_value", "min_value"},
    FloatField: {"allow_nan", "max_value", "min_value"},
    DecimalField: {"allow_nan", "decimal_places", "max_digits", "max_value", "min_value"},
    BooleanField: set(),
    ObjectIdField: set(),
    DateTimeField: {"auto_now", "auto_now_add"},
    ReferenceField: {"copies", "on_delete", "to", "to_field"},
    ListField: {"base_field", "max_items", "min_items", "unique_items"},
    EmbeddedListField: {"base_field", "embedded_model", "max_items", "min_items", "unique_items"},
    EmbeddedField: {"embedded_model", "identity"},
}


def make_suspects(cls: Any, is_plain: IsPlain) -> Suspects:
    """Return the function that finds the fields of a `cls` that may have errors."""
    names = Tests(is_plain)
    lines = ["def suspects(document):", "    found = []"]
    for field in cls._meta.fields:
        test = names.test_of(field)
        this = names.add(field)
        if test is None:
            lines.append(f"    found.append({this})")
            continue
        lines += [
            "    try:",
            f"        v = {names.add(field.slot_get)}(document)",
            "    except AttributeError:",
            "        v = MISSING",
            f"    if not ({or_missing(field, test)}):",
            f"        found.append({this})",
        ]
    lines.append("    return found")
    return names.compile("suspects", lines)


def make_is_right(cls: Any, is_plain: IsPlain) -> Callable[[Any], int] | None:
    """
    Return the function that tells of a `cls` at once that it has no errors.

    It answers RIGHT or UNTOUCHED; False means "look closely". None where a
    field has no quick check.
    """
    names = Tests(is_plain, TrackedDict=TrackedDict, UNTOUCHED=UNTOUCHED)
    if not is_plain(cls):
        return None
    lines = [
        "def is_right(document):",
        # What was not loaded would be now.
        "    if document._source.loaded is not None: return False",
        # An undeclared key may be one that no update can name.
        "    if document._errors or type(document._undeclared) is TrackedDict: return False",
        "    verdict = UNTOUCHED",
    ]
    for field in cls._meta.fields:
        judged = names.lines_of(field, "v")
        if judged is None:
            return None
        lines += [*names.read(field, cls), *(f"    {line}" for line in judged)]
    return cast("Callable[[Any], int]", names.compile("is_right", [*lines, "    return verdict"]))


def make_check(field: Field[Any], is_plain: IsPlain) -> Callable[[Any], bool] | None:
    """Return the function for the values of one field, None where there is none."""
    names = Tests(is_plain)
    test = names.test_of(field)
    return None if test is None else names.check(test)


def or_missing(field: Field[Any], test: str, v: str = "v") -> str:
    """Return the test that passes a missing value where the field does."""
    return test if field.required else f"{test} or {v} is MISSING"


class Tests(Names):
    """The names that the generated lines use, and the tests that they are made of."""

    def __init__(self, is_plain: IsPlain, **known: Any) -> None:
        super().__init__(
            Decimal=Decimal,
            Decimal128=Decimal128,
            Int64=Int64,
            MISSING=MISSING,
            ObjectId=ObjectId,
            RIGHT=RIGHT,
            TrackedList=TrackedList,
            datetime=datetime.datetime,
            **known,
        )
        self.is_plain = is_plain
        self._variables = 0

    def check(self, test: str) -> Any:
        """Return the function that tests a value, called `v`."""
        return self.compile("check", ["def check(v):", f"    return {test}"])

    def variable(self) -> str:
        """Return the name of a variable that no other lines use."""
        self._variables += 1
        return f"v{self._variables}"

    def read(self, field: Any, cls: Any) -> list[str]:
        """Return the lines that let `v` be what is in the slot of `document`, or MISSING."""
        is_there = field.required and not field.null
        if is_there and vars(cls).get(field.attname) is field.slot:
            # Faster; an empty slot, or one that was not loaded, is looked at closely anyway.
            return [f"    v = document.{field.attname}"]
        return [
            "    try:",
            f"        v = {self.add(field.slot_get)}(document)",
            "    except AttributeError:",
            "        v = MISSING",
        ]

    def test_of(self, field: Field[Any], v: str = "v") -> str | None:
        """Return the expression that the variable `v` has no errors in, or None."""
        if not self.knows(field):
            return None
        make_lines = _LINES.get(type(field))
        if make_lines is None:
            test = _TESTS[type(field)](self, field, v)
        else:
            lines = make_lines(self, field, "v")
            test = None if lines is None else f"{self.add(self._check_by(lines))}({v})"
        return f"({v} is None or {test})" if field.null and test else test

    def _check_by(self, lines: list[str]) -> Any:
        lines = [f"    {line}" for line in lines]
        return self.compile("check", ["def check(v):", *lines, "    return True"])

    def lines_of(self, field: Field[Any], v: str) -> list[str] | None:
        """
        Return the lines that return False where the variable `v` has errors, or None.

        What is inside of a value is judged there, not by a call for each.
        """
        make_lines = _LINES.get(type(field)) if self.knows(field) else None
        if make_lines is None:
            test = self.test_of(field, v)
            return (
                None if test is None else [f"if not ({or_missing(field, test, v)}): return False"]
            )
        lines = make_lines(self, field, v)
        passing = [*(["None"] if field.null else []), *([] if field.required else ["MISSING"])]
        if lines is None or not passing:
            return lines
        is_there = " and ".join(f"{v} is not {one}" for one in passing)
        return [f"if {is_there}:", *(f"    {line}" for line in lines)]

    def knows(self, field: Field[Any]) -> bool:
        """Return whether all that the field was given is known here."""
        own = _OWN.get(type(field))
        if own is None or not vars(field).keys() <= _COMMON | own:
            return False
        return not (field.choices or field.immutable or field.required_if is not None)


def between(value: str, low: Any, high: Any) -> str:
    """Return the end of an expression, that a value is not outside of the limits."""
    # `repr` of an infinity is no Python.
    parts = [f"{low!r} <= "] if low not in {None, -math.inf} else []
    parts.append(value)
    parts += [f" <= {high!r}"] if high not in {None, math.inf} else []
    return f" and {''.join(parts)}" if len(parts) > 1 else ""


def _limits(given: list[Any], kinds: dict[type[Any], str]) -> dict[str, Any] | None:
    # The limits of Django's own validators by name; None where there is any other validator.
    found: dict[str, Any] = {}
    for validator in given:
        name = kinds.get(type(validator))
        limit = getattr(validator, "limit_value", None)
        if name is None or name in found or callable(limit):
            return None
        found[name] = limit
    return found


_LENGTHS: dict[type[Any], str] = {
    validators.MinLengthValidator: "low",
    validators.MaxLengthValidator: "high",
}
_VALUES: dict[type[Any], str] = {
    validators.MinValueValidator: "low",
    validators.MaxValueValidator: "high",
}


def _text(names: Tests, field: Any, v: str) -> str | None:
    limits = _limits(field.validators, _LENGTHS)
    if limits is None:
        return None
    low = max(limits.get("low", 0), 0 if field.blank else 1)
    length = between(f"len({v})", low or None, limits.get("high"))
    return f"type({v}) is str{length}"


def _integer(names: Tests, field: Any, v: str) -> str | None:
    limits = _limits(field.validators, _VALUES)
    if limits is None or not all(type(limit) is int for limit in limits.values()):
        return None
    bounds = between(v, limits.get("low"), limits.get("high"))
    return f"(type({v}) is int or type({v}) is Int64){bounds}"


def _float(names: Tests, field: Any, v: str) -> str | None:
    limits = _limits(field.validators, _VALUES)
    if limits is None or not all(type(limit) in {int, float} for limit in limits.values()):
        return None
    # NaN is in no range, infinity not in the one of the finite numbers.
    low = max(limits.get("low", -math.inf), -sys.float_info.max)
    high = min(limits.get("high", math.inf), sys.float_info.max)
    return f"type({v}) is float{between(v, low, high)}"


def digits_of(field: Any) -> tuple[int, int, int]:
    """Return how many digits a number may have in front of the point, behind it, and at all."""
    digits, places = field.max_digits, field.decimal_places
    digits = codecs.MAX_DIGITS if digits is None else min(digits, codecs.MAX_DIGITS)
    # Without `decimal_places` the figures may be on either side of the point.
    return (digits, digits, digits) if places is None else (digits - places, places, digits)


def _decimal(names: Tests, field: Any, v: str) -> str | None:
    digits, places = field.max_digits, field.decimal_places
    own = validators.DecimalValidator(digits, places)
    others = [v for v in field.validators if type(v) is not type(own) or v != own]
    limits = _limits(others, _VALUES)
    if limits is None or (digits is not None and places is not None and places > digits):
        return None
    low, high = limits.get("low", -math.inf), limits.get("high", math.inf)
    whole, places, digits = digits_of(field)
    is_within, to_decimal = names.add(codecs.is_within), codecs.to_decimal
    bounds = names.add(codecs.bounds_by_upper_half(whole, places, digits))
    # Of most stored numbers one look tells: none of their digits is in the upper half.
    is_short = (
        f"(type({v}) is Decimal128"
        f" and (halves := {v}.__getstate__())[1] < {bounds}.get(halves[0], 0)"
        f" or (type({v}) is Decimal or type({v}) is Decimal128)"
        f" and {is_within}({v}, {whole}, {places}, {digits}))"
    )
    if low == -math.inf and high == math.inf:
        return is_short

    def is_between(value: Any) -> bool:
        return bool(low <= (value if value.__class__ is Decimal else to_decimal(value)) <= high)

    return f"{is_short} and {names.add(is_between)}({v})"


def _exactly(cls: type) -> Callable[[Tests, Any, str], str | None]:
    def make(names: Tests, field: Any, v: str) -> str | None:
        return None if field.validators else f"type({v}) is {cls.__name__}"

    return make


def _reference(names: Tests, field: Any, v: str) -> str | None:
    try:
        target = field.target_field
    except LookupError:
        return None
    if field.validators or type(target) is not ObjectIdField:
        return None
    return f"type({v}) is ObjectId"


def _list(names: Tests, field: Any, v: str) -> list[str] | None:
    if field.validators or field.unique_items:
        return None
    item = names.variable()
    # An item is there; it may be null where its field says so.
    tested = names.lines_of(field.base_field, item)
    if tested is None:
        return None
    bounds = between(f"len({v})", field.min_items, field.max_items)
    return [
        f"if not ((type({v}) is list or type({v}) is TrackedList){bounds}): return False",
        f"if type({v}) is TrackedList: verdict = RIGHT",
        f"for {item} in {v}:",
        *(f"    {line}" for line in tested),
    ]


def _embedded(names: Tests, field: Any, v: str) -> list[str] | None:
    cls = field.embedded_model
    meta = cls._meta
    if field.validators or meta.parent is not None or not names.is_plain(cls):
        return None
    inside = names.variable()
    stored, loaded = [], []
    for inner in meta.fields:
        test = names.test_of(inner, inside)
        if test is None:
            return None
        refuse = f"    if not ({or_missing(inner, test, inside)}): return False"
        # What has to be there is looked up faster.
        look_up = "{}[{!r}]" if inner.required else "{}.get({!r}, MISSING)"
        stored += [f"    {inside} = {look_up.format(v, inner.db_field)}", refuse]
        loaded += [
            "    try:",
            f"        {inside} = {names.add(inner.slot_get)}({v})",
            "    except AttributeError:",
            f"        {inside} = MISSING",
            refuse,
        ]
    children, own = names.add(meta.children), names.add(cls)
    return [
        f"if {children}: return False",
        f"if type({v}) is dict:",
        "    try:",
        *(f"    {line}" for line in stored),
        "    except KeyError:",
        "        return False",
        f"elif type({v}) is not {own} or {v}._errors:",
        "    return False",
        "else:",
        "    verdict = RIGHT",
        *loaded,
    ]


#: What makes the expression that tells of a variable whether it is right.
_TESTS: dict[type, Callable[[Tests, Any, str], str | None]] = {
    TextField: _text,
    CharField: _text,
    IntegerField: _integer,
    FloatField: _float,
    DecimalField: _decimal,
    BooleanField: _exactly(bool),
    ObjectIdField: _exactly(ObjectId),
    DateTimeField: _exactly(datetime.datetime),
    ReferenceField: _reference,
}
#: What makes the lines that return False where a variable is not right.
_LINES: dict[type, Callable[[Tests, Any, str], list[str] | None]] = {
    ListField: _list,
    EmbeddedListField: _list,
    EmbeddedField: _embedded,
}
