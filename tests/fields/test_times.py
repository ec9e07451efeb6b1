"""`DurationField` and `TimeField`."""

import datetime

import pytest
from bson import Int64

from docmodels import documents
from tests.fields.casting import assert_cast, assert_refused, name_of
from tests.fields.stored import assert_round_trip

MS = datetime.timedelta(milliseconds=1)


class Shift(documents.Document):
    start = documents.TimeField(blank=True)
    minute = documents.TimeField(blank=True, timespec="minutes")
    length = documents.DurationField(blank=True)
    ms = documents.DurationField(blank=True, unit="milliseconds")
    breaks = documents.ListField(documents.DurationField())

    class Meta:
        collection = "shifts"


class TestRoundTrip:
    """Saving, loading and finding."""

    @pytest.mark.parametrize(
        ("name", "value", "bson_type", "stored"),
        [
            ("start", datetime.time(8, 30), "string", "08:30:00"),
            ("start", datetime.time(8, 30, 1, 5), "string", "08:30:01.000005"),
            ("start", datetime.time.max, "string", "23:59:59.999999"),
            ("minute", datetime.time(8, 30), "string", "08:30"),
            ("length", datetime.timedelta(microseconds=1), "long", 1),
            ("length", datetime.timedelta(days=-1, microseconds=3), "long", -86_399_999_997),
            ("length", datetime.timedelta(days=365 * 200_000), "long", 6_307_200_000_000_000_000),
            ("ms", datetime.timedelta(seconds=-1.5), "long", -1500),
            ("breaks", [datetime.timedelta(0)], "long", [0]),
        ],
        ids=name_of,
    )
    def test_value(self, mongo, name, value, bson_type, stored):
        """The value and the BSON type come back."""
        assert assert_round_trip(mongo, Shift, name, value, bson_type) == stored

    @pytest.mark.parametrize("raw", [5, Int64(5)], ids=name_of)
    def test_whole_numbers(self, mongo, raw):
        """Stored ints are durations as well, and are no change."""
        mongo.collection("shifts").insert_one({"ms": raw})
        shift = Shift.objects.get()
        shift.ms = 5 * MS

        assert shift.ms == 5 * MS
        assert shift.pending_update()[1] == {}

    @pytest.mark.parametrize(
        "raw",
        [
            {"start": "8:30"},
            {"start": "08:30"},
            {"start": "08:30:00+01:00"},
            {"length": 5.5},
            {"length": "5"},
            {"ms": Int64(2**63 - 1)},
        ],
        ids=name_of,
    )
    def test_stored_otherwise(self, mongo, raw):
        """What the field would not store itself is shown as it is, and noted."""
        mongo.collection("shifts").insert_one(dict(raw))
        shift = Shift.objects.get()
        ((name, value),) = raw.items()

        assert getattr(shift, name) == value
        assert set(shift.read_errors) == {name}

    def test_order(self):
        """Both sort as what they mean."""
        for text in ("10:00", "09:30:00.5", "09:30"):
            Shift(start=text, length=f"{text}:00"[:8]).save()

        found = Shift.objects.filter(start__gte="09:00", length__lt="11:00:00").order_by("start")

        assert [shift.start.isoformat() for shift in found] == [
            "09:30:00",
            "09:30:00.500000",
            "10:00:00",
        ]


class TestCasts:
    """What else is taken."""

    @pytest.mark.parametrize(
        ("field", "given", "expected"),
        [
            (documents.DurationField(), "1 02:03:04.5", datetime.timedelta(1, 7384, 500_000)),
            (documents.DurationField(), "PT1H", datetime.timedelta(hours=1)),
            (documents.DurationField(), 90, datetime.timedelta(seconds=90)),
            (documents.DurationField(), 0.5, datetime.timedelta(seconds=0.5)),
            (documents.DurationField(), "", None),
            (documents.DurationField(unit="milliseconds"), 0.0015, MS),
            (documents.DurationField(unit="seconds"), -0.5, datetime.timedelta(seconds=-1)),
            (
                documents.DurationField(unit="seconds"),
                datetime.timedelta.max,
                datetime.timedelta(days=10**9, seconds=-1),
            ),
            (documents.TimeField(), "8:30", datetime.time(8, 30)),
            (documents.TimeField(), datetime.datetime(2024, 1, 1, 8, 30), datetime.time(8, 30)),
            (documents.TimeField(timespec="minutes"), "8:30:59", datetime.time(8, 30)),
        ],
        ids=name_of,
    )
    def test_accepted(self, field, given, expected):
        """A finer part than what is stored is cut off."""
        assert_cast(field, given, expected)

    @pytest.mark.parametrize(
        ("field", "given", "message"),
        [
            (documents.DurationField(), "soon", "“soon” is not valid, expected a duration."),
            (documents.DurationField(), True, "“True” is not valid, expected a duration."),
            (documents.DurationField(), 1e300, "“1e+300” is not valid, expected a duration."),
            (
                documents.DurationField(),
                datetime.timedelta.max,
                "999999999 days, 23:59:59.999999 is outside of the 64 bits that MongoDB stores.",
            ),
            (documents.TimeField(), "25:00", "“25:00” is not valid, expected a time of day."),
            (documents.TimeField(), 5, "“5” is not valid, expected a time of day."),
            (
                documents.TimeField(),
                datetime.time(8, tzinfo=datetime.UTC),
                "“datetime.time(8, 0, tzinfo=datetime.timezone.utc)” is not valid, expected a "
                "time of day.",
            ),
        ],
        ids=name_of,
    )
    def test_refused(self, field, given, message):
        """Everything else is an error that says what is expected."""
        assert_refused(field, given, message)

    def test_units(self):
        """A unit that there is not is told at the declaration."""
        with pytest.raises(TypeError) as caught:
            documents.DurationField(unit="days")

        assert str(caught.value) == (
            "DurationField.unit: 'days', expected one of microseconds, milliseconds, seconds."
        )
