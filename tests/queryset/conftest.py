"""Fixtures of the queryset's tests."""

import pytest

from tests.queryset.models import Account, Book, Event


@pytest.fixture
def books(mongo):
    """Give a function that stores raw documents as books, just as they are."""

    def store(*raws):
        mongo.collection(Book._meta.collection).insert_many([dict(raw) for raw in raws])
        return Book.objects.order_by("pk")

    return store


@pytest.fixture
def events(mongo):
    """Give the collection of events, empty."""
    return mongo.collection(Event._meta.collection)


@pytest.fixture
def unique_accounts(mongo):
    """Give accounts the unique indexes that they declare."""
    collection = mongo.collection(Account._meta.collection)
    collection.create_index("name", unique=True)
    collection.create_index("email", unique=True, sparse=True)
    return Account.objects
