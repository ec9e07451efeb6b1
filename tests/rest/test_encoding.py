"""Specify the JSON of every type that MongoDB stores."""

import datetime
import decimal
import enum
import uuid

import pytest
from bson import (
    Binary,
    Code,
    DatetimeMS,
    Decimal128,
    Int64,
    MaxKey,
    ObjectId,
    Regex,
    Timestamp,
)
from bson.tz_util import utc

from docmodels.documents import Point
from docmodels.rest.encoding import to_json
from tests.rest.shop.models import Address, Customer

UTC = datetime.UTC


class Colour(enum.StrEnum):
    RED = "red"


class TestToJson:
    """`to_json`."""

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (None, None),
            ("text", "text"),
            (True, True),
            (Int64(2**53 + 1), 9007199254740993),
            (1.5, 1.5),
            (float("nan"), None),
            (float("-inf"), None),
            (decimal.Decimal("1E+3"), "1000"),
            (decimal.Decimal("NaN"), None),
            (Decimal128("12.50"), "12.50"),
            (datetime.datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00.000Z"),
            (
                datetime.datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC),
                "2026-01-31T12:00:00.123Z",
            ),
            (datetime.date(2026, 1, 31), "2026-01-31"),
            (ObjectId("65a000000000000000000001"), "65a000000000000000000001"),
            (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            (b"\x00\xff", "AP8="),
            pytest.param(Binary(b"\x00\xff", 128), "AP8=", id="binary of another subtype"),
            (Point(16.37, 48.2), {"type": "Point", "coordinates": [16.37, 48.2]}),
            (Colour.RED, "red"),
            ({"a": [ObjectId("65a000000000000000000001")]}, {"a": ["65a000000000000000000001"]}),
            ((1, float("nan")), [1, None]),
            (Address(street="Ring 1", city="Wien"), {"street": "Ring 1", "city": "Wien"}),
            (Customer(id="65a000000000000000000001", name="Ada"), "65a000000000000000000001"),
            (DatetimeMS(2**52), {"$date": {"$numberLong": "4503599627370496"}}),
            (Regex("^a", "i"), {"$regularExpression": {"pattern": "^a", "options": "i"}}),
            (Timestamp(1, 2), {"$timestamp": {"t": 1, "i": 2}}),
            (Code("f()"), {"$code": "f()"}),
            (MaxKey(), {"$maxKey": 1}),
        ],
    )
    def test_value(self, value, expected):
        """Each type has one form."""
        assert to_json(value) == expected
        assert type(to_json(value)) is type(expected)


class TestMoments:
    """What the driver decodes is written as Python would write it."""

    @pytest.mark.parametrize(
        "moment",
        [
            datetime.datetime(1, 1, 1, tzinfo=utc),
            datetime.datetime(987, 6, 5, 4, 3, 2, 1_999, tzinfo=utc),
            datetime.datetime(2024, 12, 31, 23, 59, 59, 999_999, tzinfo=utc),
        ],
    )
    def test_decoded(self, moment):
        """Years, milliseconds and the zone have their full width."""
        expected = moment.replace(tzinfo=None).isoformat(timespec="milliseconds")

        assert to_json(moment) == f"{expected}Z"
