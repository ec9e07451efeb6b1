"""Lists and dicts where another type is declared: an edit inside is never lost silently."""

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.testing import record_commands

TOLD = (
    "Stored as {}, which is not what is declared; it was changed in place, by you or by somebody "
    "else meanwhile. Assign a new value instead."
)


class Line(documents.EmbeddedDocument):
    sku = documents.CharField()


class Cart(documents.Document):
    name = documents.CharField(blank=True)
    note = documents.CharField(blank=True)
    spot = documents.PointField(blank=True)
    tags = documents.ListField(documents.CharField(), blank=True)
    sizes = documents.MapField(documents.IntegerField(), blank=True)
    first = documents.EmbeddedField(Line, blank=True)
    lines = documents.EmbeddedListField(Line, blank=True)

    class Meta:
        collection = "untracked_carts"


STORED = {
    "_id": 1,
    "name": ["a"],
    "spot": {"type": "Point", "coordinates": "here"},
    "tags": ["x", ["y"]],
    "sizes": {"s": [1]},
    "first": {"sku": {"k": 1}},
    "lines": [{"sku": "a"}, {"sku": ["b"]}],
}


@pytest.fixture
def cart(mongo):
    """Store a cart with containers everywhere that they are not declared, and load it."""
    mongo.collection("untracked_carts").insert_one({**STORED, "__v": 0})
    return Cart.objects.get()


@pytest.mark.parametrize("validate", ["changed", False])
@pytest.mark.parametrize(
    ("path", "kind", "edit"),
    [
        ("name", "list", lambda cart: cart.name.append("b")),
        ("spot", "dict", lambda cart: cart.spot.update(x=1)),
        ("tags.1", "list", lambda cart: cart.tags[1].append("z")),
        ("sizes.s", "list", lambda cart: cart.sizes["s"].append(2)),
        ("first.sku", "dict", lambda cart: cart.first.sku.update(k=2)),
        ("lines.1.sku", "list", lambda cart: cart.lines[1].sku.clear()),
    ],
)
def test_edit_in_place(mongo, cart, validate, path, kind, edit):
    """It is refused at its path, and nothing is saved."""
    edit(cart)
    cart.note = "n"

    with pytest.raises(ValidationError) as caught:
        cart.save(validate=validate)

    assert caught.value.message_dict == {path: [TOLD.format(kind)]}
    assert mongo.collection("untracked_carts").find_one({}, {"__v": 0}) == STORED


@pytest.mark.parametrize("validate", ["changed", False])
def test_other_changes(mongo, cart, validate):
    """Such a value that nobody edited stands in the way of nothing, also beside moved elements."""
    assert [cart.name, cart.tags[1], cart.first.sku] == [["a"], ["y"], {"k": 1}]
    cart.note = "n"
    cart.tags.insert(0, "w")
    cart.lines.pop(0)

    cart.save(validate=validate)

    found = mongo.collection("untracked_carts").find_one({}, {"__v": 0})
    expected = {"note": "n", "tags": ["w", "x", ["y"]], "lines": [{"sku": ["b"]}]}
    assert found == STORED | expected


def test_assignment(mongo, cart):
    """A new value takes its place."""
    cart.name = "b"
    cart.save(validate="changed")

    assert mongo.collection("untracked_carts").find_one()["name"] == "b"


def test_costs_nothing_otherwise(mongo):
    """Without such values no further command is sent, nor where all is judged."""
    Cart(name="a", tags=["x"]).save()
    cart = Cart.objects.get()
    cart.tags.append("y")
    cart.name = "b"
    with record_commands() as sent:
        cart.save(validate="changed")

    assert [command.name for command in sent] == ["update"]
