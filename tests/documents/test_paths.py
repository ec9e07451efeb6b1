"""Reading and writing by dotted paths of names."""

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=3)
    price = documents.IntegerField(blank=True, db_field="p")


class Order(documents.Document):
    name = documents.CharField(blank=True)
    line = documents.EmbeddedField(Line, blank=True)
    lines = documents.EmbeddedListField(Line)
    rates = documents.MapField(documents.IntegerField(), blank=True)
    data = documents.AnyField(blank=True)


@pytest.fixture
def order():
    """Give a loaded order."""
    return Order.from_mongo(
        {
            "_id": None,
            "name": "a",
            "lines": [{"sku": "x", "p": 1, "more": {"a": 1}}, {"sku": "y"}],
            "rates": {"eur": 1},
            "data": {"a": [{"b": 1}]},
            "extra": {"x": [1, 2]},
            "__v": 0,
        }
    )


class TestGet:
    """`get_path`."""

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("name", "a"),
            ("lines.0.price", 1),
            ("lines.1.price", None),
            ("lines.5.price", None),
            ("lines.0.more.a", 1),
            ("rates.eur", 1),
            ("rates.usd", None),
            ("data.a.0.b", 1),
            ("extra.x.1", 2),
            ("line.sku", None),
            ("nothing.at.all", None),
            ("name.inside", None),
        ],
    )
    def test_value(self, order, path, value):
        """Names, indexes, keys and undeclared data lead to a value, or to None."""
        assert order.get_path(path) == value


class TestSet:
    """`set_path`."""

    @pytest.mark.parametrize(
        ("path", "value", "update"),
        [
            ("name", 5, {"$set": {"name": "5"}}),
            ("lines.1.price", "7", {"$set": {"lines.1.p": 7}}),
            ("lines.0.more.a", 2, {"$set": {"lines.0.more.a": 2}}),
            ("lines.0", {"sku": "z"}, {"$set": {"lines.0": {"sku": "z"}}}),
            ("rates.usd", "2", {"$set": {"rates.usd": 2}}),
            ("data.a.0.b", 2, {"$set": {"data.a.0.b": 2}}),
            ("extra.x.0", 9, {"$set": {"extra.x.0": 9}}),
            ("line", {"sku": "z"}, {"$set": {"line": {"sku": "z"}}}),
            ("name", "a", {}),
        ],
        ids=str,
    )
    def test_update(self, order, path, value, update):
        """The value is cast by the field at the path, and the change is a small one."""
        order.set_path(path, value)

        assert order.pending_update()[1] == update

    def test_one_past_the_end(self, order):
        """One index past the end of a list appends."""
        order.set_path("lines.2", {"sku": "z"})

        assert order.pending_update()[1] == {
            "$push": {"lines": {"$each": [{"sku": "z"}]}},
            "$inc": {"__v": 1},
        }

    @pytest.mark.parametrize(
        ("path", "value", "errors"),
        [
            (
                "lines.1.price",
                "x",
                {"lines.1.price": ["“x” is not valid, expected a whole number."]},
            ),
            (
                "rates.usd",
                "x",
                {"rates.usd": ["“x” is not valid, expected a whole number."]},
            ),
            ("lines.9", {"sku": "z"}, {"lines.9": ["9 is no index of a list of 2."]}),
            ("lines.x", {"sku": "z"}, {"lines.x": ["x is no index of a list of 2."]}),
            ("line.sku", "z", {"line.sku": ["Nothing is stored at line."]}),
            (
                "lines.1",
                {"sku": "z", "price": "x"},
                {"lines.1.price": ["“x” is not valid, expected a whole number."]},
            ),
        ],
        ids=str,
    )
    def test_errors(self, order, path, value, errors):
        """A bad value or path is an error with its path, and changes nothing."""
        with pytest.raises(ValidationError) as caught:
            order.set_path(path, value)

        assert caught.value.message_dict == errors
        assert not order.is_modified()


class TestUnset:
    """`unset_path`."""

    @pytest.mark.parametrize(
        ("path", "update"),
        [
            ("name", {"$unset": {"name": ""}}),
            ("lines.0.price", {"$unset": {"lines.0.p": ""}}),
            ("rates.eur", {"$unset": {"rates.eur": ""}}),
            ("data.a.0.b", {"$unset": {"data.a.0.b": ""}}),
            ("extra", {"$unset": {"extra": ""}}),
            ("lines.0.more", {"$unset": {"lines.0.more": ""}}),
            ("line", {}),
            ("nothing", {}),
            ("rates.usd", {}),
        ],
    )
    def test_update(self, order, path, update):
        """What is there is removed; what is not is no change."""
        order.unset_path(path)

        assert order.pending_update()[1] == update

    def test_element(self, order):
        """An element is taken out of its list."""
        order.unset_path("lines.0")

        assert [line.sku for line in order.lines] == ["y"]


class TestUnderscores:
    """Double underscores in place of dots."""

    def test_everywhere(self, order):
        """Names are joined as in filters."""
        order.set_path("lines__0__price", 7)

        assert order.get_path("lines__0__price") == 7
        assert order.is_modified("lines__0__price")
        assert order.previous("lines__0__price") == order.previous("lines.0.price")
        assert order.modified_paths() == ["lines.0.price"]

    def test_undeclared(self, order):
        """The name of an undeclared key is left alone."""
        order.set_path("x__y", 1)

        assert order.undeclared["x__y"] == order.get_path("x__y") == 1
