"""What a version guards: optimistic saves, incomplete lists, parallel saves, counters."""

from copy import deepcopy

import pytest

from docmodels.exceptions import IncompleteList, VersionConflict
from tests.documents.orders import (
    RAW,
    Careful,
    CarefulWithNames,
    Order,
    Relaxed,
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
