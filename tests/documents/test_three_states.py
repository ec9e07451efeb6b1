"""Missing, null and value are three states, everywhere."""

import pytest

from docmodels import documents


class Inner(documents.EmbeddedDocument):
    note = documents.CharField(blank=True, null=True)


class Thing(documents.Document):
    key = documents.AnyField(primary_key=True)
    note = documents.CharField(blank=True, null=True)
    count = documents.IntegerField(blank=True, null=True, default=7)
    inner = documents.EmbeddedField(Inner, blank=True, null=True)
    tags = documents.ListField(documents.CharField(), blank=True, null=True)

    class Meta:
        collection = "things"


@pytest.fixture
def stored(mongo):
    """Return a function that stores a document and loads it as a Thing."""

    def store(raw):
        mongo.collection("things").insert_one({"_id": 1} | raw)
        return Thing.objects.raw_filter({"_id": 1}).get()

    return store


class TestReading:
    """`thing.note` and `thing.is_set("note")`."""

    @pytest.mark.parametrize(
        ("raw", "value", "is_set"),
        [({}, None, False), ({"note": None}, None, True), ({"note": ""}, "", True)],
        ids=["missing", "null", "value"],
    )
    def test_states(self, stored, raw, value, is_set):
        """`is_set` tells missing from null."""
        thing = stored(raw)

        assert thing.note == value
        assert thing.is_set("note") is is_set

    def test_reading_writes_nothing(self, stored, mongo):
        """A default that was read is not stored (D1)."""
        thing = stored({})

        assert (thing.count, thing.tags, thing.inner, thing.note) == (7, [], None, None)
        thing.save()

        assert mongo.collection("things").find_one() == {"_id": 1}

    def test_null_has_no_default(self, stored):
        """A default is for a missing path only (D1)."""
        thing = stored({"count": None, "tags": None})

        assert thing.count is None
        assert thing.tags is None

    def test_embedded(self, stored):
        """The states hold inside embedded documents, too."""
        inner = stored({"inner": {"note": None}}).inner

        assert inner.is_set("note")
        assert inner.note is None

    def test_filters(self, mongo):
        """Filters know the three states."""
        mongo.collection("things").insert_many(
            [{"_id": 1}, {"_id": 2, "note": None}, {"_id": 3, "note": "x"}]
        )

        def ids(**filters):
            found = Thing.objects.filter(**filters).order_by("pk").raw()
            return [raw["_id"] for raw in found]

        assert ids(note__isnull=True) == ids(note=None) == [1, 2]
        assert ids(note__exists=False) == [1]
        assert ids(note__type="null") == [2]
        assert ids(note__exists=True) == [2, 3]


class TestWriting:
    """None stores null, `del` removes."""

    @pytest.mark.parametrize(
        ("before", "edit", "update"),
        [
            ({"note": "x"}, lambda t: setattr(t, "note", None), {"$set": {"note": None}}),
            ({}, lambda t: setattr(t, "note", None), {"$set": {"note": None}}),
            ({"note": None}, lambda t: setattr(t, "note", None), {}),
            ({"note": "x"}, lambda t: delattr(t, "note"), {"$unset": {"note": ""}}),
            ({"note": None}, lambda t: delattr(t, "note"), {"$unset": {"note": ""}}),
            ({}, lambda t: delattr(t, "note"), {}),
            ({"note": "x"}, lambda t: setattr(t, "note", ""), {"$set": {"note": ""}}),
            ({}, lambda t: setattr(t, "count", 7), {"$set": {"count": 7}}),
            ({}, lambda t: setattr(t, "tags", []), {"$set": {"tags": []}}),
            ({"tags": None}, lambda t: setattr(t, "tags", []), {"$set": {"tags": []}}),
            ({"tags": ["a"]}, lambda t: delattr(t, "tags"), {"$unset": {"tags": ""}}),
        ],
        ids=[
            "value to null",
            "missing to null",
            "null to null",
            "value to missing",
            "null to missing",
            "missing to missing",
            "value to empty",
            "default by hand",
            "empty list",
            "null to empty list",
            "list to missing",
        ],
    )
    def test_update(self, stored, before, edit, update):
        """Each step between the states is what is sent, and nothing else."""
        thing = stored(before | {"__v": 0})

        edit(thing)

        assert {k: v for k, v in thing.pending_update()[1].items() if k != "$inc"} == update

    def test_deleted_then_assigned(self, stored):
        """A value that comes back is no change."""
        thing = stored({"note": "x"})

        del thing.note
        assert thing.note is None
        assert not thing.is_set("note")
        thing.note = "x"

        assert not thing.is_modified()

    def test_insert(self, mongo):
        """What was not given is not stored; null is where it was given."""
        Thing(key=1, note=None).save()

        raw = mongo.collection("things").find_one({}, {"_id": 0})
        assert raw == {"note": None, "count": 7, "tags": [], "__v": 0}
