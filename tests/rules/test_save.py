"""Rules S5 to S9: what a save sends, and what is left after a failure."""

import threading
from copy import deepcopy

import pytest
from bson import ObjectId
from django.core.exceptions import ValidationError

from docmodels import documents, transaction
from docmodels.exceptions import DuplicateKey, InvalidDocument, ParallelSave, VersionConflict
from docmodels.testing import record_commands
from tests.documents.items import Item
from tests.documents.orders import RAW


@pytest.fixture
def item():
    """Give a saved item, loaded again."""
    Item(name="a", tags=["x"], parts=[{"name": "p"}]).save()
    return Item.objects.get()


@pytest.fixture
def orders(mongo):
    """Give the collection with one stored order."""
    found = mongo.collection("orders")
    found.insert_one(deepcopy(RAW))
    return found


class TestS5:
    """Inserts."""

    def test_s5_version_0(self):
        """The insert sets version 0, and no later save does."""
        item = Item(name="a")

        with record_commands() as commands:
            item.save()
            item.name = "b"
            item.save()

        insert, update = commands
        assert insert.command["documents"][0]["__v"] == 0
        assert "__v" not in update.command["updates"][0]["u"]["$set"]

    def test_s5_a_failed_insert_can_be_retried(self, mongo):
        """After a failure the object is new again, without key and times."""
        item = Item(name="a", data={})
        dict.__setitem__(item.data, "x", object())

        with pytest.raises(InvalidDocument):
            item.save()

        assert item._state.adding
        assert item.pk is None
        assert not item.is_set("created")
        item.data = {}
        item.save()
        assert Item.objects.get().to_mongo() == item.to_mongo()

    def test_s5_a_refused_insert_can_be_retried(self, item):
        """So it is where the server refuses it; a key that was given stays."""
        other = Item(id=item.pk, name="b")

        before = other._version
        with pytest.raises(ValidationError) as caught:
            other.save()

        assert isinstance(caught.value.__cause__, DuplicateKey)
        assert (other._state.adding, other.pk, other._version) == (True, item.pk, before)
        other.pk = ObjectId()
        other.save()
        assert sorted(Item.objects.values_list("name", flat=True)) == ["a", "b"]


class TestS6:
    """Saves of nothing."""

    def test_s6_nothing_is_written(self, item):
        """The document is looked for, nothing is sent to it, and its times stay."""
        before = item.updated

        with record_commands() as commands:
            item.save()

        assert [command.name for command in commands] == ["find"]
        assert commands[0].command["filter"] == {"_id": item.pk}
        assert commands[0].command["projection"] == {"_id": 1}
        assert item.updated == before

    def test_s6_gone(self, item):
        """A document that is gone is told nevertheless."""
        Item.objects.filter(pk=item.pk).delete()

        with record_commands() as commands, pytest.raises(Item.DoesNotExist):
            item.save()

        assert [command.name for command in commands] == ["find"]


def save_and_fail(item, **later):
    """Save in a transaction, assign some more, and fail."""
    with transaction.atomic():
        item.save()
        for name, value in later.items():
            setattr(item, name, value)
        raise ZeroDivisionError


def save_twice_and_fail(*items):
    """Change and save objects twice in a transaction, and fail."""
    with transaction.atomic():
        for name in ("b", "c"):
            for item in items:
                item.name = name
                item.tags.append(name)
                item.save()
        raise ZeroDivisionError


class TestS7:
    """What is left after a failure."""

    def test_s7_failed_write(self, item):
        """After a failed write the changes are as before it."""
        Item.objects.filter(pk=item.pk).delete()
        item.name = "b"
        item.tags.append("y")
        updated, pending = item.updated, item.pending_update()

        with pytest.raises(Item.DoesNotExist):
            item.save()

        assert item.modified_paths() == ["name", "tags"]
        assert item.pending_update() == pending
        assert item.updated == updated
        assert item.previous("name") == "a"

    def test_s7_aborted_update(self, item):
        """After an abort changes are changes again, with the later ones."""
        item.name = "b"
        item.tags.append("y")
        item.parts[0].name = "q"

        with pytest.raises(ZeroDivisionError):
            save_and_fail(item, count=5, name="c")

        assert not item._state.adding
        assert item._version == 0
        assert {"name", "tags", "parts.0.name", "count"} <= set(item.modified_paths())
        assert item.previous("name") == "a"
        item.save()
        stored = Item.objects.get()
        assert (stored.name, stored.tags, stored.parts[0].name, stored.count) == (
            "c",
            ["x", "y"],
            "q",
            5,
        )

    def test_s7_aborted_insert(self):
        """A document that was inserted is new again."""
        item = Item(name="a", tags=["x"])

        with pytest.raises(ZeroDivisionError):
            save_and_fail(item)

        assert item._state.adding
        assert Item.objects.count() == 0
        item.save()
        assert Item.objects.get().tags == ["x"]

    def test_s7_several_saves(self, item):
        """Several objects, saved more than once, are all as before the transaction."""
        new = Item(name="n")

        with pytest.raises(ZeroDivisionError):
            save_twice_and_fail(item, new)

        assert (item._state.adding, item._version) == (False, 0)
        assert item.previous("name") == "a"
        assert item.previous("tags") == ["x"]
        assert new._state.adding
        item.save()
        new.save()
        assert [(i.name, i.tags) for i in Item.objects.order_by("pk")] == [
            ("c", ["x", "b", "c"]),
            ("c", ["b", "c"]),
        ]
        assert Item.objects.get(pk=item.pk).to_mongo() == item.to_mongo()
        assert Item.objects.get(pk=new.pk).to_mongo() == new.to_mongo()

    def test_s7_commit(self, item):
        """After a commit nothing is changed."""
        item.tags.append("y")

        with transaction.atomic():
            item.save()

        assert not item.is_modified()
        assert Item.objects.get().tags == ["x", "y"]


class TestS8:
    """Two saves of one object at the same time."""

    def test_s8_threads(self, orders):
        """The second thread is refused while the first one saves; then the object is free."""
        inside, go_on = threading.Event(), threading.Event()

        class Slow(documents.Document):
            key = documents.IntegerField(primary_key=True)
            name = documents.CharField(blank=True)

            class Meta:
                collection = "orders"

            @documents.pre("save")
            def wait(self):
                inside.set()
                assert go_on.wait(10)

        order = Slow.objects.get(pk=1)
        order.name = "x"
        thread = threading.Thread(target=order.save)
        thread.start()
        assert inside.wait(10)

        with pytest.raises(ParallelSave) as caught:
            order.save()
        go_on.set()
        thread.join()

        assert str(caught.value) == (
            "Slow: this object is being saved already, by another thread or by a hook of its own "
            "save; expected one save at a time. Nothing was saved."
        )
        assert orders.find_one()["name"] == "x"
        order.name = "y"
        order.save()
        assert orders.find_one()["name"] == "y"

    def test_s8_a_save_after_a_save(self, orders):
        """A hook after the save may save again."""

        class Twice(documents.Document):
            key = documents.IntegerField(primary_key=True)
            name = documents.CharField(blank=True)

            class Meta:
                collection = "orders"

            @documents.post("save")
            def again(self):
                if self.name == "x":
                    self.name = "y"
                    self.save()

        order = Twice.objects.get(pk=1)
        order.name = "x"
        order.save()

        assert orders.find_one()["name"] == "y"


@pytest.mark.parametrize("validate", [True, False])
@pytest.mark.parametrize(
    ("edit", "error"),
    [
        (("name", "b"), Item.DoesNotExist),
        # Whether it is gone or newer a save that demands a version does not tell (T4).
        (("tags", ["z"]), VersionConflict),
    ],
)
def test_s9_gone(item, edit, error, validate):
    """Saving an object whose document is gone raises, and never inserts silently."""
    Item.objects.filter(pk=item.pk).delete()
    setattr(item, *edit)

    with record_commands() as commands, pytest.raises(error):
        item.save(validate=validate)

    assert commands[0].name == "update"
    assert not any(command.command.get("upsert") for command in commands)
    assert "insert" not in {command.name for command in commands}
    assert Item.objects.count() == 0


def test_s9_message(item):
    """The error says which document is gone."""
    Item.objects.filter(pk=item.pk).delete()

    with pytest.raises(Item.DoesNotExist) as caught:
        item.save()

    assert str(caught.value) == (
        f"Item: no document with _id {item.pk!r} is stored any more, nothing was saved."
    )
