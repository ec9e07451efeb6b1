"""Rules T5 and T6: optimistic saves, and lists that were loaded in part."""

from copy import deepcopy

import pytest

from docmodels.documents import Slice
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


class TestT5:
    """`Meta.optimistic_concurrency` and `Meta.skip_versioning`."""

    def test_t5_all(self, mongo):
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

    def test_t5_some_names(self, collection):
        """A list of names demands it where one of them changed."""
        order = CarefulWithNames.objects.get(pk=1)

        order.stock = 6
        assert order.pending_update() == ({"_id": 1}, {"$set": {"stock": 6}})
        order.name = "x"

        assert order.pending_update() == (
            {"_id": 1, "__v": 3},
            {"$set": {"name": "x", "stock": 6}, "$inc": {"__v": 1}},
        )

    def test_t5_nothing_changed(self, collection):
        """Saving without a change makes no version."""
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
    def test_t5_skipped(self, collection, edit, update):
        """Changes of skipped paths mean nothing for the version."""
        order = Relaxed.objects.get(pk=1)

        edit(order)

        assert order.pending_update() == ({"_id": 1}, update)

    def test_t5_skipped_beside_others(self, collection):
        """Other paths of the same save mean what they always do."""
        order = Relaxed.objects.get(pk=1)

        order.tags.append("x")
        order.lines[0].count = 2

        assert order.pending_update() == (
            {"_id": 1, "__v": 3},
            {"$push": {"t": "x"}, "$set": {"lines.0.count": 2}},
        )


class TestT6:
    """A list that was loaded in part."""

    @pytest.fixture
    def partial(self, collection):
        """Give an order with the first tag and the first line alone."""
        return Order.objects.only(Slice("tags", 1), Slice("lines", 1)).get(pk=1)

    @pytest.mark.parametrize(
        ("edit", "path"),
        [
            (lambda o: o.tags.pop(), "tags"),
            (lambda o: setattr(o, "tags", ["x"]), "tags"),
            (lambda o: (o.tags.append("x"), o.tags.remove("a")), "tags"),
            (lambda o: o.tags.reverse() or o.tags.append("x"), "tags"),
            (lambda o: o.tags.__setitem__(0, "x"), "tags.0"),
            (lambda o: setattr(o.lines[0], "count", 9), "lines.0.count"),
        ],
        ids=["pop", "assignment", "two kinds", "rewritten", "index", "inside"],
    )
    def test_t6_refused(self, collection, partial, edit, path, assert_num_commands):
        """What depends on elements that were not loaded is refused, and nothing is sent."""
        edit(partial)

        with assert_num_commands(0), pytest.raises(IncompleteList) as caught:
            partial.save()

        assert str(caught.value).startswith(
            f"Order.{path.removesuffix('.count')}: a change of a list that was loaded "
            "incompletely, expected push, add_to_set or pull, which depend on no other element."
        )
        assert partial.is_modified(path)
        assert collection.find_one() == RAW

    def test_t6_after_a_rollback(self, collection, partial):
        """It is still a part after `rollback()`."""
        partial.tags.append("x")
        partial.lines = []
        partial.rollback()

        partial.tags.pop()
        with pytest.raises(IncompleteList):
            partial.save()
        partial.rollback()
        partial.lines[0].count = 9
        with pytest.raises(IncompleteList):
            partial.save()
        assert collection.find_one() == RAW

    @pytest.mark.parametrize(
        ("edit", "tags"),
        [
            (lambda o: o.tags.append("x"), ["a", "b", "x"]),
            (lambda o: o.tags.add_to_set("b"), ["a", "b"]),
            (lambda o: o.tags.pull("a"), ["b"]),
        ],
        ids=["push", "add to set", "pull"],
    )
    def test_t6_allowed(self, collection, partial, edit, tags):
        """Appending and taking out by value depend on nothing."""
        edit(partial)

        partial.save()

        assert collection.find_one()["tags"] == tags
