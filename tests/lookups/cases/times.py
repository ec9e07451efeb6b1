"""Parts of dates: spans as ranges, what returns as computed conditions; all in UTC."""

import datetime

from django.db.models import Q
from hypothesis import strategies as st

from tests.lookups.cases.base import Case, documents_of, mostly
from tests.lookups.stored import any_element, any_value, as_embedded, elements, negate

UTC = datetime.UTC


def at(*parts):
    """Return a moment in UTC."""
    return datetime.datetime(*parts, tzinfo=UTC)


#: Moments at the borders of years, days and hours, and others.
MOMENTS = st.one_of(
    st.sampled_from(
        [
            at(2023, 12, 31, 22, 59, 59, 999_000), at(2023, 12, 31, 23), at(2024, 1, 1),
            at(2024, 2, 29, 12, 34, 56, 789_000), at(2024, 3, 31, 0, 59, 59), at(2024, 3, 31, 1),
            at(2024, 5, 31), at(2024, 5, 31, 23, 59, 59, 999_000), at(2024, 12, 30),
            at(2024, 12, 31, 23, 30), at(2025, 1, 1), at(2021, 1, 3), at(1969, 12, 31, 23, 59, 59),
        ]
    ),
    st.datetimes(
        min_value=datetime.datetime(1975, 1, 1), max_value=datetime.datetime(2030, 12, 31)
    ).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)),
)  # fmt: skip
DAYS = MOMENTS.map(lambda moment: moment.replace(hour=0, minute=0, second=0, microsecond=0))
documents = documents_of(
    at=mostly(MOMENTS),
    day=mostly(DAYS),
    dates=mostly(st.lists(mostly(MOMENTS), max_size=3)),
    parts=mostly(st.lists(mostly(documents_of(at=mostly(MOMENTS))), max_size=3)),
)


def is_moment(test):
    """Return a test that only dates can pass."""
    return lambda value: isinstance(value, datetime.datetime) and test(value)


def moment(test, path="at"):
    """Return the predicate of a stored date that passes."""
    return any_element(path, is_moment(test))


def computed(operator_name, comparison, value, path="at"):
    """Return the filter of a part of a date that the server computes."""
    part = {operator_name: f"${path}"}
    compared = {comparison: [part, value]}
    is_date = {"$eq": [{"$type": f"${path}"}, "date"]}
    return {"$expr": {"$cond": [is_date, compared, False]}}


def in_elements(path, inner):
    """Return the filter of a test of any element of a list."""
    items = {"$cond": [{"$isArray": [f"${path}"]}, f"${path}", [f"${path}"]]}
    mapped = {"$map": {"input": items, "as": "e1", "in": inner}}
    return {"$expr": {"$anyElementTrue": [mapped]}}


def within(start, end):
    """Return the bounds of a span."""
    return {"$gte": start, "$lt": end}


Y2024 = within(at(2024, 1, 1), at(2025, 1, 1))
MAY31 = within(at(2024, 5, 31), at(2024, 6, 1))
QUARTER = {"$ceil": {"$divide": [{"$month": "$at"}, 3]}}
TIME = {"$dateToString": {"date": "$at", "format": "%H:%M:%S.%L"}}
IS_DATE = {"$eq": [{"$type": "$at"}, "date"]}
FEBRUARY = {
    "$cond": [{"$eq": [{"$type": "$$e1.at"}, "date"]}, {"$eq": [{"$month": "$$e1.at"}, 2]}, False]
}


def one_part(test):
    """Return the predicate of a part, a dict or a list, of whose moments one list passes."""
    return any_value(
        "parts",
        lambda value: (
            isinstance(value, list)
            and any(
                isinstance(part, (dict, list)) and test(elements(as_embedded(part), "at"))
                for part in value
            )
        ),
    )


def declared_part(stored):
    """Return whether the month of a part is February, as far as parts are what they should be."""
    parts = stored.get("parts")
    return any(
        isinstance(part, dict)
        and isinstance(part.get("at"), datetime.datetime)
        and part["at"].month == 2
        for part in (parts if isinstance(parts, list) else [parts])
    )


def stored_at(test):
    """Return the predicate of a date, which is no list of dates."""
    return any_value("at", is_moment(test))


CASES = [
    # Spans
    Case("at__year", 2024, {"at": Y2024}, moment(lambda v: v.year == 2024)),
    Case("at__year__exact", "2024", {"at": Y2024}, moment(lambda v: v.year == 2024)),
    Case("at__year__ne", 2024, {"$nor": [{"at": Y2024}]}, negate(moment(lambda v: v.year == 2024))),
    Case("at__year__gt", 2023, {"at": {"$gte": at(2024, 1, 1)}}, moment(lambda v: v.year > 2023)),
    Case("at__year__gte", 2024, {"at": {"$gte": at(2024, 1, 1)}}, moment(lambda v: v.year >= 2024)),
    Case("at__year__lt", 2024, {"at": {"$lt": at(2024, 1, 1)}}, moment(lambda v: v.year < 2024)),
    Case("at__year__lte", 2023, {"at": {"$lt": at(2024, 1, 1)}}, moment(lambda v: v.year <= 2023)),
    Case("at__year__in", [2024, 1969],
         {"$or": [{"at": Y2024}, {"at": within(at(1969, 1, 1), at(1970, 1, 1))}]},
         moment(lambda v: v.year in (2024, 1969))),
    Case("at__year__in", [], {"$nor": [{}]}, lambda stored: False),
    Case("at__year__nin", [2024], {"$nor": [{"at": Y2024}]},
         negate(moment(lambda v: v.year == 2024))),
    Case("at__year__range", (2023, 2024), {"at": within(at(2023, 1, 1), at(2025, 1, 1))},
         moment(lambda v: 2023 <= v.year <= 2024)),
    Case("at__iso_year", 2024, {"at": within(at(2024, 1, 1), at(2024, 12, 30))},
         moment(lambda v: v.isocalendar().year == 2024)),
    Case("at__date", "2024-05-31", {"at": MAY31},
         moment(lambda v: v.date() == datetime.date(2024, 5, 31))),
    Case("at__date__gt", datetime.date(2024, 5, 30), {"at": {"$gte": at(2024, 5, 31)}},
         moment(lambda v: v.date() > datetime.date(2024, 5, 30))),
    Case("at__date__lte", at(2024, 5, 31, 12), {"at": {"$lt": at(2024, 6, 1)}},
         moment(lambda v: v.date() <= datetime.date(2024, 5, 31))),
    Case("day__year", 2024, {"day": Y2024}, moment(lambda v: v.year == 2024, "day")),
    Case("dates__year", 2024, {"dates": {"$elemMatch": Y2024}},
         any_value("dates", lambda value: isinstance(value, list)
                   and any(is_moment(lambda v: v.year == 2024)(item) for item in value))),
    Case("dates__year__gt", 2024, {"dates": {"$gte": at(2025, 1, 1)}},
         moment(lambda v: v.year > 2024, "dates")),
    Case("dates__elemmatch", Q(year=2024), {"dates": {"$elemMatch": Y2024}},
         any_value("dates", lambda value: isinstance(value, list)
                   and any(is_moment(lambda v: v.year == 2024)(item) for item in value))),
    Case("parts__at__date", "2024-05-31", {"parts": {"$elemMatch": {"at": MAY31}}},
         one_part(lambda found: any(is_moment(lambda v: v >= at(2024, 5, 31))(v) for v in found)
                  and any(is_moment(lambda v: v < at(2024, 6, 1))(v) for v in found))),
    # What returns
    Case("at__month", 5, computed("$month", "$eq", 5), stored_at(lambda v: v.month == 5)),
    Case("at__month__ne", 5, {"$nor": [computed("$month", "$eq", 5)]},
         negate(stored_at(lambda v: v.month == 5))),
    Case("at__month__in", ["1", 12], computed("$month", "$in", [1, 12]),
         stored_at(lambda v: v.month in (1, 12))),
    Case("at__month__nin", [1, 12], {"$nor": [computed("$month", "$in", [1, 12])]},
         negate(stored_at(lambda v: v.month in (1, 12)))),
    Case("at__month__range", (3, 5),
         {"$expr": {"$cond": [IS_DATE, {"$and": [{"$gte": [{"$month": "$at"}, 3]},
                                                 {"$lte": [{"$month": "$at"}, 5]}]}, False]}},
         stored_at(lambda v: 3 <= v.month <= 5)),
    Case("at__day__gte", 30, computed("$dayOfMonth", "$gte", 30), stored_at(lambda v: v.day >= 30)),
    Case("at__week", 1, computed("$isoWeek", "$eq", 1),
         stored_at(lambda v: v.isocalendar().week == 1)),
    Case("at__week_day", 1, computed("$dayOfWeek", "$eq", 1),
         stored_at(lambda v: v.isoweekday() == 7)),
    Case("at__iso_week_day__lt", 3, computed("$isoDayOfWeek", "$lt", 3),
         stored_at(lambda v: v.isoweekday() < 3)),
    Case("at__quarter", 2,
         {"$expr": {"$cond": [IS_DATE, {"$eq": [QUARTER, 2]}, False]}},
         stored_at(lambda v: (v.month + 2) // 3 == 2)),
    Case("at__hour__gt", 22, computed("$hour", "$gt", 22), stored_at(lambda v: v.hour > 22)),
    Case("at__minute", 59, computed("$minute", "$eq", 59), stored_at(lambda v: v.minute == 59)),
    Case("at__second__lte", 1, computed("$second", "$lte", 1), stored_at(lambda v: v.second <= 1)),
    Case("at__time__gte", datetime.time(12, 34, 56, 789_999),
         {"$expr": {"$cond": [IS_DATE, {"$gte": [TIME, "12:34:56.789"]}, False]}},
         stored_at(lambda v: v.time() >= datetime.time(12, 34, 56, 789_000))),
    Case("day__month", 2, computed("$month", "$eq", 2, "day"),
         any_value("day", is_moment(lambda v: v.month == 2))),
    Case("parts__at__month", 2, in_elements("parts", FEBRUARY), declared_part),
]  # fmt: skip
