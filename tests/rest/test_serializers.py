"""Specify what serializers show, accept and write."""

import datetime

import pytest
from rest_framework import serializers

from docmodels import documents, rest
from tests.rest.shop.api import OrderSerializer
from tests.rest.shop.models import Address, Customer, Line, Order
from tests.rest.shop.samples import Sample


class SampleSerializer(rest.DocumentSerializer):
    class Meta:
        model = Sample
        fields = "__all__"


MOMENT = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.UTC)


def load(**raw):
    """Return an order as it comes from the database."""
    return Order.from_mongo({"_id": "x", "number": "A-1", **raw})


class TestRepresentation:
    """`serializer.data`."""

    def test_missing_stays_missing_and_null_is_null(self):
        """Three states: no key, null, a value."""
        order = load(remark=None, status="paid")

        data = OrderSerializer(order).data

        assert data == {
            "pk": "x",
            "number": "A-1",
            "status": "paid",
            "lines": [],
            "tags": [],
            "remark": None,
        }

    def test_default_of_what_is_missing(self):
        """A missing field with a default shows the default."""
        data = OrderSerializer(load(lines=[{"sku": "tea"}])).data

        assert data["status"] == "open"
        assert data["lines"] == [{"sku": "tea", "quantity": 1}]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("lines", "none"),
            ("lines", [1, None, {"sku": 5}]),
            ("shipping", ["a"]),
            ("tags", {"a": 1}),
            ("placed_at", "yesterday"),
            ("number", {"a": [1.5]}),
            ("customer", 5),
            ("labels", [True]),
        ],
        ids=repr,
    )
    def test_stored_value_of_a_wrong_type(self, name, value):
        """It is shown as it is stored."""
        data = OrderSerializer(load(**{name: value})).data

        expected = [1, None, {"sku": 5, "quantity": 1}] if value == [1, None, {"sku": 5}] else value
        assert data[name] == expected

    @pytest.mark.parametrize("stored", [{"key": 1}, [{"key": 1}], {"code": {"key": 1}}], ids=str)
    @pytest.mark.parametrize("name", ["one", "many"])
    def test_hidden_value_in_a_wrong_place(self, name, stored):
        """What an embedded document hides is not shown where its type is wrong."""

        class Secret(documents.EmbeddedDocument):
            code = documents.AnyField(blank=True)
            key = documents.IntegerField(blank=True, hidden=True)

            class Meta:
                app_label = "shop"

        class Safe(documents.EmbeddedDocument):
            one = documents.EmbeddedField(Secret, blank=True)
            many = documents.EmbeddedListField(Secret, blank=True)

            class Meta:
                app_label = "shop"

        class Serializer(rest.DocumentSerializer):
            class Meta:
                model = Safe
                fields = [name]

        shown = Serializer(Safe.from_mongo({name: stored})).data[name]

        expected = {"code": {"key": 1}} if "code" in stored else {}
        assert shown in (expected, [expected])

    def test_read_before_or_after_the_attributes(self):
        """Embedded documents are shown alike whether or not they were touched."""
        raw = {
            "lines": [{"sku": "tea", "price": 1}],
            "shipping": {"street": "Ring 1", "city": "Wien"},
            "labels": {"a": 1},
        }
        untouched, touched = load(**raw), load(**raw)
        assert [line.sku for line in touched.lines] == ["tea"]
        assert touched.shipping.city == "Wien"

        assert OrderSerializer(untouched).data == OrderSerializer(touched).data

    def test_hidden_field_is_absent(self):
        """A hidden field is not shown, even where it was loaded."""
        assert "margin" not in OrderSerializer(load(margin=0.4)).data

    def test_declared_fields_go_their_own_way(self):
        """Overridden fields, methods and sources work as in any serializer."""

        class Serializer(rest.DocumentSerializer):
            placed_at = serializers.DateTimeField(format="%Y")
            count = serializers.SerializerMethodField()
            customer_key = serializers.SerializerMethodField()
            city = serializers.CharField(source="shipping.city", default=None)

            class Meta:
                model = Order
                fields = ["number", "placed_at", "count", "city", "customer_key", "total"]

            def get_count(self, order):
                return len(order.lines)

            def get_customer_key(self, order):
                return order.customer_id

        customer = Customer(id="65a000000000000000000001", name="Ada")
        order = Order(
            number="A-1",
            customer=customer,
            placed_at=MOMENT,
            lines=[Line(sku="tea", price="4.50")],
            shipping=Address(street="Ring 1", city="Wien"),
        )

        assert Serializer(order).data == {
            "number": "A-1",
            "placed_at": "2026",
            "count": 1,
            "city": "Wien",
            "customer_key": "65a000000000000000000001",
            "total": "4.50",
        }

    def test_fields_removed_from_one_instance(self):
        """Changing `fields` of an instance changes that instance only."""
        order = load()
        OrderSerializer(order).data

        changed = OrderSerializer(order)
        for name in list(changed.fields):
            if name != "number":
                changed.fields.pop(name)

        assert changed.data == {"number": "A-1"}
        assert "status" in OrderSerializer(order).data

    def test_settings_of_drf_hold(self, settings):
        """DATETIME_FORMAT and COERCE_DECIMAL_TO_STRING change the output."""
        order = load(placed_at=MOMENT)
        assert OrderSerializer(order).data["placed_at"] == "2026-01-31T12:00:00.000Z"

        settings.REST_FRAMEWORK = {"DATETIME_FORMAT": "%Y"}

        assert OrderSerializer(order).data["placed_at"] == "2026"

    def test_to_representation_may_be_overridden(self):
        """A nested serializer's own method is used."""

        class LineSerializer(rest.DocumentSerializer):
            class Meta:
                model = Line
                fields = ["sku"]

            def to_representation(self, instance):
                return super().to_representation(instance)["sku"].upper()

        class Serializer(rest.DocumentSerializer):
            lines = LineSerializer(many=True)

            class Meta:
                model = Order
                fields = ["lines"]

        assert Serializer(load(lines=[{"sku": "tea"}])).data == {"lines": ["TEA"]}

    def test_validated_data_without_a_document(self):
        """`data` of a valid serializer that was not saved shows the input."""
        serializer = SampleSerializer(data={"code": "a", "decimal": "1.5"})
        assert serializer.is_valid(), serializer.errors

        assert serializer.data["decimal"] == "1.5"


class TestInput:
    """`is_valid()`."""

    def test_every_type(self, customer):
        """JSON becomes Python values of the declared types, and back."""
        data = {
            "code": "a",
            "any": {"deep": [1, {"b": None}]},
            "binary": "AP8=",
            "boolean": True,
            "char": "  ab ",
            "date": "2026-01-31",
            "moment": "2026-01-31T12:00:00.000Z",
            "decimal": "1.5",
            "email": "ada@example.com",
            "floating": 1.5,
            "integer": 7,
            "long": 9007199254740993,
            "object_id": "65a000000000000000000001",
            "point": {"type": "Point", "coordinates": [16.37, 48.2]},
            "reference": str(customer.pk),
            "references": [str(customer.pk), str(customer.pk)],
            "slug": "a-b",
            "text": None,
            "url": "https://example.com/",
            "uuid": "00000000-0000-0000-0000-000000000001",
            "numbers": [1, 2],
            "counts": {"a": 1},
            "line": None,
            "lines": [{"sku": "tea", "price": "4.50", "quantity": 1}],
            "lines_by_name": {"first": {"sku": "tea", "price": "4.50", "quantity": 1}},
        }
        serializer = SampleSerializer(data=data)
        assert serializer.is_valid(), serializer.errors

        saved = serializer.save()

        assert SampleSerializer(Sample.objects.get(pk=saved.pk)).data == {"pk": "a", **data}

    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            ("any", {"$where": "1"}, {"any": ["The key '$where' cannot be stored: keys are text "
                "without '.', NUL or leading '$'."]}),
            ("any", {"a": 2**63}, {"any": ["9223372036854775808 is outside of the 64 bits that "
                "MongoDB stores."]}),
            ("any", ["\ud800"], {"any": ["The text has a lone surrogate, which UTF-8 cannot "
                "store."]}),
            ("binary", "%", {"binary": ["Not valid base64."]}),
            ("binary", 5, {"binary": ["Expected base64 text, got int."]}),
            ("boolean", [], {"boolean": ["Must be a valid boolean."]}),
            ("char", {"$gt": ""}, {"char": ["Not a valid string."]}),
            ("char", "a\x00b", {"char": ["Null characters are not allowed."]}),
            ("char", "\ud800a", {"char": ["Surrogate characters are not allowed: U+D800."]}),
            ("decimal", "1.234", {"decimal": ["Ensure that there are no more than 2 decimal "
                "places."]}),
            ("decimal", "-1", {"decimal": ["Ensure this value is greater than or equal to 0."]}),
            ("integer", "x", {"integer": ["A valid integer is required."]}),
            ("integer", 101, {"integer": ["Ensure this value is less than or equal to 100."]}),
            ("lines", {"0": {}}, {"lines": {"non_field_errors": ['Expected a list of items but '
                'got type "dict".']}}),
            ("lines", [{"sku": "x", "price": "1"}, {"skuu": "x", "price": "y"}], {"lines": {1: {
                "sku": ["This field is required."], "price": ["A valid number is required."],
                "skuu": ["Unknown field. Did you mean 'sku'?"]}}}),
            ("line", [], {"line": {"non_field_errors": ["Invalid data. Expected a dictionary, but "
                "got list."]}}),
            ("numbers", [1, "x"], {"numbers": {1: ["A valid integer is required."]}}),
            ("numbers", [1, 2, 3, 4], {"numbers": ["Ensure this field has no more than 3 "
                "elements."]}),
            ("counts", {"a": "x"}, {"counts": {"a": ["A valid integer is required."]}}),
            ("object_id", "x", {"object_id": ["“x” is not a valid ObjectId, expected 24 "
                "hexadecimal digits."]}),
            ("point", [200, 0], {"point": ["Longitude 200.0, latitude 0.0 is not on the globe."]}),
            ("reference", "x", {"reference": ["“x” is not valid, expected an ObjectId (24 "
                "hexadecimal digits)."]}),
            ("reference", "65a000000000000000000001", {"reference": ['Invalid pk '
                '"65a000000000000000000001" - object does not exist.']}),
            ("references", ["65a000000000000000000001", "x"], {"references": {
                0: ['Invalid pk "65a000000000000000000001" - object does not exist.'],
                1: ["“x” is not valid, expected an ObjectId (24 hexadecimal digits)."]}}),
            ("unknown", 1, {"unknown": ["Unknown field. Choices are: code, any, binary, boolean, "
                "char, date, moment, decimal, email, floating, integer, long, object_id, point, "
                "reference, references, slug, text, url, uuid, numbers, counts, line, lines, "
                "lines_by_name."]}),
        ],
        ids=lambda value: ascii(value)[:60],
    )  # fmt: skip
    def test_refused(self, mongo, name, value, expected):
        """What does not fit is an error at its own place."""
        serializer = SampleSerializer(data={"code": "a", name: value})

        assert not serializer.is_valid()
        assert serializer.errors == expected

    def test_references_are_looked_up_by_one_query(self, customer, assert_num_commands):
        """A list of keys costs one command."""
        serializer = SampleSerializer(data={"code": "a", "references": [str(customer.pk)] * 5})

        with assert_num_commands(1):
            assert serializer.is_valid()
