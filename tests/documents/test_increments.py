"""Counting by `increment()`."""

from copy import deepcopy

import pytest

from tests.documents.orders import RAW, Order, pair


@pytest.fixture
def collection(mongo):
    """Give the collection with one stored order."""
    found = mongo.collection("orders")
    found.insert_one(deepcopy(RAW))
    return found


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
            ("lines.9", "Order.lines.9: nothing to increment, expected a number at this path."),
        ],
    )
    def test_no_number(self, collection, path, message):
        """Only fields with numbers count."""
        order = Order.objects.get(pk=1)

        with pytest.raises(Exception, match="increment") as caught:
            order.increment(path)

        assert str(caught.value) == message
