"""Rules T1, T2 and T7: known changes, what is sent of them, and what is not."""

import pytest

from docmodels import documents


class Line(documents.EmbeddedDocument):
    sku = documents.CharField()
    price = documents.IntegerField(blank=True, db_field="p")


class Address(documents.EmbeddedDocument):
    city = documents.CharField(blank=True)
    lines = documents.ListField(documents.CharField(), blank=True)


class Order(documents.Document):
    key = documents.IntegerField(primary_key=True)
    number = documents.CharField(blank=True)
    note = documents.CharField(blank=True, null=True, db_field="n")
    tags = documents.ListField(documents.CharField())
    lines = documents.EmbeddedListField(Line)
    address = documents.EmbeddedField(Address, blank=True)
    prices = documents.MapField(documents.IntegerField(), blank=True)
    extra = documents.AnyField(blank=True)
    version = None

    class Meta:
        collection = "orders"


RAW = {
    "_id": 1,
    "number": "A1",
    "tags": ["a", "b"],
    "lines": [{"sku": "x", "p": 1}, {"sku": "y", "p": 2}],
    "address": {"city": "Bonn", "lines": ["1st"]},
    "prices": {"eur": 1},
    "extra": {"deep": [{"er": 1}]},
    "unknown": {"a": 1},
    "__v": 3,
}


@pytest.fixture
def order(mongo):
    """Give an order as it was loaded from the server."""
    mongo.collection("orders").insert_one(RAW)
    return Order.objects.get(pk=1)


def set_(attribute, value):
    """Return an edit that assigns an attribute."""
    return lambda order: setattr(order, attribute, value)


EDITS = {
    "assign": (set_("number", "B"), {"$set": {"number": "B"}}),
    "assign with db_field": (set_("note", "B"), {"$set": {"n": "B"}}),
    "assign null": (set_("note", None), {"$set": {"n": None}}),
    "delete": (lambda o: delattr(o, "number"), {"$unset": {"number": ""}}),
    "append": (lambda o: o.tags.append("c"), {"$push": {"tags": "c"}, "$inc": {"__v": 1}}),
    "change in an element": (
        lambda o: setattr(o.lines[1], "price", 9),
        {"$set": {"lines.1.p": 9}},
    ),
    "delete in an element": (
        lambda o: delattr(o.lines[1], "price"),
        {"$unset": {"lines.1.p": ""}},
    ),
    "replace an element": (
        lambda o: o.lines.__setitem__(0, {"sku": "z"}),
        {"$set": {"lines.0": {"sku": "z"}}},
    ),
    "append a document": (
        lambda o: o.lines.append(Line(sku="z")),
        {"$push": {"lines": {"$each": [{"sku": "z"}]}}, "$inc": {"__v": 1}},
    ),
    "remove an element": (
        lambda o: o.lines.pop(0),
        {"$pop": {"lines": -1}, "$inc": {"__v": 1}},
    ),
    "change in an embedded document": (
        lambda o: setattr(o.address, "city", "Köln"),
        {"$set": {"address.city": "Köln"}},
    ),
    "append in an embedded document": (
        lambda o: o.address.lines.append("2nd"),
        {"$push": {"address.lines": "2nd"}, "$inc": {"__v": 1}},
    ),
    "replace an embedded document": (
        set_("address", {"city": "Köln"}),
        {"$set": {"address": {"city": "Köln", "lines": []}}},
    ),
    "change a map": (lambda o: o.prices.update(usd="2"), {"$set": {"prices.usd": 2}}),
    "remove a key": (lambda o: o.prices.pop("eur"), {"$unset": {"prices.eur": ""}}),
    "change deep down": (
        lambda o: o.extra["deep"][0].update(er=2),
        {"$set": {"extra.deep.0.er": 2}},
    ),
    "change undeclared data": (
        lambda o: o.undeclared["unknown"].update(a=2),
        {"$set": {"unknown.a": 2}},
    ),
    "remove undeclared data": (
        lambda o: o.undeclared.pop("unknown"),
        {"$unset": {"unknown": ""}},
    ),
}


class TestUpdate:
    """`pending_update()`, and what `save()` sends (T2, T7)."""

    @pytest.mark.parametrize(("edit", "update"), EDITS.values(), ids=EDITS)
    def test_t2_t7_smallest_update(self, order, edit, update, assert_num_commands):
        """An edit is sent as the smallest update, the one that was promised."""
        edit(order)
        promised = order.pending_update()

        with assert_num_commands(1) as commands:
            order.save()

        assert promised[1] == update
        assert commands[0].name == "update"
        assert commands[0].command["updates"] == [
            {"q": promised[0], "u": update, "upsert": False, "multi": False}
        ]
        assert not order.is_modified()
        assert Order.objects.get(pk=1).to_mongo() == order.to_mongo()

    @pytest.mark.parametrize(
        ("attribute", "value"),
        [
            ("number", "A1"),
            ("tags", ["a", "b"]),
            ("tags", ("a", "b")),
            ("lines", [{"sku": "x", "price": 1}, {"sku": "y", "price": 2}]),
            ("address", {"city": "Bonn", "lines": ["1st"]}),
            ("address", Address(city="Bonn", lines=["1st"])),
            ("prices", {"eur": "1"}),
            ("extra", {"deep": [{"er": 1}]}),
        ],
        ids=["text", "list", "tuple", "documents", "dict", "document", "map", "any"],
    )
    def test_t1_equal_value(self, order, attribute, value):
        """Assigning an equal value changes nothing (T1)."""
        setattr(order, attribute, value)

        assert not order.is_modified()
        assert order.pending_update() == ({"_id": 1}, {})

    def test_t1_null_and_missing(self, order, mongo):
        """None is stored as null, `del` removes the path, and a second time is no change."""
        order.note = None
        del order.number
        assert order.pending_update()[1] == {"$set": {"n": None}, "$unset": {"number": ""}}
        order.save()

        order.note = None
        del order.number

        assert not order.is_modified()
        raw = mongo.collection("orders").find_one()
        assert raw["n"] is None
        assert "number" not in raw

    def test_t1_reading_is_no_change(self, order):
        """Reading every value changes nothing."""
        order.to_dict(), repr(order.lines), list(order.tags), dict(order.undeclared)

        assert not order.is_modified()

    def test_t1_there_and_back(self, order):
        """Values that came back are no change, in place or assigned."""
        order.number, order.address.city, order.extra["deep"][0]["er"] = "B", "Köln", 2
        order.tags.append("c")
        order.number, order.address.city, order.extra["deep"][0]["er"] = "A1", "Bonn", 1
        order.tags.pop()

        assert not order.is_modified()
        assert order.modified_paths() == []

    def test_t1_containers_there_and_back(self, order):
        """A list or a document equal to the stored one is no change after another was set."""
        tags, address, prices = list(order.tags), order.address.to_dict(), dict(order.prices)
        order.tags, order.address, order.prices = ["z"], {"city": "Köln"}, {"usd": 9}
        order.tags, order.address, order.prices = tags, address, prices

        assert order.modified_paths() == []
        order.tags.append("c")
        assert order.pending_update()[1] == {"$push": {"tags": "c"}, "$inc": {"__v": 1}}

    def test_t2_several_edits(self, order):
        """Edits of different paths are one update."""
        order.number = "B"
        order.lines[0].sku = "z"
        order.prices["usd"] = 2
        del order.extra

        assert order.pending_update() == (
            {"_id": 1, "__v": 3},
            {
                "$set": {"number": "B", "lines.0.sku": "z", "prices.usd": 2},
                "$unset": {"extra": ""},
            },
        )

    def test_t2_in_place_addition(self, order):
        """`+=` on a list is an append."""
        order.tags += ["c"]

        assert order.pending_update()[1] == {"$push": {"tags": "c"}, "$inc": {"__v": 1}}

    def test_t2_list_that_was_absent(self, mongo):
        """Appending to a list that was absent is an append, too."""
        mongo.collection("orders").insert_one({"_id": 1})
        order = Order.objects.get(pk=1)

        order.tags.append("a")

        assert order.pending_update() == ({"_id": 1}, {"$push": {"tags": "a"}})


class TestT7:
    """`pending_update()`."""

    def test_t7_nothing_is_sent(self, order, assert_num_commands):
        """It tells what `save()` would send, as often as it is asked, without sending it."""
        order.tags[0] = "z"

        with assert_num_commands(0):
            promised = order.pending_update()
            assert order.pending_update() == promised

        assert promised == ({"_id": 1, "__v": 3}, {"$set": {"tags.0": "z"}})
        assert order.is_modified("tags")
        with assert_num_commands(1) as commands:
            order.save()
        [sent] = commands[0].command["updates"]
        assert (sent["q"], sent["u"]) == promised
        assert order.pending_update()[1] == {}

    def test_t7_a_new_document(self):
        """A new document is inserted, which is no update."""
        with pytest.raises(ValueError) as caught:
            Order(key=1).pending_update()

        assert str(caught.value) == (
            "Order.pending_update(): the document is not stored, save() inserts it; expected a "
            "stored one. See to_mongo()."
        )


class TestQuestions:
    """`is_modified`, `modified_paths`, `previous` and `rollback`."""

    def test_is_modified(self, order):
        """A path is modified with what is inside of it, and with what it is inside of."""
        order.lines[1].price = 9

        assert order.is_modified()
        assert order.is_modified("lines")
        assert order.is_modified("lines.1.price")
        assert not order.is_modified("lines.0")
        assert not order.is_modified("number")

    def test_new_document(self):
        """A new document is modified."""
        assert Order(key=1).is_modified()

    def test_modified_paths(self, order):
        """Paths are made of names, indexes and keys of maps."""
        order.note = "x"
        order.lines[1].price = 9
        order.prices["usd"] = 2
        order.extra["deep"][0]["er"] = 2

        assert order.modified_paths() == ["note", "lines.1.price", "prices.usd", "extra.deep.0.er"]

    def test_previous(self, order):
        """`previous` is the value that was loaded, also below edits in place."""
        order.number = "B"
        order.number = "C"
        order.tags.append("c")
        order.lines[0].sku = "z"
        order.note = "new"

        assert order.previous("number") == "A1"
        assert order.previous("tags") == ["a", "b"]
        assert order.previous("lines")[0].sku == "x"
        assert order.previous("note") is None
        assert order.previous("prices") == {"eur": 1}

    def test_rollback(self, order):
        """`rollback` puts back everything, and its errors are gone."""
        order.number = "B"
        order.note = "new"
        order.tags.append("c")
        order.lines[0].sku = "z"
        order.address = None
        del order.prices
        order.undeclared["unknown"]["a"] = 2
        order.key = "x"

        order.rollback()

        assert not order.is_modified()
        assert order.to_mongo() == {k: RAW[k] for k in order.to_mongo()}
        assert order.to_mongo().keys() == RAW.keys()
        order.full_clean()
