"""`UnionField`, `JSONField` and `IPAddressField`."""

import ipaddress
import pickle
from decimal import Decimal

import pytest
from bson import Int64, ObjectId
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.documents import ops
from tests.fields.casting import assert_cast, assert_refused, name_of
from tests.fields.stored import assert_round_trip


class Circle(documents.EmbeddedDocument):
    radius = documents.FloatField()


class Box(documents.EmbeddedDocument):
    width = documents.FloatField()
    height = documents.FloatField(max_value=9)


class Mixed(documents.Document):
    value = documents.UnionField(
        documents.IntegerField(), documents.DecimalField(), documents.CharField(max_length=5),
        documents.ListField(documents.IntegerField()), blank=True, null=True,
    )  # fmt: skip
    shape = documents.UnionField(
        documents.EmbeddedField(Circle), documents.EmbeddedField(Box), blank=True
    )
    values = documents.ListField(
        documents.UnionField(documents.ReferenceField("self"), documents.BooleanField())
    )
    data = documents.JSONField(blank=True)
    address = documents.IPAddressField(blank=True)

    class Meta:
        collection = "mixed"


class TestUnion:
    """`UnionField`."""

    @pytest.mark.parametrize(
        ("value", "bson_type"),
        [
            (5, "int"),
            (Int64(2**40), "long"),
            (Decimal("1.50"), "decimal"),
            ("5", "string"),
            ([1, 2], "array"),
        ],
        ids=name_of,
    )
    def test_round_trip(self, mongo, value, bson_type):
        """Each value is that of the field whose type it has."""
        assert_round_trip(mongo, Mixed, "value", value, bson_type)

    def test_embedded(self, mongo):
        """A stored dict becomes the class that knows its keys, and changes by path."""
        Mixed(shape={"width": 1, "height": 2}).save()
        mixed = Mixed.objects.get(shape__width=1)

        assert mixed.shape == Box(width=1, height=2)
        mixed.shape.height = 3
        assert mixed.pending_update()[1] == {"$set": {"shape.height": 3.0}}
        mixed.shape = Circle(radius=1)
        mixed.save()
        assert Mixed.objects.get(shape__radius=1).shape == Circle(radius=1)

    def test_in_lists(self):
        """As the element of a list, with a reference."""
        key = ObjectId()
        Mixed(values=[key, True]).save()

        assert Mixed.objects.get(values=key).values == [key, True]
        assert Mixed.objects.filter(values=True).update(values=ops.Push(False)) == 1

    @pytest.mark.parametrize(
        ("given", "expected"), [(1.0, 1), (b"x", None), ({1: 2}, None), ("", ""), (None, None)]
    )
    def test_casts(self, given, expected):
        """The first field that can cast takes what is of no field's type."""
        field = Mixed._meta.get_field("value")
        if expected is None and given is not None:
            assert_refused(
                field,
                given,
                f"“{given!r}” is not valid, expected a whole number or a decimal number or text or "
                f"a list.",
            )
        else:
            assert_cast(field, given, expected)

    def test_errors(self):
        """The value is judged by its field, at its path."""
        with pytest.raises(ValidationError) as caught:
            Mixed(value="too long", shape=Box(width=1, height=10)).save()

        assert caught.value.message_dict == {
            "value": ["Ensure this value has at most 5 characters (it has 8)."],
            "shape.height": ["Ensure this value is less than or equal to 9."],
        }

    def test_stored_otherwise(self, mongo):
        """What none of the fields accepts is shown as it is, and noted."""
        mongo.collection("mixed").insert_one({"value": {"a": [1]}, "shape": 5})
        mixed = Mixed.objects.get()

        assert (mixed.value, mixed.shape) == ({"a": [1]}, 5)
        assert set(mixed.read_errors) == {"value", "shape"}

    def test_pickle(self):
        """Documents with lists inside of a union can be pickled."""
        mixed = pickle.loads(pickle.dumps(Mixed(value=[1], values=[True])))
        mixed.value.append("2")

        assert (mixed.value, mixed.values) == ([1, 2], [True])

    def test_mistake(self):
        """One field is no union."""
        with pytest.raises(TypeError) as caught:
            documents.UnionField(documents.IntegerField())

        assert str(caught.value).endswith("expected two fields or more.")


class TestJSON:
    """`JSONField`."""

    @pytest.mark.parametrize(
        ("value", "bson_type"),
        [
            ({"a": [1, 2.5, None, True, {"b": "x"}]}, "object"),
            ([], "array"),
            (5, "int"),
            (False, "bool"),
        ],
        ids=name_of,
    )
    def test_round_trip(self, mongo, value, bson_type):
        """It is stored as BSON."""
        document = Mixed(data=value)
        document.save()

        assert Mixed.objects.get(pk=document.pk).data == value
        assert Mixed.objects.get(pk=document.pk).read_errors == {}

    def test_paths(self):
        """Filters and changes reach inside."""
        Mixed(data={"a": {"b": 1}}).save()
        mixed = Mixed.objects.get(data__a__b=1)
        mixed.data["a"]["b"] = 2

        assert mixed.pending_update()[1] == {"$set": {"data.a.b": 2}}

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (float("nan"), "nan is not a finite number."),
            ([1, {"a": float("inf")}], "inf is not a finite number."),
            (
                {"a": ObjectId("0123456789abcdef01234567")},
                "“ObjectId('0123456789abcdef01234567')” is not valid, expected text, a number, "
                "true, false, a list or a dict.",
            ),
            (
                b"x",
                "“b'x'” is not valid, expected text, a number, true, false, a list or a dict.",
            ),
        ],
        ids=name_of,
    )
    def test_refused(self, given, message):
        """What JSON cannot carry is refused at any depth."""
        assert_refused(documents.JSONField(), given, message)

    def test_edited_in_place(self):
        """Also when it is put inside later."""
        mixed = Mixed(data={"a": 1})
        mixed.data["b"] = b"x"

        with pytest.raises(ValidationError) as caught:
            mixed.save()

        assert list(caught.value.message_dict) == ["data"]

    def test_stored_otherwise(self, mongo):
        """Other types that are stored are shown, and noted."""
        mongo.collection("mixed").insert_one({"data": {"a": b"x"}})

        loaded = Mixed.objects.get()

        assert loaded.data == {"a": b"x"}
        assert set(loaded.read_errors) == {"data"}


class TestIPAddress:
    """`IPAddressField`."""

    @pytest.mark.parametrize(
        ("options", "given", "expected"),
        [
            ({}, "10.0.0.1", "10.0.0.1"),
            ({}, ipaddress.ip_address("10.0.0.1"), "10.0.0.1"),
            ({}, "2001:0DB8::0001", "2001:db8::1"),
            ({"protocol": "ipv6"}, "::1", "::1"),
            ({"unpack_ipv4": True}, "::ffff:10.0.0.1", "10.0.0.1"),
        ],
    )
    def test_accepted(self, mongo, options, given, expected):
        """Addresses are stored as text, IPv6 ones in their shortest form."""
        assert documents.IPAddressField(**options).clean(given) == expected
        assert_round_trip(mongo, Mixed, "address", expected, "string")

    @pytest.mark.parametrize(
        ("options", "given", "message"),
        [
            ({}, "10.0.0.256", "Enter a valid IPv4 or IPv6 address."),
            ({}, "::x", "This is not a valid IPv6 address."),
            ({"protocol": "ipv4"}, "::1", "Enter a valid IPv4 address."),
            ({"protocol": "ipv6"}, "10.0.0.1", "Enter a valid IPv6 address."),
        ],
    )
    def test_refused(self, options, given, message):
        """Django's own messages."""
        assert_refused(documents.IPAddressField(**options), given, message)

    def test_name(self):
        """Django's name is another one of it."""
        assert documents.GenericIPAddressField is documents.IPAddressField
