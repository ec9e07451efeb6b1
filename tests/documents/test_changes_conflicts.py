"""Two editors: optimistic versions, conflicts and merges (T5, S8)."""

from copy import deepcopy

import pytest

from docmodels.exceptions import VersionConflict
from tests.documents.orders import (
    RAW,
    Order,
    Stamped,
    pair,
)


@pytest.fixture
def collection(mongo):
    """Give the collection with one stored order."""
    found = mongo.collection("orders")
    found.insert_one(deepcopy(RAW))
    return found


class TestConflict:
    """What a VersionConflict carries."""

    def test_both_sides(self, collection):
        """Base, mine and theirs by path, and the paths that both changed."""
        mine, theirs = pair()
        theirs.name, theirs.lines[0].price = "theirs", 9
        theirs.seen["y"] = 2
        theirs.save()
        mine.name, mine.stock = "mine", 6
        mine.lines[1].price = 8
        del mine.seen

        with pytest.raises(VersionConflict) as caught:
            mine.save(guard=True)

        conflict = caught.value
        assert conflict.paths == ("name", "stock", "lines.1.price", "seen")
        assert conflict.overlapping == ("name", "seen")
        assert conflict.mine == {"name": "mine", "stock": 6, "lines.1.price": 8}
        assert conflict.theirs == {"name": "theirs", "lines.0.price": 9, "seen.y": 2}
        assert conflict.base == {
            "name": "n",
            "stock": 5,
            "lines.0.price": 1,
            "lines.1.price": 2,
            "seen": {"x": 1},
        }
        assert mine.modified_paths() == ["name", "stock", "lines.1.price", "seen"]

    def test_deleted(self, collection):
        """A document that is gone conflicts with all that was changed."""
        order = Order.objects.get(pk=1)
        order.name = "x"
        collection.delete_one({})

        with pytest.raises(VersionConflict) as caught:
            order.save(guard=True)

        assert caught.value.overlapping == ("name",)
        assert caught.value.theirs == {}


def move_line(order):
    """Take the first line out and put another one behind."""
    order.lines.pop(0)
    order.lines.append({"price": 9, "count": 1})


class TestMerge:
    """`save(on_conflict="merge")`."""

    def test_disjoint(self, collection):
        """Changes of other paths go together, and are seen in the object."""
        mine, theirs = pair()
        theirs.name, theirs.lines[0].price = "theirs", 9
        theirs.tags.append("theirs")
        theirs.save()

        mine.stock, mine.lines[1].price = 6, 8
        mine.tags.append("mine")
        mine.save(on_conflict="merge")

        stored = collection.find_one()
        assert stored == RAW | {
            "name": "theirs",
            "stock": 6,
            "lines": [{"price": 9, "count": 1}, {"price": 8, "count": 1}],
            "tags": ["a", "b", "theirs", "mine"],
            "__v": 5,
        }
        assert mine.to_mongo() == stored or mine.is_modified() is False

    def test_the_version_moved_on(self, collection):
        """A save that demands a version merges over a newer one, and reads it."""
        mine, theirs = pair()
        theirs.tags = ["theirs"]
        theirs.save()

        mine.lines[1].price = 8
        mine.save(on_conflict="merge")

        assert mine.tags == ["theirs"]
        assert mine.to_mongo() == collection.find_one()
        assert not mine.is_modified()

    @pytest.mark.parametrize(
        ("theirs_edit", "mine_edit"),
        [
            (lambda o: setattr(o, "name", "t"), lambda o: setattr(o, "name", "m")),
            (lambda o: o.lines.pop(0), lambda o: setattr(o.lines[1], "price", 7)),
            (lambda o: o.tags.append("t"), lambda o: o.tags.reverse()),
            (lambda o: o.seen.update(y=1), lambda o: setattr(o, "seen", {"z": 1})),
            (lambda o: setattr(o.lines[0], "price", 7), lambda o: o.lines.pop(0)),
            (move_line, lambda o: setattr(o.lines[0], "count", 7)),
            (move_line, lambda o: o.increment("lines.0.count")),
        ],
        ids=[
            "scalar",
            "moved element",
            "whole list",
            "whole map",
            "popped element",
            "another element",
            "count in another element",
        ],
    )
    def test_overlapping(self, collection, theirs_edit, mine_edit):
        """The same path, or one inside the other, is for the user to decide."""
        mine, theirs = pair()
        theirs_edit(theirs)
        theirs.save()
        before = collection.find_one()

        mine_edit(mine)
        with pytest.raises(VersionConflict) as caught:
            mine.save(on_conflict="merge")

        assert caught.value.overlapping
        assert collection.find_one() == before

    def test_automatic_times_do_not_conflict(self, collection):
        """The time of the change is nobody's own change."""
        collection.update_one({}, {"$unset": {"stock": ""}})
        mine, theirs = pair(Stamped)
        theirs.note = "theirs"
        theirs.save()
        mine.name = "mine"

        mine.save(on_conflict="merge")

        assert collection.find_one()["note"] == "theirs"
        assert collection.find_one()["name"] == "mine"

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (
                {"on_conflict": "mine"},
                "Order.save(): on_conflict='mine', expected 'raise' or 'merge'.",
            ),
            (
                {"on_conflict": "merge", "update_fields": ["name"]},
                "Order.save(): update_fields together with on_conflict='merge', expected one of "
                "them: a merge reads the document again.",
            ),
        ],
    )
    def test_wrong_options(self, collection, options, message):
        """What cannot be done is said at once."""
        with pytest.raises(ValueError) as caught:
            Order.objects.get(pk=1).save(**options)

        assert str(caught.value) == message
