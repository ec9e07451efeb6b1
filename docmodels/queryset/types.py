"""The order in which MongoDB sorts values of different BSON types.

From the server's manual, "Comparison/Sort Order".
"""

from __future__ import annotations

import datetime
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

#: The place of null and missing.
NULLS = 1

_PLACES: tuple[tuple[Any, int], ...] = (
    (MinKey, 0),
    (bool, 8),
    ((int, float, Decimal128), 2),
    (Code, 13),
    (str, 3),
    ((dict, DBRef), 4),
    (list, 5),
    ((Binary, bytes, uuid.UUID), 6),
    (ObjectId, 7),
    ((datetime.datetime, DatetimeMS), 9),
    (Timestamp, 10),
    ((Regex, re.Pattern), 11),
    (MaxKey, 15),
)


def order_of(value: Any) -> int:
    """Return the place of a value's type in `ORDER`."""
    if value is None:
        return NULLS
    for classes, place in _PLACES:
        if isinstance(value, classes):
            return place
    raise TypeError(f"{type(value).__name__} is no BSON type.")


def type_names_after(place: int) -> list[str]:
    """Return the `$type` names of all later groups."""
    return [name for group in ORDER[place + 1 :] for name in group]


def type_names_before(place: int) -> list[str]:
    """Return the `$type` names of all earlier groups."""
    return [name for group in ORDER[:place] for name in group]
