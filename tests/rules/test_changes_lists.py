"""Rules T2 and T3: lists edited in place, each kind with its operator and its version."""

from copy import deepcopy

import pytest

from tests.documents.tours import ONE, RAW, TWO, Line, Tour


@pytest.fixture
def tour(mongo):
    """Give a tour as it was loaded from the server."""
    mongo.collection("tours").insert_one(deepcopy(RAW))
    return Tour.objects.get(pk=1)


#: Each edit with the update, and whether it demands and makes a version (T3).
EDITS = {
    "push": (lambda t: t.tags.append("d"), {"$push": {"tags": "d"}}, False, True),
    "push in front": (
        lambda t: t.tags.insert(0, "d"),
        {"$push": {"tags": {"$each": ["d"], "$position": 0}}},
        False,
        True,
    ),
    "push with slice": (
        lambda t: t.tags.push("d", slice=-2),
        {"$push": {"tags": {"$each": ["d"], "$slice": -2}}},
        False,
        True,
    ),
    "add to set": (
        lambda t: t.tags.add_to_set("a", "d"),
        {"$addToSet": {"tags": "d"}},
        False,
        True,
    ),
    "pull": (lambda t: t.tags.remove("b"), {"$pull": {"tags": "b"}}, False, True),
    "pull all": (
        lambda t: t.tags.pull("a", "c"),
        {"$pullAll": {"tags": ["a", "c"]}},
        False,
        True,
    ),
    "pull a document": (
        lambda t: t.lines.remove(t.lines[1]),
        {"$pull": {"lines": {"_id": TWO}}},
        False,
        True,
    ),
    "pull documents": (
        lambda t: t.lines.remove_where(),
        {"$pull": {"lines": {"_id": {"$in": [ONE, TWO]}}}},
        False,
        True,
    ),
    "remove a document without id": (
        lambda t: t.stops.remove_where(name="Köln"),
        {"$set": {"stops": [RAW["stops"][0], RAW["stops"][2]]}},
        True,
        True,
    ),
    "pop": (lambda t: t.tags.pop(), {"$pop": {"tags": 1}}, True, True),
    "pop the first": (lambda t: t.lines.pop(0), {"$pop": {"lines": -1}}, True, True),
    "two kinds": (
        lambda t: (t.tags.append("d"), t.tags.remove("a")),
        {"$set": {"tags": ["b", "c", "d"]}},
        True,
        True,
    ),
    "push below an index": (
        lambda t: t.lines[0].sizes.append(3),
        {"$push": {"lines.0.sizes": 3}},
        True,
        True,
    ),
    "pull below an index": (
        lambda t: t.lines[0].sizes.remove(1),
        {"$pull": {"lines.0.sizes": 1}},
        True,
        True,
    ),
    "add below an index": (
        lambda t: t.lines[0].sizes.add_to_set(3),
        {"$addToSet": {"lines.0.sizes": 3}},
        True,
        True,
    ),
    "pull all below an index": (
        lambda t: t.lines[0].sizes.pull(1, 2),
        {"$pullAll": {"lines.0.sizes": [1, 2]}},
        True,
        True,
    ),
    "pop below an index": (
        lambda t: t.lines[0].sizes.pop(),
        {"$pop": {"lines.0.sizes": 1}},
        True,
        True,
    ),
    "whole list below an index": (
        lambda t: setattr(t.lines[0], "sizes", [7]),
        {"$set": {"lines.0.sizes": [7]}},
        True,
        True,
    ),
    "whole list": (
        lambda t: setattr(t, "tags", ["z"]),
        {"$set": {"tags": ["z"]}},
        True,
        True,
    ),
    "set below an index": (
        lambda t: setattr(t.lines[0], "sku", "z"),
        {"$set": {"lines.0.sku": "z"}},
        True,
        False,
    ),
    "unset below an index": (
        lambda t: delattr(t.stops[0], "number"),
        {"$unset": {"stops.0.n": ""}},
        True,
        False,
    ),
    "change of an element and append": (
        lambda t: (setattr(t.stops[0], "name", "Ulm"), t.stops.pop()),
        {"$set": {"stops": [{"name": "Ulm", "n": 1}, RAW["stops"][1]]}},
        True,
        True,
    ),
}


class TestOperators:
    """Rules T2 and T3."""

    @pytest.mark.parametrize(("edit", "update", "check", "makes"), EDITS.values(), ids=EDITS)
    def test_t2_t3_operator_and_version(self, mongo, tour, edit, update, check, makes):
        """One kind of edit is one operator, with its effect on the version."""
        edit(tour)

        assert tour.pending_update() == (
            {"_id": 1, "__v": 3} if check else {"_id": 1},
            update | ({"$inc": {"__v": 1}} if makes else {}),
        )
        tour.save()
        stored = mongo.collection("tours").find_one()
        assert stored == tour.to_mongo()
        assert stored["__v"] == (4 if makes else 3)
        assert not tour.is_modified()

    def test_t2_two_editors_of_one_list(self, tour):
        """Operators leave in the list what others put there."""
        theirs = Tour.objects.get(pk=1)
        theirs.tags.append("theirs")
        theirs.save()

        tour.tags.remove("b")
        tour.save()
        tour.tags.add_to_set("theirs", "mine")
        tour.save()

        assert Tour.objects.get(pk=1).tags == ["a", "c", "theirs", "mine"]

    def test_t2_document_removed_by_its_id(self, tour):
        """A document is found by its id, wherever it stands now."""
        theirs = Tour.objects.get(pk=1)
        theirs.lines.insert(0, Line(sku="theirs"))
        theirs.save()

        tour.lines.remove(tour.lines.get(sku="x"))
        tour.save()

        assert [line.sku for line in Tour.objects.get(pk=1).lines] == ["theirs", "y"]

    def test_t2_rolled_back(self, tour):
        """`rollback` puts back what any operation changed."""
        tour.tags.push("d", slice=2)
        tour.lines.remove_where(sku="x")
        tour.stops.pop()

        tour.rollback()

        assert not tour.is_modified()
        assert tour.to_mongo() == RAW
