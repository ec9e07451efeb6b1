"""Parts of dates at the end of a path, and each date once."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import FieldError
from django.test import override_settings

from docmodels.documents import Count, F, Max
from docmodels.queryset.manager import Manager
from tests.queryset.models import Book, Event

UTC = datetime.UTC
BERLIN = ZoneInfo("Europe/Berlin")


def at(*parts):
    """Return a moment in UTC."""
    return datetime.datetime(*parts, tzinfo=UTC)


@pytest.fixture
def dated(books):
    """Store books of three years; one was written at the turn of a year, one never."""
    return books(
        {"title": "a", "n": 1, "written_at": at(2023, 12, 31, 23, 30), "day": at(2023, 12, 31)},
        {"title": "b", "n": 2, "written_at": at(2023, 5, 1, 12), "day": at(2023, 5, 1)},
        {"title": "c", "n": 3, "written_at": at(2025, 5, 2, 12, 30), "day": at(2025, 5, 2)},
        {"title": "d", "n": 4, "written_at": at(2025, 5, 2, 12, 45), "day": at(2025, 5, 2)},
        {"title": "e", "written_at": None},
        {"title": "f"},
    )


class TestParts:
    """`placed_at__year` wherever a path may be."""

    def test_values(self, dated):
        """A column of that name."""
        rows = (
            Book.objects.filter(pages__lte=2).order_by("title").values("title", "written_at__year")
        )

        assert list(rows) == [
            {"title": "a", "written_at__year": 2023},
            {"title": "b", "written_at__year": 2023},
        ]

    def test_values_list(self, dated):
        """Columns in the order that was given; what has no date is None."""
        queryset = Book.objects.order_by("title")

        assert list(queryset.values_list("written_at__month", "title", "day__quarter"))[3:5] == [
            (5, "d", 2),
            (None, "e", None),
        ]
        assert list(queryset[:2].values_list("day__week_day", flat=True)) == [1, 2]
        assert queryset.values_list("written_at__year", named=True)[0].written_at__year == 2023

    def test_groups(self, dated):
        """A group for each part, with aggregates and conditions on both."""
        groups = Book.objects.values("written_at__year").annotate(n=Count("pk"))

        assert list(groups.order_by("-n", "written_at__year").values_list()) == [
            (None, 2),
            (2023, 2),
            (2025, 2),
        ]
        assert list(groups.filter(written_at__year=2023)) == [{"written_at__year": 2023, "n": 2}]
        assert Book.objects.values("day__year", top=Max("pages")).order_by("top")[1] == {
            "day__year": 2023,
            "top": 2,
        }

    def test_order(self, dated):
        """In the order of a part, either way."""
        queryset = Book.objects.filter(written_at__isnull=False)

        found = queryset.order_by("written_at__month", "-written_at__year", "title")
        assert found.values_list("title", flat=True)[::1] == ["c", "d", "b", "a"]
        assert queryset.order_by("-written_at__month").first().title == "a"

    def test_expressions(self, dated):
        """In computed values, aggregates, conditions and updates."""
        aged = Book.objects.annotate(age=F("written_at__year") - 2000)

        assert aged.get(title="c").age == 25
        assert Book.objects.aggregate(last=Max("written_at__year")) == {"last": 2025}
        assert aged.filter(age__lt=25).count() == 2
        assert Book.objects.filter(pages__lt=F("written_at__day")).count() == 1
        assert Book.objects.filter(title="a").update(pages=F("written_at__year")) == 1
        assert Book.objects.get(title="a").pages == 2023

    def test_zone(self, dated):
        """Moments are meant in the current zone, days in none."""
        with override_settings(TIME_ZONE="Europe/Berlin"):
            row = Book.objects.values("written_at__year", "day__year").get(title="a")

        assert row == {"written_at__year": 2024, "day__year": 2023}

    def test_keys_come_first(self, books):
        """A key of that name in a map or in undeclared data is the key."""
        books({"title": "a", "counts": {"year": 3}, "extra": {"year": 4}})

        assert Book.objects.values("counts__year", "extra__year").get() == {
            "counts__year": 3,
            "extra__year": 4,
        }

    def test_no_date(self, mongo):
        """Other fields have no parts."""
        with pytest.raises(FieldError) as caught:
            Book.objects.values("title__year")

        assert "Book" in str(caught.value)
        assert "expected a date or a time" in str(caught.value)


class TestDates:
    """`dates()`: the days."""

    @pytest.mark.parametrize(
        ("kind", "order", "expected"),
        [
            ("year", "ASC", [(2023, 1, 1), (2025, 1, 1)]),
            ("month", "DESC", [(2025, 5, 1), (2023, 12, 1), (2023, 5, 1)]),
            ("week", "ASC", [(2023, 5, 1), (2023, 12, 25), (2025, 4, 28)]),
            ("day", "ASC", [(2023, 5, 1), (2023, 12, 31), (2025, 5, 2)]),
        ],
    )
    @pytest.mark.parametrize("path", ["day", "written_at"])
    def test_dates(self, path, kind, order, expected, dated):
        """Each once, in order; of moments as of days."""
        found = Book.objects.dates(path, kind, order)

        assert list(found) == [datetime.date(*parts) for parts in expected]

    def test_zone(self, dated):
        """The days of moments are those of the current zone."""
        with override_settings(TIME_ZONE="Europe/Berlin"):
            found = list(Book.objects.dates("written_at", "year"))

        assert found == [datetime.date(year, 1, 1) for year in (2023, 2024, 2025)]

    def test_narrowed(self, dated):
        """Of what the queryset has, which may be cut and narrowed."""
        assert list(Book.objects.filter(pages=1).dates("day", "year")) == [
            datetime.date(2023, 1, 1)
        ]
        assert list(Book.objects.dates("day", "year")[1:]) == [datetime.date(2025, 1, 1)]
        assert Book.objects.dates("day", "month").count() == 3


class TestDatetimes:
    """`datetimes()`: the moments."""

    def test_hours(self, dated):
        """Each once, in order."""
        found = Book.objects.datetimes("written_at", "hour", "DESC")

        assert list(found) == [at(2025, 5, 2, 12), at(2023, 12, 31, 23), at(2023, 5, 1, 12)]

    def test_zone(self, dated):
        """In a zone, the current one unless it is given."""
        found = list(Book.objects.datetimes("written_at", "year", tzinfo=BERLIN))

        assert found == [datetime.datetime(y, 1, 1, tzinfo=BERLIN) for y in (2023, 2024, 2025)]
        with override_settings(TIME_ZONE="Europe/Berlin"):
            assert list(Book.objects.datetimes("written_at", "year")) == found


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda m: m.dates("title", "year"), FieldError,
         "Book.title: dates() of text, expected a date or a date and time."),
        (lambda m: m.dates("day", "hour"), ValueError,
         "Book.day: dates(): 'hour', expected a kind. Choices are: year, month, week, day."),
        (lambda m: m.datetimes("day", "hour"), FieldError,
         "Book.day: datetimes() of a date, expected a date and time."),
        (lambda m: m.dates("day", "day", "up"), ValueError,
         "Book.day: dates(): order 'up', expected 'ASC' or 'DESC'."),
    ],
)  # fmt: skip
def test_mistakes(make, error, message):
    """What does not fit is told before anything is sent."""
    with pytest.raises(error) as caught:
        make(Book.objects)

    assert str(caught.value) == message


def test_manager():
    """The manager has them."""
    assert callable(Manager.dates)
    assert Event.objects.datetimes("at", "day").query.is_pipeline
