"""Dates and times: aware, in UTC, with milliseconds."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from docmodels.fields.base import Field
from docmodels.tracking import MISSING

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


class _AutoNow(Field[Any]):
    """The options `auto_now` and `auto_now_add` of Django."""

    empty_values: ClassVar[tuple[Any, ...]] = (None,)

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        auto_now: bool = False,
        auto_now_add: bool = False,
        **options: Any,
    ) -> None:
        """Set the field at each save, or when the document is created."""
        if auto_now or auto_now_add:
            options.setdefault("editable", False)
            options.setdefault("blank", True)
        super().__init__(verbose_name, **options)
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


class DateTimeField(_AutoNow, Field[datetime.datetime]):
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


class DateField(_AutoNow, Field[datetime.date]):
    """A day, stored as its midnight in UTC."""

    description: ClassVar[str] = "a date"
    bson_types: ClassVar[frozenset[str]] = frozenset({"date"})
    python_types: ClassVar[tuple[type, ...]] = (datetime.date,)
    converted_types: ClassVar[tuple[type, ...]] = (datetime.datetime,)

    def now(self) -> datetime.date:
        """Return today in the current time zone."""
        return timezone.localdate() if settings.USE_TZ else datetime.datetime.now(UTC).date()

    def to_python(self, value: Any) -> Any:
        """Cast ISO text and datetimes."""
        if value.__class__ is datetime.date:
            return value
        if value is None or value == "":
            return None
        if isinstance(value, datetime.datetime):
            return value.date()
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
