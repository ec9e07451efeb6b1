"""`watch()` that goes on: after an event, a fault, a restart; and how it ends."""

import datetime
import subprocess
import sys
import threading

import pytest
from django.test import override_settings

from docmodels.connections import connections
from docmodels.exceptions import (
    InvalidWatchToken,
    NotSupportedError,
    OperationFailed,
    WatchTokenExpired,
)
from tests.queryset.shop import Item

#: The server's ChangeStreamHistoryLost.
_HISTORY_LOST = 286


def take(watch, count):
    """Give the next events."""
    return [next(watch) for _number in range(count)]


@pytest.fixture
def items(mongo):
    """Give the collection of items, made before it is watched."""
    return mongo.collection(Item._meta.collection)


class TestTokens:
    """Going on where another watch ended."""

    def test_after_an_event(self, items):
        """Nothing is missed, nothing is told twice."""
        with Item.objects.watch() as first:
            for number in range(5):
                Item.objects.create(name=str(number))
            token = take(first, 2)[-1].token

        with Item.objects.watch(after=token, batch_size=1) as second:
            assert [e.document.name for e in take(second, 3)] == ["2", "3", "4"]
            assert second.try_next() is None

    def test_the_token_of_a_watch_without_events(self, items):
        """Another one can begin there."""
        with Item.objects.watch(max_await=0.1) as first:
            first.try_next()
            token = first.token
        Item.objects.create(name="a")

        with Item.objects.watch(after=token) as second:
            assert next(second).document.name == "a"

    def test_from_a_time(self, items):
        """Changes since the beginning of that second come first."""
        start = datetime.datetime.now(datetime.UTC)
        item = Item.objects.create(name="a")

        with Item.objects.watch(start_at=start) as watch:
            assert item.pk in {event.key for event in iter(watch.try_next, None)}

    def test_a_restarted_process_goes_on(self, items, mongo):
        """Each process takes two events and prints the token; together they see all once."""
        code = (
            "import sys\n"
            "from pymongo import MongoClient\n"
            "from django.conf import settings\n"
            "settings.configure(MONGO_DATABASES={'default': {'HOST': sys.argv[1],"
            " 'NAME': sys.argv[2]}})\n"
            "import django\n"
            "django.setup()\n"
            "from docmodels.connections import connections\n"
            "watch = connections['default'].watch(after=sys.argv[3])\n"
            "events = [next(watch), next(watch)]\n"
            "print(*(e.key for e in events), events[-1].token)\n"
            "sys.stdout.flush()\n"
            "import os\n"
            "os._exit(1)\n"
        )
        with mongo.watch() as watch:
            token = watch.token
        mongo.collection("n").insert_many([{"_id": number} for number in range(6)])

        seen = []
        for _process in range(3):
            ran = subprocess.run(
                [sys.executable, "-c", code, mongo.settings["HOST"], mongo.name, token],
                capture_output=True,
                text=True,
                check=False,
            )
            *keys, token = ran.stdout.split()
            seen += keys

        assert seen == ["0", "1", "2", "3", "4", "5"]

    def test_a_token_of_nobody(self):
        """It is told before anything is sent."""
        with pytest.raises(InvalidWatchToken) as excinfo:
            Item.objects.watch(after="no token")

        assert str(excinfo.value) == "watch(): after='no token', expected the token of an event."

    def test_a_token_that_the_server_cannot_read(self, mongo):
        """A cut or a made-up one."""
        with pytest.raises(InvalidWatchToken) as excinfo:
            Item.objects.watch(after="00ff")

        assert str(excinfo.value) == (
            "The token is none that a watch on 'default' gave: the server cannot read it."
        )

    def test_a_time_before_all_that_is_kept(self, mongo, fail):
        """The changes in between are lost, which is said."""
        long_ago = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)
        # So it answers once it has dropped changes, which takes more than a minute of writing.
        fail(1, failCommands=["aggregate"], errorCode=_HISTORY_LOST)

        with pytest.raises(WatchTokenExpired) as excinfo:
            next(Item.objects.watch(start_at=long_ago))

        assert str(excinfo.value) == (
            "The server of 'default' has no changes from there any more: read the documents "
            "anew, and watch from now on."
        )


class TestLife:
    """Faults, deadlines and the end."""

    @pytest.mark.parametrize("times", [1, 3])
    def test_a_lost_connection(self, items, fail, times):
        """The watch goes on after the last event, without gap or repeat."""
        seen = []
        with Item.objects.watch(max_await=0.2) as watch:
            for number in range(6):
                Item.objects.create(name=str(number))
                if number % 2:
                    fail(
                        times,
                        failCommands=["getMore", "aggregate"],
                        closeConnection=True,
                    )
                    seen += take(watch, 2)

        assert [e.document.name for e in seen] == ["0", "1", "2", "3", "4", "5"]

    def test_an_error_of_the_server_ends_it(self, items, fail):
        """It is raised, and the watch is over."""
        watch = Item.objects.watch(max_await=0.2)
        fail(1, failCommands=["getMore"], errorCode=2)

        with pytest.raises(OperationFailed):
            take(watch, 1)

        assert list(watch) == []

    def test_longer_than_the_deadline_of_the_alias(self, mongo, items):
        """`timeoutMS` is for operations that have an end."""
        changed = {
            "default": {
                "HOST": mongo.settings["HOST"],
                "NAME": mongo.name,
                "OPTIONS": {"timeoutMS": 300},
            }
        }
        with override_settings(MONGO_DATABASES=changed):
            with Item.objects.watch(max_await=0.5) as watch:
                quiet = [watch.try_next(), watch.try_next()]
                Item.objects.create(name="a")
                event = next(watch)
            assert quiet == [None, None]
            assert event.document.name == "a"

    def test_close_ends_a_waiting_thread(self, items):
        """It stops with its wait, and no thread is left."""
        before = set(threading.enumerate())
        watch = Item.objects.watch(max_await=0.2)
        seen = []
        thread = threading.Thread(target=lambda: seen.extend(watch))
        thread.start()
        watch.close()
        thread.join(5)

        assert not thread.is_alive()
        assert (seen, watch.alive, watch.try_next()) == ([], False, None)
        assert set(threading.enumerate()) <= before

    def test_a_server_without_change_streams(self):
        """The fake in memory is one."""
        with (
            override_settings(MONGO_DATABASES={"default": {"HOST": "mongomock://", "NAME": "t"}}),
            pytest.raises(NotSupportedError) as excinfo,
        ):
            connections["default"].watch()

        assert str(excinfo.value) == (
            "The server of 'default' has no change streams: watch() needs a replica set or a "
            "sharded cluster."
        )

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            (
                {"full_document": "all"},
                ValueError,
                "watch(): full_document='all', expected a mode. Choices are: updateLookup, "
                "whenAvailable, required.",
            ),
            (
                {"before": "yes"},
                ValueError,
                "watch(): before='yes', expected a mode. Choices are: whenAvailable, required.",
            ),
            (
                {"start_at": datetime.datetime(2026, 1, 1)},
                ValueError,
                "watch(): start_at=datetime.datetime(2026, 1, 1, 0, 0), expected an aware "
                "datetime.",
            ),
            (
                {"max_await": 0},
                ValueError,
                "watch(): max_await=0, expected seconds above zero.",
            ),
            ({"batch_size": 0}, ValueError, "Batch size must be a positive integer."),
            (
                {"after": "00", "start_at": 1},
                TypeError,
                "watch(): after and start_at, expected one of them.",
            ),
        ],
    )
    def test_mistakes(self, options, error, message):
        """Each names the option and what it may be."""
        with pytest.raises(error) as excinfo:
            Item.objects.watch(**options)

        assert str(excinfo.value) == message
