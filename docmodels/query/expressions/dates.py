"""Functions of moments and days: cut to a unit, parts, the server's time."""

from __future__ import annotations

import datetime
import functools
import zoneinfo
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import FieldError
from django.utils import timezone

from docmodels.fields import DateField, DateTimeField, Field, TimeField
from docmodels.query.expressions.base import DOCUMENT, Context, Expression, field_of
from docmodels.query.expressions.functions import Function
from docmodels.query.expressions.literals import DATETIME, INTEGER, TEXT, is_date
from docmodels.query.expressions.paths import TRANSFORMS
from docmodels.query.protocols import OptionsLike


class ZonedDateTimeField(DateTimeField):
    """A moment that is given in a time zone, as Django gives a truncated one."""

    converted_types = (datetime.datetime,)

    def __init__(self, zone: datetime.tzinfo) -> None:
        super().__init__()
        self.zone = zone

    def from_db(self, value: Any) -> Any:
        """Return the moment in the zone."""
        return value.astimezone(self.zone) if isinstance(value, datetime.datetime) else value


def zone_name(zone: datetime.tzinfo) -> str:
    """Return a time zone as MongoDB names it; raise ValueError for one without a name."""
    if isinstance(zone, zoneinfo.ZoneInfo) and zone.key:
        return zone.key
    offset = zone.utcoffset(None)
    if offset is None:
        raise ValueError(f"{zone!r}, expected a zone of zoneinfo or of a fixed offset.")
    minutes = int(offset.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


class Dated(Function):
    """The base of functions of moments: `tzinfo`, else Django's current zone, counts."""

    takes = "a date"

    def __init__(
        self,
        expression: Any,
        *,
        tzinfo: datetime.tzinfo | None = None,
        output_field: Field[Any] | None = None,
    ) -> None:
        super().__init__(expression, output_field=output_field)
        self.tzinfo = tzinfo

    def zone(self, meta: OptionsLike, context: Context = DOCUMENT) -> datetime.tzinfo:
        """Return the zone; days are stored in UTC and are in no other."""
        of = field_of(self.arguments[0], meta, context)
        if isinstance(of, DateField) or not (self.tzinfo or settings.USE_TZ):
            return datetime.UTC
        return self.tzinfo or timezone.get_current_timezone()

    def compiled_sources(self, meta: OptionsLike, context: Context) -> list[Any]:
        """Return the moment compiled; raise FieldError for lists and other types."""
        self.refuse_lists(meta, context)
        of = field_of(self.arguments[0], meta, context)
        if of is not None and of.bson_types and not is_date(of):
            raise FieldError(
                f"{meta.object_name}: {self!r}: {of.description}, expected a date or a time."
            )
        return [source.compile(meta, context) for source in self.arguments]

    def arguments_of(self, meta: OptionsLike, context: Context) -> dict[str, Any]:
        """Return the moment and the zone."""
        (date,) = self.compiled_sources(meta, context)
        zone = zone_name(self.zone(meta, context))
        # UTC is the default, and the documents are smaller without.
        return {"date": date, **({} if zone in {"UTC", "+00:00"} else {"timezone": zone})}


class Extract(Dated):
    """
    A part of a moment, a number: `Extract("placed_at", "month")`.

    Weekdays count from 1 (Sunday), `iso_week_day` from 1 (Monday), as in Django.
    """

    output = INTEGER
    operators: ClassVar[dict[str, str]] = {
        "year": "$year",
        "iso_year": "$isoWeekYear",
        "month": "$month",
        "day": "$dayOfMonth",
        "day_of_year": "$dayOfYear",
        "week": "$isoWeek",
        "week_day": "$dayOfWeek",
        "iso_week_day": "$isoDayOfWeek",
        "hour": "$hour",
        "minute": "$minute",
        "second": "$second",
        "millisecond": "$millisecond",
    }
    lookup_name: ClassVar[str | None] = None

    def __init__(self, expression: Any, lookup_name: str | None = None, **options: Any) -> None:
        super().__init__(expression, **options)
        self.part: str = self.lookup_name or lookup_name or ""
        if self.part not in {*self.operators, "quarter"}:
            raise ValueError(
                f"Extract: {self.part!r}, expected a part of a date. Choices are: "
                f"{', '.join([*self.operators, 'quarter'])}."
            )

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the operator of the part."""
        arguments = self.arguments_of(meta, context)
        operand = arguments if "timezone" in arguments else arguments["date"]
        if self.part == "quarter":
            return {"$toInt": {"$ceil": {"$divide": [{"$month": operand}, 3]}}}
        return {self.operators[self.part]: operand}


class ExtractYear(Extract):
    """The year."""

    lookup_name = "year"


class ExtractIsoYear(Extract):
    """The year that the ISO week is counted to."""

    lookup_name = "iso_year"


class ExtractQuarter(Extract):
    """The quarter, 1 to 4."""

    lookup_name = "quarter"


class ExtractMonth(Extract):
    """The month, 1 to 12."""

    lookup_name = "month"


class ExtractWeek(Extract):
    """The ISO week, 1 to 53."""

    lookup_name = "week"


class ExtractDay(Extract):
    """The day of the month."""

    lookup_name = "day"


class ExtractWeekDay(Extract):
    """The day of the week, 1 for Sunday."""

    lookup_name = "week_day"


class ExtractIsoWeekDay(Extract):
    """The day of the week, 1 for Monday."""

    lookup_name = "iso_week_day"


class ExtractHour(Extract):
    """The hour."""

    lookup_name = "hour"


class ExtractMinute(Extract):
    """The minute."""

    lookup_name = "minute"


class ExtractSecond(Extract):
    """The second."""

    lookup_name = "second"


class Trunc(Dated):
    """The moment or day at which its year, month … began: `Trunc("placed_at", "month")`."""

    operator: ClassVar[str] = "$dateTrunc"
    units = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
    kind: ClassVar[str | None] = None

    def __init__(self, expression: Any, kind: str | None = None, **options: Any) -> None:
        super().__init__(expression, **options)
        self.unit: str = self.kind or kind or ""
        if self.unit not in self.units:
            raise ValueError(
                f"Trunc: {self.unit!r}, expected a unit. Choices are: {', '.join(self.units)}."
            )

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return a `$dateTrunc`; weeks begin on Monday, as in Django."""
        arguments = {**self.arguments_of(meta, context), "unit": self.unit}
        if self.unit == "week":
            arguments["startOfWeek"] = "monday"
        return {self.operator: arguments}

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return days for days, else moments in the zone."""
        if self.output_field is not None:
            return self.output_field
        of = field_of(self.arguments[0], meta, DOCUMENT)
        return of if isinstance(of, DateField) else ZonedDateTimeField(self.zone(meta))


class TruncYear(Trunc):
    """The first moment of the year."""

    kind = "year"


class TruncQuarter(Trunc):
    """The first moment of the quarter."""

    kind = "quarter"


class TruncMonth(Trunc):
    """The first moment of the month."""

    kind = "month"


class TruncWeek(Trunc):
    """The first moment of the week, which begins on Monday."""

    kind = "week"


class TruncDay(Trunc):
    """The first moment of the day."""

    kind = "day"


class TruncHour(Trunc):
    """The first moment of the hour."""

    kind = "hour"


class TruncMinute(Trunc):
    """The first moment of the minute."""

    kind = "minute"


class TruncSecond(Trunc):
    """The moment without parts of a second."""

    kind = "second"


class TruncDate(Dated):
    """The day of a moment, in the zone: a date."""

    output = DateField()

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the midnight in UTC of the day, which is how days are stored."""
        arguments = self.arguments_of(meta, context)
        day = {"$dateToString": {**arguments, "format": "%Y-%m-%d"}}
        return {"$dateFromString": {"dateString": day}}


class TruncTime(Dated):
    """The time of day of a moment, in the zone, to the millisecond."""

    output = TimeField(timespec="milliseconds")

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the time as text, which is how times are stored, and sorts."""
        return {"$dateToString": {**self.arguments_of(meta, context), "format": "%H:%M:%S.%L"}}


class DateFormat(Dated):
    """The moment as text, in MongoDB's codes: `DateFormat("placed_at", "%Y-%m")`."""

    output = TEXT

    def __init__(self, expression: Any, codes: str, **options: Any) -> None:
        super().__init__(expression, **options)
        self.codes = codes

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return a `$dateToString`."""
        return {"$dateToString": {**self.arguments_of(meta, context), "format": self.codes}}


class Now(Expression):
    """The server's time, the same for the whole query."""

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the variable of the server."""
        return "$$NOW"

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field of moments."""
        return DATETIME

    def __repr__(self) -> str:
        return "Now()"


for _part in (*Extract.operators, "quarter"):
    TRANSFORMS[_part] = functools.partial(Extract, lookup_name=_part)
TRANSFORMS["date"] = TruncDate
TRANSFORMS["time"] = TruncTime
