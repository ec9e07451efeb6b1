"""`save(guard=True)`: a path that somebody else changed is not written over (T5)."""

import pytest

from docmodels import documents
from docmodels.exceptions import VersionConflict


class Inner(documents.EmbeddedDocument):
    a = documents.IntegerField(blank=True)
    b = documents.IntegerField(blank=True)


class Box(documents.Document):
    key = documents.IntegerField(primary_key=True)
    map = documents.MapField(blank=True)
    inner = documents.EmbeddedField(Inner, blank=True)
    inners = documents.EmbeddedListField(Inner)

    class Meta:
        collection = "boxes"
        version_key = None


RAW = {"_id": 1, "map": {"x": 1, "y": {"z": 1}}, "inner": {"b": 2, "a": 1}, "inners": [{"a": 1}]}

#: What somebody else may do, and what is then replaced.
OTHERS = {
    "added key": ({"$set": {"map.n": 1}}, lambda b: setattr(b, "map", {"m": 1})),
    "added key deep down": ({"$set": {"map.y.n": 1}}, lambda b: setattr(b, "map", {"m": 1})),
    "removed key": ({"$unset": {"map.x": ""}}, lambda b: setattr(b, "map", {"m": 1})),
    "changed value": ({"$set": {"map.x": 2}}, lambda b: delattr(b, "map")),
    "undeclared key": ({"$set": {"inner.n": 1}}, lambda b: delattr(b, "inner")),
    "key in an element": (
        {"$set": {"inners.0.n": 1}},
        lambda b: b.inners.__setitem__(0, {"a": 2}),
    ),
    "another type": ({"$set": {"map": [1]}}, lambda b: setattr(b, "map", {"m": 1})),
}


class TestGuard:
    """Whole dicts and embedded documents that are replaced."""

    @pytest.mark.parametrize(("theirs", "mine"), OTHERS.values(), ids=OTHERS)
    def test_changed_by_others(self, mongo, theirs, mine):
        """Whatever somebody else changed inside is noticed."""
        collection = mongo.collection("boxes")
        collection.insert_one(RAW)
        box = Box.objects.get(pk=1)
        collection.update_one({}, theirs)
        before = collection.find_one()

        mine(box)
        with pytest.raises(VersionConflict):
            box.save(guard=True)

        assert collection.find_one() == before

    @pytest.mark.parametrize(
        "raw",
        [
            RAW,
            {"_id": 1, "map": {"y": {"z": 1}, "x": 1}, "inner": {"a": 1, "b": 2}},
            {"_id": 1, "map": {"a.b": 1, "$c": {"d.e": None}}},
            {"_id": 1, "map": {}, "inner": {}, "inners": []},
            {"_id": 1, "map": {"0": {"1": 2}}, "inners": [{"a": 1}, {"b": 2}]},
            {"_id": 1},
        ],
        ids=["plain", "another order", "unsafe keys", "empty", "digits", "missing"],
    )
    def test_unchanged(self, mongo, raw):
        """What nobody changed is replaced."""
        collection = mongo.collection("boxes")
        collection.insert_one(raw)
        box = Box.objects.get(pk=1)

        box.map, box.inner, box.inners = {"m": 1}, Inner(a=3), [Inner(b=4)]
        box.save(guard=True)

        assert collection.find_one() == {
            "_id": 1, "map": {"m": 1}, "inner": {"a": 3}, "inners": [{"b": 4}]
        }  # fmt: skip

    @pytest.mark.parametrize(
        "theirs",
        [{"a.b": 1, "$c": 2}, {"a.b": 2}, {"a.b": 1, "c": 1}, {"x": 1}],
        ids=["added", "changed", "another added", "replaced"],
    )
    def test_unsafe_keys(self, mongo, theirs):
        """Keys that no path can name are compared as well, in any order."""
        collection = mongo.collection("boxes")
        collection.insert_one({"_id": 1, "map": {"a.b": 1}})
        box = Box.objects.get(pk=1)
        collection.replace_one({}, {"map": theirs})

        box.map = {"m": 1}
        with pytest.raises(VersionConflict):
            box.save(guard=True)

    def test_unsafe_keys_in_another_order(self, mongo):
        """The order of the keys is nobody's change."""
        collection = mongo.collection("boxes")
        collection.insert_one({"_id": 1, "map": {"a.b": 1, "$c": 2}})
        box = Box.objects.get(pk=1)
        collection.replace_one({}, {"map": {"$c": 2, "a.b": 1}})

        box.map = {"m": 1}
        box.save(guard=True)

        assert collection.find_one() == {"_id": 1, "map": {"m": 1}}
