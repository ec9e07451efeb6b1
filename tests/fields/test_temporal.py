"""Dates and times."""

import datetime
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from docmodels import documents
from tests.fields.casting import assert_cast, assert_refused, name_of

NOON = datetime.datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
DAY = datetime.date(2024, 5, 6)


class TestDateTimeField:
    """`DateTimeField`."""

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (NOON, NOON),
            ("2024-05-06T12:00:00Z", NOON),
            ("2024-05-06 14:00:00+02:00", NOON),
            (" 2024-05-06T12:00:00.123456Z ", NOON.replace(microsecond=123_000)),
            (NOON.replace(microsecond=999_999), NOON.replace(microsecond=999_000)),
            (NOON.astimezone(ZoneInfo("Asia/Tokyo")), NOON),
            (datetime.datetime(2024, 5, 6, 12), NOON),
            (DAY, NOON.replace(hour=0)),
            ("2024-05-06", NOON.replace(hour=0)),
            (1_714_996_800_000, NOON),
            (1_714_996_800_000.0, NOON),
            (-1, datetime.datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        ],
        ids=name_of,
    )
    def test_accepted(self, given, expected):
        """Times become aware UTC with milliseconds, truncated (C1, C5)."""
        assert_cast(documents.DateTimeField(), given, expected)
        assert documents.DateTimeField().to_python(given).tzinfo is UTC

    def test_naive_time_is_in_the_current_zone(self):
        """A time without zone is meant in Django's current time zone."""
        with timezone.override("Europe/Berlin"):
            value = documents.DateTimeField().to_python(datetime.datetime(2024, 5, 6, 14))

        assert value == NOON

    @pytest.mark.parametrize("given", [None, ""], ids=name_of)
    def test_null(self, given):
        """Null and empty text are null (C1)."""
        assert documents.DateTimeField().to_python(given) is None

    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            (True, "True"),
            ("soon", "soon"),
            ("2024-13-01", "2024-13-01"),
            ("2024-05-06T25:00:00Z", "2024-05-06T25:00:00Z"),
            (float("nan"), "nan"),
            (10**20, "100000000000000000000"),
            ([], "[]"),
        ],
        ids=name_of,
    )
    def test_refused(self, given, shown):
        """Booleans, other text and times outside of the years 1 to 9999 are errors."""
        assert_refused(
            documents.DateTimeField(), given, f"“{shown}” is not valid, expected a date and time."
        )

    @pytest.mark.parametrize("given", [datetime.date.min, datetime.datetime.min], ids=name_of)
    def test_first_day_east_of_greenwich(self, given):
        """A time that is before the year 1 in UTC is an error."""
        with timezone.override("Asia/Tokyo"):
            assert_refused(
                documents.DateTimeField(),
                given,
                "“datetime.datetime(1, 1, 1, 0, 0)” is not valid, expected a date and time.",
            )


class TestDateField:
    """`DateField`."""

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (DAY, DAY),
            (NOON, DAY),
            ("2024-05-06", DAY),
            ("2024-05-06T12:00:00Z", DAY),
            (" 2024-05-06 ", DAY),
            (1_714_996_800_000, DAY),
        ],
        ids=name_of,
    )
    def test_accepted(self, given, expected):
        """ISO text and datetimes become days."""
        assert_cast(documents.DateField(), given, expected)

    @pytest.mark.parametrize(
        ("given", "shown"),
        [("soon", "soon"), ("2024-02-30", "2024-02-30"), (True, "True"), (10**20, f"{10**20}")],
        ids=name_of,
    )
    def test_refused(self, given, shown):
        """Anything else is an error."""
        assert_refused(documents.DateField(), given, f"“{shown}” is not valid, expected a date.")

    def test_stored_as_midnight(self):
        """A day is stored as its midnight in UTC, and read as a day again."""
        field = documents.DateField()

        stored = field.get_prep_value(DAY)

        assert stored == NOON.replace(hour=0)
        assert field.from_db(stored) == DAY

    def test_stored_time_of_day(self):
        """A stored time of day is shown, and equal days are no change."""
        field = documents.DateField()

        assert field.from_db(NOON) == NOON
        assert field.same(NOON, field.get_prep_value(DAY))
