"""Fixtures of the queryset's tests."""

import pytest
from bson import Decimal128, ObjectId

from tests.queryset.models import Account, Author, Book, Event
from tests.queryset.stations import ANN, BEN, Station


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


@pytest.fixture
def shelf(books, mongo):
    """Store books of two authors, one of whom is not there any more."""
    mongo.collection(Author._meta.collection).insert_many(
        [{"_id": ANN, "name": "Ann"}, {"_id": ObjectId(), "name": "Cleo"}]
    )
    return books(
        {"title": "a", "n": 10, "price": Decimal128("1.10"), "author": ANN, "tags": ["x", "y"],
         "published": True, "chapters": [{"title": "i", "p": 1, "marks": [1, 2]},
                                         {"title": "ii", "p": 9, "marks": []}]},
        {"title": "b", "n": 20, "price": Decimal128("2.20"), "author": ANN, "tags": ["x"],
         "published": True},
        {"title": "c", "n": 40, "price": Decimal128("9.90"), "author": BEN, "tags": [],
         "published": False},
        {"title": "d", "published": False},
    )  # fmt: skip


@pytest.fixture
def stations(mongo):
    """Store a line of stations, with an index of their places."""
    collection = mongo.collection(Station._meta.collection)
    collection.create_index([("at", "2dsphere")])
    keys = [ObjectId() for _number in range(4)]
    collection.insert_many(
        {
            "_id": key,
            "name": name,
            "at": {"type": "Point", "coordinates": [7.0 + number / 10, 47.0]},
            "before": keys[number - 1] if number else None,
        }
        for number, (key, name) in enumerate(
            zip(keys, ["Basel", "Bern", "Brig", "Biel"], strict=True)
        )
    )
    return Station.objects
