"""Rules D1 to D3: defaults, and what is left out where it is empty."""

import pytest

from docmodels import documents
from docmodels.documents import ops
from docmodels.testing import record_commands

calls = []


def count_calls():
    """Return another number at each call."""
    calls.append(1)
    return len(calls)


class Empty(documents.EmbeddedDocument):
    a = documents.CharField(blank=True)
    b = documents.CharField(blank=True)


class Inner(documents.EmbeddedDocument):
    size = documents.IntegerField(default=3)
    inner = documents.EmbeddedField(Empty, blank=True)


class Box(documents.Document):
    key = documents.IntegerField(primary_key=True)
    number = documents.IntegerField(default=count_calls)
    text = documents.CharField(default="x", blank=True, null=True)
    tags = documents.ListField(documents.CharField(), default=["a"])
    data = documents.MapField(default=dict, blank=True)
    inner = documents.EmbeddedField(Inner, blank=True)
    empty = documents.EmbeddedField(Empty, blank=True)
    many = documents.EmbeddedListField(Empty)

    class Meta:
        collection = "boxes"


class Titled(documents.Document):
    first = documents.CharField()
    last = documents.CharField()
    full = documents.CharField(default=lambda titled: f"{titled.first} {titled.last}")

    class Meta:
        collection = "titled"


class Plain(documents.Document):
    key = documents.IntegerField(primary_key=True)
    tags = documents.ListField(documents.CharField())

    class Meta:
        collection = "boxes"


class Kept(documents.Document):
    key = documents.IntegerField(primary_key=True)
    empty = documents.EmbeddedField(Empty, blank=True)

    class Meta:
        collection = "boxes"
        minimize = False


@pytest.fixture
def stored(mongo):
    """Return a function that stores a document and loads it as a Box."""

    def store(raw):
        mongo.collection("boxes").insert_one({"_id": 1} | raw)
        return Box.objects.get(pk=1)

    return store


def raw_box(mongo):
    """Return what is stored, without key and version."""
    return mongo.collection("boxes").find_one({}, {"_id": 0, "__v": 0})


class TestD1:
    """Defaults are for missing values only."""

    def test_d1_new_document(self):
        """A new document has its defaults at once, each its own."""
        one, two = Box(key=1), Box(key=2)

        one.tags.append("b")
        one.data["x"] = 1

        assert (one.text, one.tags, one.data) == ("x", ["a", "b"], {"x": 1})
        assert (two.tags, two.data) == (["a"], {})
        assert two.number == one.number + 1

    def test_d1_null_and_empty_text(self, stored):
        """A default is not for null or empty text, given or stored."""
        box = Box(key=1, text=None)

        assert box.text is None
        assert Box(key=1, text="").text == ""
        assert stored({"text": None}).text is None

    def test_d1_a_callable_may_take_the_document(self, stored):
        """It sees what was given, or loaded; once saved it is a value like any."""
        titled = Titled(first="Ada", last="Lovelace")

        assert titled.full == "Ada Lovelace"
        titled.save()
        Titled.objects.filter(pk=titled.pk).update(full=ops.Unset(), first="Augusta")
        loaded = Titled.objects.get()

        assert loaded.full == "Augusta Lovelace"
        assert not loaded.is_set("full")
        assert Titled.objects.update_or_create(first="B", defaults={"last": "C"})[0].full == "B C"

    def test_d1_loaded_document(self, stored):
        """A missing path reads as its default, the same at each read."""
        box = stored({})

        number = box.number

        assert box.number == number
        assert box.tags is box.tags
        assert not box.is_set("number")
        assert not box.is_modified()

    def test_d1_left_out_by_a_projection(self, mongo):
        """A path that was left out has its stored value, never the default."""
        mongo.collection("boxes").insert_one({"_id": 1, "text": "stored"})

        box = Box.objects.only("tags").get(pk=1)

        assert box.text == "stored"

    def test_d1_changed_in_place(self, stored, mongo):
        """A default that is changed in place is stored."""
        box = stored({})

        box.tags.append("b")
        box.data["x"] = 1

        assert box.is_set("tags")
        assert box.modified_paths() == ["tags", "data"]
        box.save()
        assert raw_box(mongo) == {"tags": ["a", "b"], "data": {"x": 1}}

    def test_d1_assigned_by_hand(self, stored, mongo):
        """Assigning what the default is stores it."""
        box = stored({})
        number = box.number

        box.number = number
        box.text = "x"
        box.save(validate=False)

        assert raw_box(mongo) == {"number": number, "text": "x"}

    def test_d1_upserts(self, mongo):
        """They are set where an upsert inserts, unless the filter or the update names the path."""
        plain = {"number": 5, "text": "x", "tags": ["a"], "data": {}, "many": []}

        with record_commands() as commands:
            Box.objects.filter(key=1).update(number=5, upsert=True)
            Box.objects.filter(key=2, text="y").update(number=5, tags=ops.Push("b"), upsert=True)
            Box.objects.filter(key=1).update(number=6, text="z", upsert=True)

        updates = [c.command["updates"][0]["u"] for c in commands if c.name == "update"]
        assert updates[0]["$setOnInsert"].keys() == {"text", "tags", "data", "many", "__v"}
        assert updates[1]["$setOnInsert"].keys() == {"data", "many", "__v"}
        assert updates[2]["$setOnInsert"].keys() == {"tags", "data", "many", "__v"}
        assert list(mongo.collection("boxes").find({}, {"__v": 0}).sort("_id")) == [
            {"_id": 1, **plain, "number": 6, "text": "z"},
            {"_id": 2, **plain, "text": "y", "tags": ["b"]},
        ]


class TestD2:
    """Embedded documents and lists that are not there."""

    def test_d2_a_list_is_empty(self, stored):
        """A list that is not stored is `[]`, and a new document stores it."""
        assert stored({}).many == []

        Plain(key=2).save()

        assert Plain.objects.raw_filter({"tags": []}).count() == 1

    def test_d2_absent_embedded_document(self, stored, mongo):
        """An absent embedded document stays absent, and its defaults do not fire (D2)."""
        box = stored({"text": "y"})

        assert box.inner is None
        box.text = "z"
        box.save()

        assert raw_box(mongo) == {"text": "z"}

    def test_d2_new_embedded_document(self):
        """A new embedded document has its defaults."""
        assert Box(key=1, inner={}).inner.size == 3


class TestD3:
    """Empty embedded documents are left out, unless `minimize` is off."""

    def test_d3_insert(self, mongo):
        """Empty embedded documents are left out, empty lists and maps are not."""
        Box(key=1, number=1, empty=Empty(), inner=Inner(inner={}), many=[{}], tags=[]).save()

        assert raw_box(mongo) == {
            "number": 1,
            "text": "x",
            "tags": [],
            "data": {},
            "inner": {"size": 3},
            "many": [{}],
        }

    @pytest.mark.parametrize(
        "edit",
        [
            lambda box: setattr(box, "empty", {}),
            lambda box: setattr(box, "empty", Empty()),
            lambda box: delattr(box.empty, "a"),
        ],
        ids=["dict", "document", "in place"],
    )
    def test_d3_update(self, stored, mongo, edit):
        """One that becomes empty is unset."""
        box = stored({"empty": {"a": "x"}})

        edit(box)
        box.save()

        assert raw_box(mongo) == {}
        box.empty = {"b": "y"}
        box.save()
        assert raw_box(mongo) == {"empty": {"b": "y"}}

    def test_d3_empty_over_missing(self, stored):
        """One that is empty over a missing one is nothing to write."""
        box = stored({})

        box.empty = Empty()

        assert box.pending_update()[1] == {}

    def test_d3_stored_empty_document(self, stored, mongo):
        """One that is stored empty stays, unless it is touched."""
        box = stored({"empty": {}, "text": "y"})

        box.text = "z"
        assert box.empty == Empty()
        box.save()

        assert raw_box(mongo) == {"empty": {}, "text": "z"}

    def test_d3_elements_of_lists(self, stored, mongo):
        """An element that becomes empty stays `{}`."""
        box = stored({"many": [{"a": "x"}, {"b": "y"}]})

        del box.many[0].a
        box.save()

        assert raw_box(mongo) == {"many": [{}, {"b": "y"}]}

    def test_d3_off(self, mongo):
        """With `minimize = False` empty documents are stored."""
        Kept(key=1, empty={}).save()

        assert raw_box(mongo) == {"empty": {}}
