"""Updates and bulks on the in-memory fake, for unit tests without a server."""

import pytest
from django.core.exceptions import ValidationError
from django.test.utils import override_settings

from docmodels.connections import connections
from docmodels.documents import F, Q, ops
from docmodels.exceptions import BulkError, NotSupportedError
from tests.queryset.shop import Item, Strict


@pytest.fixture
def fake():
    """Serve the default alias from memory."""
    databases = {"default": {"HOST": "mongomock://updates", "NAME": "fake"}}
    with override_settings(MONGO_DATABASES=databases):
        connection = connections["default"]
        connection.collection(Item._meta.collection).create_index("name", unique=True)
        yield connection
        connection.client.drop_database("fake")


@pytest.fixture
def items(fake):
    """Store three items and return them."""
    return Item.objects.bulk_create([Item(name=name, stock=1) for name in "abc"])


class TestFake:
    """What is common works, what the fake cannot do says so."""

    def test_updates(self, items):
        """Operators, upserts and single updates."""
        assert Item.objects.filter(name="a").update(stock=F("stock") + 1, tags=ops.Push("x")) == 1
        assert Item.objects.filter(name="n").update(stock=4, upsert=True) == 1
        assert Item.objects.order_by("-name").update_one(label="last") == 1

        assert Item.objects.get(name="a").tags == ["x"]
        assert Item.objects.get(name="n").label == "last"

    def test_find_and_modify(self, items):
        """Before and after; deletions."""
        a = Item.objects.filter(name="a")

        assert a.find_one_and_update(stock=5).stock == 1
        assert a.find_one_and_update(stock=6, return_new=True).stock == 6
        assert a.find_one_and_delete().name == "a"
        assert Item.objects.upsert(name="a", defaults={"stock": 2})[1] is True
        assert Item.objects.upsert(name="a", defaults={"stock": 3})[0].stock == 3

    def test_bulk_save(self, items):
        """Each object alone, with the same errors."""
        items[0].stock, items[1].name = 7, "a"
        Item.objects.filter(name="c").delete()
        items[2].stock = 7

        with pytest.raises(BulkError) as caught:
            Item.objects.bulk_save([*items, Item(name="n")])

        assert list(caught.value.errors) == [1, 2]
        assert isinstance(caught.value.errors[2], Item.DoesNotExist)
        assert Item.objects.get(name="a").stock == 7
        assert Item.objects.filter(name="n").exists()

    def test_conflict(self, fake):
        """Versions are checked."""
        Strict.objects.create(name="x")
        mine, theirs = Strict.objects.get(), Strict.objects.get()
        theirs.count = 1
        theirs.save()
        mine.count = 2

        with pytest.raises(BulkError) as caught:
            Strict.objects.bulk_save([mine], ordered=True)

        assert type(caught.value.errors[0]).__name__ == "VersionConflict"

    def test_bulks(self, items):
        """`bulk_update`, `bulk_write` and conflicts of `bulk_create`."""
        items[0].stock = 9
        assert Item.objects.bulk_update(items, ["stock"]) == 3

        result = Item.objects.bulk_write(
            [ops.InsertOne(name="m"), ops.UpdateMany({"stock": 9}, label="x"),
             ops.DeleteOne(Q(name="c"))]
        )  # fmt: skip
        assert (result.inserted, result.matched, result.deleted) == (1, 1, 1)
        Item.objects.bulk_create(
            [Item(name="a", stock=2), Item(name="z")],
            update_conflicts=True,
            update_fields=["stock"],
            unique_fields=["name"],
        )
        assert Item.objects.get(name="a").stock == 2
        assert Item.objects.filter(name="z").exists()

    def test_refused(self, items):
        """A bulk stops at its first failure, or goes on, as on a server."""
        operations = [ops.InsertOne(name="a"), ops.InsertOne(name="y")]

        with pytest.raises(BulkError):
            Item.objects.bulk_write(operations)
        assert not Item.objects.filter(name="y").exists()
        with pytest.raises(BulkError):
            Item.objects.bulk_write(operations, ordered=False)
        assert Item.objects.filter(name="y").exists()

    def test_unsupported(self, items):
        """What it cannot do is refused in words."""
        with pytest.raises(NotSupportedError):
            Item.objects.filter(name="a").find_one_and_replace({"name": "b"})
        with pytest.raises(ValidationError):
            Item.objects.filter(name="a").update(stock="many")
