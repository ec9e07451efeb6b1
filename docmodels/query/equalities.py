"""
Compile `name=value` at once.

Most filters are nothing else: `get(pk=…)`, `filter(title=…, active=True)`.
What is known of a name is found once for each class; everything else, and
everything that is wrong, is left to the compiler.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from bson import Int64, ObjectId
from django.core.exceptions import FieldError, ValidationError

from docmodels.fields import BooleanField, CharField, ObjectIdField, TextField
from docmodels.lookups.comparison import Exact
from docmodels.query.protocols import OptionsLike

#: The classes of values that are never an operator, a pattern or an expression.
_PLAIN = frozenset(
    {
        str,
        int,
        float,
        bool,
        ObjectId,
        Int64,
        Decimal,
        datetime.datetime,
        datetime.date,
        uuid.UUID,
    }
)

#: Fields that cast every value of a class to itself, with the class; text if it is plain.
_CAST_TO_ITSELF: dict[type[Any], type[Any]] = {
    BooleanField: bool,
    CharField: str,
    ObjectIdField: ObjectId,
    TextField: str,
}

#: Where a name is stored, what casts a value to compare with it, and the class that needs no cast.
Equality = tuple[str, Callable[[Any], Any], type[Any] | None]


def compile_equalities(meta: OptionsLike, conditions: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the filter of plain equalities, None where there is more to it."""
    compiled: dict[str, Any] = {}
    known = meta.equalities
    for name, value in conditions.items():
        found = known[name] if name in known else _find(meta, name)
        if found is None or value.__class__ not in _PLAIN:
            return None
        key, cast, cast_to_itself = found
        if key in compiled:
            return None
        # Text that is not ASCII is looked at closely: it may be none that can be stored.
        if value.__class__ is not cast_to_itself or (
            value.__class__ is str and not (value.isascii() and "\0" not in value)
        ):
            try:
                value = cast(value)
            except ValidationError:
                # The compiler tells what is wrong.
                return None
            if value.__class__ not in _PLAIN:
                return None
        compiled[key] = value
    return compiled


def _find(meta: OptionsLike, name: str) -> Equality | None:
    # Names come from requests, too: only those of the class are kept.
    if name != "pk" and name not in meta.attributes:
        return None
    try:
        resolved = meta.resolve(name)
    except FieldError:
        return None
    field, found = resolved.field, None
    if field.get_lookup("exact") is Exact and not resolved.nested:
        cast_to_itself = None if field.setters else _CAST_TO_ITSELF.get(type(field))
        found = (resolved.db_path, field.prepare_lookup_value, cast_to_itself)
    meta.equalities[name] = found
    return found
