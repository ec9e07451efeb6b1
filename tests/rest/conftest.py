"""Fixtures of the REST tests: a client, a customer and an order."""

import pytest
from django.urls import clear_url_caches
from rest_framework.test import APIClient

from docmodels.connections import connections
from tests.rest.shop.models import Customer, Line, Order


@pytest.fixture(autouse=True)
def shop_urls(settings):
    """Serve the shop's API."""
    settings.ROOT_URLCONF = "tests.rest.shop.urls"
    # DRF's own pages, without those of the demo site.
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    clear_url_caches()
    yield
    clear_url_caches()


@pytest.fixture
def api():
    """Return a client that sends JSON."""
    return APIClient(enforce_csrf_checks=False, raise_request_exception=True)


@pytest.fixture
def customer(mongo):
    """Return a stored customer."""
    return Customer.objects.create(name="Ada", email="ada@example.com")


@pytest.fixture
def order(customer):
    """Return a stored order of two lines."""
    return Order.objects.create(
        number="A-1",
        customer=customer,
        lines=[Line(sku="tea", price="4.50"), Line(sku="cup", price="7.25", quantity=2)],
    )


@pytest.fixture
def stored():
    """Return the function that reads an order as it is stored."""

    def read(order):
        return connections["default"].collection("shop_order").find_one({"_id": order.pk})

    return read


@pytest.fixture
def unique_numbers(mongo):
    """Make the unique index on the orders' numbers."""
    mongo.collection("shop_order").create_index("number", unique=True)
