"""Attributes of documents: construction, casts, and errors of assignments (C1, C2, V3)."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.exceptions import UnknownField


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=5)
    price = documents.DecimalField(default=0)


class Order(documents.Document):
    number = documents.IntegerField()
    state = documents.CharField(choices={"n": "New", "s": "Sent"}, default="n")
    tags = documents.ListField(documents.CharField())
    lines = documents.EmbeddedListField(Line)
    at = documents.DateTimeField(blank=True)
    extra = documents.AnyField(blank=True)

    @property
    def doubled(self):
        return self.number * 2

    @doubled.setter
    def doubled(self, value):
        self.number = value // 2


class TestConstructor:
    """`Order(...)`."""

    def test_by_name_and_position(self):
        """Values are given by name, or in order of declaration."""
        assert Order(None, 5).number == Order(number=5).number == 5

    def test_values_are_cast(self):
        """Values are cast as in an assignment."""
        order = Order(number="5", tags="a", lines=[{"sku": "x", "price": "1.5"}])

        assert order.number == 5
        assert order.tags == ["a"]
        assert order.lines == [Line(sku="x", price="1.5")]

    def test_unknown_name(self):
        """An undeclared name raises, with the nearest one."""
        with pytest.raises(UnknownField) as caught:
            Order(nummer=5)

        assert str(caught.value) == "Order.nummer: no such field. Did you mean 'number'?"

    @pytest.mark.parametrize("name", ["_changed", "__class__", "_meta"])
    def test_private_names(self, name):
        """Names with underscores are never set by name."""
        with pytest.raises(UnknownField):
            Order(**{name: 1})

    def test_too_many_positions(self):
        """More positions than fields raise."""
        with pytest.raises(TypeError) as caught:
            Order(*range(9))

        assert str(caught.value) == "Order: 9 positional values, expected at most 7."

    def test_given_twice(self):
        """A name that a position gave already raises."""
        with pytest.raises(TypeError) as caught:
            Order(None, 5, number=6)

        assert str(caught.value) == "Order.number: given twice."

    def test_properties(self):
        """Properties may be set by name, as on a Django model."""
        assert Order(doubled=10).number == 5


class TestAssignment:
    """`order.number = …`."""

    def test_uncastable_value(self):
        """The old value stays, and validation tells the error (V3)."""
        order = Order(number=5)

        order.number = "many"

        assert order.number == 5
        with pytest.raises(ValidationError) as caught:
            order.full_clean()
        assert caught.value.message_dict == {
            "number": ["“many” is not valid, expected a whole number."]
        }

    @pytest.mark.parametrize("good", [6, 5], ids=["another", "the old one"])
    def test_good_value_clears_the_error(self, good):
        """A good value takes the error away (V3)."""
        order = Order(number=5)
        order.number = "many"

        order.number = good

        order.full_clean()
        assert order.number == good

    def test_deletion_clears_the_error(self):
        """`del` takes the error away as well."""
        order = Order(number=5)
        order.at = "soon"

        del order.at

        order.full_clean()

    def test_errors_inside(self):
        """Errors of elements have the path of the element."""
        order = Order(number=5)

        order.lines = [{"sku": "a"}, {"sku": "b", "price": "x"}]

        with pytest.raises(ValidationError) as caught:
            order.full_clean()
        assert caught.value.message_dict == {
            "lines.1.price": ["“x” is not valid, expected a decimal number."]
        }

    def test_constructor_keeps_errors(self):
        """A value that the constructor cannot cast is an error of the save."""
        order = Order(number="many")

        assert order.number is None
        with pytest.raises(ValidationError) as caught:
            order.save()
        assert caught.value.message_dict == {
            "number": ["“many” is not valid, expected a whole number."]
        }

    def test_scalar_for_a_list(self):
        """A scalar is wrapped (C2)."""
        order = Order(number=1)

        order.tags = "a"

        assert order.tags == ["a"]

    def test_times(self):
        """A time is what it will be after a reload (C5)."""
        order = Order(number=1, at=datetime.datetime(2024, 5, 6, 7, 8, 9, 123_456))
        order.save()

        assert order.at == Order.objects.get().at
        assert order.at.microsecond == 123_000

    def test_unknown_attribute(self):
        """Reading an unknown attribute raises, with the nearest one."""
        with pytest.raises(AttributeError) as caught:
            getattr(Order(), "numbr")  # noqa: B009

        assert str(caught.value) == (
            "'Order' object has no attribute 'numbr'. Did you mean 'number'?"
        )

    def test_choices(self):
        """`get_FOO_display` gives the label of a choice."""
        assert Order().get_state_display() == "New"

    def test_plain_attributes(self):
        """An attribute that is no field belongs to the object only."""
        order = Order(number=1)

        order.remark = "only here"

        assert order.remark == "only here"
        assert "remark" not in order.to_mongo()


class TestShapes:
    """`to_dict`, `to_mongo` and `repr`."""

    def test_to_dict(self):
        """Python values by name, containers as plain ones."""
        order = Order(number=1, lines=[{"sku": "x"}], extra={"a": (1,)})

        values = order.to_dict()

        assert values == {
            "number": 1,
            "state": "n",
            "tags": [],
            "lines": [{"sku": "x", "price": 0}],
            "extra": {"a": [1]},
        }
        assert type(values["lines"]) is list
        assert type(values["extra"]["a"]) is list

    def test_repr(self):
        """The text is Django's; embedded documents show their values."""
        assert repr(Order()) == "<Order: Order object (None)>"
        assert repr(Line(sku="x")) == "Line(sku='x', price=Decimal('0'))"
        assert repr(Order._meta.get_field("tags")) == (
            "<docmodels.fields.containers.ListField: tags>"
        )

    def test_clean_is_called(self):
        """`clean()` may judge several fields, by path or for the whole."""

        class Range(documents.Document):
            low = documents.IntegerField()
            high = documents.IntegerField()

            def clean(self):
                if self.low > self.high:
                    raise ValidationError("The range is empty.")
                if self.low == self.high:
                    raise ValidationError({"high": "One more is needed."})

        with pytest.raises(ValidationError) as caught:
            Range(low=2, high=1).full_clean()
        assert caught.value.message_dict == {"__all__": ["The range is empty."]}
        with pytest.raises(ValidationError) as caught:
            Range(low=1, high=1).full_clean()
        assert caught.value.message_dict == {"high": ["One more is needed."]}
