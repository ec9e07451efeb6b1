"""Validation (V1 to V5)."""

import pytest
from bson import ObjectId
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator

from docmodels import documents

called = []


def remember(value):
    """Note what the validator was given."""
    called.append(value)


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=3)
    price = documents.IntegerField(min_value=0)


class Order(documents.Document):
    number = documents.CharField(max_length=3)
    total = documents.IntegerField(blank=True, validators=[remember])
    paid = documents.BooleanField(blank=True)
    lines = documents.EmbeddedListField(Line)
    codes = documents.ListField(documents.CharField(), min_items=1, default=["x"])
    rates = documents.MapField(
        documents.IntegerField(validators=[MaxValueValidator(9)]), blank=True
    )

    class Meta:
        collection = "orders"


@pytest.fixture
def stored(mongo):
    """Return a function that stores a document and loads it."""

    def store(raw, *names):
        key = ObjectId()
        mongo.collection("orders").insert_one({"_id": key} | raw)
        orders = Order.objects.only(*names) if names else Order.objects
        return orders.get(pk=key)

    return store


def errors_of(call, *args, **kwargs):
    """Return the messages by path."""
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    return caught.value.message_dict


class TestFullClean:
    """`full_clean()`."""

    def test_all_errors_together(self):
        """One error has all paths, each with its messages (V4)."""
        order = Order(
            total="much",
            codes=[],
            lines=[{"sku": "abcd", "price": -1}, Line()],
            rates={"eur": 10},
        )

        assert errors_of(order.full_clean) == {
            "number": ["This field is required."],
            "total": ["“much” is not valid, expected a whole number."],
            "codes": ["At least 1 item is needed (there are 0)."],
            "lines.0.sku": ["Ensure this value has at most 3 characters (it has 4)."],
            "lines.0.price": ["Ensure this value is greater than or equal to 0."],
            "lines.1.sku": ["This field is required."],
            "lines.1.price": ["This field is required."],
            "rates.eur": ["Ensure this value is less than or equal to 9."],
        }

    def test_codes(self):
        """Each error has its code (V4)."""
        with pytest.raises(ValidationError) as caught:
            Order(number="long").full_clean()

        assert [e.code for e in caught.value.error_dict["number"]] == ["max_length"]

    def test_exclude(self):
        """Excluded names are not judged, also not their casts."""
        order = Order(total="much")

        order.full_clean(exclude=["number", "total"])

    @pytest.mark.parametrize(
        ("values", "errors"),
        [
            ({"number": ""}, {"number": ["This field cannot be blank."]}),
            ({"number": None}, {"number": ["This field cannot be null."]}),
            ({"number": "a", "lines": []}, {}),
            ({"number": "a", "paid": False}, {}),
        ],
        ids=["empty text", "null", "empty list", "false"],
    )
    def test_required(self, values, errors):
        """Empty text and null fail, an empty list and false pass (V2)."""
        order = Order(**values)

        if errors:
            assert errors_of(order.full_clean) == errors
        else:
            order.full_clean()

    def test_missing_values_are_not_validated(self):
        """Validators run on values only (V2)."""
        called.clear()

        Order(number="a").full_clean()
        Order(number="a", total=0).full_clean()

        assert called == [0]

    def test_failed_cast_runs_no_validators(self):
        """A failed cast is the only error of its path (V3)."""
        called.clear()

        assert list(errors_of(Order(number="a", total="x").full_clean)) == ["total"]
        assert called == []


class TestSave:
    """What a save judges (V1)."""

    def test_nothing_is_sent(self, mongo, assert_num_commands):
        """An invalid document is not sent."""
        with assert_num_commands(0):
            errors_of(Order(number="long").save)

    def test_loaded_bad_value(self, stored):
        """A bad stored value blocks the save, also of something else."""
        order = stored({"number": "long!", "codes": ["x"]})

        order.paid = True

        assert errors_of(order.save) == {
            "number": ["Ensure this value has at most 3 characters (it has 5)."]
        }

    def test_wrong_type(self, stored):
        """So does a stored value of another type."""
        order = stored({"number": 5, "codes": ["x"], "lines": [{"sku": "a", "price": "1"}]})

        assert errors_of(order.save) == {
            "number": ["Stored as int, expected text."],
            "lines.0.price": ["Stored as str, expected a whole number."],
        }

    def test_only_what_changed(self, stored, mongo):
        """`validate="changed"` narrows it to changed paths."""
        order = stored({"number": "long!", "codes": ["x"]})

        order.paid = True
        order.save(validate="changed")
        order.number = "longer"

        assert mongo.collection("orders").find_one()["paid"] is True
        assert errors_of(order.save, validate="changed") == {
            "number": ["Ensure this value has at most 3 characters (it has 6)."]
        }

    def test_changed_in_place(self, stored):
        """An edit in place counts as changed (V7)."""
        order = stored({"number": "long!", "codes": ["x"]})

        order.codes.clear()

        assert errors_of(order.save, validate="changed") == {
            "codes": ["At least 1 item is needed (there are 0)."]
        }

    def test_failed_cast_is_a_change(self, stored):
        """A value that could not be cast is told, also by the narrow form."""
        order = stored({"number": "a", "codes": ["x"]})

        order.total = "much"

        assert list(errors_of(order.save, validate="changed")) == ["total"]

    def test_not_at_all(self, stored, mongo):
        """`validate=False` judges nothing."""
        order = stored({"number": "long!"})

        order.number = "longer"
        order.save(validate=False)

        assert mongo.collection("orders").find_one()["number"] == "longer"

    def test_left_out_by_a_projection(self, stored):
        """A bad value that was not loaded does not block the save."""
        order = stored({"number": "long!", "paid": False}, "paid")

        order.paid = True
        order.save()

    def test_missing_required_path(self, stored):
        """A required path that is missing blocks the save."""
        order = stored({"paid": False, "codes": ["x"]})

        assert errors_of(order.save) == {"number": ["This field is required."]}

    def test_hostile_document(self, mongo):
        """Reading a hostile document gives errors, never a crash."""
        mongo.collection("orders").insert_one(
            {"number": {"$ne": 1}, "lines": "x", "codes": [{}, []], "rates": [1], "paid": "yes"}
        )
        order = Order.objects.get()

        assert set(errors_of(order.full_clean)) == {
            "number",
            "lines",
            "codes.0",
            "codes.1",
            "rates",
            "paid",
        }
