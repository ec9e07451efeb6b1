"""Specify what the query parameters of a list mean, and what they must not."""

import datetime

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework import status
from rest_framework.test import APIRequestFactory

from docmodels import rest
from tests.rest.shop.models import Line, Order

pytestmark = pytest.mark.django_db

PARAMETERS = (
    "after, before, customer, lines__quantity, lines__quantity__gte, lines__quantity__range, "
    "lines__sku, number, number__in, number__regex, number__startswith, ordering, page_size, "
    "placed_at__gte, placed_at__lt, remark, remark__exists, remark__isnull, search, status, tags, "
    "tags__all, tags__size."
)


@pytest.fixture
def orders(customer):
    """Return three orders, placed on three days."""
    days = [datetime.datetime(2026, 1, day, tzinfo=datetime.UTC) for day in (1, 2, 3)]
    Order.objects.create(
        placed_at=days[0],
        number="A-1",
        customer=customer,
        lines=[Line(sku="tea", price=4)],
        tags=["a", "b"],
    )
    Order.objects.create(
        placed_at=days[1],
        number="A-2",
        customer=customer,
        lines=[Line(sku="cup", price=7, quantity=3)],
        status="paid",
        remark="late",
    )
    Order.objects.create(
        placed_at=days[2], number="B-1", customer=customer, remark=None, note="a Tea party"
    )


def numbers(response):
    """Return the numbers of the orders in an answer."""
    assert response.status_code == status.HTTP_200_OK, response.json()
    return [order["number"] for order in response.json()["results"]]


class TestFilters:
    """`filterset_fields`."""

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("number=A-1", ["A-1"]),
            ("number=a-1", []),
            ("number__in=A-1,B-1", ["A-1", "B-1"]),
            ("number__in=A-1&number__in=B-1", ["A-1", "B-1"]),
            ("number__startswith=A", ["A-1", "A-2"]),
            ("number__regex=^A.*1$", ["A-1"]),
            ("number=A-1&status=paid", []),
            ("lines__sku=cup", ["A-2"]),
            ("lines__quantity__gte=2", ["A-2"]),
            ("lines__quantity__range=1,2", ["A-1"]),
            ("placed_at__gte=2020-01-01", ["A-1", "A-2", "B-1"]),
            ("placed_at__lt=2020-01-01T00:00:00Z", []),
            ("remark__isnull=true", ["A-1", "B-1"]),
            ("remark__exists=false", ["A-1"]),
            ("tags=a", ["A-1"]),
            ("tags__all=a,b", ["A-1"]),
            ("tags__size=0", ["A-2", "B-1"]),
            ("remark=", []),
            ("number=$ne", []),
        ],
    )
    def test_declared(self, api, orders, query, expected):
        """Each parameter is the keyword of `filter()`, its value cast by the field."""
        assert numbers(api.get(f"/api/orders/?{query}")) == expected

    def test_reference(self, api, orders, customer):
        """A reference is filtered by key."""
        assert len(numbers(api.get(f"/api/orders/?customer={customer.pk}"))) == 3

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            (
                "number[$ne]=x",
                {
                    "number[$ne]": [
                        f"Unknown parameter. Did you mean 'number'? Choices are: {PARAMETERS}"
                    ]
                },
            ),
            (
                "nubmer=x",
                {
                    "nubmer": [
                        f"Unknown parameter. Did you mean 'number'? Choices are: {PARAMETERS}"
                    ]
                },
            ),
            ("xyz=1", {"xyz": [f"Unknown parameter. Choices are: {PARAMETERS}"]}),
            ("margin=1", None),
            ("_id=1", None),
            ("$where=1", None),
            (
                "number__gt=x",
                {"number__gt": ["Unknown lookup 'gt'. Choices are: exact, in, regex, startswith."]},
            ),
            ("number=a&number=b", {"number": ["Got 2 values, expected one."]}),
            ("number=%00", {"number": ["Null characters are not allowed."]}),
            (
                "lines__quantity__gte=many",
                {
                    "lines__quantity__gte": [
                        "Order.lines__quantity__gte: “many” is not valid, expected a whole number."
                    ]
                },
            ),
            (
                "lines__quantity=",
                {"lines__quantity": ["Got an empty text, expected a whole number."]},
            ),
            (
                "lines__quantity=9223372036854775808",
                {
                    "lines__quantity": [
                        "Order.lines__quantity: 9223372036854775808 is outside of the range "
                        "-9223372036854775808 to 9223372036854775807."
                    ]
                },
            ),
            ("lines__quantity__range=1", None),
            ("tags__size=-1", None),
            ("remark__isnull=maybe", None),
            ("customer=x", None),
            ("placed_at__gte=yesterday", None),
            ("number__regex=[", None),
            (
                f"number__regex={'a' * 201}",
                {"number__regex": ["Got 201 characters, expected at most 200."]},
            ),
        ],
        ids=lambda value: value[:30] if isinstance(value, str) else "",
    )
    def test_refused(self, api, orders, query, expected):
        """What is not understood is a 400 that says what would be."""
        response = api.get(f"/api/orders/?{query}")

        assert response.status_code == status.HTTP_400_BAD_REQUEST
        name = query.partition("=")[0]
        assert list(response.json()) == [name]
        assert "margin" not in str(response.json()[name])
        if expected is not None:
            actual = response.json()
            assert [actual[name][0].split(": ", 1)[-1]] == [expected[name][0].split(": ", 1)[-1]]

    def test_all_errors_at_once(self, api, orders):
        """Each wrong value is told."""
        response = api.get("/api/orders/?lines__quantity=x&customer=y")

        assert sorted(response.json()) == ["customer", "lines__quantity"]

    def test_detail_routes_refuse_them_too(self, api, order):
        """A parameter of a detail route is not dropped either."""
        assert api.get(f"/api/orders/{order.pk}/?fields=x").status_code == 400

    def test_a_list_of_paths_is_equality(self, admin_client, customer):
        """`filterset_fields = [...]`."""
        found = admin_client.get("/api/customers/?email=ada@example.com").json()["results"]

        assert found == [{"pk": str(customer.pk), "name": "Ada", "email": "ada@example.com"}]
        assert admin_client.get("/api/customers/?email__in=a").status_code == 400

    def test_extra_parameters(self, orders):
        """A view names the parameters that it reads itself."""

        class View(rest.DocumentViewSet):
            queryset = Order.objects.all()
            extra_parameters = ["verbose"]

        view = View.as_view({"get": "list"})

        assert view(APIRequestFactory().get("/?verbose=1")).status_code == 200
        assert view(APIRequestFactory().get("/?terse=1")).status_code == 400

    @pytest.mark.parametrize(
        ("attributes", "message"),
        [
            (
                {"filterset_fields": ["nubmer"]},
                "View.filterset_fields: 'nubmer': Order.nubmer: Order has no field 'nubmer'. "
                "Did you mean 'number'?",
            ),
            (
                {"filterset_fields": {"margin": ["gt"]}},
                "View.filterset_fields: 'margin' is hidden, expected a field that clients may see.",
            ),
            (
                {"search_fields": ["^margin"]},
                "View.search_fields: 'margin' is hidden, expected a field that clients may see.",
            ),
            (
                {"ordering_fields": ["margin"]},
                "View.ordering_fields: 'margin' is hidden, expected a field that clients may see.",
            ),
            ({"fields": "number"}, "View.fields: 'number', expected a list of names or '__all__'."),
        ],
        ids=["unknown", "filter", "search", "ordering", "fields"],
    )
    def test_mistakes_of_the_view(self, orders, attributes, message):
        """A declaration that cannot be meant is an error of the project."""
        view = type("View", (rest.DocumentViewSet,), {"queryset": Order.objects, **attributes})

        query = {"search_fields": "?search=x", "ordering_fields": "?ordering=number"}
        request = APIRequestFactory().get("/" + query.get(next(iter(attributes)), ""))

        with pytest.raises(ImproperlyConfigured) as caught:
            view.as_view({"get": "list"})(request)

        assert str(caught.value) == message


class TestSearch:
    """`?search=`."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a-", ["A-1", "A-2"]),
            ("-1", []),
            ("TEA", ["A-1", "B-1"]),
            ("tea+party", ["B-1"]),
            ("a-+cup", ["A-2"]),
            (".*", []),
            ("", ["A-1", "A-2", "B-1"]),
        ],
    )
    def test_terms(self, api, orders, text, expected):
        """Every word must be somewhere; `^` fields must start with it; text is literal."""
        assert numbers(api.get(f"/api/orders/?search={text}")) == expected

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("search=a&search=b", "Got 2 values, expected one."),
            (f"search={'a' * 201}", "Got 201 characters, expected at most 200."),
            (f"search={'a+' * 11}", "Got 11 words, expected at most 10."),
            ("search=%00", "Null characters are not allowed."),
        ],
        ids=["twice", "long", "words", "null"],
    )
    def test_refused(self, api, mongo, query, message):
        """Too much is a 400."""
        response = api.get(f"/api/orders/?{query}")

        assert response.status_code == status.HTTP_400_BAD_REQUEST
        assert response.json() == {"search": [message]}


class TestOrdering:
    """`?ordering=`."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("number", ["A-1", "A-2", "B-1"]),
            ("-number", ["B-1", "A-2", "A-1"]),
            ("-placed_at,number", ["B-1", "A-2", "A-1"]),
            ("", ["A-1", "A-2", "B-1"]),
        ],
    )
    def test_allowed(self, api, orders, text, expected):
        """Names of `ordering_fields`, descending with a minus."""
        assert numbers(api.get(f"/api/orders/?ordering={text}")) == expected

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("nummer", "Cannot order by 'nummer'. Did you mean 'number'? "
                "Choices are: number, placed_at."),
            ("margin", "Cannot order by 'margin'. Choices are: number, placed_at."),
            ("number,--number", "Cannot order by '--number'. Did you mean 'number'? "
                "Choices are: number, placed_at."),
            ("$natural", "Cannot order by '$natural'. Choices are: number, placed_at."),
        ],
    )  # fmt: skip
    def test_refused(self, api, mongo, text, message):
        """Another name is a 400."""
        response = api.get(f"/api/orders/?ordering={text}")

        assert response.status_code == status.HTTP_400_BAD_REQUEST
        assert response.json() == {"ordering": [message]}

    def test_not_declared(self, admin_client, mongo):
        """Without `ordering_fields` a client cannot choose."""
        assert admin_client.get("/api/customers/?ordering=name").status_code == 400

    def test_all_shown_fields(self, orders):
        """`"__all__"` means the fields that the serializer shows."""

        class View(rest.DocumentViewSet):
            queryset = Order.objects.all()
            fields = ["pk", "number", "total"]
            ordering_fields = "__all__"

        view = View.as_view({"get": "list"})

        assert view(APIRequestFactory().get("/?ordering=-pk")).status_code == 200
        assert view(APIRequestFactory().get("/?ordering=status")).status_code == 400
        assert view(APIRequestFactory().get("/?ordering=total")).status_code == 400
