"""Values of any shape: what MongoDB stores passes, everything else is refused."""

import datetime
import decimal
import enum
import re
import uuid

import pytest
from bson import Binary, Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.tracking import TrackedDict, TrackedList
from tests.fields.casting import assert_refused, name_of


class Level(enum.IntEnum):
    HIGH = 3


def nested(levels):
    """Return a dict in a dict in a dict …"""
    value = {}
    for _level in range(levels):
        value = {"a": value}
    return value


class TestCast:
    """What is cast, and what is kept."""

    @pytest.mark.parametrize(
        "value",
        [
            None,
            True,
            5,
            Int64(5),
            1.5,
            float("inf"),
            "text",
            "a\x00b",
            b"bytes",
            Binary(b"x", 5),
            ObjectId("0123456789abcdef01234567"),
            uuid.UUID(int=7),
            decimal.Decimal("1.50"),
            Regex("^a", "i"),
            re.compile("^a"),
            Code("f()"),
            DBRef("a", 1),
            Timestamp(1, 2),
            MinKey(),
            MaxKey(),
            datetime.datetime(2024, 5, 6, tzinfo=datetime.UTC),
        ],
        ids=name_of,
    )
    def test_kept(self, value):
        """Every BSON type passes as it is."""
        assert documents.AnyField().to_python(value) == value

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (Level.HIGH, 3),
            (Decimal128("1.50"), decimal.Decimal("1.50")),
            (datetime.date(2024, 5, 6), datetime.datetime(2024, 5, 6, tzinfo=datetime.UTC)),
            (bytearray(b"a"), b"a"),
            ((1, 2), [1, 2]),
            ({"a": [{"b": (1,)}]}, {"a": [{"b": [1]}]}),
        ],
        ids=name_of,
    )
    def test_cast(self, given, expected):
        """Enums, days, tuples and byte arrays become what they are read as."""
        assert documents.AnyField().to_python(given) == expected

    def test_containers_are_tracked(self):
        """Dicts and lists inside become tracked ones, deeply."""
        value = documents.AnyField().to_python({"a": [{"b": 1}]})

        assert type(value) is TrackedDict
        assert type(value["a"]) is TrackedList
        assert type(value["a"][0]) is TrackedDict

    def test_tracked_containers_are_copied(self):
        """Two documents never share a container."""
        one = documents.AnyField().to_python({"a": [1]})

        two = documents.AnyField().to_python(one)
        two["a"].append(2)

        assert one == {"a": [1]}


class TestRefused:
    """Hostile values."""

    @pytest.mark.parametrize("key", ["$x", "a.b", "", "a\x00", "\ud800", 5, None], ids=name_of)
    def test_keys(self, key):
        """A key that no update can name is refused, at every depth."""
        message = (
            f"The key {key!r} cannot be stored: keys are text without '.', NUL or leading '$'."
        )

        assert_refused(documents.AnyField(), {key: 1}, message)
        assert_refused(documents.AnyField(), [{"a": {key: 1}}], message)

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            (2**63, "9223372036854775808 is outside of the 64 bits that MongoDB stores."),
            ("\ud800", "The text has a lone surrogate, which UTF-8 cannot store."),
            (
                decimal.Decimal("1" * 35),
                f"{'1' * 35} has more than the 34 digits that MongoDB stores.",
            ),
            (
                datetime.timedelta(1),
                "“datetime.timedelta(days=1)” is not valid, expected any value that MongoDB "
                "stores.",
            ),
            (1j, "“1j” is not valid, expected any value that MongoDB stores."),
        ],
        ids=name_of,
    )
    def test_values(self, value, message):
        """What the driver could not encode is an error of the field."""
        assert_refused(documents.AnyField(), value, message)
        assert_refused(documents.AnyField(), {"a": [value]}, message)

    def test_depth(self):
        """A hundred levels pass, one more is refused."""
        field = documents.AnyField()

        assert field.clean(nested(100))
        assert_refused(field, nested(101), "Nested deeper than 100 levels.")

    def test_depth_by_edits_in_place(self):
        """What became too deep by edits in place is refused at validation."""
        field = documents.AnyField()
        value = inner = field.to_python({})
        for _level in range(101):
            inner["a"] = {}
            inner = inner["a"]
        errors = {}

        field.collect_errors(value, "data", errors, None)

        assert [e.messages for e in errors["data"]] == [["Nested deeper than 100 levels."]]

    def test_keys_by_edits_in_place(self):
        """A bad key is refused where it is assigned."""
        value = documents.AnyField().to_python({})

        with pytest.raises(ValidationError) as caught:
            value["$where"] = 1

        assert caught.value.messages == [
            "The key '$where' cannot be stored: keys are text without '.', NUL or leading '$'."
        ]
        assert value == {}
