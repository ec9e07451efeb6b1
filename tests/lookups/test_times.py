"""Parts of dates in time zones."""

import datetime

import pytest
from django.core.exceptions import FieldError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docmodels.documents import F, Q
from docmodels.exceptions import FilterValueError
from docmodels.lookups.temporal import BEGINNING, END, zone_name
from docmodels.query.where import compile_condition
from tests.lookups.cases.times import MOMENTS
from tests.lookups.models import Thing

UTC = datetime.UTC
ZONES = ["UTC", "Europe/Zurich", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Auckland"]

#: A part, with its value for a moment in the current time zone.
PARTS = {
    "year": lambda at: at.year,
    "iso_year": lambda at: at.isocalendar().year,
    "date": lambda at: at.date(),
    "month": lambda at: at.month,
    "day": lambda at: at.day,
    "week": lambda at: at.isocalendar().week,
    "week_day": lambda at: at.isoweekday() % 7 + 1,
    "iso_week_day": lambda at: at.isoweekday(),
    "quarter": lambda at: (at.month + 2) // 3,
    "hour": lambda at: at.hour,
    "minute": lambda at: at.minute,
    "second": lambda at: at.second,
    "time": lambda at: at.time(),
}


@pytest.mark.parametrize("zone", ZONES)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moments=st.lists(MOMENTS, min_size=2, max_size=6))
def test_current_time_zone(zone, moments, mongo):
    """Parts are those that Python finds in the current time zone, at every border."""
    collection = mongo.collection(Thing._meta.collection)
    collection.delete_many({})
    collection.insert_many([{"_id": i, "at": at} for i, at in enumerate(moments)])

    with timezone.override(zone):
        local = [timezone.localtime(at) for at in moments]
        for name, part in PARTS.items():
            wanted = part(local[0])
            same = {raw["_id"] for raw in Thing.objects.filter(**{f"at__{name}": wanted}).raw()}
            after = {
                raw["_id"] for raw in Thing.objects.filter(**{f"at__{name}__gt": wanted}).raw()
            }

            assert same == {i for i, at in enumerate(local) if part(at) == wanted}, name
            assert after == {i for i, at in enumerate(local) if part(at) > wanted}, name


class TestCompiled:
    """What depends on the time zone, and on the borders of Python's dates."""

    def test_zone(self):
        """A span begins at midnight in the zone, a computed part names it."""
        with timezone.override("Europe/Zurich"):
            year = compile_condition(Thing._meta, "at__year", 2024)
            hour = compile_condition(Thing._meta, "at__hour", 8)

        start = datetime.datetime(2023, 12, 31, 23, tzinfo=UTC)
        end = datetime.datetime(2024, 12, 31, 23, tzinfo=UTC)
        part = {"$hour": {"date": "$at", "timezone": "Europe/Zurich"}}
        is_date = {"$eq": [{"$type": "$at"}, "date"]}
        assert year == {"at": {"$gte": start, "$lt": end}}
        assert hour == {"$expr": {"$cond": [is_date, {"$eq": [part, 8]}, False]}}

    def test_days_have_no_zone(self):
        """A DateField stores midnights in UTC, whatever the current time zone."""
        with timezone.override("Pacific/Auckland"):
            found = compile_condition(Thing._meta, "day__year", 2024)

        start = datetime.datetime(2024, 1, 1, tzinfo=UTC)
        end = datetime.datetime(2025, 1, 1, tzinfo=UTC)
        assert found == {"day": {"$gte": start, "$lt": end}}

    def test_without_time_zones(self, settings):
        """Without USE_TZ moments are meant in UTC."""
        settings.USE_TZ, settings.TIME_ZONE = False, "Asia/Kathmandu"

        found = compile_condition(Thing._meta, "at__date", "2024-05-31")

        start = datetime.datetime(2024, 5, 31, tzinfo=UTC)
        end = datetime.datetime(2024, 6, 1, tzinfo=UTC)
        assert found == {"at": {"$gte": start, "$lt": end}}

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/Sao_Paulo"])
    def test_first_and_last_year(self, zone):
        """Beyond the dates that Python has, milliseconds say the border."""
        with timezone.override(zone):
            first = compile_condition(Thing._meta, "at__year__gte", 1)
            last = compile_condition(Thing._meta, "at__year__lte", 9999)
            days = compile_condition(Thing._meta, "at__date__gt", "9999-12-31")

        start = first["at"]["$gte"]
        assert start == BEGINNING or (start.year, start.month, start.day) == (1, 1, 1)
        assert last == {"at": {"$lt": END}}
        assert days == {"at": {"$gte": END}}

    @pytest.mark.parametrize(
        ("zone", "name"),
        [
            (UTC, "UTC"),
            (datetime.timezone(datetime.timedelta(hours=5, minutes=45)), "+05:45"),
            (datetime.timezone(datetime.timedelta(hours=-3, minutes=-30)), "-03:30"),
            (datetime.timezone(datetime.timedelta(), "Zero"), "UTC"),
        ],
        ids=str,
    )
    def test_zone_name(self, zone, name):
        """The server knows zones by Olson's name or by an offset."""
        assert zone_name(zone) == name


#: A filter's key, its value, and the whole message.
REFUSED = [
    ("at__year", "soon", "Thing.at__year: “soon” is not valid, expected a whole number."),
    ("at__year", 0, "Thing.at__year: 0, expected a year up to 9999."),
    ("at__year__in", [2024, 10_000], "Thing.at__year__in: 10000, expected a year up to 9999."),
    ("at__year", None, "Thing.at__year: None, expected a whole number."),
    (
        "at__month",
        {"$gt": 1},
        "Thing.at__month: “{'$gt': 1}” is not valid, expected a whole number.",
    ),
    ("at__month__range", (1,), "Thing.at__month__range: (1,), expected a pair (low, high)."),
    ("at__date", "someday", "Thing.at__date: “someday” is not valid, expected a date."),
    ("at__time", "late", "Thing.at__time: “late” is not valid, expected a time of day."),
    ("dates__year", [2024], "Thing.dates__year: “[2024]” is not valid, expected a whole number."),
]


class TestErrors:
    """What cannot be a part of a date is refused before anything is sent."""

    @pytest.mark.parametrize(
        ("key", "value", "message"), REFUSED, ids=[f"{k}={v!r}" for k, v, _ in REFUSED]
    )
    def test_values(self, key, value, message):
        """The message has the path, what was given and what was expected."""
        with pytest.raises(FilterValueError) as caught:
            compile_condition(Thing._meta, key, value)

        assert str(caught.value) == message

    def test_unknown_part(self):
        """A part that there is not is an unknown lookup, with what is near."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Thing._meta, "at__yaer", 2024)

        assert str(caught.value) == (
            "Thing.at__yaer: 'yaer', expected a lookup, a DateTimeField has no paths inside. "
            "Did you mean 'year'?"
        )

    def test_unknown_comparison(self):
        """A comparison that parts do not have is one too."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Thing._meta, "at__year__contains", "2")

        assert str(caught.value) == (
            "Thing.at__year: 'year' is a lookup, expected it at the end. What may follow is: "
            "exact, ne, gt, gte, lt, lte, in, nin, range."
        )

    def test_numbers_have_no_parts(self):
        """Only dates have parts."""
        with pytest.raises(FieldError):
            compile_condition(Thing._meta, "number__year", 2024)

    def test_in_one_element(self):
        """What is computed cannot be said of one element; MongoDB would refuse it."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Thing._meta, "parts__elemmatch", Q(sku="a", at__month=5))

        assert str(caught.value) == (
            "Thing.parts__elemmatch: a computed condition ($expr), which MongoDB refuses inside of "
            "elemmatch, expected it beside, or unwind()."
        )

    @pytest.mark.parametrize(
        ("key", "value", "message"),
        [
            ("at__year", F("text"), "Thing.at__year: F('text') is text, expected a whole number."),
            (
                "at__date",
                F("number"),
                "Thing.at__date: F('number') is a whole number, expected a date.",
            ),
            (
                "at__month__range",
                (F("number"),),
                "Thing.at__month__range: (F('number'),), expected a pair (low, high).",
            ),
            (
                "at__year",
                F("dates__0__yaer"),
                "Thing.dates__0__yaer: 'yaer', expected a lookup, a DateTimeField has no paths "
                "inside. Did you mean 'year'?",
            ),
        ],
    )
    def test_expressions(self, key, value, message):
        """What no part can equal, and paths that there are not, are refused."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Thing._meta, key, value)

        assert str(caught.value) == message


@pytest.mark.parametrize("zone", ZONES)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pairs=st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=6))
def test_parts_of_two_paths(zone, pairs, mongo):
    """Parts of two moments are compared in the current time zone, in both forms."""
    collection = mongo.collection(Thing._meta.collection)
    collection.delete_many({})
    collection.insert_many(
        [{"_id": i, "at": at, "later": later} for i, (at, later) in enumerate(pairs)]
    )

    with timezone.override(zone):
        local = [tuple(map(timezone.localtime, pair)) for pair in pairs]
        for name, part in PARTS.items():
            others = F(f"later__{name}")
            same = {raw["_id"] for raw in Thing.objects.filter(**{f"at__{name}": others}).raw()}
            rest = {raw["_id"] for raw in Thing.objects.exclude(**{f"at__{name}": others}).raw()}

            expected = {i for i, (at, later) in enumerate(local) if part(at) == part(later)}
            assert same == expected, name
            assert rest == set(range(len(pairs))) - expected, name


def test_index(mongo):
    """A year is found by the keys of an index alone."""
    collection = mongo.collection(Thing._meta.collection)
    collection.create_index("at")
    collection.insert_many(
        [{"at": datetime.datetime(2000 + i, 6, 1, tzinfo=UTC)} for i in range(30)]
    )

    stats = Thing.objects.filter(at__year=2024).explain("executionStats")["executionStats"]

    assert (stats["nReturned"], stats["totalKeysExamined"]) == (1, 1)
