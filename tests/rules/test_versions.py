"""Rules T3 and T4: what a write means for the version, and what the version for a write."""

import pytest

from docmodels import documents
from docmodels.exceptions import VersionConflict


class Line(documents.EmbeddedDocument):
    price = documents.IntegerField()


class Order(documents.Document):
    key = documents.IntegerField(primary_key=True)
    name = documents.CharField(blank=True)
    tags = documents.ListField(documents.CharField())
    lines = documents.EmbeddedListField(Line)
    seen = documents.MapField(documents.IntegerField(), blank=True)

    class Meta:
        collection = "orders"


class Unversioned(documents.Document):
    key = documents.IntegerField(primary_key=True)
    tags = documents.ListField(documents.CharField())

    class Meta:
        collection = "orders"
        version_key = None


class Optimistic(documents.Document):
    key = documents.IntegerField(primary_key=True)
    name = documents.CharField(blank=True)
    tags = documents.ListField(documents.CharField())

    class Meta:
        collection = "orders"
        version_key = "rev"


def store(mongo, **values):
    """Store an order of version 3."""
    mongo.collection("orders").insert_one(
        {
            "_id": 1,
            "name": "n",
            "tags": ["a", "b"],
            "lines": [{"price": 1}],
            "seen": {"x": 1},
            "__v": 3,
        }
        | values
    )


def stored_version(mongo, key="__v"):
    """Return the stored version."""
    return mongo.collection("orders").find_one()[key]


#: Each edit with: is the version checked, is it incremented.
EFFECTS = {
    "scalar": (lambda o: setattr(o, "name", "x"), False, False),
    "append": (lambda o: o.tags.append("c"), False, True),
    "element": (lambda o: o.tags.__setitem__(0, "c"), True, False),
    "inside an element": (lambda o: setattr(o.lines[0], "price", 2), True, False),
    "whole list": (lambda o: setattr(o, "tags", ["c"]), True, True),
    "removal": (lambda o: o.tags.pop(), True, True),
    "unset list": (lambda o: delattr(o, "tags"), False, False),
    "unset scalar": (lambda o: delattr(o, "name"), False, False),
    "map": (lambda o: o.seen.update(x=2, y=1), False, False),
    "key of a map": (lambda o: o.seen.pop("x"), False, False),
    "whole map": (lambda o: setattr(o, "seen", {}), False, False),
    "whole element": (lambda o: o.lines.__setitem__(0, {"price": 2}), True, False),
    "undeclared data": (lambda o: o.undeclared.update(more=1), False, False),
}


class TestT3:
    """Each kind of write; those of lists are in `test_changes_lists`."""

    @pytest.mark.parametrize(("edit", "check", "increment"), EFFECTS.values(), ids=EFFECTS)
    def test_t3_effect(self, mongo, edit, check, increment):
        """Appending increments, indexes check, whole lists do both."""
        store(mongo)
        order = Order.objects.get(pk=1)

        edit(order)
        selector, update = order.pending_update()
        order.save()

        assert selector == ({"_id": 1, "__v": 3} if check else {"_id": 1})
        assert update.get("$inc") == ({"__v": 1} if increment else None)
        assert stored_version(mongo) == (4 if increment else 3)

    def test_t3_saves_in_a_row(self, mongo):
        """The object keeps up with the version that it makes."""
        store(mongo)
        order = Order.objects.get(pk=1)

        for tags in (["x"], ["y"], ["z"]):
            order.tags = tags
            order.save()

        assert stored_version(mongo) == 6


class TestT4:
    """The check, and what it finds."""

    def test_t4_index_over_a_changed_list(self, mongo):
        """A write below an index fails when somebody else rewrote the list."""
        store(mongo)
        mine, theirs = Order.objects.get(pk=1), Order.objects.get(pk=1)
        theirs.tags.pop(0)
        theirs.save()

        mine.tags[1] = "mine"
        with pytest.raises(VersionConflict) as caught:
            mine.save()

        assert str(caught.value) == (
            "Order: changed by somebody else (or deleted) since it was loaded, nothing was saved. "
            "Paths of this save: tags.1."
        )
        assert caught.value.paths == ("tags.1",)
        assert caught.value.document is mine
        assert mine.is_modified("tags")
        assert Order.objects.get(pk=1).tags == ["b"]

    def test_t4_two_that_append(self, mongo):
        """Two that append do not disturb each other."""
        store(mongo)
        mine, theirs = Order.objects.get(pk=1), Order.objects.get(pk=1)

        mine.tags.append("mine")
        theirs.tags.append("theirs")
        theirs.save()
        mine.save()

        assert Order.objects.get(pk=1).tags == ["a", "b", "theirs", "mine"]

    def test_t4_deleted_document(self, mongo):
        """Without a version check a deleted document is `DoesNotExist`."""
        store(mongo)
        order = Order.objects.get(pk=1)
        mongo.collection("orders").delete_one({})

        order.name = "x"

        with pytest.raises(Order.DoesNotExist):
            order.save()

    @pytest.mark.parametrize("version", [{"__v": None}, {}], ids=["null", "missing"])
    def test_t4_document_without_version(self, mongo, version):
        """Without a version what is replaced is compared instead."""
        store(mongo)
        mongo.collection("orders").update_one({}, {"$unset": {"__v": ""}})
        if version:
            mongo.collection("orders").update_one({}, {"$set": version})
        order = Order.objects.get(pk=1)

        order.tags = ["c"]

        assert order.pending_update() == (
            {"_id": 1, "tags": {"$eq": ["a", "b"]}},
            {"$set": {"tags": ["c"]}},
        )
        mongo.collection("orders").update_one({}, {"$push": {"tags": "theirs"}})
        with pytest.raises(VersionConflict):
            order.save()

    def test_t4_version_that_was_not_loaded(self, mongo):
        """A projection without the version checks nothing that it cannot know."""
        store(mongo)
        order = Order.objects.only("tags").get(pk=1)

        order.tags.append("c")
        order.save()

        assert Order.objects.get(pk=1).tags == ["a", "b", "c"]

    def test_t4_the_check_is_for_what_needs_it(self, mongo):
        """The default key is `__v`; it is in the filter of a write that depends on it alone."""
        store(mongo)
        order = Order.objects.get(pk=1)

        order.name = "x"
        assert order.pending_update()[0] == {"_id": 1}
        order.tags = ["x"]
        assert order.pending_update()[0] == {"_id": 1, "__v": 3}

    def test_t4_updates_leave_it_alone(self, mongo):
        """Update queries never touch the version."""
        store(mongo)

        Order.objects.filter(pk=1).update(tags=["z"])

        assert stored_version(mongo) == 3


class TestKeys:
    """`version_key` (T4)."""

    def test_t4_no_key(self, mongo):
        """Without a version key no version is written."""
        Unversioned(key=1, tags=["a"]).save()

        assert mongo.collection("orders").find_one() == {"_id": 1, "tags": ["a"]}

    def test_t4_another_key(self, mongo):
        """Another key may hold the version."""
        Optimistic(key=1, tags=["a"]).save()
        order = Optimistic.objects.get(pk=1)
        order.tags.append("b")
        order.save()

        assert stored_version(mongo, "rev") == 1
        assert order.undeclared == {}
