"""What a version guards: optimistic saves, incomplete lists, parallel saves, counters."""

import threading
from copy import deepcopy

import pytest

from docmodels import documents
from docmodels.exceptions import IncompleteList, ParallelSave, VersionConflict
from tests.documents.orders import (
    RAW,
    Careful,
    CarefulWithNames,
    Order,
    Relaxed,
    pair,
)


@pytest.fixture
def collection(mongo):
    """Give the collection with one stored order."""
    found = mongo.collection("orders")
    found.insert_one(deepcopy(RAW))
    return found


class TestOptimistic:
    """Rule T5: `Meta.optimistic_concurrency` and `Meta.skip_versioning`."""

    def test_all(self, mongo):
        """True demands and makes a version with every change."""
        Careful.objects.create(key=2, name="n")
        mine, theirs = Careful.objects.get(pk=2), Careful.objects.get(pk=2)
        theirs.stock = 1
        theirs.save()

        mine.name = "mine"

        assert mine.pending_update() == (
            {"_id": 2, "__v": 0},
            {"$set": {"name": "mine"}, "$inc": {"__v": 1}},
        )
        with pytest.raises(VersionConflict):
            mine.save()

    def test_some_names(self, collection):
        """A list of names demands it where one of them changed."""
        order = CarefulWithNames.objects.get(pk=1)

        order.stock = 6
        assert order.pending_update() == ({"_id": 1}, {"$set": {"stock": 6}})
        order.name = "x"

        assert order.pending_update() == (
            {"_id": 1, "__v": 3},
            {"$set": {"name": "x", "stock": 6}, "$inc": {"__v": 1}},
        )

    def test_nothing_changed(self, collection):
        """Saving without a change makes no version."""
        Careful.objects.get

        CarefulWithNames.objects.get(pk=1).save()

        assert collection.find_one()["__v"] == 3

    @pytest.mark.parametrize(
        ("edit", "update"),
        [
            (lambda o: o.tags.append("x"), {"$push": {"t": "x"}}),
            (lambda o: setattr(o, "tags", ["x"]), {"$set": {"t": ["x"]}}),
        ],
        ids=["append", "whole list"],
    )
    def test_skipped(self, collection, edit, update):
        """Changes of skipped paths mean nothing for the version."""
        order = Relaxed.objects.get(pk=1)

        edit(order)

        assert order.pending_update() == ({"_id": 1}, update)

    def test_skipped_beside_others(self, collection):
        """Other paths of the same save mean what they always do."""
        order = Relaxed.objects.get(pk=1)

        order.tags.append("x")
        order.lines[0].count = 2

        assert order.pending_update() == (
            {"_id": 1, "__v": 3},
            {"$push": {"t": "x"}, "$set": {"lines.0.count": 2}},
        )


class TestIncompleteList:
    """Rule T6: what depends on elements that were not loaded is refused."""

    @pytest.mark.parametrize(
        "edit",
        [lambda o: o.tags.pop(), lambda o: setattr(o, "tags", ["x"])],
        ids=["pop", "assignment"],
    )
    def test_refused(self, collection, edit):
        """The save says which list, and nothing is sent."""
        order = Order.objects.get(pk=1)
        order.tags.mark_incomplete()
        edit(order)

        with pytest.raises(IncompleteList) as caught:
            order.save()

        assert str(caught.value) == (
            "Order.tags: a change of a list that was loaded incompletely, expected push, "
            "add_to_set or pull, which depend on no other element. Load the whole list first."
        )
        assert order.is_modified("tags")
        assert collection.find_one() == RAW

    def test_allowed(self, collection):
        """Appending depends on nothing."""
        order = Order.objects.get(pk=1)
        order.tags.mark_incomplete()
        order.tags.append("x")

        order.save()

        assert collection.find_one()["tags"] == ["a", "b", "x"]


class TestParallelSave:
    """Rule S8: two saves of one object at the same time."""

    def test_threads(self, collection):
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
        assert collection.find_one()["name"] == "x"
        order.name = "y"
        order.save()
        assert collection.find_one()["name"] == "y"

    def test_save_after_a_save(self, collection):
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

        assert collection.find_one()["name"] == "y"


class TestIncrement:
    """Numbers that several count at the same time."""

    def test_counters(self, collection):
        """`increment` is sent as `$inc`, and seen at once."""
        mine, theirs = pair()

        mine.increment("stock", -2)
        mine.increment("lines.1.count")
        mine.increment("stock")
        theirs.increment("stock", 10)
        theirs.save()

        assert mine.stock == 4
        assert mine.pending_update() == (
            {"_id": 1, "__v": 3},
            {"$inc": {"stock": -1, "lines.1.count": 1}},
        )
        mine.save()
        assert not mine.is_modified()
        assert collection.find_one()["stock"] == 14
        assert collection.find_one()["lines"][1]["count"] == 2

    @pytest.mark.parametrize(
        ("edit", "update"),
        [
            (lambda o: setattr(o, "stock", 9), {"$set": {"stock": 9}}),
            (lambda o: o.increment("stock", -1), {}),
            (lambda o: o.rollback(), {}),
            (lambda o: (setattr(o, "stock", 1), o.increment("stock")), {"$set": {"stock": 2}}),
        ],
        ids=["assigned", "there and back", "rolled back", "after an assignment"],
    )
    def test_other_edits(self, collection, edit, update):
        """An assignment is what counts in the end."""
        order = Order.objects.get(pk=1)
        order.increment("stock")

        edit(order)

        assert order.pending_update()[1] == update

    def test_missing(self, mongo):
        """A missing number counts from zero, null is set."""
        mongo.collection("orders").insert_many([{"_id": 1}, {"_id": 2, "stock": None}])
        first, second = Order.objects.order_by("key")

        first.increment("stock")
        second.increment("stock")

        assert first.pending_update()[1] == {"$inc": {"stock": 1}}
        assert second.pending_update()[1] == {"$set": {"stock": 1}}

    def test_saved_twice(self, collection):
        """What was saved is not sent again, by whatever edit."""
        order = Order.objects.get(pk=1)
        order.increment("stock")
        order.save()
        order.increment("stock")

        order.save()

        assert collection.find_one()["stock"] == 7

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("name", "Order.name: increment of 'n' by '1', expected numbers."),
            ("seen.x", "Order.seen.x: increment, expected a field of a document."),
        ],
    )
    def test_no_number(self, collection, path, message):
        """Only fields with numbers count."""
        order = Order.objects.get(pk=1)

        with pytest.raises(Exception, match="increment") as caught:
            order.increment(path)

        assert str(caught.value) == message
