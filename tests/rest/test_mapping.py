"""Specify which serializer field stands for which document field."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from docmodels import documents, rest
from docmodels.rest.mapping import FIELD_MAPPING, get_field_class
from tests.rest.shop.api import OrderSerializer
from tests.rest.shop.models import Line, Order
from tests.rest.shop.samples import Sample


def make(model, **meta):
    """Return a serializer of `model`."""
    options = type("Meta", (), {"model": model, **meta})
    return type("TestSerializer", (rest.DocumentSerializer,), {"Meta": options})()


class TestFieldMapping:
    """The table of serializer fields."""

    def test_every_field_is_mapped(self):
        """Each public field class has a serializer field of its own or of its family."""
        names = [name for name in documents.__all__ if name.endswith("Field")]
        built = {"EmbeddedField", "EmbeddedListField"}

        unmapped = [
            name
            for name in names
            if name not in built
            and not any(cls in FIELD_MAPPING for cls in getattr(documents, name).__mro__[:-3])
        ]

        assert unmapped == []

    def test_subclass_takes_the_field_of_its_family(self):
        """A field that is not in the table is looked up along its MRO."""

        class Percent(documents.IntegerField):
            pass

        assert get_field_class(Percent()).__name__ == "IntegerField"


class TestRepr:
    """`repr()` shows what was made, as that of ModelSerializer."""

    def test_order(self):
        """Nested documents, references, choices and defaults."""
        expected = """
OrderSerializer():
    pk = ObjectIdField(read_only=True)
    number = CharField(max_length=20)
    customer = ReferenceField(queryset=<Manager: shop.Customer.objects>)
    status = ChoiceField(choices=[('open', 'Open'), ('paid', 'Paid')], required=False)
    lines = LineSerializer(many=True, required=False):
        sku = CharField(max_length=32)
        price = DecimalField(decimal_places=2, max_digits=10)
        quantity = IntegerField(min_value=1, required=False)
    shipping = AddressSerializer(required=False):
        street = CharField(max_length=80)
        city = CharField(max_length=80)
    tags = ListField(child=CharField(max_length=20), required=False)
    labels = DictField(child=IntegerField(), required=False)
    note = CharField(allow_blank=True, required=False, style={'base_template': 'textarea.html'})
    remark = CharField(allow_blank=True, allow_null=True, required=False, style={'base_template': 'textarea.html'})
    placed_at = DateTimeField(read_only=True)
"""  # noqa: E501

        assert repr(OrderSerializer()) == expected.strip()

    def test_every_type(self):
        """One line for each scalar type, with the arguments that its options imply."""
        serializer = make(
            Sample, exclude=["line", "lines", "lines_by_name", "reference", "references"]
        )
        expected = """
TestSerializer():
    pk = CharField(read_only=True)
    code = CharField(max_length=12)
    any = AnyField(required=False)
    binary = BinaryField(max_length=100, required=False)
    boolean = BooleanField(required=False)
    char = CharField(allow_blank=True, max_length=10, min_length=2, required=False)
    date = DateField(required=False)
    moment = DateTimeField(required=False)
    decimal = DecimalField(decimal_places=2, max_digits=6, min_value=0, required=False)
    email = EmailField(allow_blank=True, required=False)
    floating = FloatField(required=False)
    integer = IntegerField(max_value=100, required=False)
    long = IntegerField(required=False)
    object_id = ObjectIdField(required=False)
    point = PointField(required=False)
    slug = SlugField(allow_blank=True, required=False)
    text = CharField(allow_blank=True, allow_null=True, required=False, style={'base_template': 'textarea.html'})
    url = URLField(allow_blank=True, required=False)
    uuid = UUIDField(required=False)
    numbers = ListField(child=IntegerField(), max_length=3, required=False)
    counts = DictField(child=IntegerField(), required=False)
"""  # noqa: E501

        assert repr(serializer) == expected.strip()

    def test_embedded_document(self):
        """An embedded document has no key."""
        serializer = make(Line, fields="__all__")

        assert list(serializer.fields) == ["sku", "price", "quantity"]


class TestMeta:
    """The options of a serializer."""

    def test_fields_in_their_order(self):
        """`fields` chooses and orders; properties may be among them."""
        serializer = make(Order, fields=["number", "total", "pk"])

        assert list(serializer.fields) == ["number", "total", "pk"]
        assert repr(serializer.fields["total"]) == "PropertyField()"

    def test_exclude(self):
        """`exclude` leaves fields out of all others."""
        serializer = make(Order, exclude=["lines", "shipping", "labels", "note", "remark", "tags"])

        assert list(serializer.fields) == ["pk", "number", "customer", "status", "placed_at"]

    def test_read_only_fields_and_extra_kwargs(self):
        """Both change single fields, as in ModelSerializer."""
        serializer = make(
            Order,
            fields=["number", "no", "status"],
            read_only_fields=["status"],
            extra_kwargs={
                "number": {"max_length": 5, "help_text": "Short"},
                "no": {"source": "number"},
            },
        )

        assert repr(serializer.fields["number"]) == "CharField(help_text='Short', max_length=5)"
        assert serializer.fields["status"].read_only
        assert serializer.fields["no"].source == "number"

    def test_id_and_raw_key(self):
        """The key may be called `id`, and a reference by its attribute."""
        serializer = make(Order, fields=["id", "customer_id"])

        assert repr(serializer).splitlines()[1:] == [
            "    id = ObjectIdField(label='ID', read_only=True)",
            "    customer_id = ReferenceField(label='Customer', "
            "queryset=<Manager: shop.Customer.objects>, source='customer')",
        ]

    @pytest.mark.parametrize(
        ("meta", "message"),
        [
            (
                {"fields": ["nubmer"]},
                "TestSerializer.Meta.fields: 'nubmer', expected a field or property of Order. "
                "Did you mean 'number'?",
            ),
            (
                {"exclude": ["nubmer"]},
                "TestSerializer.Meta.exclude: 'nubmer', expected a field of Order. "
                "Did you mean 'number'?",
            ),
            (
                {},
                "TestSerializer.Meta: neither of `fields` and `exclude`, expected one of them "
                "(`fields = '__all__'` names every field).",
            ),
            (
                {"fields": "number"},
                "TestSerializer.Meta.fields: 'number', expected a list or tuple of names or "
                "__all__.",
            ),
            (
                {"fields": ["margin"]},
                "TestSerializer.Meta.fields: 'margin' is hidden, expected it to be left out, or "
                "write_only in Meta.extra_kwargs.",
            ),
            (
                {"model": dict, "fields": []},
                "TestSerializer.Meta.model: <class 'dict'>, expected a document class.",
            ),
        ],
    )
    def test_mistakes(self, meta, message):
        """A mistake in Meta says what would be right."""
        serializer = make(**{"model": Order, **meta})

        with pytest.raises(ImproperlyConfigured) as caught:
            serializer.fields

        assert str(caught.value) == message

    def test_hidden_field_may_be_written(self):
        """A hidden field is accepted as input where it is write-only."""
        serializer = make(
            Order, fields=["number", "margin"], extra_kwargs={"margin": {"write_only": True}}
        )

        assert serializer.fields["margin"].write_only

    def test_nested_serializers_share_the_projects_base(self):
        """What a project overrides in its base serializer holds for nested ones."""

        class ShopSerializer(rest.DocumentSerializer):
            pass

        class ShopOrderSerializer(ShopSerializer):
            class Meta:
                model = Order
                fields = ["lines"]

        assert isinstance(ShopOrderSerializer().fields["lines"].child, ShopSerializer)
