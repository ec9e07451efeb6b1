"""`bulk_update()`: the named fields of many objects, as in Django."""

import pytest
from django.core.exceptions import FieldError, ValidationError

from docmodels.documents import Q
from docmodels.exceptions import OperationFailed, ReadOnlyConnection
from tests.queryset.shop import Item, Watched


@pytest.fixture
def items(mongo):
    """Store four items and return them, as loaded."""
    mongo.collection(Item._meta.collection).create_index("name", unique=True)
    Item.objects.bulk_create([Item(name=name, stock=1, price="1.50") for name in "abcd"])
    return list(Item.objects.order_by("name"))


class TestUpdate:
    """The named fields are stored, nothing else is."""

    def test_stored(self, items, mongo, assert_num_commands):
        """In one command, each object's own values."""
        for number, item in enumerate(items):
            item.stock = number
            item.label = "not named"
        items[1].price = None
        del items[2].price

        with assert_num_commands(1):
            assert Item.objects.bulk_update(items, ["stock", "price"]) == 4

        raws = list(mongo.collection(Item._meta.collection).find().sort("name"))
        assert [raw["s"] for raw in raws] == [0, 1, 2, 3]
        assert {raw["label"] for raw in raws} == {"new"}
        assert raws[1]["price"] is None
        assert "price" not in raws[2]
        assert all(raw["updated_at"] > raw["created_at"] for raw in raws)

    def test_saved_on(self, items, assert_num_commands):
        """What was stored is no change any more; what was not named still is."""
        items[0].stock, items[0].label = 7, "mine"

        Item.objects.bulk_update(items[:1], ["stock"], timestamps=False)

        assert items[0].modified_paths() == ["label"]
        items[0].save()
        assert Item.objects.get(name="a").label == "mine"

    def test_unloaded(self, items):
        """Objects that were made by hand are found by their key."""
        by_hand = Item(pk=items[0].pk, stock=9)

        assert Item.objects.bulk_update([by_hand], ["stock"]) == 1
        assert Item.objects.get(name="a").stock == 9

    def test_missing(self, items):
        """What is gone, or not in the queryset, is not counted."""
        Item.objects.filter(name="a").delete()

        assert Item.objects.bulk_update(items, ["stock"]) == 3
        assert Item.objects.filter(name="b").bulk_update(items, ["stock"]) == 1
        assert Item.objects.bulk_update([], ["stock"]) == 0

    def test_batches(self, items, assert_num_commands):
        """`batch_size` bounds a command."""
        with assert_num_commands(2):
            assert Item.objects.bulk_update(items, ["stock"], batch_size=3) == 4

    def test_hooks(self, mongo):
        """The event of a bulk is announced, that of a save is not."""
        watched = Watched.objects.create(name="x")
        Watched.seen.clear()

        Watched.objects.bulk_update([watched], ["count"])

        assert Watched.seen == [("bulk", 1)]


class TestRefused:
    """Nothing is sent for what is wrong."""

    def test_invalid(self, items, mongo):
        """All errors come together, by position and path."""
        items[1].stock = "many"
        items[2].label = "x" * 41
        items[3].name = ""

        with pytest.raises(ValidationError) as caught:
            Item.objects.bulk_update(items, ["stock", "label"])

        assert caught.value.message_dict == {
            "1.stock": ["“many” is not valid, expected a whole number."],
            "2.label": ["Ensure this value has at most 40 characters (it has 41)."],
        }
        assert Item.objects.bulk_update(items[2:3], ["label"], validate=False) == 1

    def test_duplicate(self, items):
        """A duplicate key is an error of its field; those in front of it are stored."""
        items[0].name, items[1].name, items[2].name = "x", "d", "y"

        with pytest.raises(ValidationError) as caught:
            Item.objects.bulk_update(items, ["name"])

        assert caught.value.message_dict == {"1.name": ["Item with this name already exists."]}
        assert set(Item.objects.values_list("name", flat=True)) == {"x", "b", "c", "d"}

    def test_server(self, items, mongo):
        """What the server refuses for another reason is its own error."""
        mongo.database.command("collMod", Item._meta.collection, validator={"s": {"$lt": 100}})
        items[0].stock = 500
        try:
            with pytest.raises(OperationFailed):
                Item.objects.bulk_update(items, ["stock"])
        finally:
            mongo.database.command("collMod", Item._meta.collection, validator={})

    @pytest.mark.parametrize(
        ("fields", "options", "error", "message"),
        [
            ([], {}, ValueError, "Item: Field names must be given to bulk_update()."),
            (["pk"], {}, ValueError, "Item.bulk_update() cannot be used with primary key fields."),
            (["stock"], {"batch_size": 0}, ValueError,
             "Item: Batch size must be a positive integer."),
            (["box__size"], {}, FieldError,
             "Item.box__size: a path, expected a field of its own."),
            (["stokc"], {}, FieldError, "Item.stokc: Item has no field 'stokc'. Did you mean "
             "'stock'?"),
        ],
        ids=["none", "key", "batch", "path", "unknown"],
    )  # fmt: skip
    def test_arguments(self, items, fields, options, error, message):
        """Arguments are judged as Django does."""
        with pytest.raises(error) as caught:
            Item.objects.bulk_update(items, fields, **options)

        assert str(caught.value) == message

    def test_objects(self, items):
        """Objects need a key and the class."""
        with pytest.raises(TypeError):
            Item.objects.bulk_update([Q()], ["stock"])
        new = Item(name="n")
        new.pk = None
        with pytest.raises(ValueError) as caught:
            Item.objects.bulk_update([new], ["stock"])
        assert str(caught.value) == "Item: All bulk_update() objects must have a primary key set."

    def test_immutable(self, items):
        """What cannot change is refused."""
        with pytest.raises(ValidationError) as caught:
            Item.objects.bulk_update(items, ["serial"])

        assert caught.value.message_dict == {
            "serial": ["This field cannot be changed once it is stored."]
        }

    def test_read_only(self, items):
        """A read-only alias refuses."""
        with pytest.raises(ReadOnlyConnection):
            Item.objects.using("slow").bulk_update(items, ["stock"])
