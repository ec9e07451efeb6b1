"""The order in which MongoDB sorts values of different BSON types.

From the server's manual, "Comparison/Sort Order".
"""

from __future__ import annotations

import datetime
import decimal
import re
import uuid
from typing import Any

from bson import (
    Binary,
    Code,
    DatetimeMS,
    DBRef,
    Decimal128,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)

#: Groups of `$type` names; a group's values are compared with each other.
ORDER: tuple[tuple[str, ...], ...] = (
    ("minKey",),
    # The place of an empty list, which is sorted as if it were undefined.
    (),
    ("null", "undefined"),
    ("int", "long", "double", "decimal"),
    ("string", "symbol"),
    ("object",),
    ("array",),
    ("binData",),
    ("objectId",),
    ("bool",),
    ("date",),
    ("timestamp",),
    ("regex",),
    ("dbPointer",),
    ("javascript",),
    ("javascriptWithScope",),
    ("maxKey",),
)

#: The places of empty lists, of null and missing, and of numbers.
EMPTY_LIST, NULLS, NUMBERS = 1, 2, 3

_PLACES: tuple[tuple[Any, int], ...] = (
    (MinKey, 0),
    (bool, 9),
    ((int, float, Decimal128, decimal.Decimal), NUMBERS),
    (Code, 14),
    (str, 4),
    ((dict, DBRef), 5),
    (list, 6),
    ((Binary, bytes, uuid.UUID), 7),
    (ObjectId, 8),
    ((datetime.datetime, DatetimeMS), 10),
    (Timestamp, 11),
    ((Regex, re.Pattern), 12),
    (MaxKey, 16),
)


def order_of(value: Any) -> int:
    """Return the place of a value's type in `ORDER`."""
    if value is None:
        return NULLS
    if value == []:
        return EMPTY_LIST
    for classes, place in _PLACES:
        if isinstance(value, classes):
            return place
    raise TypeError(f"{type(value).__name__} is no BSON type.")


def types_in(first: int, last: int, *, lists: bool = False) -> list[str]:
    """
    Return the `$type` names of the places from `first` to `last`.

    Null is left out because a comparison finds missing as well; so are
    arrays, whose elements are what is sorted. With `lists` both are in.
    """
    left_out = set() if lists else {"null", "undefined", "array"}
    return [name for group in ORDER[first : last + 1] for name in group if name not in left_out]


def sort_key(value: Any) -> Any:
    """Return what compares in Python as the server sorts values, elements of a list here."""
    place = next((p for classes, p in _PLACES if isinstance(value, classes)), NULLS)
    return place, _comparable(value)


def _comparable(value: Any) -> Any:
    if value is None or isinstance(value, (MinKey, MaxKey)):
        return 0
    if isinstance(value, dict):
        return tuple((sort_key(v)[0], k, sort_key(v)) for k, v in value.items())
    if isinstance(value, list):
        return tuple(sort_key(item) for item in value)
    if isinstance(value, (int, float, Decimal128, decimal.Decimal)):
        number = value.to_decimal() if isinstance(value, Decimal128) else decimal.Decimal(value)
        return (0, 0) if number.is_nan() else (1, number)
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, (bytes, uuid.UUID)):
        content = value.bytes if isinstance(value, uuid.UUID) else bytes(value)
        subtype = 4 if isinstance(value, uuid.UUID) else getattr(value, "subtype", 0)
        return (len(content), subtype, content)
    if isinstance(value, datetime.datetime):
        return int(DatetimeMS(value))
    if isinstance(value, DatetimeMS):
        return int(value)
    if isinstance(value, (Regex, re.Pattern)):
        return (str(value.pattern), value.flags)
    if isinstance(value, Timestamp):
        return (value.time, value.inc)
    return value if isinstance(value, ObjectId) else repr(value)
