"""`watch()` on documents, querysets and databases, on a real replica set."""

import datetime
import subprocess
import sys
import threading

import pytest
from django.core.exceptions import FieldError
from django.test import override_settings

from docmodels.connections import connections
from docmodels.exceptions import (
    InvalidWatchToken,
    NotSupportedError,
    OperationFailed,
    WatchTokenExpired,
)
from tests.queryset.shop import Box, Item, Keyed, SpecialItem


def take(watch, count):
    """Give the next events."""
    return [next(watch) for _number in range(count)]


@pytest.fixture
def items(mongo):
    """Give the collection of items, made before it is watched."""
    return mongo.collection(Item._meta.collection)


class TestEvents:
    """What an event holds."""

    def test_an_insert_an_update_a_delete(self, items):
        """The document is an instance, paths are those of names."""
        with Item.objects.watch() as watch:
            item = Item.objects.create(name="a", stock=2, box=Box(size=3))
            Item.objects.filter(pk=item.pk).update(stock=7, box__size=4, timestamps=False)
            Item.objects.filter(pk=item.pk).update({"tags": ["x"]}, timestamps=False)
            key = item.pk
            item.delete()
            inserted, updated, tagged, deleted = take(watch, 4)

        assert [e.operation for e in (inserted, updated, tagged, deleted)] == [
            "insert",
            "update",
            "update",
            "delete",
        ]
        assert (type(inserted.document), inserted.document.stock) == (Item, 2)
        assert not inserted.document._state.adding
        assert inserted.document._state.db == "default"
        assert updated.updated == {"stock": 7, "box.size": 4}
        assert tagged.updated == {"tags": ["x"]}
        assert {e.key for e in (inserted, updated, tagged, deleted)} == {key}
        assert deleted.document is deleted.before is None
        assert inserted.collection == "updates_item"

    def test_what_an_update_took_away(self, items):
        """By the paths of names."""
        item = Item.objects.create(name="a", stock=2)
        with Item.objects.watch() as watch:
            items.update_one({"_id": item.pk}, {"$unset": {"s": ""}})
            event = next(watch)

        assert (event.removed, event.updated) == (("stock",), {})

    def test_when_it_was(self, items):
        """An aware time."""
        before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=2)
        with Item.objects.watch() as watch:
            Item.objects.create(name="a")
            event = next(watch)

        assert before < event.at < before + datetime.timedelta(seconds=60)
        assert event.at.utcoffset() == datetime.timedelta(0)
        assert event.raw["operationType"] == "insert"

    def test_a_replacement(self, items):
        """It has the new document."""
        item = Item.objects.create(name="a")
        with Item.objects.watch() as watch:
            items.replace_one({"_id": item.pk}, {"name": "b"})
            event = next(watch)

        assert (event.operation, event.document.name) == ("replace", "b")

    def test_the_end_of_the_collection(self, items):
        """The drop is told, then the watch ends; it can go on after the invalidation."""
        Item.objects.create(name="a")
        watch = Item.objects.watch()
        items.drop()
        events = list(watch)

        assert [e.operation for e in events] == ["drop", "invalidate"]
        assert not watch.alive
        with Item.objects.watch(after=events[-1].token) as later:
            Item.objects.create(name="b")
            assert next(later).document.name == "b"

    @pytest.fixture
    def pre_images(self, items):
        """Let the collection keep what was before a change."""

        def keep(enabled):
            items.database.command(
                "collMod", items.name, changeStreamPreAndPostImages={"enabled": enabled}
            )

        items.insert_one({"_id": 0})
        keep(True)
        yield
        keep(False)

    def test_the_document_before(self, pre_images):
        """Where the collection keeps pre-images."""
        item = Item.objects.create(name="a", stock=1)
        with Item.objects.filter(stock=5).watch(before=True) as watch:
            Item.objects.create(name="other", stock=9).delete()
            item.stock = 5
            item.save()
            changed = next(watch)
            item.delete()
            deleted = next(watch)

        assert (changed.before.stock, changed.document.stock) == (1, 5)
        assert (deleted.operation, deleted.before.stock) == ("delete", 5)

    def test_without_the_whole_document(self, items):
        """An update has only what it stored."""
        item = Item.objects.create(name="a")
        with Item.objects.watch(full_document=False) as watch:
            Item.objects.filter(pk=item.pk).update(stock=1, timestamps=False)
            event = next(watch)

        assert (event.document, event.updated) == (None, {"stock": 1})

    def test_hidden_fields_stay_hidden(self, items):
        """As in every other read."""
        with Item.objects.watch() as watch:
            item = Item.objects.create(name="a", secret="s")
            Item.objects.filter(pk=item.pk).update(secret="t", stock=3, timestamps=False)
            inserted, updated = take(watch, 2)

        assert "secret" not in inserted.raw["fullDocument"]
        assert updated.updated == {"stock": 3}


class TestFilters:
    """What a queryset's watch lets through."""

    def test_conditions(self, items):
        """Those of the document that a change leaves."""
        with Item.objects.filter(stock__gt=3).exclude(name="no").watch() as watch:
            Item.objects.create(name="low", stock=1)
            Item.objects.create(name="no", stock=9)
            Item.objects.create(name="yes", stock=9)
            Item.objects.filter(name="low").update(stock=4)
            events = take(watch, 2)

        assert [(e.operation, e.document.name) for e in events] == [
            ("insert", "yes"),
            ("update", "low"),
        ]

    def test_a_child_class_sees_its_own(self, items):
        """By the key of the class; the base gives the right classes."""
        with SpecialItem.objects.watch() as special, Item.objects.watch() as every:
            Item.objects.create(name="a")
            SpecialItem.objects.create(name="b", grade=1)

            assert next(special).document.name == "b"
            assert [type(e.document) for e in take(every, 2)] == [Item, SpecialItem]

    @pytest.mark.parametrize(
        ("make", "words"),
        [
            (lambda: Item.objects.all()[:3], "a slice"),
            (lambda: Item.objects.none(), "none()"),
            (lambda: Item.objects.values("name"), "values()"),
            (lambda: Item.objects.order_by("stock"), "order_by()"),
            (lambda: Item.objects.unwind("tags"), "annotate(), unwind() or the like"),
            (lambda: Item.objects.collation("en"), "a collation"),
        ],
    )
    def test_what_cannot_be_said(self, make, words):
        """It is told before anything is sent."""
        with pytest.raises(FieldError) as excinfo:
            make().watch()

        assert str(excinfo.value) == f"Item: watch() of {words}, expected filters alone."

    def test_an_operator_that_is_no_comparison(self):
        """The server would look in the wrong place."""
        with pytest.raises(FieldError) as excinfo:
            Item.objects.raw_filter({"$text": {"$search": "a"}}).watch()

        assert str(excinfo.value) == "Item: watch() with $text, expected comparisons of paths."

    def test_a_filter_needs_the_document(self):
        """Without it nothing would ever match an update."""
        with pytest.raises(FieldError) as excinfo:
            Item.objects.filter(stock=1).watch(full_document=False)

        assert str(excinfo.value) == (
            "Item: watch(full_document=False) with a filter, expected the whole document: the "
            "filter looks into it."
        )


class TestDatabases:
    """`connections[alias].watch()`."""

    def test_every_collection(self, mongo):
        """Documents are of their classes; those of no class are in `raw`."""
        with mongo.watch() as watch:
            SpecialItem.objects.create(name="a")
            Keyed.objects.create(code="k")
            mongo.collection("nobodys").insert_one({"_id": 1, "a": 2})
            item, keyed, other = take(watch, 3)

        assert [type(e.document) for e in (item, keyed)] == [SpecialItem, Keyed]
        assert keyed.key == "k"
        assert (other.collection, other.key, other.document) == ("nobodys", 1, None)
        assert other.raw["fullDocument"] == {"_id": 1, "a": 2}

    def test_an_alias_that_only_reads(self, mongo):
        """It may watch."""
        with connections["slow"].watch() as watch, Item.objects.using("slow").watch() as items:
            Item.objects.create(name="a")

            assert next(watch).document._state.db == "slow"
            assert next(items).document.name == "a"


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

    def test_a_time_before_all_that_is_kept(self, mongo):
        """The changes in between are lost, which is said."""
        long_ago = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)

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
        before = threading.active_count()
        watch = Item.objects.watch(max_await=0.2)
        seen = []
        thread = threading.Thread(target=lambda: seen.extend(watch))
        thread.start()
        watch.close()
        thread.join(5)

        assert not thread.is_alive()
        assert (seen, watch.alive, watch.try_next()) == ([], False, None)
        assert threading.active_count() == before

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
