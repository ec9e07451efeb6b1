"""Fixtures of the tests of the asynchronous side."""

import pytest

from docmodels.connections import connections
from tests.aio import models
from tests.aio.apis import AsyncApi, SyncApi


@pytest.fixture(params=[SyncApi, AsyncApi], ids=["sync", "async"])
def api(request, mongo):
    """Give the way in which a test of the behaviour suite calls methods."""
    chosen = request.param()
    yield chosen
    chosen.close()


@pytest.fixture
def shelf(mongo):
    """Store two authors with three books."""
    ann, ben = models.Author(name="Ann"), models.Author(name="Ben")
    models.Author.objects.bulk_create([ann, ben])
    mongo.collection(models.Book._meta.collection).create_index("title", unique=True)
    models.Book.objects.bulk_create(
        [
            models.Book(title="a", pages=10, author=ann, tags=["x", "y"]),
            models.Book(title="b", pages=20, author=ann, tags=["x"]),
            models.Book(title="c", pages=40, author=ben),
        ]
    )
    return models.Book.objects.order_by("title")


@pytest.fixture
def notes():
    """Give the list of what hooks noted, empty."""
    models.NOTES.clear()
    return models.NOTES


@pytest.fixture
def slow(mongo):
    """Give the read-only alias."""
    return connections["slow"]
