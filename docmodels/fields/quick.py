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
from typing import Any

from bson import Decimal128, Int64, ObjectId
from django.core import validators

from docmodels import codecs
from docmodels.fields.base import Field
from docmodels.fields.containers import ListField
from docmodels.fields.embedded import EmbeddedField, EmbeddedListField
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
from docmodels.tracking import MISSING, TrackedList

Check = Callable[[Any], bool]
#: Tells whether an embedded class is judged by its fields alone.
IsPlain = Callable[[Any], bool]

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
    ReferenceField: {"on_delete", "to", "to_field"},
    ListField: {"base_field", "max_items", "min_items", "unique_items"},
    EmbeddedListField: {"base_field", "embedded_model", "max_items", "min_items", "unique_items"},
    EmbeddedField: {"embedded_model"},
}


def make_check(field: Field[Any], is_plain: IsPlain) -> Check | None:
    """Return the function for the values of `field`, None where there is none."""
    own = _OWN.get(type(field))
    if own is None or not vars(field).keys() <= _COMMON | own:
        return None
    if field.choices or field.immutable or field.required_if is not None:
        return None
    if isinstance(field, EmbeddedField):
        return _embedded(field, is_plain) if not field.validators else None
    if isinstance(field, ListField):
        return _list(field, is_plain) if not field.validators else None
    return _MAKERS[type(field)](field)


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


def _text(field: Any) -> Check | None:
    limits = _limits(field.validators, _LENGTHS)
    if limits is None:
        return None
    low, high = max(limits.get("low", 1), 1), limits.get("high", sys.maxsize)
    return lambda value: value.__class__ is str and low <= len(value) <= high


def _integer(field: Any) -> Check | None:
    limits = _limits(field.validators, _VALUES)
    if limits is None:
        return None
    low, high = limits.get("low", -math.inf), limits.get("high", math.inf)
    return lambda value: (
        (value.__class__ is int or value.__class__ is Int64) and (low <= value <= high)
    )


def _float(field: Any) -> Check | None:
    limits = _limits(field.validators, _VALUES)
    if limits is None:
        return None
    # NaN is in no range, infinity not in the one of the finite numbers.
    low = max(limits.get("low", -math.inf), -sys.float_info.max)
    high = min(limits.get("high", math.inf), sys.float_info.max)
    return lambda value: value.__class__ is float and low <= value <= high


def _decimal(field: Any) -> Check | None:
    digits, places = field.max_digits, field.decimal_places
    own = validators.DecimalValidator(digits, places)
    others = [v for v in field.validators if type(v) is not type(own) or v != own]
    limits = _limits(others, _VALUES)
    if limits is None:
        return None
    low, high = limits.get("low", -math.inf), limits.get("high", math.inf)
    digits = codecs.MAX_DIGITS if digits is None else digits
    # Without `decimal_places` the figures may be on either side of the point.
    whole = digits if places is None else digits - places
    places = digits if places is None else places

    def check(value: Any) -> bool:
        if value.__class__ is Decimal128:
            value = codecs.to_decimal(value)
        if value.__class__ is not Decimal or not value.is_finite():
            return False
        exponent: Any
        _sign, figures, exponent = value.as_tuple()
        # An exponent above 0 is rare, and counted otherwise.
        return (
            0 <= -exponent <= places
            and len(figures) <= digits
            and len(figures) + exponent <= whole
            and low <= value <= high
        )

    return check


def _exactly(cls: type) -> Callable[[Any], Check | None]:
    def make(field: Any) -> Check | None:
        return None if field.validators else lambda value: value.__class__ is cls

    return make


def _reference(field: Any) -> Check | None:
    try:
        target = field.target_field
    except LookupError:
        return None
    return None if field.validators or type(target) is not ObjectIdField else _is_object_id


def _is_object_id(value: Any) -> bool:
    return value.__class__ is ObjectId


_MAKERS: dict[type, Callable[[Any], Check | None]] = {
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


def _list(field: Any, is_plain: IsPlain) -> Check | None:
    check = make_check(field.base_field, is_plain)
    if check is None or field.unique_items:
        return None
    low = field.min_items or 0
    high = sys.maxsize if field.max_items is None else field.max_items
    return lambda value: (
        (value.__class__ is list or value.__class__ is TrackedList)
        and low <= len(value) <= high
        and all(map(check, value))
    )


def _embedded(field: Any, is_plain: IsPlain) -> Check | None:
    cls = field.embedded_model
    meta = cls._meta
    if meta.parent is not None or not is_plain(cls):
        return None
    checks: list[tuple[str, Callable[[Any], Any], bool, Check]] = []
    for inner in meta.fields:
        check = make_check(inner, is_plain)
        if check is None:
            return None
        checks.append((inner.db_field, inner.slot_get, inner.required, check))
    children = meta.children

    def check_document(value: Any) -> bool:
        if children:
            return False
        if value.__class__ is dict:
            for key, _get, required, check in checks:
                item = value.get(key, MISSING)
                if not check(item) and (item is not MISSING or required):
                    return False
            return True
        if value.__class__ is not cls or value._errors:
            return False
        for _key, get, required, check in checks:
            try:
                item = get(value)
            except AttributeError:
                item = MISSING
            if not check(item) and (item is not MISSING or required):
                return False
        return True

    return check_document
