"""The in-memory backend."""

import pytest
from django.test.utils import override_settings

from docmodels import transaction
from docmodels.connections import connections
from docmodels.exceptions import DuplicateKey, NotSupportedError, ReadOnlyConnection


@pytest.fixture
def fake():
    """Give a connection to memory."""
    databases = {"default": {"HOST": "mongomock://tests", "NAME": "fake"}}
    with override_settings(MONGO_DATABASES=databases):
        yield connections["default"]
        connections["default"].collection("a").drop()


class TestMongomock:
    """The interface of a connection, served from memory."""

    def test_facts(self, fake):
        """What the layers above ask before they use a feature."""
        assert (fake.vendor, fake.backend) == ("mongomock", "mongomock")
        assert not fake.supports_raw_batches
        assert not fake.supports_transactions

    def test_reads_and_writes(self, fake):
        """Documents come back, from the slow alias too, which refuses writes."""
        with fake.wrap_errors:
            fake.collection("a").insert_one({"_id": 1})
        slow = connections["slow"].collection("a")

        assert slow.find_one({"_id": 1}) == {"_id": 1}
        with pytest.raises(ReadOnlyConnection):
            slow.delete_many({})

    def test_errors_are_wrapped(self, fake):
        """A taken key is a `DuplicateKey` with its cause."""
        fake.collection("a").insert_one({"_id": 1})

        with pytest.raises(DuplicateKey) as excinfo, fake.wrap_write_errors:
            fake.collection("a").insert_one({"_id": 1})

        assert excinfo.value.__cause__ is not None

    def test_what_it_lacks_is_not_supported(self, fake):
        """Neither gaps of the fake nor transactions pass silently."""
        with pytest.raises(NotSupportedError), fake.wrap_errors:
            fake.client.start_session()
        with pytest.raises(NotSupportedError) as excinfo, transaction.atomic():
            pass

        assert str(excinfo.value) == (
            "The server of 'default' has no transactions: atomic() needs a replica set or a "
            "sharded cluster."
        )
