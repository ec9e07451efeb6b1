"""Specify what django-filter does with documents."""

import django_filters
import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework.test import APIRequestFactory

from docmodels import rest
from docmodels.contrib.django_filters import DjangoFilterBackend, FilterSet
from tests.rest.shop.models import Line, Order
from tests.rest.shop.samples import Sample


@pytest.fixture
def orders(customer):
    """Return two orders."""
    Order.objects.create(number="A-1", customer=customer, lines=[Line(sku="tea", price=4)])
    Order.objects.create(number="A-2", customer=customer, status="paid", note="urgent")


class OrderFilter(FilterSet):
    urgent = django_filters.BooleanFilter(method="filter_urgent")

    class Meta:
        model = Order
        fields = {
            "number": ["exact", "in"],
            "customer": ["exact"],
            "lines__quantity": ["gte", "range"],
            "lines__sku": ["exact"],
            "placed_at": ["gte"],
            "remark": ["isnull"],
            "status": ["exact"],
        }

    def filter_urgent(self, queryset, name, value):
        return queryset.filter(note="urgent") if value else queryset.exclude(note="urgent")


def get(query, **attributes):
    """Return the answer of a viewset to a query."""
    view = type("View", (rest.DocumentViewSet,), {"queryset": Order.objects.all(), **attributes})
    return view.as_view({"get": "list"})(APIRequestFactory().get(f"/?{query}"))


def numbers(response):
    """Return the numbers of the orders in an answer."""
    assert response.status_code == 200, response.data
    return [order["number"] for order in response.data["results"]]


BOTH = [
    {"filterset_class": OrderFilter},
    {"filterset_class": OrderFilter, "filter_backends": [DjangoFilterBackend]},
]


class TestFilterSet:
    """A FilterSet over a document."""

    def test_table(self):
        """Each family has its filter."""

        class SampleFilter(FilterSet):
            class Meta:
                model = Sample
                fields = "__all__"

        made = {name: type(item).__name__ for name, item in SampleFilter.base_filters.items()}

        assert made == {
            "code": "CharFilter",
            "any": "KeyFilter",
            "binary": "KeyFilter",
            "boolean": "BooleanFilter",
            "char": "CharFilter",
            "date": "DateFilter",
            "moment": "IsoDateTimeFilter",
            "decimal": "NumberFilter",
            "email": "CharFilter",
            "floating": "NumberFilter",
            "integer": "NumberFilter",
            "long": "NumberFilter",
            "object_id": "KeyFilter",
            "point": "KeyFilter",
            "reference": "KeyFilter",
            "references": "KeyFilter",
            "slug": "CharFilter",
            "text": "CharFilter",
            "url": "CharFilter",
            "uuid": "UUIDFilter",
            "numbers": "NumberFilter",
            "counts": "KeyFilter",
            "line": "KeyFilter",
            "lines": "KeyFilter",
            "lines_by_name": "KeyFilter",
        }

    @pytest.mark.parametrize("attributes", BOTH, ids=["ours", "django-filter's"])
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["A-1", "A-2"]),
            ("number=A-1", ["A-1"]),
            ("number__in=A-1,A-2", ["A-1", "A-2"]),
            ("status=paid", ["A-2"]),
            ("lines__sku=tea", ["A-1"]),
            ("lines__quantity__gte=1", ["A-1"]),
            ("lines__quantity__range=2,5", []),
            ("placed_at__gte=2020-01-01T00:00:00Z", ["A-1", "A-2"]),
            ("remark__isnull=true", ["A-1", "A-2"]),
            ("urgent=true", ["A-2"]),
        ],
    )
    def test_filters(self, orders, attributes, query, expected):
        """Its filters work in our backend and in django-filter's."""
        assert numbers(get(query, **attributes)) == expected

    @pytest.mark.parametrize("attributes", BOTH, ids=["ours", "django-filter's"])
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("lines__quantity__gte=x", {"lines__quantity__gte": ["Enter a number."]}),
            (
                "customer=x",
                {"customer": ["“x” is not valid, expected an ObjectId (24 hexadecimal digits)."]},
            ),
            (
                "status=lost",
                {"status": ["Select a valid choice. lost is not one of the available choices."]},
            ),
            ("number[$ne]=x", None),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_refused(self, orders, attributes, query, expected):
        """A wrong value is a 400 with the form's error; so is an unknown parameter."""
        response = get(query, **attributes)

        assert response.status_code == 400
        assert expected is None or response.data == expected

    def test_fields_of_the_view(self, orders):
        """django-filter's backend makes a FilterSet from `filterset_fields`."""
        attributes = {
            "filterset_fields": ["number", "lines__sku"],
            "filter_backends": [DjangoFilterBackend],
        }

        assert numbers(get("lines__sku=tea", **attributes)) == ["A-1"]
        assert get("status=paid", **attributes).status_code == 400

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            (
                ["margin"],
                "Wrong.Meta.fields: 'margin' is hidden, expected a field that clients may see.",
            ),
            (
                ["nubmer"],
                "Wrong.Meta.fields: 'nubmer': Order.nubmer: Order has no field 'nubmer'. "
                "Did you mean 'number'?",
            ),
            (None, "Wrong.Meta: neither `fields` nor `exclude`, expected one of them."),
        ],
        ids=str,
    )
    def test_mistakes(self, fields, message):
        """A mistake is told when the class is made."""
        meta = type("Meta", (), {"model": Order, "fields": fields})

        with pytest.raises(ImproperlyConfigured) as caught:
            type("Wrong", (FilterSet,), {"Meta": meta})

        assert str(caught.value) == message

    def test_hidden_fields_are_left_out(self):
        """`"__all__"` names what clients may see."""

        class All(FilterSet):
            class Meta:
                model = Order
                exclude = ["number"]

        assert "margin" not in All.base_filters
        assert "number" not in All.base_filters
        assert "status" in All.base_filters
