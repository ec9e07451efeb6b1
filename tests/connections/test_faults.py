"""Servers that are down, slow or busy."""

import threading
import time

import pytest
from django.test.utils import override_settings

from docmodels.connections import connections, deadline
from docmodels.exceptions import ConnectionUnavailable, DeadlineExceeded

# A port of the loopback interface that nothing listens on.
NOBODY = "mongodb://127.0.0.1:9/"


def with_options(**options):
    """Override the default alias's options."""
    changed = connections.settings["default"] | {"OPTIONS": options}
    return override_settings(MONGO_DATABASES={"default": changed})


@pytest.fixture
def busy(mongo):
    """Give a function that keeps a connection busy on the server, in a thread."""
    threads = []

    def start(connection, seconds):
        client = connection.client

        def sleep():
            client.admin.command({"sleep": 1, "millis": int(seconds * 1000), "lock": "none"})

        thread = threading.Thread(target=sleep)
        thread.start()
        threads.append(thread)

    yield start
    for thread in threads:
        thread.join()


class TestServerDown:
    """Nothing listens."""

    @pytest.mark.parametrize("options", [{}, {"timeoutMS": 60_000}], ids=["default", "long"])
    def test_answers_within_two_seconds(self, options):
        """However long the deadline of an operation is."""
        databases = {"default": {"HOST": NOBODY, "NAME": "a", "OPTIONS": options}}
        started = time.monotonic()

        with (
            override_settings(MONGO_DATABASES=databases),
            pytest.raises(ConnectionUnavailable) as excinfo,
            connections["default"].wrap_errors,
        ):
            connections["default"].collection("a").find_one()

        assert time.monotonic() - started < 2
        assert str(excinfo.value) == (
            "The server of 'default' cannot be reached. Is it running, and is HOST right?"
        )
        assert "127.0.0.1" in str(excinfo.value.__cause__)

    def test_the_slow_alias_too(self):
        """Its ten minutes are for work, not for waiting."""
        databases = {"default": {"HOST": NOBODY, "NAME": "a"}}
        started = time.monotonic()

        with (
            override_settings(MONGO_DATABASES=databases),
            pytest.raises(ConnectionUnavailable),
            connections["slow"].wrap_errors,
        ):
            connections["slow"].collection("a").find_one()

        assert time.monotonic() - started < 2

    def test_the_wait_is_an_option(self):
        """``serverSelectionTimeoutMS`` sets it, in OPTIONS or in the connection string."""
        databases = {
            "default": {"HOST": f"{NOBODY}?serverSelectionTimeoutMS=200", "NAME": "a"},
        }
        started = time.monotonic()

        with (
            override_settings(MONGO_DATABASES=databases),
            pytest.raises(ConnectionUnavailable),
            connections["default"].wrap_errors,
        ):
            connections["default"].collection("a").find_one()

        assert time.monotonic() - started < 1


class TestDeadline:
    """Operations that take too long."""

    def test_a_slow_read(self, mongo):
        """It ends at the deadline of the block."""
        mongo.collection("a").insert_many({"n": n} for n in range(50))
        started = time.monotonic()

        with pytest.raises(DeadlineExceeded) as excinfo, deadline(0.3), mongo.wrap_errors:
            mongo.collection("a").find_one({"$where": "sleep(100) || false"})

        assert time.monotonic() - started < 2
        assert str(excinfo.value) == "The operation on 'default' took longer than its deadline."
        assert not excinfo.value.outcome_unknown

    def test_the_option_of_the_alias(self, mongo):
        """``timeoutMS`` bounds every operation without further words."""
        mongo.collection("a").insert_many({"n": n} for n in range(50))

        with (
            with_options(timeoutMS=300),
            pytest.raises(DeadlineExceeded),
            connections["default"].wrap_errors,
        ):
            connections["default"].collection("a").find_one({"$where": "sleep(100) || false"})

    def test_a_slow_write_is_unknown_not_failed(self, mongo):
        """The text says that it may have been applied."""
        mongo.collection("a").insert_many({"n": n} for n in range(50))

        with pytest.raises(DeadlineExceeded) as excinfo, deadline(0.3), mongo.wrap_write_errors:
            mongo.collection("a").update_many(
                {"$where": "sleep(100) || true"}, {"$set": {"done": True}}
            )

        assert excinfo.value.outcome_unknown
        assert str(excinfo.value) == (
            "The operation on 'default' took longer than its deadline. Whether it was applied is "
            "unknown."
        )


class TestPool:
    """All connections of a pool are in use."""

    def test_an_exhausted_pool_answers_at_the_deadline(self, busy):
        """It never hangs, and says what to do."""
        with with_options(maxPoolSize=1, timeoutMS=400):
            connection = connections["default"]
            with connection.wrap_errors:
                connection.collection("a").find_one()
            with deadline(5):
                busy(connection, 0.3)
            time.sleep(0.1)
            started = time.monotonic()
            with (
                pytest.raises(ConnectionUnavailable) as excinfo,
                deadline(0.1),
                connection.wrap_errors,
            ):
                connection.collection("a").find_one()
            waited = time.monotonic() - started
            time.sleep(0.3)

        assert waited < 1
        assert str(excinfo.value) == (
            "All connections of 'default' are busy. Try again, or raise maxPoolSize in its OPTIONS."
        )

    def test_the_slow_pool_does_not_hold_up_the_fast_one(self, mongo, busy):
        """With every slow connection asleep the default alias answers at once."""
        mongo.collection("a").insert_one({"_id": 1})
        slow = connections["slow"]
        for _ in range(slow.client.options.pool_options.max_pool_size + 1):
            busy(slow, 0.5)
        time.sleep(0.1)
        started = time.monotonic()

        with mongo.wrap_errors:
            found = mongo.collection("a").find_one()

        assert found == {"_id": 1}
        assert time.monotonic() - started < 0.3
