"""Keys in addresses: every `_id` that the server takes goes there and back."""

import datetime
import uuid

import pytest
from bson import Binary, Decimal128, Int64, MaxKey, ObjectId, Timestamp
from django.urls import reverse

from docmodels.admin import keys

UTC = datetime.UTC


@pytest.mark.parametrize(
    "key",
    [
        ObjectId("65a1b2c3d4e5f60718293a4b"), "DE", "tt0111161", "a/b", "a b?c#d%", "", "é\u202e",
        "add", "65a1b2c3d4e5f60718293a4b", "s:x", 5, -5, Int64(2**40), 1.5, True, None,
        Decimal128("1.10"), uuid.UUID(int=7), Binary(b"\x00\xff", 5), b"bytes",
        datetime.datetime(2024, 5, 6, 7, 8, 9, 123_000, tzinfo=UTC), {"a": 1, "b": [{"c": None}]},
        Timestamp(1, 2), MaxKey(),
    ],
    ids=repr,
)  # fmt: skip
def test_any_key_goes_into_one_segment_and_back(key):
    """A quoted key is one segment of a path and gives the same key again."""
    segment = keys.quote(key)

    assert "/" not in segment
    assert keys.unquote(segment) == key
    assert reverse("admin:library_shelf_delete", args=[segment], current_app="docmodels")


@pytest.mark.parametrize(
    ("key", "segment"),
    [
        (ObjectId("65a1b2c3d4e5f60718293a4b"), "65a1b2c3d4e5f60718293a4b"),
        ("DE", "s:DE"),
        ("add", "s:add"),
        (703448, "i:703448"),
    ],
)
def test_frequent_keys_can_be_read(key, segment):
    """Text, numbers and ObjectIds are themselves in the address."""
    assert keys.quote(key) == segment


@pytest.mark.parametrize(
    "segment",
    ["", "x", "s:", "s:a b", "i:x", "i:99999999999999999999", "u:zz", "x:!!", "x:e30", "x:W10",
     "x:eyJrIjogWzFdfQ", "x:" + "A" * 5_000, "q:1"],
)  # fmt: skip
def test_damaged_segments_are_refused(segment):
    """What `quote` never makes is a ValueError, whatever it is."""
    with pytest.raises(ValueError):
        keys.unquote(segment)


def test_typed_text_may_mean_several_keys():
    """Digits may be a number or a text."""
    assert keys.parse(" 12 ") == [12, "12"]
