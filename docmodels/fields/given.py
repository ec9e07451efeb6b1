"""
Tell at once that a given value is cast to itself.

Most values that a new object gets are of the declared type already, and the
cast of each would look for all that they might be instead. For the plain
fields there is an expression that sees in a fraction of the time that
`to_python` would return the very same value. Every other field, every
subclass, every field with a `set` has none.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bson import ObjectId

from docmodels.fields.base import Field
from docmodels.fields.generated import Names
from docmodels.fields.references import ReferenceField
from docmodels.fields.scalars import (
    BooleanField,
    DecimalField,
    FloatField,
    Int32Field,
    IntegerField,
    ObjectIdField,
)
from docmodels.fields.temporal import DateTimeField
from docmodels.fields.text import CharField, TextField

#: What the expressions use, by names that no field can have.
KNOWN: dict[str, Any] = {
    "_bool": bool,
    "_datetime": datetime.datetime,
    "_Decimal": Decimal,
    "_float": float,
    "_int": int,
    "_is_finite": math.isfinite,
    "_ObjectId": ObjectId,
    "_str": str,
    "_UTC": datetime.UTC,
}


def given_test(field: Field[Any], value: str, names: Names) -> str | None:
    """
    Return the expression that the variable `value` is cast to itself, or None.

    `names` knows the names of `KNOWN`.
    """
    make = _TESTS.get(type(field))
    return None if make is None or field.setters else make(field, value, names)


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(field: Any, v: str, names: Names) -> str:
    return (
        f"{v}.__class__ is _str and '\\0' not in {v} "
        f"and ({v}.isascii() or {names.add(_is_storable)}({v}))"
    )


def _integer(field: Any, v: str, names: Names) -> str:
    return f"{v}.__class__ is _int and {field.low} <= {v} <= {field.high}"


def _float(field: Any, v: str, names: Names) -> str:
    return f"{v}.__class__ is _float" + ("" if field.allow_nan else f" and _is_finite({v})")


def _decimal(field: Any, v: str, names: Names) -> str:
    # Most have fewer digits than 34, the most there may be, and a small exponent: it takes a
    # quarter of the time to tell that than to count them.
    is_short = f"len(_str({v})) < 30 and -30 < {v}.adjusted() < 30 and {v}.is_finite()"
    return f"{v}.__class__ is _Decimal and {is_short}"


def _moment(field: Any, v: str, names: Names) -> str:
    return f"{v}.__class__ is _datetime and {v}.tzinfo is _UTC and not {v}.microsecond % 1000"


def _exactly(cls: type) -> Callable[[Any, str, Names], str]:
    return lambda field, v, names: f"{v}.__class__ is _{cls.__name__}"


def _reference(field: Any, v: str, names: Names) -> str | None:
    try:
        target = field.target_field
    except LookupError:
        return None
    return f"{v}.__class__ is _ObjectId" if type(target) is ObjectIdField else None


_TESTS: dict[type, Callable[[Any, str, Names], str | None]] = {
    TextField: _text,
    CharField: _text,
    IntegerField: _integer,
    Int32Field: _integer,
    FloatField: _float,
    DecimalField: _decimal,
    BooleanField: _exactly(bool),
    ObjectIdField: _exactly(ObjectId),
    DateTimeField: _moment,
    ReferenceField: _reference,
}
