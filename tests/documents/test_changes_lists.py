"""Lists edited in place, each kind with its operator and its version (T2, T3)."""

from copy import deepcopy

import pytest
from bson import ObjectId
from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist

from docmodels import documents
from docmodels.exceptions import UnknownField

ONE, TWO = ObjectId("64b000000000000000000001"), ObjectId("64b000000000000000000002")


class Line(documents.EmbeddedDocument):
    key = documents.ObjectIdField(db_field="_id", blank=True)
    sku = documents.CharField()
    sizes = documents.ListField(documents.IntegerField(), blank=True)


class Stop(documents.EmbeddedDocument):
    name = documents.CharField()
    number = documents.IntegerField(blank=True, db_field="n")


class Tour(documents.Document):
    key = documents.IntegerField(primary_key=True)
    tags = documents.ListField(documents.CharField())
    lines = documents.EmbeddedListField(Line)
    stops = documents.EmbeddedListField(Stop)

    class Meta:
        collection = "tours"


RAW = {
    "_id": 1,
    "tags": ["a", "b", "c"],
    "lines": [{"_id": ONE, "sku": "x", "sizes": [1, 2]}, {"_id": TWO, "sku": "y", "sizes": []}],
    "stops": [{"name": "Bonn", "n": 1}, {"name": "Köln", "n": 2}, {"name": "Bonn", "n": 3}],
    "__v": 3,
}


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
    def test_operator(self, mongo, tour, edit, update, check, makes):
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

    def test_two_editors_of_one_list(self, tour):
        """Operators leave in the list what others put there."""
        theirs = Tour.objects.get(pk=1)
        theirs.tags.append("theirs")
        theirs.save()

        tour.tags.remove("b")
        tour.save()
        tour.tags.add_to_set("theirs", "mine")
        tour.save()

        assert Tour.objects.get(pk=1).tags == ["a", "c", "theirs", "mine"]

    def test_document_removed_by_its_id(self, tour):
        """A document is found by its id, wherever it stands now."""
        theirs = Tour.objects.get(pk=1)
        theirs.lines.insert(0, Line(sku="theirs"))
        theirs.save()

        tour.lines.remove(tour.lines.get(sku="x"))
        tour.save()

        assert [line.sku for line in Tour.objects.get(pk=1).lines] == ["theirs", "y"]

    def test_rolled_back(self, tour):
        """`rollback` puts back what any operation changed."""
        tour.tags.push("d", slice=2)
        tour.lines.remove_where(sku="x")
        tour.stops.pop()

        tour.rollback()

        assert not tour.is_modified()
        assert tour.to_mongo() == RAW


class TestMembers:
    """Elements of embedded lists by what they hold."""

    def test_get(self, tour):
        """`get` gives the one element, cast values compared."""
        assert tour.stops.get(name="Bonn", number="3") is tour.stops[2]
        assert tour.lines.get(key=str(TWO)) is tour.lines[1]

    def test_get_none_and_several(self, tour):
        """No element and several are errors, as of a manager."""
        with pytest.raises(ObjectDoesNotExist) as caught:
            tour.stops.get(name="Ulm")
        assert str(caught.value).endswith("0 elements with name='Ulm', expected one.")
        with pytest.raises(MultipleObjectsReturned) as caught:
            tour.stops.get(name="Bonn")
        assert str(caught.value).endswith("2 elements with name='Bonn', expected one.")

    def test_filter(self, tour):
        """`filter` gives the elements themselves, to be changed in place."""
        for stop in tour.stops.filter(name="Bonn"):
            stop.number = 9

        assert tour.modified_paths() == ["stops.0.number", "stops.2.number"]

    def test_unknown_name(self, tour):
        """An unknown name raises, with the names that there are."""
        with pytest.raises(UnknownField) as caught:
            tour.stops.filter(nme="x")

        assert str(caught.value) == (
            "Stop.nme: no such field, expected one of its own. Choices are: name, number."
        )

    def test_scalars_have_no_names(self, tour):
        """Lists of scalars have no elements by name."""
        with pytest.raises(TypeError) as caught:
            tour.tags.filter(name="x")

        assert str(caught.value).endswith(
            "conditions by name, expected a list of embedded documents."
        )

    def test_create(self, tour):
        """`create` appends, and returns the element in the list."""
        line = tour.lines.create(sku="z")

        assert line is tour.lines[2]
        assert tour.pending_update()[1]["$push"] == {
            "lines": {"$each": [{"sku": "z", "sizes": []}]}
        }

    def test_remove_where(self, tour):
        """`remove_where` tells how many it removed."""
        assert tour.stops.remove_where(name="Bonn") == 2
        assert tour.stops.remove_where(name="Bonn") == 0
        assert [stop.name for stop in tour.stops] == ["Köln"]

    def test_move(self, tour):
        """`move` takes an element to another index."""
        tour.stops.move(0, 2)
        tour.save()

        assert [stop.number for stop in Tour.objects.get(pk=1).stops] == [2, 3, 1]
