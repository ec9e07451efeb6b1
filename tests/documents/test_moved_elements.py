"""A change inside of an element never lands in another one, also without a version key."""

import pytest

from docmodels import documents
from docmodels.exceptions import VersionConflict


class Part(documents.EmbeddedDocument):
    number = documents.IntegerField()
    count = documents.IntegerField()


class NamedPart(documents.EmbeddedDocument):
    id = documents.IntegerField(db_field="_id")
    count = documents.IntegerField()


class Kit(documents.Document):
    key = documents.IntegerField(primary_key=True)
    parts = documents.EmbeddedListField(Part)
    named = documents.EmbeddedListField(NamedPart)
    rows = documents.ListField(documents.ListField(documents.IntegerField()))

    class Meta:
        collection = "kits"


STORED = {
    "_id": 1,
    "parts": [{"number": 1, "count": 1}, {"number": 2, "count": 1}],
    "named": [{"_id": 1, "count": 1}, {"_id": 2, "count": 1}],
    "rows": [[1, 5], [1, 6]],
}


@pytest.fixture
def kit(mongo):
    """Give a document that another program stored, without a version key."""
    mongo.collection("kits").insert_one(STORED)
    return Kit.objects.get(pk=1)


@pytest.mark.parametrize("name", ["parts", "named"])
def test_a_moved_element(mongo, kit, name):
    """Somebody else turns the list around: the value at the index is equal, the element not."""
    turned = STORED[name][::-1]
    mongo.collection("kits").update_one({"_id": 1}, {"$set": {name: turned}})
    getattr(kit, name)[0].count = 7

    with pytest.raises(VersionConflict):
        kit.save()

    assert mongo.collection("kits").find_one()[name] == turned


def test_a_moved_row(mongo, kit):
    """The same holds for lists of lists."""
    mongo.collection("kits").update_one({"_id": 1}, {"$set": {"rows": [[1, 6], [1, 5]]}})
    kit.rows[0][0] = 7

    with pytest.raises(VersionConflict):
        kit.save()


def test_another_value_of_a_named_element(mongo, kit):
    """An element that its key tells from the others may be changed elsewhere meanwhile."""
    mongo.collection("kits").update_one({"_id": 1}, {"$set": {"named.0.other": 3}})
    kit.named[0].count = 7

    kit.save()

    assert mongo.collection("kits").find_one()["named"][0] == {"_id": 1, "count": 7, "other": 3}


def test_alone(mongo, kit):
    """Nobody else was there: all is stored."""
    kit.parts[1].count = kit.named[1].count = 7
    kit.rows[1][1] = 7

    kit.save()

    stored = mongo.collection("kits").find_one()
    assert stored["parts"][1] == {"number": 2, "count": 7}
    assert stored["named"][1] == {"_id": 2, "count": 7}
    assert stored["rows"] == [[1, 5], [1, 7]]
