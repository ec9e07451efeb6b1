"""Booleans, identifiers and bytes."""

import uuid

import pytest
from bson import Binary, ObjectId

from docmodels import documents
from tests.fields.casting import assert_cast, assert_refused, name_of

OID = ObjectId("0123456789abcdef01234567")
UUID = uuid.UUID("12345678-1234-5678-1234-567812345678")


class TestBooleanField:
    """`BooleanField`."""

    @pytest.mark.parametrize("given", [True, "true", "True", 1, "1", "yes", " YES "], ids=name_of)
    def test_true(self, given):
        """What says true is true (C1)."""
        assert documents.BooleanField().clean(given) is True

    @pytest.mark.parametrize("given", [False, "false", "False", 0, "0", "no"], ids=name_of)
    def test_false(self, given):
        """What says false is false, and false is no empty value (C1, V2)."""
        assert documents.BooleanField().clean(given) is False

    @pytest.mark.parametrize(
        ("given", "shown"),
        [("maybe", "maybe"), (2, "2"), ("", ""), ([], "[]"), (1.5, "1.5"), ({}, "{}")],
        ids=name_of,
    )
    def test_refused(self, given, shown):
        """Anything else is an error, also empty text."""
        assert_refused(
            documents.BooleanField(), given, f"“{shown}” is not valid, expected true or false."
        )


class TestObjectIdField:
    """`ObjectIdField`."""

    @pytest.mark.parametrize("given", [OID, str(OID), OID.binary], ids=name_of)
    def test_accepted(self, given):
        """Hexadecimal text and twelve bytes become an ObjectId."""
        assert_cast(documents.ObjectIdField(), given, OID)

    @pytest.mark.parametrize(
        ("given", "shown"),
        [("xyz", "xyz"), (5, "5"), ([OID], f"[ObjectId('{OID}')]"), ({"$ne": 1}, "{'$ne': 1}")],
        ids=name_of,
    )
    def test_refused(self, given, shown):
        """Anything else is an error."""
        assert_refused(
            documents.ObjectIdField(),
            given,
            f"“{shown}” is not valid, expected an ObjectId (24 hexadecimal digits).",
        )


class TestUUIDField:
    """`UUIDField`."""

    @pytest.mark.parametrize(
        "given", [UUID, str(UUID), UUID.hex, UUID.int, UUID.bytes], ids=name_of
    )
    def test_accepted(self, given):
        """Text, integers and sixteen bytes become a UUID."""
        assert_cast(documents.UUIDField(), given, UUID)

    @pytest.mark.parametrize(
        ("given", "shown"),
        [("xyz", "xyz"), (True, "True"), (-1, "-1"), (b"short", "b'short'"), ([], "[]")],
        ids=name_of,
    )
    def test_refused(self, given, shown):
        """Anything else is an error."""
        assert_refused(documents.UUIDField(), given, f"“{shown}” is not valid, expected a UUID.")


class TestBinaryField:
    """`BinaryField`."""

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (b"a", b"a"),
            (bytearray(b"a"), b"a"),
            (memoryview(b"a"), b"a"),
            (Binary(b"a", 0), b"a"),
            (Binary(b"a", 128), Binary(b"a", 128)),
            (UUID, UUID),
        ],
        ids=name_of,
    )
    def test_accepted(self, given, expected):
        """Anything that holds bytes is bytes; another subtype is kept."""
        assert_cast(documents.BinaryField(), given, expected)

    def test_refused(self):
        """Text is refused: its encoding is not known."""
        assert_refused(documents.BinaryField(), "a", "“a” is not valid, expected bytes.")

    def test_max_length(self):
        """`max_length` counts bytes."""
        assert_refused(
            documents.BinaryField(max_length=2),
            b"abc",
            "Ensure this value has at most 2 characters (it has 3).",
        )

    def test_subtype_is_kept(self):
        """New bytes get the subtype of the stored ones."""
        kept = documents.BinaryField().keep_type(Binary(b"a", 5), b"b")

        assert kept == Binary(b"b", 5)
