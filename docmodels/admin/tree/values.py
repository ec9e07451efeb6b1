"""BSON values as the pages show them, and as a person types them."""

from __future__ import annotations

import base64
import datetime
import re
import uuid
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from bson import (
    Binary,
    Code,
    DatetimeMS,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from bson.errors import BSONError
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.template.defaultfilters import filesizeformat
from django.utils.dateparse import parse_datetime
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from docmodels import codecs
from docmodels.fields.scalars import INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN
from docmodels.fields.temporal import to_utc
from docmodels.forms.texts import LINE_BREAK, from_ejson, local_text, to_ejson
from docmodels.tracking import MISSING, same

#: The name on the badge by the class of a decoded value; names are MongoDB's.
TYPES: dict[type, str] = {
    type(MISSING): "missing",
    type(None): "null",
    bool: "bool",
    Int64: "long",
    float: "double",
    Decimal128: "decimal",
    Decimal: "decimal",
    str: "string",
    datetime.datetime: "date",
    DatetimeMS: "date",
    ObjectId: "objectId",
    uuid.UUID: "uuid",
    bytes: "binary",
    Binary: "binary",
    dict: "object",
    list: "array",
    Regex: "regex",
    re.Pattern: "regex",
    Timestamp: "timestamp",
    Code: "javascript",
    DBRef: "dbRef",
    MinKey: "minKey",
    MaxKey: "maxKey",
}

#: The types that have an input of their own; any other is typed as Extended JSON.
INPUT_TYPES = (
    "string", "int", "long", "double", "decimal", "bool", "date", "objectId", "uuid", "null",
    "json",
)  # fmt: skip

# Characters that a browser would act on instead of showing: controls other than line breaks and
# tabs, direction marks, embeddings and overrides, invisible separators.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)


def type_name(value: Any) -> str:
    """Return the name of the BSON type of a decoded value."""
    cls = value.__class__
    if cls is int:
        return "int" if INT32_MIN <= value <= INT32_MAX else "long"
    name = TYPES.get(cls)
    if name is None:
        name = next((TYPES[base] for base in cls.__mro__ if base in TYPES), cls.__name__)
    return name


def to_text(value: Any) -> str:
    """Return the text that an input shows for a scalar."""
    if isinstance(value, str):
        return value
    if value is None or value is MISSING:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (int, Decimal128, Decimal, ObjectId, uuid.UUID)):
        return str(value)
    if isinstance(value, datetime.datetime):
        return local_text(value)
    return to_ejson(value)


def parse_text(kind: str, text: str) -> Any:
    """Turn typed `text` into a value of exactly the BSON type `kind`."""
    try:
        return _PARSERS[kind](text)
    except ValidationError:
        raise
    except (ValueError, TypeError, OverflowError, DecimalException, BSONError) as error:
        raise ValidationError(
            _("“%(value)s” is not valid, expected %(expected)s."),
            code="invalid",
            params={"value": text[:100], "expected": EXPECTED.get(kind, kind)},
        ) from error


def _integer(low: int, high: int, make: Callable[[int], Any]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        number = int(text.strip())
        if not low <= number <= high:
            raise ValueError(text)
        return make(number)

    return parse


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _moment(text: str) -> datetime.datetime:
    moment = parse_datetime(text.strip())
    if moment is None:
        raise ValueError(text)
    return to_utc(moment)


_PARSERS: dict[str, Callable[[str], Any]] = {
    "string": lambda text: LINE_BREAK.sub("\n", text),
    "int": _integer(INT32_MIN, INT32_MAX, int),
    "long": _integer(INT64_MIN, INT64_MAX, Int64),
    "double": lambda text: float(text.strip()),
    "decimal": lambda text: codecs.from_decimal(Decimal(text.strip())),
    "bool": lambda text: (
        text.strip().lower() == "true"
        if text.strip().lower() in {"true", "false"}
        else _refuse(text)
    ),
    "date": _moment,
    "objectId": lambda text: ObjectId(text.strip()),
    "uuid": lambda text: uuid.UUID(text.strip()),
    "null": lambda text: None,
    "json": from_ejson,
}

EXPECTED = {
    "int": "a whole number of 32 bits",
    "long": "a whole number of 64 bits",
    "double": "a number",
    "decimal": "a decimal number of at most 34 digits",
    "bool": "true or false",
    "date": "a date and time such as 2024-05-06T07:08:09.123",
    "objectId": "24 hexadecimal digits",
    "uuid": "a UUID",
}


def visible(text: str, limit: int | None = None) -> SafeString:
    """Return escaped text in which characters that act instead of showing are spelt out."""
    cut = limit is not None and len(text) > limit
    if cut:
        text = text[:limit]
    shown: str = escape(text)
    if _UNSEEN.search(shown):
        shown = _UNSEEN.sub(lambda found: f'<span class="dm-ctl">{_spell(found[0])}</span>', shown)
    return mark_safe(shown)


def inert(text: str, limit: int = 150) -> str:
    """Return plain text, for titles and messages, with such characters spelt out."""
    shown = _UNSEEN.sub(lambda found: _spell(found[0]), text)
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def _spell(character: str) -> str:
    return f"\\u{ord(character):04x}"


def display(value: Any, limit: int | None = None) -> SafeString:
    """Return one scalar as safe HTML text."""
    if isinstance(value, str):
        return visible(value, limit)
    if isinstance(value, datetime.datetime):
        return visible(local_text(value).replace("T", " "))
    if isinstance(value, datetime.date):
        return visible(value.isoformat())
    if isinstance(value, bytes):
        return visible(base64.b64encode(value).decode(), limit)
    if isinstance(value, Regex):
        return visible(f"/{value.pattern}/{value.flags or ''}", limit)
    if value is None:
        return mark_safe("null")
    if isinstance(value, File):
        return visible(f"{value.name} ({filesizeformat(value.size)})", limit)
    return visible(to_text(value), limit)


def summary(value: Any, limit: int = 120) -> SafeString:
    """Return any value, containers too, on one line."""
    if value is MISSING:
        return mark_safe("—")
    if isinstance(value, (dict, list)):
        return visible(to_ejson(value, relaxed=True), limit)
    return display(value, limit)


def unchanged(stored: Any, new: Any) -> bool:
    """Tell whether `new` is the stored value, in type too."""
    if stored is MISSING or new is MISSING:
        return stored is new
    return same(stored, new)
