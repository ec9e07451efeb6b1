"""`watch()` on documents, querysets and databases, on a real replica set."""

import datetime

import pytest
from django.core.exceptions import FieldError

from docmodels.connections import connections
from tests.queryset.library import Country
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

    def test_a_class_of_an_alias_that_is_not_configured(self, mongo):
        """It concerns nobody who watches another alias."""
        assert Country._meta.db_alias not in connections

        with mongo.watch(max_await=0.2) as watch:
            Item.objects.create(name="a")
            event = next(watch)

        assert event.document.name == "a"

    def test_an_alias_that_only_reads(self, mongo):
        """It may watch."""
        with connections["slow"].watch() as watch, Item.objects.using("slow").watch() as items:
            Item.objects.create(name="a")

            assert next(watch).document._state.db == "slow"
            assert next(items).document.name == "a"
