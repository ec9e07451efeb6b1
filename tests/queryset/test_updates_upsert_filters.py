"""Which filters an upsert takes, and what it inserts of them."""

import pytest
from bson import Regex
from django.core.exceptions import FieldError

from docmodels.documents import Count, F, Near, Q, json_schema, ops, trusted
from docmodels.query.upserts import equalities, insertable
from tests.queryset.shop import Item
from tests.queryset.stations import Station

INSTEAD = (
    "; expected stored paths compared with values. In transaction.atomic() update() tells whether "
    "anything matched, and create() inserts."
)


def computed(*paths):
    """Return the message of a computed condition on paths."""
    shown = ", ".join(map(repr, paths))
    return (
        f"Item: an upsert with a computed condition ($expr) on {shown}, which MongoDB refuses"
        + (INSTEAD)
    )


def named(name):
    """Return the message of a condition on an annotation."""
    return f"Item: an upsert with a condition on {name!r}, which is computed{INSTEAD}"


def twice(*paths):
    """Return the message of several equalities."""
    shown = " and ".join(map(repr, paths))
    return (
        f"Item: an upsert with two equalities on {shown}, of which MongoDB can store neither; "
        f"expected one for each path."
    )


items = Item.objects
REFUSED = {
    "F": (items.filter(stock__lt=F("reserved")), computed("stock", "reserved")),
    "beside others": (
        items.filter(name="a", stock=F("reserved")),
        computed("stock", "reserved"),
    ),
    "inside": (items.filter(box__size=F("stock")), computed("box__size", "stock")),
    "excluded": (items.exclude(stock=F("reserved")), computed("stock", "reserved")),
    "or": (items.filter(Q(name="a") | Q(stock=F("reserved"))), computed("stock", "reserved")),
    "part of a date": (items.filter(at__month=5), computed("at")),
    "part of a date with F": (items.filter(at__year=F("stock")), computed("at", "stock")),
    "trusted": (items.filter(Q(trusted({"$expr": {"$eq": ["$s", 1]}}))), computed("stock")),
    "raw": (items.raw_filter({"$and": [{"$expr": {"$eq": ["$s", "$z"]}}]}), computed("stock", "z")),
    "annotation": (items.annotate(n=Count("tags")).filter(n__gt=1), named("n")),
    "alias": (items.alias(n=F("stock") + 1).filter(n=F("reserved")), named("n")),
    "twice": (items.filter(name="a").filter(name="b"), twice("name")),
    "twice, by db_field": (items.filter(stock=1).filter(stock__in=[2]), twice("stock")),
    "around": (
        items.filter(box__size=1).raw_filter({"box": {"size": 1}}),
        twice("box__size", "box"),
    ),
}
#: Every write with an upsert.
WRITES = {
    "update": lambda queryset: queryset.update(total=1, upsert=True),
    "update_one": lambda queryset: queryset.update_one(total=1, upsert=True),
    "upsert": lambda queryset: queryset.upsert({"total": 1}),
    "find_one_and_update": lambda queryset: queryset.find_one_and_update(total=1, upsert=True),
    "find_one_and_replace": (
        lambda queryset: queryset.find_one_and_replace(Item(name="x"), upsert=True)
    ),
}


class TestRefused:
    """What the server refuses is told before anything is sent."""

    @pytest.mark.parametrize("write", WRITES)
    @pytest.mark.parametrize("kind", REFUSED)
    def test_message(self, kind, write, assert_num_commands):
        """The message has the document, the paths as they are named, and the way out."""
        queryset, message = REFUSED[kind]

        with assert_num_commands(0), pytest.raises(FieldError) as caught:
            WRITES[write](queryset)

        assert str(caught.value) == message

    @pytest.mark.parametrize(
        "kind", [kind for kind in REFUSED if kind not in {"annotation", "alias"}]
    )
    def test_the_server_refuses_it(self, kind, mongo):
        """Nothing is refused that would work."""
        queryset, _message = REFUSED[kind]
        collection = mongo.collection(Item._meta.collection)

        with pytest.raises(Exception, match=r"not allowed in the query|cannot infer query fields"):
            collection.update_one(
                queryset.query.compile_filter(), {"$set": {"total": 1}}, upsert=True
            )

    @pytest.mark.parametrize(
        "operation",
        [
            ops.UpdateOne({"stock__lt": F("reserved")}, {"total": 1}, upsert=True),
            ops.UpdateMany({"stock__lt": F("reserved")}, {"total": 1}, upsert=True),
            ops.ReplaceOne({"stock__lt": F("reserved")}, Item(name="x"), upsert=True),
        ],
        ids=["one", "many", "replace"],
    )
    def test_bulk(self, operation, assert_num_commands):
        """In a bulk nothing at all is sent."""
        with assert_num_commands(0), pytest.raises(FieldError) as caught:
            items.bulk_write([ops.InsertOne({"name": "y"}), operation])

        assert str(caught.value) == computed("stock", "reserved")

    def test_without_upsert(self, mongo):
        """The same filters are as good as any where nothing is to be inserted."""
        for queryset, _message in REFUSED.values():
            assert queryset.update(total=1) == 0


#: A filter, and what is inserted of it beside what any upsert stores.
ACCEPTED = {
    "equal": (items.filter(stock=7), {"s": 7}),
    "one of one": (items.filter(stock__in=[7]), {"s": 7}),
    "one of several": (items.filter(stock__in=[7, 8]), {"s": 5}),
    "either, one": (items.raw_filter({"$or": [{"s": 7}]}), {"s": 7}),
    "either": (items.filter(Q(stock=7) | Q(stock=8)), {"s": 5}),
    "order": (items.filter(stock__gt=7), {"s": 5}),
    "complement": (items.exclude(stock=7), {"s": 5}),
    "whole list": (items.filter(tags=["x"]), {"s": 5, "tags": ["x"]}),
    "inside": (items.filter(box__size=3), {"s": 5, "box": {"size": 3}}),
    "pattern": (items.filter(label__startswith="x"), {"s": 5, "label": "new"}),
    "null": (items.filter(stock=None), {"s": 5}),
    "one of null": (items.filter(stock__in=[None]), {"s": 5}),
    "schema": (items.filter(json_schema({"required": ["x"]})), {"s": 5}),
    "script": (items.raw_filter({"$where": "this.s === 7"}), {"s": 5}),
    "annotated": (items.annotate(n=Count("tags")).filter(stock=7), {"s": 7}),
    "year": (items.filter(at__year=2024), {"s": 5}),
    "size": (items.filter(tags__size=3), {"s": 5, "tags": []}),
}


class TestAccepted:
    """Everything else works, and the values of equalities are stored."""

    @pytest.mark.parametrize("write", ["update", "update_one", "upsert", "find_one_and_update"])
    @pytest.mark.parametrize("kind", ACCEPTED)
    def test_inserted(self, kind, write, mongo):
        """Of a filter that nothing meets a document is made."""
        queryset, expected = ACCEPTED[kind]

        WRITES[write](queryset)

        (stored,) = mongo.collection(Item._meta.collection).find()
        assert {key: stored.get(key) for key in expected} == expected
        assert stored["total"] == 1

    def test_near(self, mongo):
        """A place nearby is a filter like others; the nearest is updated."""
        mongo.collection(Station._meta.collection).create_index([("at", "2dsphere")])
        queryset = Station.objects.filter(at__near=Near((7.4, 46.9), max_distance=1000))

        station, created = queryset.upsert(
            create_defaults={"at": (7.4, 46.9)}, defaults={"name": "B"}
        )
        again, new = queryset.upsert(defaults={"name": "C"})

        assert (created, new) == (True, False)
        assert (again.pk, again.name) == (station.pk, "C")
        assert queryset.find_one_and_update(name="D", upsert=True).name == "C"

    @pytest.mark.parametrize("lookup", [{"tags__all": ["x"]}, {"tags__in": ["x"]}], ids=str)
    def test_elements(self, lookup, assert_num_commands):
        """One value of a list would be stored in its place, and is refused as `tags="x"` is."""
        with assert_num_commands(0), pytest.raises(FieldError) as caught:
            items.filter(**lookup).update(total=1, upsert=True)

        assert str(caught.value) == (
            "Item: an upsert with the condition 'tags' on an element of a list, which the server "
            "would store in its place; expected one on the document."
        )


class TestCompiled:
    """The parts, without a server."""

    def test_equalities(self):
        """What the server takes for equalities; patterns in `$in` are none."""
        conditions = {
            "a": {"$in": [1]},
            "b": {"$in": [1, 2]},
            "c": {"$in": [Regex("x")]},
            "d": {"$all": [2]},
            "$or": [{"e": 3}],
            "$nor": [{"f": 4}],
            "g": Regex("x"),
            "h": {"$eq": None},
        }

        assert equalities(conditions) == {"a": 1, "d": 2, "e": 3, "h": None}

    def test_null(self):
        """One null of `$in` is null."""
        found = insertable(Item._meta, {"s": {"$in": [None]}, "price": {"$in": [None]}})

        assert found == {"s": {"$not": {"$ne": None}}, "price": {"$in": [None]}}


class TestGetOrCreate:
    """`get_or_create()` and `update_or_create()` look first, so that any filter will do."""

    def test_computed(self, mongo):
        """A computed filter around them does not matter."""
        items.create(name="a", stock=1, reserved=2)
        short = items.filter(stock__lt=F("reserved"))

        assert short.get_or_create(name="a")[1] is False
        item, created = short.update_or_create(name="b", defaults={"stock": 3})
        assert (created, item.stock) == (True, 3)

    def test_expression(self, assert_num_commands):
        """An equality with an expression gives a new document no value."""
        for method in (items.get_or_create, items.update_or_create):
            with assert_num_commands(0), pytest.raises(FieldError) as caught:
                method(name="a", stock=F("reserved"))

            assert str(caught.value) == (
                "Item.stock: F('reserved') of which a new document has no value yet, expected a "
                "value, or one in defaults."
            )

    def test_expression_with_a_default(self, mongo):
        """With a default it is a condition like others."""
        item, created = items.get_or_create(
            name="a", stock=F("reserved"), defaults={"stock": 4, "reserved": 4}
        )
        again, new = items.get_or_create(name="a", stock=F("reserved"), defaults={"stock": 4})

        assert (created, item.stock) == (True, 4)
        assert (new, again.pk) == (False, item.pk)

    def test_inside(self, mongo):
        """An equality inside of an embedded document is a value of the new one."""
        item, created = items.get_or_create(name="a", box__size=3, box__color__exact="red")
        again, new = items.get_or_create(name="a", box__size=3, stock__gt=1)

        assert (created, item.box.size, item.box.color) == (True, 3, "red")
        assert (new, again.pk) == (False, item.pk)

    def test_inside_of_lists(self, mongo):
        """One on an element of a list is none, nor is one that a default stands for."""
        item, _created = items.get_or_create(
            name="a", tags__0="x", box__size=3, defaults={"box": {"size": 4}, "tags": ["y"]}
        )

        assert (item.tags, item.box.size) == (["y"], 4)
