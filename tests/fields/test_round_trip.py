"""What is stored is read again as it was, to the type and the last digit."""

import datetime
import uuid
from decimal import Decimal

import pytest
from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.exceptions import DocumentTooLarge
from tests.fields.casting import name_of


class Inner(documents.EmbeddedDocument):
    price = documents.DecimalField()


class Everything(documents.Document):
    text = documents.TextField(blank=True)
    number = documents.IntegerField(blank=True)
    int32 = documents.Int32Field(blank=True)
    int64 = documents.Int64Field(blank=True)
    double = documents.FloatField(blank=True, allow_nan=True)
    decimal = documents.DecimalField(blank=True)
    flag = documents.BooleanField(blank=True)
    moment = documents.DateTimeField(blank=True)
    day = documents.DateField(blank=True)
    uuid = documents.UUIDField(blank=True)
    blob = documents.BinaryField(blank=True)
    oid = documents.ObjectIdField(blank=True)
    point = documents.PointField(blank=True)
    anything = documents.AnyField(blank=True)
    items = documents.ListField(documents.IntegerField())
    map = documents.MapField(documents.DecimalField(), blank=True)
    inner = documents.EmbeddedField(Inner, blank=True)

    class Meta:
        collection = "everything"


VALUES = [
    ("text", "a\nä🎉", "string"),
    ("number", 5, "int"),
    ("number", Int64(2**40), "long"),
    ("number", Int64(-(2**63)), "long"),
    ("int32", 5, "int"),
    ("int64", Int64(5), "long"),
    ("double", 5.0, "double"),
    ("double", float("inf"), "double"),
    ("decimal", Decimal("1.10"), "decimal"),
    ("decimal", Decimal("9" * 34), "decimal"),
    ("decimal", Decimal("1E-6176"), "decimal"),
    ("flag", False, "bool"),
    ("moment", datetime.datetime(2024, 5, 6, 7, 8, 9, 123_000, tzinfo=datetime.UTC), "date"),
    ("moment", datetime.datetime(1, 1, 1, tzinfo=datetime.UTC), "date"),
    ("moment", datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC), "date"),
    ("day", datetime.date(1900, 2, 28), "date"),
    ("uuid", uuid.UUID(int=7), "binData"),
    ("blob", b"\x00\xff", "binData"),
    ("blob", Binary(b"x", 128), "binData"),
    ("oid", ObjectId("0123456789abcdef01234567"), "objectId"),
    ("point", documents.Point(13.5, 52.25), "object"),
    ("anything", Int64(7), "long"),
    ("anything", Regex("^a", "i"), "regex"),
    ("anything", Timestamp(5, 6), "timestamp"),
    ("anything", {"a": [1, {"b": Decimal("0.50")}], "c": None}, "object"),
    ("anything", [[1], [[]], {}], "array"),
    ("map", {"a": Decimal("1.0")}, "object"),
    ("inner", Inner(price=Decimal("2.00")), "object"),
]


def stored_bytes(mongo, key):
    """Return the document as the server has it, byte by byte."""
    options = CodecOptions(document_class=RawBSONDocument)
    return mongo.collection("everything").with_options(options).find_one({"_id": key}).raw


class TestRoundTrip:
    """Saving and loading."""

    @pytest.mark.parametrize(("name", "value", "bson_type"), VALUES, ids=name_of)
    def test_value(self, mongo, name, value, bson_type):
        """The value, its Python type and its BSON type come back."""
        document = Everything(**{name: value})
        document.save()

        loaded = Everything.objects.get(pk=document.pk)

        assert getattr(loaded, name) == getattr(document, name) == value
        assert type(getattr(loaded, name)) is type(getattr(document, name))
        assert mongo.collection("everything").count_documents({name: {"$type": bson_type}}) == 1
        assert loaded.read_errors == {}

    def test_digits_of_decimals(self):
        """Trailing zeros of a decimal come back."""
        document = Everything(decimal="1.10", map={"a": "2.00"})
        document.save()

        loaded = Everything.objects.get(pk=document.pk)

        assert (str(loaded.decimal), str(loaded.map["a"])) == ("1.10", "2.00")

    def test_not_a_number(self, mongo):
        """NaN is stored where the field allows it, and assigning it again is no change."""
        document = Everything(double="nan")
        document.save()

        loaded = Everything.objects.get(pk=document.pk)
        loaded.double = loaded.double

        assert str(loaded.double) == "nan"
        assert not loaded.is_modified()

    @pytest.mark.parametrize(
        "raw",
        [
            {"number": Int64(5)},
            {"number": 5.0},
            {"double": 5},
            {"decimal": 5},
            {"decimal": Decimal128("1.000")},
            {"blob": Binary(b"a" * 16, 4)},
            {"uuid": Binary(b"a" * 16, 3)},
            {"items": [Int64(1), 2, None]},
            {"map": {"b": Decimal128("1"), "a": 2, "x.y": 3, "$z": 4}},
            {"anything": {"b": {"$x": [{"": 1}]}}},
            {"point": {"coordinates": [1, 2], "type": "Point", "crs": None}},
            {"point": {"coordinates": [1, Int64(2)], "type": "Point"}},
            {"inner": {"extra": 1, "price": 5}},
            {"day": datetime.datetime(2024, 5, 6, 7, 8)},
            {"undeclared": {"a.b": [Int64(1)]}, "$odd": 1, "": 2, "c.d": Regex("x")},
        ],
        ids=name_of,
    )
    def test_touched_is_not_changed(self, mongo, raw):
        """Reading every value and assigning it again writes nothing at all."""
        mongo.collection("everything").insert_one({"_id": 1} | raw)
        before = stored_bytes(mongo, 1)
        document = Everything.objects.raw_filter({"_id": 1}).get()
        repr(document), document.to_dict(), document.read_errors, dict(document.undeclared)
        for field in Everything._meta.fields[1:]:
            if document.is_set(field.name) and field.name not in document.read_errors:
                setattr(document, field.attname, getattr(document, field.attname))

        assert document._errors == {}
        assert document.pending_update()[1] == {}
        document.save(validate=False)
        assert stored_bytes(mongo, 1) == before


class TestHostile:
    """Values that the server or the driver would choke on."""

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("text", "a\x00", "Null characters are not allowed."),
            ("text", "\ud83d", "The text has a lone surrogate, which UTF-8 cannot store."),
            (
                "number",
                2**63,
                "9223372036854775808 is outside of the range -9223372036854775808 to "
                "9223372036854775807.",
            ),
            (
                "anything",
                2**63,
                "9223372036854775808 is outside of the 64 bits that MongoDB stores.",
            ),
            (
                "decimal",
                "0." + "1" * 35,
                f"0.{'1' * 35} has more than the 34 digits that MongoDB stores.",
            ),
            (
                "map",
                {"a.b": 1},
                "The key 'a.b' cannot be stored: keys are text without '.', NUL or leading '$'.",
            ),
        ],
        ids=name_of,
    )
    def test_field_error(self, mongo, name, value, message):
        """They are errors of their field, and nothing is stored."""
        with pytest.raises(ValidationError) as caught:
            Everything(**{name: value}).save()

        assert caught.value.message_dict == {name: [message]}
        assert mongo.collection("everything").count_documents({}) == 0

    def test_more_than_16_megabytes(self, mongo):
        """A document that the server would refuse is an error of its own kind."""
        with pytest.raises(DocumentTooLarge) as caught:
            Everything(text="x" * 17_000_000).save()

        assert str(caught.value).startswith("The document is too large for 'default'")
        assert mongo.collection("everything").count_documents({}) == 0
