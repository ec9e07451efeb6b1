"""What the tests of copies share."""

import pytest

from tests.copies.models import Customer


@pytest.fixture
def ann(mongo):
    """Store a customer."""
    return Customer.objects.create(name="Ann", country="NO", phone="1")


@pytest.fixture
def bob(mongo):
    """Store another one."""
    return Customer.objects.create(name="Bob")


@pytest.fixture
def orders(mongo):
    """Give the orders' collection."""
    return mongo.collection("copies_order")
