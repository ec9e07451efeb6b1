"""An embedded document knows the document that it is in; what was loaded before."""

import copy
import gc
import pickle

import pytest

from docmodels import documents


class Size(documents.EmbeddedDocument):
    name = documents.CharField()


class Line(documents.EmbeddedDocument):
    sku = documents.CharField()
    size = documents.EmbeddedField(Size, blank=True)


class Order(documents.Document):
    key = documents.IntegerField(primary_key=True)
    name = documents.CharField(blank=True)
    line = documents.EmbeddedField(Line, blank=True)
    lines = documents.EmbeddedListField(Line)
    by_name = documents.MapField(documents.EmbeddedField(Line), blank=True)

    class Meta:
        collection = "orders"


RAW = {
    "_id": 1,
    "name": "n",
    "line": {"sku": "x", "size": {"name": "s"}},
    "lines": [{"sku": "x"}],
    "by_name": {"a": {"sku": "x"}},
}


@pytest.fixture
def order(mongo):
    """Give an order as it was loaded from the server."""
    mongo.collection("orders").insert_one(RAW)
    return Order.objects.get(pk=1)


class TestParent:
    """`EmbeddedDocument.parent`."""

    def test_loaded(self, order):
        """What was read through a document has it as its parent."""
        assert order.line.parent is order
        assert order.lines[0].parent is order
        assert order.by_name["a"].parent is order
        assert order.line.size.parent is order.line

    def test_given(self):
        """What was put into a document has it as its parent."""
        line = Line(sku="y", size=Size(name="m"))
        assert line.parent is None

        order = Order(key=2, line=line, lines=[Line(sku="a")], by_name={})
        order.lines.append({"sku": "b"})
        order.lines[0] = Line(sku="c")
        order.by_name["z"] = Line(sku="z")

        assert line.parent is order
        assert line.size.parent is line
        assert [item.parent for item in order.lines] == [order, order]
        assert order.by_name["z"].parent is order

    def test_default_list(self):
        """Also in a list that nobody assigned."""
        order = Order(key=2)

        assert order.lines.create(sku="a").parent is order

    def test_saved(self, order):
        """A save changes nothing of it."""
        line = order.lines.create(sku="a")

        order.save()

        assert line.parent is order
        assert not order.is_modified()

    def test_not_kept_alive(self, order):
        """An embedded document does not keep its parent."""
        line = order.lines[0]
        del order
        gc.collect()

        assert Order.from_mongo({"_id": 1, "lines": [{"sku": "x"}]}).lines[0].parent is None
        assert line.sku == "x"

    def test_pickles(self, order):
        """Pickles and copies of a part belong to no document."""
        order.lines.append(Line(sku="y"))

        twins = pickle.loads(pickle.dumps(list(order.lines)))

        assert [twin.parent for twin in twins] == [None, None]
        assert [twin.is_changed() for twin in twins] == [False, True]
        assert copy.deepcopy(order.lines[0]).parent is None


class TestQuestions:
    """`previous` where there is no answer, and inside of values."""

    def test_previous_inside(self, order):
        """`previous` takes dotted paths."""
        order.lines[0].sku = "z"
        order.line = None

        assert order.previous("lines.0.sku") == "x"
        assert order.previous("line.size.name") == "s"
        assert order.previous("line.size.other") is None

    def test_previous_of_a_deferred_field(self, order):
        """What was left out of the query is read; once assigned, it is not known."""
        partial = Order.objects.only("key").get(pk=1)

        assert partial.previous("name") == "n"
        partial = Order.objects.only("key").get(pk=1)
        partial.name = "x"
        with pytest.raises(ValueError) as caught:
            partial.previous("name")

        assert str(caught.value) == (
            "Order.name: assigned without being loaded, expected a field of which the previous "
            "value is known."
        )
