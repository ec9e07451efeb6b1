"""Guarded saves on the in-memory fake, which knows neither schemas nor all expressions."""

import pytest
from django.test.utils import override_settings

from docmodels import documents
from docmodels.connections import connections
from docmodels.exceptions import VersionConflict


class Part(documents.EmbeddedDocument):
    name = documents.CharField()
    size = documents.IntegerField(blank=True)


class Box(documents.Document):
    free = documents.AnyField(blank=True)
    sizes = documents.MapField(documents.IntegerField(), blank=True)
    parts = documents.EmbeddedListField(Part)
    first = documents.EmbeddedField(Part, blank=True)
    count = documents.IntegerField(blank=True)

    class Meta:
        collection = "mock_boxes"


@pytest.fixture
def stored():
    """Store a box in memory, and give the collection."""
    databases = {"default": {"HOST": "mongomock://guards", "NAME": "fake"}}
    with override_settings(MONGO_DATABASES=databases):
        collection = connections["default"].collection("mock_boxes")
        collection.insert_one(
            {
                "free": {"b": {"x": 1}, "a": [1, {"y": 2}]},
                "sizes": {"s": 1, "m": 2},
                "parts": [{"name": "p", "size": 1}],
                "first": {"name": "f"},
                "count": 1,
                "__v": 0,
            }
        )
        yield collection
        collection.drop()


EDITS = {
    "free": {"z": 1},
    "sizes": {"l": 3},
    "parts": [{"name": "q"}],
    "first": {"name": "g"},
    "count": 5,
}


@pytest.mark.parametrize("options", [{"guard": True}, {"on_conflict": "merge"}])
@pytest.mark.parametrize("name", EDITS)
def test_saved(stored, name, options):
    """Whole dicts and lists are guarded, and saved where nobody changed them."""
    box = Box.objects.get()
    setattr(box, name, EDITS[name])

    box.save(**options)

    assert stored.find_one()[name] == EDITS[name]


@pytest.mark.parametrize("name", EDITS)
def test_conflict(stored, name):
    """What somebody else changed meanwhile is noticed."""
    mine, theirs = Box.objects.get(), Box.objects.get()
    setattr(mine, name, EDITS[name])
    if name == "parts":
        theirs.parts[0].size = 7
    elif name == "first":
        theirs.first.size = 7
    elif name == "free":
        theirs.free["a"][1]["y"] = 3
    else:
        setattr(theirs, name, {"s": 9} if name == "sizes" else 9)
    theirs.save()

    with pytest.raises(VersionConflict):
        mine.save(guard=True)


def test_keys_that_no_path_can_name(stored):
    """Neither do they need what the fake does not know."""
    stored.update_one({}, {"$set": {"free": {"$odd": 1}}})
    box = Box.objects.get()
    box.free = {"even": 2}

    box.save(guard=True)

    assert stored.find_one()["free"] == {"even": 2}


def test_disjoint_changes_merge(stored):
    """Two editors of different fields do not disturb each other."""
    mine, theirs = Box.objects.get(), Box.objects.get()
    theirs.free["b"]["x"] = 2
    theirs.save()
    mine.first = {"name": "n"}

    mine.save(on_conflict="merge")

    assert (stored.find_one()["first"], stored.find_one()["free"]["b"]) == ({"name": "n"}, {"x": 2})
