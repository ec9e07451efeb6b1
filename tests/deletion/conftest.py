"""Servers and databases for the rules of deletion."""

from contextlib import ExitStack

import pytest
from django.conf import settings
from django.test import override_settings

from docmodels import transaction
from docmodels.connections import connections
from docmodels.testing.databases import empty_databases


class Place:
    """Where the documents are, and what is around a deletion."""

    def __init__(self, alias, *, atomic):
        #: The alias of the documents that have none of their own.
        self.alias = alias
        self.atomic = atomic

    def around(self):
        """Open a transaction on both aliases, or nothing."""
        stack = ExitStack()
        if self.atomic:
            for alias in (self.alias, "other"):
                stack.enter_context(transaction.atomic(using=alias))
        return stack


@pytest.fixture(scope="module", autouse=True)
def _empty_at_the_end(mongo_databases):
    """Empty what tests kept for each other's sake of time: they use keys of their own."""
    yield
    empty_databases()


@pytest.fixture
def other(mongo):
    """Give the connection of an alias `"other"`: a second database of the server."""
    name = f"{mongo.name}_other"
    databases = {
        **settings.MONGO_DATABASES,
        "other": {**settings.MONGO_DATABASES["default"], "NAME": name},
    }
    with override_settings(MONGO_DATABASES=databases):
        yield connections["other"]


@pytest.fixture(params=["outside", "atomic", "standalone"])
def place(request, mongo, other):
    """Give each place in turn: outside and inside of transactions, and a server without them."""
    if request.param != "standalone":
        return Place("default", atomic=request.param == "atomic")
    return Place(request.getfixturevalue("alone").alias, atomic=False)
