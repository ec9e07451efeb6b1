"""Python values as literals of an expression, and the fields of computed values."""

from __future__ import annotations

import math
from typing import Any

from bson import Decimal128
from django.core.exceptions import ValidationError

from docmodels.exceptions import FilterValueError
from docmodels.fields import (
    ANY,
    BooleanField,
    DateTimeField,
    DurationField,
    Field,
    FloatField,
    IntegerField,
    ListField,
    TextField,
)

#: What computed values are, where no declared field says it.
INTEGER, FLOAT, TEXT = IntegerField(), FloatField(), TextField()
BOOLEAN, DATETIME = BooleanField(), DateTimeField()
#: The `$type` names of numbers.
NUMBERS = frozenset({"int", "long", "double", "decimal"})


class ComputedDurationField(DurationField):
    """A duration that was computed, which need not be a whole number of units."""

    def from_db(self, value: Any) -> Any:
        """Return the duration of any number."""
        if isinstance(value, (float, Decimal128)) and math.isfinite(number := float(str(value))):
            value = round(number)
        return super().from_db(value)


#: The difference of two moments: MongoDB counts its milliseconds.
MILLISECONDS = ComputedDurationField(unit="milliseconds")


def quote(value: Any) -> Any:
    """Return a BSON value so that it is a literal in an expression."""
    if isinstance(value, (dict, list)) or (isinstance(value, str) and value.startswith("$")):
        return {"$literal": value}
    return value


def cast_literal(value: Any, by: Field[Any] | None) -> Any:
    """Return a Python value in BSON, cast by a field; raise FilterValueError."""
    while isinstance(by, ListField) and not isinstance(value, (list, tuple)):
        by = by.base_field
    used: Field[Any] = ANY if by is None else by
    try:
        return used.get_prep_value(used.cast(value))
    except ValidationError as error:
        name = str(used) if used.model is not None else type(used).__name__
        message = f"{name}: {value!r}, {' '.join(error.messages)}"
        raise FilterValueError(message, value=value, document=name.partition(".")[0]) from error


def is_date(of: Field[Any] | None) -> bool:
    """Return whether a field holds moments or days."""
    return of is not None and "date" in of.bson_types


def is_number(value: Any) -> bool:
    """Return whether a Python value is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
