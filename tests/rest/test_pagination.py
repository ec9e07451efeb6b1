"""Specify pages: their links, sizes and tokens."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework import status
from rest_framework.pagination import PageNumberPagination
from rest_framework.test import APIRequestFactory

from docmodels import rest
from tests.rest.shop.models import Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders(customer):
    """Return seven orders."""
    return [
        Order.objects.create(
            number=f"A-{number}", customer=customer, status="paid" if number % 2 else "open"
        )
        for number in range(7)
    ]


def numbers(response):
    """Return the numbers of the orders in an answer."""
    assert response.status_code == status.HTTP_200_OK, response.json()
    return [order["number"] for order in response.json()["results"]]


class TestPages:
    """`DocumentCursorPagination`."""

    def test_forward_and_back(self, api, orders):
        """The links lead through all documents, each once, and back."""
        first = api.get("/api/orders/?page_size=3")
        second = api.get(first.json()["next"])
        third = api.get(second.json()["next"])
        back = api.get(third.json()["previous"])

        assert [numbers(page) for page in (first, second, third, back)] == [
            ["A-0", "A-1", "A-2"],
            ["A-3", "A-4", "A-5"],
            ["A-6"],
            ["A-3", "A-4", "A-5"],
        ]
        assert first.json()["previous"] is None
        assert third.json()["next"] is None
        assert api.get(back.json()["previous"]).json()["results"] == first.json()["results"]

    def test_links_are_absolute_and_keep_the_parameters(self, api, orders):
        """Filters, ordering and size stay; there is one token."""
        query = "status=paid&ordering=-number&page_size=1"
        second = api.get(api.get(f"/api/orders/?{query}").json()["next"]).json()

        parts = urlsplit(second["next"])
        params = parse_qs(parts.query)
        assert (parts.scheme, parts.netloc, parts.path) == ("http", "testserver", "/api/orders/")
        assert params.pop("after")
        assert params == {"status": ["paid"], "ordering": ["-number"], "page_size": ["1"]}
        assert list(parse_qs(urlsplit(second["previous"]).query)) == [
            "ordering",
            "page_size",
            "status",
            "before",
        ] or "before" in parse_qs(urlsplit(second["previous"]).query)
        assert "after" not in parse_qs(urlsplit(second["previous"]).query)
        assert [order["number"] for order in second["results"]] == ["A-3"]

    def test_no_counting(self, api, orders, assert_num_commands):
        """A page costs one command, however many documents there are."""
        with assert_num_commands(1):
            api.get("/api/orders/?page_size=3")

    def test_inserted_document_moves_nothing(self, api, orders, customer):
        """A document that comes in front shifts no later page."""
        first = api.get("/api/orders/?page_size=3").json()
        Order.objects.create(number="A-00", customer=customer)

        assert numbers(api.get(first["next"])) == ["A-3", "A-4", "A-5"]

    @pytest.mark.parametrize(("size", "expected"), [("1", 1), ("7", 7), ("100000", 7)])
    def test_size(self, api, orders, size, expected):
        """A size above the limit is cut to it."""
        assert len(numbers(api.get(f"/api/orders/?page_size={size}"))) == expected

    def test_limit(self, orders):
        """`page_size` and `max_page_size` of a subclass hold."""

        class Small(rest.DocumentCursorPagination):
            page_size = 2
            max_page_size = 4

        class View(rest.DocumentViewSet):
            queryset = Order.objects.all()
            pagination_class = Small

        view = View.as_view({"get": "list"})
        factory = APIRequestFactory()

        assert len(view(factory.get("/")).data["results"]) == 2
        assert len(view(factory.get("/?page_size=6")).data["results"]) == 4

    @pytest.mark.parametrize("size", ["0", "-1", "x", "1.5", "", "²", "9" * 40])
    def test_size_refused(self, api, mongo, size):
        """What is no size is a 400."""
        response = api.get("/api/orders/", {"page_size": size})

        assert response.status_code == status.HTTP_400_BAD_REQUEST
        assert response.json() == {
            "page_size": [f"“{size}” is not valid, expected a whole number from 1 to 100."]
        }

    @pytest.mark.parametrize("name", ["after", "before"])
    @pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "é", "1" * 5000, "eyJ4IjogMX0"])
    def test_token_refused(self, api, orders, name, token):
        """A token that was not made here is a 400."""
        response = api.get("/api/orders/", {name: token})

        assert response.status_code == status.HTTP_400_BAD_REQUEST
        assert response.json() == {
            name: ["The page token is not valid here; start from the first page."]
        }

    def test_token_of_another_ordering(self, api, orders):
        """A token holds for the ordering that it was made for."""
        url = api.get("/api/orders/?page_size=3").json()["next"]

        assert api.get(f"{url}&ordering=-number").status_code == status.HTTP_400_BAD_REQUEST

    def test_both_tokens(self, api, orders):
        """After and before at once mean nothing."""
        response = api.get("/api/orders/?after=x&before=y")

        assert response.json() == {"before": ["Got both after and before, expected one of them."]}


class TestOtherPagination:
    """Classes of DRF, and none."""

    def test_page_numbers(self, orders):
        """DRF's PageNumberPagination works on documents."""

        class Pages(PageNumberPagination):
            page_size = 3

        class View(rest.DocumentViewSet):
            queryset = Order.objects.all()
            pagination_class = Pages

        answer = View.as_view({"get": "list"})(APIRequestFactory().get("/?page=3")).data

        assert answer["count"] == 7
        assert [order["number"] for order in answer["results"]] == ["A-6"]

    def test_none(self, orders):
        """Without a class the answer is a list."""

        class View(rest.ReadOnlyDocumentViewSet):
            queryset = Order.objects.all()
            pagination_class = None
            fields = ["number"]

        answer = View.as_view({"get": "list"})(APIRequestFactory().get("/")).data

        assert answer[0] == {"number": "A-0"}
        assert len(answer) == 7

    def test_a_list_is_no_queryset(self, orders):
        """The class says what it needs."""

        class View(rest.ReadOnlyDocumentViewSet):
            queryset = Order.objects.all()

            def filter_queryset(self, queryset):
                return list(queryset)

        with pytest.raises(ImproperlyConfigured) as caught:
            View.as_view({"get": "list"})(APIRequestFactory().get("/"))

        assert str(caught.value) == (
            "View.get_queryset(): list, expected a queryset of documents, or another "
            "pagination_class."
        )
