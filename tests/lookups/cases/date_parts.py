"""Parts of dates, compared with what the same document stores elsewhere; all in UTC."""

import datetime
import operator

from hypothesis import strategies as st

from docmodels.documents import ExtractDay, F, Value
from tests.lookups.cases.base import Case, documents_of, mostly
from tests.lookups.cases.times import DAYS, MOMENTS
from tests.lookups.stored import bracket, negate

#: Numbers that are parts of the moments now and then, and others.
NUMBERS = mostly(st.sampled_from([1, 2, 5, 12, 31, 2023, 2024, 2024.0, 2024.5, 59]))
TIMES = st.sampled_from(
    ["00:00", "23:59", "12:34:56", "12:34:56.789", "12:34:56.789123", "23:59:59.999", "late", ""]
)
documents = documents_of(
    n=NUMBERS,
    at=mostly(MOMENTS),
    later=mostly(MOMENTS),
    day=mostly(DAYS),
    opens=mostly(TIMES),
    dates=mostly(st.lists(mostly(MOMENTS), max_size=3)),
    parts=mostly(st.lists(mostly(documents_of(at=mostly(MOMENTS))), max_size=3)),
)


def moment(value):
    """Return a value that is a date, None for anything else."""
    return value if isinstance(value, datetime.datetime) else None


def compared(part, compare, other):
    """Return the predicate of a part of `at` and what `other` gives."""

    def matches(stored):
        at, right = moment(stored.get("at")), other(stored)
        return at is not None and right is not None and bool(compare(part(at), right))

    return matches


def year(at):
    """Return the year."""
    return at.year


def month(at):
    """Return the month."""
    return at.month


def time_of(at):
    """Return the time of day as the server writes it."""
    return at.time().isoformat("milliseconds")


def number(stored):
    """Return the number, None for anything else."""
    return stored["n"] if bracket(stored.get("n")) == "number" else None


def part_of(path, part):
    """Return what gives a part of another date, None where there is none."""
    return lambda stored: None if moment(stored.get(path)) is None else part(stored[path])


def opens(stored):
    """Return the other time of day, to the millisecond."""
    text = stored.get("opens")
    return (text + "00:00:00.000"[len(text) :])[:12] if isinstance(text, str) else None


def in_elements(path, get):
    """Return the predicate of any element of a list, whose date is in the year of the number."""

    def matches(stored):
        value, n = stored.get(path), number(stored)
        items = value if isinstance(value, list) else [value]
        found = [moment(get(item)) for item in items]
        return n is not None and any(at is not None and at.year == n for at in found)

    return matches


# What is compiled


def is_type(value, name):
    """Return the test of a type."""
    return {"$eq": [{"$type": value}, name]}


def part_test(comparison, part, other, is_kind, at="$at"):
    """Return the test of a part of a date with the other side."""
    return {"$cond": [{"$and": [is_type(at, "date"), is_kind]}, {comparison: [part, other]}, False]}


def by_number(comparison, operator_name, other="$n", at="$at"):
    """Return the test of a part of a date with a number."""
    return part_test(comparison, {operator_name: at}, other, {"$isNumber": other}, at)


def with_other(expression, test, *guards):
    """Return the filter of a test with what is computed once."""
    made = {"$let": {"vars": {"other": expression}, "in": test}}
    for guard in reversed(guards):
        made = {"$cond": [guard, made, False]}
    return {"$expr": made}


def day_of(value):
    """Return the day of a moment."""
    text = {"$dateToString": {"date": value, "format": "%Y-%m-%d"}}
    return {"$dateFromString": {"dateString": text}}


def any_element(path, test):
    """Return the filter of a test of any element."""
    items = {"$cond": [{"$isArray": [path]}, path, [path]]}
    return {"$expr": {"$anyElementTrue": [{"$map": {"input": items, "as": "e1", "in": test}}]}}


LATER = is_type("$later", "date")
CLOCK = {"$dateToString": {"date": "$at", "format": "%H:%M:%S.%L"}}
ALIGNED = {
    "$substrCP": [
        {"$concat": ["$opens", {"$substrCP": ["00:00:00.000", {"$strLenCP": "$opens"}, 12]}]},
        0,
        12,
    ]
}
AFTER = {"$add": [{"$year": "$later"}, 1]}

CASES = [
    Case("at__year", F("number"), {"$expr": by_number("$eq", "$year")},
         compared(year, operator.eq, number)),
    Case("at__year__ne", F("number"), {"$nor": [{"$expr": by_number("$eq", "$year")}]},
         negate(compared(year, operator.eq, number))),
    Case("at__year__gt", F("number"), {"$expr": by_number("$gt", "$year")},
         compared(year, operator.gt, number)),
    Case("at__month__lte", F("number"), {"$expr": by_number("$lte", "$month")},
         compared(month, operator.le, number)),
    Case("at__iso_year__lt", F("number"), {"$expr": by_number("$lt", "$isoWeekYear")},
         compared(lambda at: at.isocalendar().year, operator.lt, number)),
    Case("at__week_day__gte", F("number"), {"$expr": by_number("$gte", "$dayOfWeek")},
         compared(lambda at: at.isoweekday() % 7 + 1, operator.ge, number)),
    Case("at__year__in", [F("number"), 2021],
         {"$or": [{"at": {"$gte": datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC),
                          "$lt": datetime.datetime(2022, 1, 1, tzinfo=datetime.UTC)}},
                  {"$expr": by_number("$eq", "$year")}]},
         lambda stored: compared(year, operator.eq, number)(stored)
         or compared(year, operator.eq, lambda stored: 2021)(stored)
         or any(moment(v) is not None and v.year == 2021
                for v in (stored["at"] if isinstance(stored.get("at"), list) else []))),
    Case("at__month__nin", [F("number")], {"$nor": [{"$expr": by_number("$eq", "$month")}]},
         negate(compared(month, operator.eq, number))),
    Case("at__day__range", (2, F("number")),
         {"$expr": {"$and": [
             {"$let": {"vars": {"other": 2}, "in": by_number("$gte", "$dayOfMonth", "$$other")}},
             by_number("$lte", "$dayOfMonth")]}},
         compared(lambda at: at.day, lambda day, n: 2 <= day <= n, number)),
    # A part beside a part
    Case("at__year", F("later__year"),
         with_other({"$year": "$later"}, by_number("$eq", "$year", "$$other"), LATER),
         compared(year, operator.eq, part_of("later", year))),
    Case("at__year__gt", F("later__year") + 1,
         with_other(AFTER, by_number("$gt", "$year", "$$other"), LATER,
                    {"$isNumber": {"$year": "$later"}}),
         compared(year, operator.gt, part_of("later", lambda at: at.year + 1))),
    Case("at__month", ExtractDay("later"),
         with_other({"$dayOfMonth": "$later"}, by_number("$eq", "$month", "$$other"), LATER),
         compared(month, operator.eq, part_of("later", lambda at: at.day))),
    Case("at__month", Value("5"),
         {"$expr": {"$let": {"vars": {"other": 5}, "in": by_number("$eq", "$month", "$$other")}}},
         compared(month, operator.eq, lambda stored: 5)),
    Case("number", F("at__year"),
         {"$expr": {"$cond": [
             is_type("$at", "date"),
             {"$let": {"vars": {"other": {"$year": "$at"}},
                       "in": {"$and": [{"$isNumber": "$n"}, {"$isNumber": "$$other"},
                                       {"$eq": ["$n", "$$other"]}]}}},
             False]}},
         compared(year, operator.eq, number)),
    # Days and times of day
    Case("at__date", F("day"),
         {"$expr": part_test("$eq", day_of("$at"), "$day", is_type("$day", "date"))},
         compared(lambda at: at.date(), operator.eq, part_of("day", lambda at: at.date()))),
    Case("at__date__lt", F("later"),
         {"$expr": part_test("$lt", day_of("$at"), day_of("$later"), LATER)},
         compared(lambda at: at.date(), operator.lt, part_of("later", lambda at: at.date()))),
    Case("at__time__gte", F("opens"),
         {"$expr": part_test("$gte", CLOCK, ALIGNED, is_type("$opens", "string"))},
         compared(time_of, operator.ge, opens)),
    Case("at__time", F("later__time"),
         with_other({"$dateToString": {"date": "$later", "format": "%H:%M:%S.%L"}},
                    part_test("$eq", CLOCK, "$$other", is_type("$$other", "string")), LATER),
         compared(time_of, operator.eq, part_of("later", time_of))),
    # In lists
    Case("dates__year", F("number"),
         any_element("$dates", by_number("$eq", "$year", at="$$e1")),
         in_elements("dates", lambda item: item)),
    Case("parts__at__year", F("number"),
         any_element("$parts", by_number("$eq", "$year", at="$$e1.at")),
         in_elements("parts", lambda item: item.get("at") if isinstance(item, dict) else None)),
]  # fmt: skip
