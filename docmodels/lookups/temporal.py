"""
Parts of dates, in Django's words: `placed_at__year__gte=2024`.

What is a span of time (a year, a day) becomes a range that an index serves;
what returns every year or day (a month, an hour) has to be computed for each
document. Moments are meant in Django's current time zone, days (`DateField`)
have none.
"""

from __future__ import annotations

import datetime
import functools
from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from bson import DatetimeMS
from django.conf import settings
from django.utils import timezone

from docmodels.fields import DateField, DateTimeField, IntegerField, ListField, TimeField
from docmodels.lookups.base import Lookup, element_field
from docmodels.lookups.computed import any_value, when
from docmodels.lookups.placing import place

UTC = datetime.UTC

#: The moments before and after those that Python has dates for.
BEGINNING, END = DatetimeMS(-62_135_596_800_000), DatetimeMS(253_402_300_800_000)

#: What may follow the name of a part.
COMPARISONS = ("exact", "ne", "gt", "gte", "lt", "lte", "in", "nin", "range")

INTEGER = IntegerField()


class DatePart(Lookup):
    """
    The base of lookups of a part of a date, compared with a value.

    Without a comparison behind it a part is `exact`.
    """

    comparison: ClassVar[str] = "exact"
    #: What may follow the name of the part.
    comparisons: ClassVar[tuple[str, ...]] = COMPARISONS
    #: The field of the part.
    part_field: ClassVar[Any] = INTEGER

    @classmethod
    @functools.cache
    def compared(cls, name: str) -> type[DatePart] | None:
        """Return the lookup `<part>__<name>`, None for a comparison that parts do not have."""
        if name not in COMPARISONS:
            return None
        attributes = {"comparison": name, "lookup_name": f"{cls.lookup_name}__{name}"}
        return type(f"{cls.__name__}{name.title()}", (cls,), attributes)

    def prepare(self, value: Any) -> Any:
        """Cast the value, or each of several, as the part; nothing is null."""
        if self.comparison in {"in", "nin", "range"}:
            if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
                value = [value]
            values = [self.prepare_part(item) for item in value]
            if self.comparison == "range" and len(values) != 2:
                raise self.error(value, "expected a pair (low, high).")
            return values
        return self.prepare_part(value)

    def prepare_part(self, value: Any) -> Any:
        """Cast one value."""
        cast = None if value is None else self.cast_part(value)
        if cast is None:
            raise self.error(value, f"expected {self.part_field.description}.")
        return cast

    def cast_part(self, value: Any) -> Any:
        """Return a value as the part, None for nothing."""
        return self.cast(self.part_field, value)

    def compile(self, resolved: Any) -> dict[str, Any]:
        """Return the filter; `ne` and `nin` are the complements of `exact` and `in`."""
        if self.comparison in {"ne", "nin"}:
            return {"$nor": [self.matching(resolved)]}
        return self.matching(resolved)

    def matching(self, resolved: Any) -> dict[str, Any]:
        """Return the filter of what compares as asked; the opposite of `ne` and `nin`."""
        raise TypeError(f"{type(self).__name__} has no matching().")

    @property
    def time_zone(self) -> datetime.tzinfo:
        """Return the zone in which the parts of a moment are meant."""
        if isinstance(element_field(self.field), DateField) or not settings.USE_TZ:
            return UTC
        return timezone.get_current_timezone()


class Span(DatePart):
    """The base of parts that are one span of time, so that a range says it."""

    @abstractmethod
    def first_day(self, value: Any) -> datetime.date | None:
        """Return the first day of the span, None before the year 1."""

    @abstractmethod
    def next_day(self, value: Any) -> datetime.date | None:
        """Return the first day after the span, None after the year 9999."""

    def matching(self, resolved: Any) -> dict[str, Any]:
        """Return a range, or one of several."""
        if self.comparison in {"in", "nin"}:
            ranges = [self._range(resolved, self._bounds(item, item)) for item in self.value]
            if not ranges:
                return {"$nor": [{}]}
            return ranges[0] if len(ranges) == 1 else {"$or": ranges}
        low = high = self.value
        if self.comparison == "range":
            low, high = self.value
        return self._range(resolved, self._bounds(low, high))

    def _bounds(self, low: Any, high: Any) -> dict[str, Any]:
        start = functools.partial(_start, self.time_zone)
        match self.comparison:
            case "gt":
                return {"$gte": start(self.next_day(high), END)}
            case "gte":
                return {"$gte": start(self.first_day(low), BEGINNING)}
            case "lt":
                return {"$lt": start(self.first_day(low), BEGINNING)}
            case "lte":
                return {"$lt": start(self.next_day(high), END)}
        first = start(self.first_day(low), BEGINNING)
        return {"$gte": first, "$lt": start(self.next_day(high), END)}

    def _range(self, resolved: Any, bounds: dict[str, Any]) -> dict[str, Any]:
        in_list = resolved.in_list or isinstance(self.field, ListField)
        return place(
            resolved,
            lambda path: {path: bounds} if path else bounds,
            one_element=in_list and len(bounds) > 1,
        )


def _start(zone: datetime.tzinfo, day: datetime.date | None, beyond: DatetimeMS) -> Any:
    """Return the moment at which a day begins."""
    if day is None:
        return beyond
    try:
        return datetime.datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return BEGINNING if day.year == 1 else END


class Year(Span):
    """The year."""

    lookup_name = "year"

    def cast_part(self, value: Any) -> Any:
        """Take the years that Python has dates for."""
        year = super().cast_part(value)
        if year is not None and not datetime.MINYEAR <= year <= datetime.MAXYEAR:
            raise self.error(value, f"expected a year up to {datetime.MAXYEAR}.")
        return year

    def first_day(self, value: int) -> datetime.date | None:
        """Return January 1."""
        return datetime.date(value, 1, 1)

    def next_day(self, value: int) -> datetime.date | None:
        """Return January 1 of the next year."""
        return None if value == datetime.MAXYEAR else datetime.date(value + 1, 1, 1)


class IsoYear(Year):
    """The year of the ISO week: it begins with the Monday of its first week."""

    lookup_name = "iso_year"

    def first_day(self, value: int) -> datetime.date | None:
        """Return the Monday of the first week."""
        return datetime.date.fromisocalendar(value, 1, 1)

    def next_day(self, value: int) -> datetime.date | None:
        """Return the Monday of the first week of the next year."""
        return None if value == datetime.MAXYEAR else self.first_day(value + 1)


class Date(Span):
    """The day."""

    lookup_name = "date"
    part_field: ClassVar[Any] = DateField()

    def cast_part(self, value: Any) -> Any:
        """Take a day; of an aware moment the day that it is in the current time zone."""
        if isinstance(value, datetime.datetime) and timezone.is_aware(value):
            value = timezone.localtime(value, self.time_zone)
        cast = self.cast(self.part_field, value)
        return None if cast is None else cast.date()

    def first_day(self, value: datetime.date) -> datetime.date | None:
        """Return the day itself."""
        return value

    def next_day(self, value: datetime.date) -> datetime.date | None:
        """Return the day after."""
        return None if value == datetime.date.max else value + datetime.timedelta(days=1)


class Computed(DatePart):
    """The base of parts that the server computes for each document."""

    #: MongoDB's operator of the part.
    operator: ClassVar[str]

    def matching(self, resolved: Any) -> dict[str, Any]:
        """Return an `$expr` that is true of stored dates only."""
        return {"$expr": any_value(resolved, self._test)}

    def _test(self, value: str) -> Any:
        compared = _EXPRESSIONS[self.comparison](self.part(value), self.value)
        return when({"$eq": [{"$type": value}, "date"]}, compared)

    def part(self, value: str) -> Any:
        """Return the part of a date as an expression."""
        return {self.operator: self.date(value)}

    def date(self, value: str) -> Any:
        """Return the date with its time zone, as the operators take it."""
        zone = zone_name(self.time_zone)
        return value if zone == "UTC" else {"date": value, "timezone": zone}


#: Comparisons as expressions, of a part with the value; `ne` and `nin` are complements.
_EXPRESSIONS: dict[str, Callable[[Any, Any], Any]] = {
    "exact": lambda part, value: {"$eq": [part, value]},
    "ne": lambda part, value: {"$eq": [part, value]},
    "gt": lambda part, value: {"$gt": [part, value]},
    "gte": lambda part, value: {"$gte": [part, value]},
    "lt": lambda part, value: {"$lt": [part, value]},
    "lte": lambda part, value: {"$lte": [part, value]},
    "in": lambda part, value: {"$in": [part, value]},
    "nin": lambda part, value: {"$in": [part, value]},
    "range": lambda part, value: {"$and": [{"$gte": [part, value[0]]}, {"$lte": [part, value[1]]}]},
}


def zone_name(zone: datetime.tzinfo) -> str:
    """Return the name by which the server knows a time zone: Olson's, or an offset."""
    name = getattr(zone, "key", None) or ("UTC" if zone is UTC else None)
    if name is not None:
        return str(name)
    offset = zone.utcoffset(None) or timezone.now().astimezone(zone).utcoffset()
    minutes = round((offset or datetime.timedelta()) / datetime.timedelta(minutes=1))
    sign, (hours, minutes) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    return "UTC" if not (hours or minutes) else f"{sign}{hours:02}:{minutes:02}"


class Month(Computed):
    """The month, 1 to 12."""

    lookup_name, operator = "month", "$month"


class Day(Computed):
    """The day of the month."""

    lookup_name, operator = "day", "$dayOfMonth"


class Week(Computed):
    """The week of the ISO year, 1 to 53."""

    lookup_name, operator = "week", "$isoWeek"


class WeekDay(Computed):
    """The day of the week, 1 (Sunday) to 7 (Saturday)."""

    lookup_name, operator = "week_day", "$dayOfWeek"


class IsoWeekDay(Computed):
    """The day of the ISO week, 1 (Monday) to 7 (Sunday)."""

    lookup_name, operator = "iso_week_day", "$isoDayOfWeek"


class Quarter(Computed):
    """The quarter of the year, 1 to 4."""

    lookup_name, operator = "quarter", "$month"

    def part(self, value: str) -> Any:
        """Return the third of the month, rounded up."""
        return {"$ceil": {"$divide": [super().part(value), 3]}}


class Hour(Computed):
    """The hour, 0 to 23."""

    lookup_name, operator = "hour", "$hour"


class Minute(Computed):
    """The minute."""

    lookup_name, operator = "minute", "$minute"


class Second(Computed):
    """The second."""

    lookup_name, operator = "second", "$second"


class Time(Computed):
    """The time of day, to the millisecond."""

    lookup_name, operator = "time", "$dateToString"
    part_field: ClassVar[Any] = TimeField(timespec="milliseconds")

    def part(self, value: str) -> Any:
        """Return the time as text, which sorts."""
        options: dict[str, Any] = {"date": value, "format": "%H:%M:%S.%L"}
        zone = zone_name(self.time_zone)
        return {self.operator: options if zone == "UTC" else {**options, "timezone": zone}}


for _part in (Year, IsoYear, Month, Day, Week, WeekDay, IsoWeekDay, Quarter):
    DateField.register_lookup(_part)
    DateTimeField.register_lookup(_part)
for _moment_part in (Date, Time, Hour, Minute, Second):
    DateTimeField.register_lookup(_moment_part)
