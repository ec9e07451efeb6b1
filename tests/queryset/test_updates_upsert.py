"""Upserts: what is inserted where nothing matches (rule D1)."""

import threading
import uuid

import pytest
from bson import ObjectId
from django.core.exceptions import FieldError, ValidationError

from docmodels.documents import F, Q, ops
from docmodels.query.updates import make_update
from docmodels.query.upserts import equalities, insertable
from tests.queryset.shop import Coded, Derived, Item, Keyed, SpecialItem, Watched


@pytest.fixture
def items(mongo):
    """Give the collection of items, with its unique index."""
    collection = mongo.collection(Item._meta.collection)
    collection.create_index("name", unique=True)
    return collection


def insertion(values, conditions=None, model=Item):
    """Return what an upsert sends to be stored on insert."""
    update = make_update(
        model._meta, values, timestamps=False, upsert=True, conditions=conditions or {}
    )
    return update.document.get("$setOnInsert", {})


class TestCompile:
    """Defaults go to `$setOnInsert`, unless filter or update name the path."""

    def test_defaults(self):
        """Values, callables and empty lists; not what has none."""
        assert insertion({"total": 1}) == {
            "s": 5,
            "reserved": 0,
            "label": "new",
            "tags": [],
            "__v": 0,
        }

    def test_named_by_the_update(self):
        """Whatever the operator."""
        values = {"stock": ops.Inc(1), "label": ops.Unset(), "tags": ops.Push("x")}

        assert insertion(values) == {"reserved": 0, "__v": 0}

    @pytest.mark.parametrize(
        ("conditions", "named"),
        [
            ({"s": 1}, True),
            ({"s": {"$eq": 1}}, True),
            ({"$and": [{"s": 1}, {"x": 2}]}, True),
            ({"s": {"$gt": 1}}, False),
            ({"$or": [{"s": 1}, {"s": 2}]}, False),
        ],
        ids=str,
    )
    def test_named_by_the_filter(self, conditions, named):
        """A value that the server takes from the filter; a comparison gives none."""
        assert ("s" not in insertion({"total": 1}, conditions)) is named

    def test_inside(self):
        """Of an embedded document that comes to be, the other defaults are stored too."""
        assert insertion({"box__color": "red"})["box.size"] == 1
        assert "box.size" not in insertion({"box": {"color": "red"}})
        assert "box.size" not in insertion({"total": 1})

    def test_of_the_document(self):
        """A default that takes the document is given what is known of it."""
        values = {"last": "Roe", "tin__side": 3}

        assert insertion(values, {"first": "Jane"}, model=Derived) == {
            "full": "Jane Roe",
            "tin.area": 9,
            "__v": 0,
        }
        assert insertion({"first": "Al"}, model=Derived)["full"] == "Al Doe"

    def test_class(self):
        """A document of a subclass gets its class."""
        assert insertion({"grade": 1}, model=SpecialItem)["__t"] == "SpecialItem"

    def test_immutable(self):
        """What cannot change later is stored on insert alone."""
        update = make_update(Item._meta, {"serial": 7}, timestamps=False, upsert=True)

        assert "$set" not in update.document
        assert update.document["$setOnInsert"]["serial"] == 7

    def test_key(self):
        """A key that has no default must be in the filter."""
        assert isinstance(insertion({"name": "x"}, model=Coded)["_id"], object)
        assert "_id" not in insertion({"count": 1}, {"_id": "a"}, model=Keyed)
        with pytest.raises(ValidationError) as caught:
            insertion({"count": 1}, model=Keyed)
        assert caught.value.message_dict == {"code": ["This field is required."]}

    @pytest.mark.parametrize("path", ["tags.$", "tags.$[]", "tags__0"])
    def test_elements(self, path):
        """Of what is inserted there are no elements yet."""
        with pytest.raises(FieldError) as caught:
            insertion({path: "x"})

        assert str(caught.value) == (
            f"Item.{path}: an element of a list in an upsert, expected the whole list or an "
            f"operator on it: where it inserts there is no element."
        )

    @pytest.mark.parametrize(
        ("conditions", "path"),
        [
            ({"tags": "x"}, "tags"),
            ({"tags.0": "x"}, "tags.0"),
            ({"$and": [{"s": 1}, {"tags": {"$eq": "x"}}]}, "tags"),
        ],
        ids=str,
    )
    def test_condition_on_elements(self, conditions, path):
        """The server would store the element in place of the list."""
        with pytest.raises(FieldError) as caught:
            insertion({"total": 1}, conditions)

        assert str(caught.value) == (
            f"Item: an upsert with the condition {path!r} on an element of a list, which the "
            f"server would store in its place; expected one on the document."
        )

    @pytest.mark.parametrize("conditions", [{"tags": ["x"]}, {"tags": {"$gt": "x"}}], ids=str)
    def test_condition_on_a_list(self, conditions):
        """A whole list, and what is no equality, are as good as elsewhere."""
        assert ("tags" in insertion({"total": 1}, conditions)) is ("$gt" in str(conditions))

    def test_condition_and_list(self):
        """Nor is a condition wrong where the list is stored."""
        assert "tags" not in insertion({"tags": ["y"]}, {"tags": "x"})

    def test_null(self):
        """Null is inserted where it may be; a default comes in its place."""
        conditions = {"s": None, "total": None, "price": None, "$and": [{"box.size": None}]}

        assert insertion({"label": "x"}, conditions)["s"] == 5
        no_value = {"$not": {"$ne": None}}
        assert insertable(Item._meta, conditions) == {
            "s": no_value,
            "total": no_value,
            "price": None,
            "$and": [{"box.size": no_value}],
        }

    def test_equalities(self):
        """The values of a filter are those that the server takes."""
        conditions = {"a": 1, "b": {"$in": [1, 2]}, "$and": [{"c": {"$eq": 2}}, {"d": {"e": 1}}]}

        assert equalities(conditions) == {"a": 1, "c": 2, "d": {"e": 1}}


class TestUpdate:
    """`update(upsert=True)`."""

    def test_inserted(self, items):
        """One document, which counts as one; filter values are cast."""
        count = Item.objects.filter(name="x", stock="7", reserved__lt=3).update(
            {"box__color": "red"}, upsert=True
        )

        raw = items.find_one()
        assert count == 1
        assert isinstance(raw.pop("_id"), ObjectId)
        assert raw.pop("created_at") == raw.pop("updated_at")
        assert raw == {
            "name": "x",
            "s": 7,
            "reserved": 0,
            "label": "new",
            "tags": [],
            "box": {"color": "red", "size": 1},
            "__v": 0,
        }
        assert Item.objects.get().full_clean() is None

    def test_matched(self, items):
        """Nothing of it is stored in what matches, but the time of change."""
        Item.objects.create(name="x", label="own", stock=1)
        before = items.find_one()

        assert Item.objects.filter(name="x").update(reserved=3, upsert=True) == 1

        raw = items.find_one()
        assert raw.pop("updated_at") >= before.pop("updated_at")
        assert raw == before | {"reserved": 3}

    def test_null(self, items):
        """A condition on null leaves none behind where none may be."""
        Item.objects.filter(name="x", total=None, price=None).update(reserved=1, upsert=True)

        raw = items.find_one()
        assert "total" not in raw
        assert raw["price"] is None
        assert Item.objects.filter(name="x", total=None).update(reserved=2, upsert=True) == 1
        assert Item.objects.get().reserved == 2

    def test_saved_on(self, items):
        """What was inserted is a document like any other."""
        Item.objects.filter(name="x").update(stock=1, upsert=True)

        item = Item.objects.get()
        item.tags.append("a")
        item.save()

        assert items.find_one()["__v"] == 1

    def test_class(self, items):
        """Through a subclass one of that class is inserted."""
        SpecialItem.objects.filter(name="x").update(grade=2, upsert=True)

        assert type(Item.objects.get()) is SpecialItem

    def test_other_unique_value(self, items):
        """A duplicate key is an error of its field."""
        Item.objects.create(name="x")

        with pytest.raises(ValidationError) as caught:
            Item.objects.filter(stock=77).update(name="x", upsert=True)

        assert caught.value.message_dict == {"name": ["Item with this name already exists."]}

    def test_unfiltered(self, items):
        """Without a filter it needs `allow_all=True` as well."""
        with pytest.raises(ValueError):
            Item.objects.update(stock=1, upsert=True)

    def test_race(self, items):
        """Of many threads one inserts, the others update; nothing is lost, nobody fails."""
        barrier, errors = threading.Barrier(6), []

        def work():
            barrier.wait()
            try:
                for _ in range(10):
                    Item.objects.filter(name="one").update(reserved=F("reserved") + 1, upsert=True)
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert errors == []
        assert Item.objects.get().reserved == 60


class TestUpsert:
    """`upsert()` is `update_or_create()` in one command."""

    def test_created(self, items, assert_num_commands):
        """Defaults and those of a creation are stored; callables are called."""
        with assert_num_commands(1):
            item, created = Item.objects.upsert(
                name="x", defaults={"stock": lambda: 3}, create_defaults={"label": "first"}
            )

        assert created is True
        assert (item.name, item.stock, item.label, item.tags) == ("x", 3, "first", [])
        assert item.created_at is not None
        assert item._state.adding is False
        assert items.count_documents({}) == 1

    def test_updated(self, items):
        """Those of a creation are not stored in what is there; operators are taken."""
        Item.objects.create(name="x", stock=1)

        item, created = Item.objects.upsert(
            name="x", defaults={"stock": ops.Inc(2)}, create_defaults={"label": "first"}
        )

        assert created is False
        assert (item.stock, item.label) == (3, "new")

    def test_by_key(self, mongo):
        """A key in the conditions is the key of the new document."""
        first = Keyed.objects.upsert(pk="a", defaults={"count": 1})
        second = Keyed.objects.upsert(pk="a", defaults={"count": 2})

        assert [created for _doc, created in (first, second)] == [True, False]
        assert [(doc.pk, doc.count) for doc, _created in (first, second)] == [("a", 1), ("a", 2)]

    def test_own_key(self, mongo):
        """A key with a default is made by it."""
        coded, created = Coded.objects.upsert(name="x")

        assert created is True
        assert isinstance(coded.pk, uuid.UUID)
        assert Coded.objects.upsert(name="x") == (coded, False)

    def test_given_key(self, mongo):
        """A key may be given for the new document alone."""
        code = uuid.uuid4()

        coded, created = Coded.objects.upsert(name="x", create_defaults={"code": str(code)})

        assert (coded.pk, created) == (code, True)
        assert Coded.objects.upsert(name="x", create_defaults={"pk": uuid.uuid4()}) == (
            coded,
            False,
        )
        with pytest.raises(FieldError):
            Coded.objects.upsert(name="x", defaults={"code": code})

    def test_twice(self, items):
        """A path is stored in either case or on creation, not both."""
        with pytest.raises(FieldError) as caught:
            Item.objects.upsert(name="x", defaults={"stock": 1}, create_defaults={"stock": 2})

        assert str(caught.value) == "Item.stock: given twice, expected it once."

    def test_unfiltered(self, items):
        """Without conditions it would be any document."""
        with pytest.raises(ValueError):
            Item.objects.upsert(defaults={"stock": 1})

    def test_hooks(self, mongo):
        """Its event is that of find-and-modify; a filter of Q objects comes first."""
        Watched.seen.clear()

        Watched.objects.filter(Q(name="x")).upsert(defaults={"count": 1})

        assert [event for event, _result in Watched.seen] == ["find_one_and_update"]
