"""Two editors: optimistic versions, conflicts and merges (T5, S8)."""

import threading
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
        ],
        ids=["scalar", "moved element", "whole list", "whole map", "popped element"],
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


def bump_stock(order):
    """Count by reading and writing."""
    order.stock += 1


def bump_line(order):
    """Count inside of an element of a list."""
    order.lines[1].count += 1


def bump_map(order):
    """Count in a map."""
    order.seen["x"] += 1


def bump_map_whole(order):
    """Count by writing a whole map."""
    order.seen = {**order.seen, "x": order.seen["x"] + 1}


def rewrite_tags(order):
    """Add to a list by writing the whole of it."""
    order.tags = [*order.tags, "t"]


def append_tag(order):
    """Add to a list by `$push`."""
    order.tags.append("t")


COUNTED = {
    "stock": (lambda raw: raw["stock"] - 5, [bump_stock]),
    "line": (lambda raw: raw["lines"][1]["count"] - 1, [bump_line]),
    "map": (lambda raw: raw["seen"]["x"] - 1, [bump_map, bump_map_whole]),
    "tags": (lambda raw: len(raw["tags"]) - 2, [rewrite_tags, append_tag]),
}
BUMPS = [(name, bump) for name, (_read, bumps) in COUNTED.items() for bump in bumps]


class TestNoLostUpdate:
    """Concurrent editors never lose an update silently."""

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        steps=st.lists(
            st.tuples(
                st.integers(0, 2),
                st.sampled_from(BUMPS),
                st.sampled_from([{"guard": True}, {"on_conflict": "merge"}]),
                st.booleans(),
            ),
            max_size=15,
        )
    )
    def test_any_interleaving(self, mongo, steps):
        """What was acknowledged is stored, in whatever order editors load, edit and save."""
        collection = mongo.collection("orders")
        collection.replace_one({"_id": 1}, deepcopy(RAW), upsert=True)
        editors = [Order.objects.get(pk=1) for _number in range(3)]
        pending = [[], [], []]
        done = dict.fromkeys(COUNTED, 0)

        for number, (name, bump), options, saved in steps:
            bump(editors[number])
            pending[number].append(name)
            if not saved:
                continue
            try:
                editors[number].save(**options)
            except VersionConflict:
                editors[number] = Order.objects.get(pk=1)
            else:
                for counted in pending[number]:
                    done[counted] += 1
            pending[number] = []

        raw = collection.find_one()
        assert {name: read(raw) for name, (read, _bumps) in COUNTED.items()} == done

    def test_threads(self, collection):
        """Threads that retry what was refused count exactly."""
        errors = []

        def edit(number):
            try:
                for step in range(8):
                    name_and_bump = BUMPS[(number + step) % len(BUMPS)]
                    while True:
                        order = Order.objects.get(pk=1)
                        name_and_bump[1](order)
                        try:
                            order.save(on_conflict="merge")
                        except VersionConflict:
                            continue
                        break
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=edit, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        expected = dict.fromkeys(COUNTED, 0)
        for number in range(4):
            for step in range(8):
                expected[BUMPS[(number + step) % len(BUMPS)][0]] += 1
        raw = collection.find_one()
        assert errors == []
        assert {name: read(raw) for name, (read, _bumps) in COUNTED.items()} == expected
