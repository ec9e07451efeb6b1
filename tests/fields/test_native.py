"""Fields of the types that only MongoDB has."""

import datetime
import re

import pytest
from bson import Code, DBRef, MaxKey, MinKey, ObjectId, Regex
from bson.timestamp import Timestamp

from docmodels import documents
from tests.fields.casting import assert_cast, assert_refused, name_of
from tests.fields.stored import assert_round_trip

OID = ObjectId("0123456789abcdef01234567")


class Owner(documents.Document):
    name = documents.CharField(blank=True)

    class Meta:
        collection = "owners"


class Native(documents.Document):
    stamp = documents.TimestampField(blank=True)
    pattern = documents.RegexField(blank=True)
    code = documents.CodeField(blank=True)
    owner = documents.DBRefField(blank=True, db_field="o")
    owners = documents.ListField(documents.DBRefField())
    anything = documents.AnyField(blank=True)

    class Meta:
        collection = "native"


class TestRoundTrip:
    """Saving, loading and finding."""

    @pytest.mark.parametrize(
        ("name", "value", "bson_type"),
        [
            ("stamp", Timestamp(2**32 - 1, 2**32 - 1), "timestamp"),
            ("pattern", Regex("^a.*\\z", "imsx"), "regex"),
            ("code", Code("return 1"), "javascript"),
            ("code", Code("return x", {"x": 1}), "javascriptWithScope"),
            ("anything", MinKey(), "minKey"),
            ("anything", MaxKey(), "maxKey"),
            ("anything", Timestamp(1, 2), "timestamp"),
            ("anything", Code("x", {"x": [1]}), "javascriptWithScope"),
            ("anything", DBRef("c", 1, "d", extra=2), "object"),
        ],
        ids=name_of,
    )
    def test_value(self, mongo, name, value, bson_type):
        """The value, its class and its BSON type come back."""
        assert_round_trip(mongo, Native, name, value, bson_type)

    @pytest.mark.parametrize(
        "value", [DBRef("c", OID), DBRef("c", "x", "d"), DBRef("c", 1, None, x=[2])]
    )
    def test_dbref(self, value):
        """A DBRef comes back, and is found whole."""
        Native(owner=value, owners=[value]).save()

        loaded = Native.objects.get(owner=value)

        assert (loaded.owner, loaded.owners) == (value, [value])
        assert loaded.read_errors == {}

    def test_keys_of_any_type(self):
        """MinKey and MaxKey are ordered around everything else."""
        for value in (MaxKey(), 5, MinKey(), "a"):
            Native(anything=value).save()

        found = Native.objects.order_by("anything").values_list("anything", flat=True)

        assert list(found) == [MinKey(), 5, "a", MaxKey()]

    def test_ranges(self):
        """Timestamps have an order."""
        Native(stamp=(5, 1)).save()

        assert Native.objects.filter(stamp__gt=(5, 0), stamp__lt=Timestamp(5, 2)).exists()


class TestCasts:
    """What else is taken."""

    @pytest.mark.parametrize(
        ("field", "given", "expected"),
        [
            (documents.TimestampField(), (5, 6), Timestamp(5, 6)),
            (documents.TimestampField(), [5, 6], Timestamp(5, 6)),
            (
                documents.TimestampField(),
                datetime.datetime(1970, 1, 1, 0, 0, 9, tzinfo=datetime.UTC),
                Timestamp(9, 0),
            ),
            (documents.TimestampField(), "", None),
            (documents.RegexField(), "a+", Regex("a+")),
            (documents.RegexField(), re.compile("a+", re.IGNORECASE), Regex("a+", "i")),
            (documents.CodeField(), "x", Code("x")),
            (documents.DBRefField(), ("c", 1), DBRef("c", 1)),
            (documents.DBRefField(), {"$ref": "c", "$id": 1, "$db": "d"}, DBRef("c", 1, "d")),
            (documents.DBRefField(), Owner(id=OID), DBRef("owners", OID)),
        ],
        ids=name_of,
    )
    def test_accepted(self, field, given, expected):
        """They become the type of the driver."""
        assert_cast(field, given, expected)

    @pytest.mark.parametrize(
        ("field", "given", "message"),
        [
            (
                documents.TimestampField(),
                (1, 2**32),
                "“(1, 4294967296)” is not valid, expected a timestamp, a pair (seconds, counter) "
                "or a date and time.",
            ),
            (
                documents.TimestampField(),
                True,
                "“True” is not valid, expected a timestamp, a pair (seconds, counter) or a date "
                "and time.",
            ),
            (documents.RegexField(), 5, "“5” is not valid, expected a regular expression."),
            (documents.RegexField(), "a\x00", "Null characters are not allowed."),
            (documents.CodeField(), 5, "“5” is not valid, expected JavaScript code."),
            (documents.CodeField(), "", "This field cannot be blank."),
            (
                documents.DBRefField(),
                "x",
                "“x” is not valid, expected a DBRef, a pair (collection, key) or a document.",
            ),
            (
                documents.DBRefField(),
                Owner(),
                "“<Owner: Owner object (None)>” is not valid, expected a DBRef, a pair "
                "(collection, key) or a document.",
            ),
        ],
        ids=name_of,
    )
    def test_refused(self, field, given, message):
        """Everything else is an error that says what is expected."""
        assert_refused(field, given, message)


class TestDBRefPaths:
    """Paths inside of a DBRef."""

    def test_filters(self):
        """The key and the collection can be asked for."""
        Native(owner=DBRef("c", OID), owners=[DBRef("d", 1)]).save()

        assert Native.objects.filter(owner__id=OID, owner__ref="c").exists()
        assert Native.objects.filter(owners__id=1).exists()
        assert not Native.objects.filter(owner__ref="d").exists()
        assert Native.objects.filter(owner__id=1).query.compile_filter() == {"o.$id": 1}

    def test_wrong_type(self, mongo):
        """What is stored in place of a DBRef is shown as it is."""
        mongo.collection("native").insert_one({"o": OID, "stamp": 5})

        loaded = Native.objects.get()

        assert (loaded.owner, loaded.stamp) == (OID, 5)
        assert set(loaded.read_errors) == {"owner", "stamp"}
