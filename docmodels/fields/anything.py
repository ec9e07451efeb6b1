"""A field that holds anything that MongoDB stores."""

from __future__ import annotations

import datetime
import decimal
import enum
import math
import re
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from bson import Code, DatetimeMS, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex
from bson.timestamp import Timestamp
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from docmodels import codecs
from docmodels.constants import INT64_MAX, INT64_MIN, MAX_NESTING
from docmodels.fields.base import Field
from docmodels.fields.errors import ErrorMap
from docmodels.fields.temporal import to_utc
from docmodels.fields.typed import Blank, Default, Null
from docmodels.tracking import Tracked, TrackedDict, TrackedList

#: Classes of values, other than containers, that the driver encodes.
STORABLE = (
    type(None), str, int, float, bytes, datetime.date, decimal.Decimal, uuid.UUID, re.Pattern,
    Code, DatetimeMS, DBRef, Decimal128, MaxKey, MinKey, ObjectId, Regex, Timestamp,
)  # fmt: skip


class AnyField(Field[Any, Any, Null, Blank, Default]):
    """
    A value of any BSON type.

    Dicts and lists inside become tracked ones, Decimal128 becomes Decimal;
    everything else is kept as the driver gives it, so that an Int64 is still
    an Int64 when it is stored again.
    """

    description: ClassVar[str] = "any value that MongoDB stores"
    python_types: ClassVar[tuple[type, ...]] = (object,)
    converted_types: ClassVar[tuple[type, ...]] = (dict, list, Decimal128)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "unnamable": _("The stored key %(key)r cannot be changed: no update can name it."),
        "depth": _("Nested deeper than %(limit)s levels."),
        "out_of_range": _("%(value)s is outside of the 64 bits that MongoDB stores."),
        "digits": _("%(value)s has more than the 34 digits that MongoDB stores."),
        "key_type": _("A key is neither a list nor a pattern."),
        "null_in_pattern": _("A pattern has no null characters."),
        "surrogate": _("The text has a lone surrogate, which UTF-8 cannot store."),
    }

    def accepts(self, value: Any) -> bool:
        """Accept everything."""
        return True

    def validate(self, value: Any, document: Any = None) -> None:
        """Accept null and everything else that the cast let through."""
        if value is not None:
            super().validate(value, document)
            if self.primary_key and isinstance(value, (list, Regex, re.Pattern)):
                raise self.error("key_type")

    def to_python(self, value: Any) -> Any:
        """Cast deeply: tracked containers, aware times, checked keys."""
        return self._cast(value, 0)

    def _cast(self, value: Any, depth: int) -> Any:
        if depth > MAX_NESTING:
            raise self.error("depth", limit=MAX_NESTING)
        # Tracked containers are copied too: one that two places share would tell
        # the changes of one as those of both.
        if isinstance(value, Mapping):
            for key in value:
                self.check_key(key)
            cast = {key: self._cast(item, depth + 1) for key, item in value.items()}
            return TrackedDict.wrap(cast, ANY)
        if isinstance(value, (list, tuple, set, frozenset)):
            return TrackedList.wrap([self._cast(item, depth + 1) for item in value], ANY)
        return self._cast_scalar(value, depth)

    def _cast_scalar(self, value: Any, depth: int) -> Any:
        if isinstance(value, enum.Enum):
            return self._cast(value.value, depth)
        if isinstance(value, Tracked):
            return self._cast(value.encode(), depth)
        if isinstance(value, (bytearray, memoryview)):
            return bytes(value)
        if isinstance(value, Promise):
            value = str(value)
        if not isinstance(value, STORABLE):
            raise self.invalid(value)
        if isinstance(value, str):
            self._check_text(value)
        elif isinstance(value, (Regex, re.Pattern)):
            self._check_pattern(value.pattern)
        elif isinstance(value, int):
            if not INT64_MIN <= value <= INT64_MAX:
                bits = value.bit_length()
                # Python refuses to print numbers of thousands of digits.
                shown = value if bits <= 128 else f"A number of {bits} bits"
                raise self.error("out_of_range", value=shown)
        elif isinstance(value, datetime.date):
            return self._cast_date(value)
        elif isinstance(value, Decimal128):
            return codecs.to_decimal(value)
        elif isinstance(value, decimal.Decimal):
            try:
                codecs.from_decimal(value)
            except ValueError as error:
                raise self.error("digits", value=value) from error
        return value

    def _check_text(self, value: str) -> None:
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise self.error("surrogate") from error

    def _check_pattern(self, pattern: str | bytes) -> None:
        if isinstance(pattern, str):
            self._check_text(pattern)
        if (b"\0" if isinstance(pattern, bytes) else "\0") in pattern:  # type: ignore[operator]
            raise self.error("null_in_pattern")

    def _cast_date(self, value: datetime.date) -> datetime.datetime:
        if not isinstance(value, datetime.datetime):
            return datetime.datetime(value.year, value.month, value.day, tzinfo=datetime.UTC)
        try:
            return to_utc(value)
        except OverflowError as error:
            raise self.invalid(value) from error

    def from_db(self, value: Any) -> Any:
        """Wrap dicts and lists deeply."""
        cls = value.__class__
        if cls is dict:
            return TrackedDict.load(value, ANY)
        if cls is list:
            return TrackedList.load(value, ANY)
        if cls is Decimal128:
            return codecs.to_decimal(value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return plain dicts and lists."""
        if isinstance(value, Tracked):
            return value.encode()
        if isinstance(value, decimal.Decimal):
            return codecs.from_decimal(value)
        return value

    def keep_type(self, stored: Any, value: Any) -> Any:
        """Keep a long a long."""
        return Int64(value) if stored.__class__ is Int64 and value.__class__ is int else value

    def collect_errors(self, value: Any, path: str, errors: ErrorMap, document: Any) -> None:
        """Judge the value, and how deep edits in place have made it."""
        super().collect_errors(value, path, errors, document)
        if isinstance(value, Tracked) and is_deeper(value, MAX_NESTING):
            errors.setdefault(path, []).append(self.error("depth", limit=MAX_NESTING))

    def get_inner(self, part: str) -> Field[Any]:
        """Return the field of anything inside: any value again."""
        return ANY

    def __reduce__(self) -> Any:
        return "ANY" if self is ANY else super().__reduce__()


class JSONField(AnyField[Null, Blank, Default]):
    """
    Anything that JSON can carry: text, numbers, booleans, null, lists, dicts.

    It is stored as BSON, not as text, so that filters reach inside. NaN, the
    infinities and MongoDB's other types are refused.
    """

    description: ClassVar[str] = "text, a number, true, false, a list or a dict"
    python_types: ClassVar[tuple[type, ...]] = (str, int, float, bool, list, dict)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "not_finite": _("%(value)s is not a finite number."),
    }

    def accepts(self, value: Any) -> bool:
        """Accept what JSON can carry, at any depth."""
        if isinstance(value, dict):
            return all(self.accepts(item) for item in value.values())
        if isinstance(value, list):
            return all(self.accepts(item) for item in value)
        return value is None or (
            isinstance(value, self.python_types)
            and not isinstance(value, Code)
            and not (isinstance(value, float) and not math.isfinite(value))
        )

    def _cast_scalar(self, value: Any, depth: int) -> Any:
        value = super()._cast_scalar(value, depth)
        if isinstance(value, float) and not math.isfinite(value):
            raise self.error("not_finite", value=value)
        if not self.accepts(value):
            raise self.invalid(value)
        return value


#: The codec of values that nobody declared.
ANY = AnyField()


def is_deeper(value: Any, limit: int) -> bool:
    """Return whether dicts and lists are nested in `value` more than `limit` deep."""
    level = [value]
    for _depth in range(limit + 1):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if not inner:
            return False
        level = inner
    return True
