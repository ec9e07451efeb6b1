"""Dates, times and durations; moments are aware, in UTC, with milliseconds."""

from __future__ import annotations

import datetime
import decimal
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from bson import Int64
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime, parse_duration, parse_time
from django.utils.translation import gettext_lazy as _

from docmodels.constants import INT64_MAX, INT64_MIN
from docmodels.fields.base import Field
from docmodels.fields.typed import Blank, Default, Input, Null, Value
from docmodels.tracking import MISSING

if TYPE_CHECKING:
    from docmodels.fields.typed import Options

UTC = datetime.UTC
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


def to_utc(value: datetime.datetime) -> datetime.datetime:
    """Return `value` in UTC, cut to the milliseconds that BSON stores."""
    if value.tzinfo is None:
        # As Django: a naive time is meant in the current time zone.
        value = value.replace(tzinfo=timezone.get_current_timezone() if settings.USE_TZ else UTC)
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    micro = value.microsecond
    return value if not micro % 1000 else value.replace(microsecond=micro - micro % 1000)


class _AutoNow(Field[Value, Input, Null, Blank, Default]):
    """The options `auto_now` and `auto_now_add` of Django."""

    empty_values: ClassVar[tuple[Any, ...]] = (None,)

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        auto_now: bool = False,
        auto_now_add: bool = False,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        """Set the field at each save, or when the document is created."""
        given: Any = options
        if auto_now or auto_now_add:
            given = {"editable": False, "blank": True, **options}
        super().__init__(verbose_name, **given)
        self.auto_now = auto_now
        self.auto_now_add = auto_now_add

    def now(self) -> Any:
        """Return the value that `auto_now` stores."""
        return to_utc(timezone.now().astimezone(UTC))

    def pre_save(self, document: Any, *, adding: bool) -> Any:
        """Return the current time where the options ask for it."""
        if self.auto_now:
            return self.now()
        if self.auto_now_add and adding and not document.is_set(self.name):
            return self.now()
        return MISSING


class DateTimeField(
    _AutoNow[datetime.datetime, datetime.date | str | int | float, Null, Blank, Default]
):
    """A moment, as an aware datetime in UTC; microseconds are cut off."""

    description: ClassVar[str] = "a date and time"
    bson_types: ClassVar[frozenset[str]] = frozenset({"date"})
    python_types: ClassVar[tuple[type, ...]] = (datetime.datetime,)

    def to_python(self, value: Any) -> Any:
        """Cast ISO text, dates and epoch milliseconds."""
        if isinstance(value, datetime.datetime):
            return self._in_utc(value)
        if value is None or value == "":
            return None
        if isinstance(value, datetime.date):
            return self._in_utc(datetime.datetime(value.year, value.month, value.day))
        if isinstance(value, bool):
            raise self.invalid(value)
        try:
            if isinstance(value, (int, float)):
                return to_utc(_EPOCH + datetime.timedelta(milliseconds=value))
            if isinstance(value, str):
                text = value.strip()
                moment = parse_datetime(text)
                if moment is None and (day := parse_date(text)) is not None:
                    moment = datetime.datetime(day.year, day.month, day.day)
                if moment is not None:
                    return self._in_utc(moment)
        except (ValueError, OverflowError) as error:
            raise self.invalid(value) from error
        raise self.invalid(value)

    def _in_utc(self, value: datetime.datetime) -> datetime.datetime:
        try:
            return to_utc(value)
        except OverflowError as error:
            raise self.invalid(value) from error


class DateField(_AutoNow[datetime.date, datetime.date | str | float, Null, Blank, Default]):
    """A day, stored as its midnight in UTC."""

    description: ClassVar[str] = "a date"
    bson_types: ClassVar[frozenset[str]] = frozenset({"date"})
    python_types: ClassVar[tuple[type, ...]] = (datetime.date,)
    converted_types: ClassVar[tuple[type, ...]] = (datetime.datetime,)

    def now(self) -> datetime.date:
        """Return today in the current time zone."""
        return timezone.localdate() if settings.USE_TZ else datetime.datetime.now(UTC).date()

    def to_python(self, value: Any) -> Any:
        """Cast ISO text, datetimes and epoch milliseconds."""
        if value.__class__ is datetime.date:
            return value
        if value is None or value == "":
            return None
        if isinstance(value, datetime.datetime):
            return value.date()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            try:
                return to_utc(_EPOCH + datetime.timedelta(milliseconds=value)).date()
            except (ValueError, OverflowError) as error:
                raise self.invalid(value) from error
        if isinstance(value, str):
            try:
                day = parse_date(value.strip())
                moment = parse_datetime(value.strip()) if day is None else None
            except ValueError as error:
                raise self.invalid(value) from error
            if day is not None or moment is not None:
                return day or moment.date()  # type: ignore[union-attr]
        raise self.invalid(value)

    def from_db(self, value: Any) -> Any:
        """Return the day of a midnight; another time of day is left alone."""
        if isinstance(value, datetime.datetime) and not (
            value.hour or value.minute or value.second or value.microsecond
        ):
            return value.date()
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return midnight in UTC."""
        if value.__class__ is datetime.date:
            return datetime.datetime(value.year, value.month, value.day, tzinfo=UTC)
        return value

    def same(self, stored: Any, value: Any) -> bool:
        """Compare the days; a stored time of day is kept while the day is."""
        if isinstance(stored, datetime.datetime) and isinstance(value, datetime.datetime):
            return stored.date() == value.date()
        return super().same(stored, value)


#: Microseconds of a unit.
_UNITS = {"microseconds": 1, "milliseconds": 1000, "seconds": 1_000_000}
_MICROSECOND = datetime.timedelta(microseconds=1)


class DurationField(
    Field[
        datetime.timedelta,
        datetime.timedelta | int | float | decimal.Decimal | str,
        Null,
        Blank,
        Default,
    ]
):
    """
    A length of time, stored as a long: the number of microseconds, as Django does.

    `unit` is what is counted; a finer part is cut off when the value is
    assigned. A number that is given counts seconds.
    """

    description: ClassVar[str] = "a duration"
    bson_types: ClassVar[frozenset[str]] = frozenset({"long", "int"})
    python_types: ClassVar[tuple[type, ...]] = (datetime.timedelta,)
    converted_types: ClassVar[tuple[type, ...]] = (int, Int64)
    empty_values: ClassVar[tuple[Any, ...]] = (None,)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "out_of_range": _("%(value)s is outside of the 64 bits that MongoDB stores."),
    }

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        unit: str = "microseconds",
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        super().__init__(verbose_name, **options)
        if unit not in _UNITS:
            raise TypeError(
                f"{type(self).__name__}.unit: {unit!r}, expected one of {', '.join(_UNITS)}."
            )
        self.unit = unit
        self._factor = _UNITS[unit]

    def to_python(self, value: Any) -> Any:
        """Cast text as Django does (`1 02:03:04`, ISO 8601) and seconds."""
        if value is None or value == "":
            return None
        if not isinstance(value, datetime.timedelta):
            value = self._cast(value)
        count = value // _MICROSECOND
        if not INT64_MIN <= count // self._factor <= INT64_MAX:
            raise self.error("out_of_range", value=value)
        rest = count % self._factor
        return value - datetime.timedelta(microseconds=rest) if rest else value

    def _cast(self, value: Any) -> datetime.timedelta:
        try:
            if isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool):
                return datetime.timedelta(seconds=float(value))
            if isinstance(value, str):
                parsed = parse_duration(value.strip())
                if parsed is not None:
                    return parsed
        except (ValueError, OverflowError) as error:
            raise self.invalid(value) from error
        raise self.invalid(value)

    def from_db(self, value: Any) -> Any:
        """Return the duration of a whole number."""
        if isinstance(value, int) and not isinstance(value, bool):
            try:
                return datetime.timedelta(microseconds=value * self._factor)
            except OverflowError:
                return value
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return the number of units, a long."""
        if isinstance(value, datetime.timedelta):
            return Int64(value // _MICROSECOND // self._factor)
        return value

    def same(self, stored: Any, value: Any) -> bool:
        """Find a long and an int the same."""
        return bool(stored == value) and not isinstance(stored, bool)


class TimeField(
    Field[datetime.time, datetime.time | datetime.datetime | str, Null, Blank, Default]
):
    """
    A time of day without a zone, stored as text in ISO 8601, which sorts.

    `timespec` is that of `datetime.time.isoformat`: `"minutes"` stores `08:30`.
    A finer part is cut off when the value is assigned.
    """

    description: ClassVar[str] = "a time of day"
    bson_types: ClassVar[frozenset[str]] = frozenset({"string"})
    python_types: ClassVar[tuple[type, ...]] = (datetime.time,)
    converted_types: ClassVar[tuple[type, ...]] = (str,)
    empty_values: ClassVar[tuple[Any, ...]] = (None,)

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        timespec: str = "auto",
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        super().__init__(verbose_name, **options)
        # Python tells of a word that it does not know.
        datetime.time().isoformat(timespec)
        self.timespec = timespec

    def to_python(self, value: Any) -> Any:
        """Cast ISO text and the time of naive datetimes."""
        if value is None or value == "":
            return None
        if isinstance(value, datetime.datetime) and value.tzinfo is None:
            value = value.time()
        elif isinstance(value, str):
            try:
                value = parse_time(value.strip()) or value
            except ValueError as error:
                raise self.invalid(value) from error
        if not isinstance(value, datetime.time) or value.tzinfo is not None:
            raise self.invalid(value)
        return datetime.time.fromisoformat(value.isoformat(self.timespec))

    def from_db(self, value: Any) -> Any:
        """Return the time of a text that the field itself would store."""
        if isinstance(value, str):
            try:
                found = datetime.time.fromisoformat(value)
            except ValueError:
                return value
            if found.tzinfo is None and found.isoformat(self.timespec) == value:
                return found
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return the text."""
        return value.isoformat(self.timespec) if isinstance(value, datetime.time) else value
