"""`find_one_and_update`, `_replace`, `_delete`, `update_one`, `delete_one`."""

import threading

import pytest
from django.core.exceptions import FieldError, ValidationError

from docmodels.documents import F, Q, ops
from docmodels.exceptions import ReadOnlyConnection, VersionConflict
from docmodels.transaction import atomic
from tests.queryset.models import Book
from tests.queryset.shop import Item, Keyed, SpecialItem, Watched


@pytest.fixture
def items(mongo):
    """Store three items and give their collection."""
    collection = mongo.collection(Item._meta.collection)
    collection.create_index("name", unique=True)
    Item.objects.bulk_create([Item(name=name, stock=n) for n, name in enumerate("abc", 1)])
    return collection


METHODS = {
    "find_one_and_update": {"stock": 0},
    "update_one": {"stock": 0},
    "find_one_and_delete": {},
    "delete_one": {},
}


class TestGuards:
    """One of all documents has to be meant."""

    @pytest.mark.parametrize("method", METHODS)
    def test_any(self, items, method):
        """Without a filter and an order all refuse, and say how to mean it."""
        with pytest.raises(ValueError) as caught:
            getattr(Item.objects, method)(**METHODS[method])

        assert str(caught.value) == (
            f"Item.{method}(): no filter and no order_by(), expected one of them, or "
            f"allow_all=True to take any document."
        )

    @pytest.mark.parametrize("method", METHODS)
    def test_meant(self, items, method):
        """A filter, an order or `allow_all=True` is enough."""
        call = lambda queryset, **options: getattr(queryset, method)(**METHODS[method], **options)  # noqa: E731

        assert call(Item.objects.filter(name="a"))
        assert call(Item.objects.order_by("-name"))
        assert call(Item.objects, allow_all=True)

    @pytest.mark.parametrize("method", METHODS)
    def test_cut(self, items, method):
        """A slice is refused, as are rows."""
        with pytest.raises(TypeError) as caught:
            getattr(Item.objects.filter(name="a")[:1], method)(**METHODS[method])
        assert str(caught.value) == f"Item: Cannot use 'limit' or 'offset' with {method}()."

        with pytest.raises(FieldError):
            getattr(Item.objects.filter(name="a").unwind("tags"), method)(**METHODS[method])

    @pytest.mark.parametrize("method", METHODS)
    def test_read_only(self, items, method):
        """A read-only alias refuses."""
        with pytest.raises(ReadOnlyConnection):
            getattr(Item.objects.using("slow").filter(name="a"), method)(**METHODS[method])

    @pytest.mark.parametrize("method", METHODS)
    def test_none(self, items, assert_num_commands, method):
        """An empty result is left alone, without a command."""
        with assert_num_commands(0):
            assert getattr(Item.objects.none(), method)(**METHODS[method]) in (None, 0, (0, {}))


class TestFindOneAndUpdate:
    """The document comes back as it was, or as it is."""

    def test_before(self, items):
        """By default as it was."""
        item = Item.objects.filter(name="a").find_one_and_update(stock=F("stock") + 10)

        assert (type(item), item.stock, item._state.adding) == (Item, 1, False)
        assert Item.objects.get(name="a").stock == 11

    def test_after(self, items):
        """With `return_new=True` as it is; it can be saved on."""
        item = Item.objects.filter(name="a").find_one_and_update(
            return_new=True, stock=F("stock") + 10
        )

        assert item.stock == 11
        item.label = "mine"
        item.save()
        assert Item.objects.get(name="a").label == "mine"

    def test_order(self, items):
        """The first one in the order of the queryset is taken."""
        assert Item.objects.order_by("-stock").find_one_and_update(label="x").name == "c"
        assert Item.objects.filter(stock__gt=0).find_one_and_update(label="x").name == "a"
        assert Item.objects.filter(stock__gt=0).reverse().find_one_and_update(label="x").name == "c"

    def test_nothing(self, items):
        """None where nothing matches."""
        assert Item.objects.filter(name="z").find_one_and_update(stock=1) is None

    def test_upsert(self, items):
        """None before an upsert that inserts, the document after it."""
        z = Item.objects.filter(name="z")

        assert z.find_one_and_update(stock=1, upsert=True) is None
        assert (
            Item.objects.filter(name="y")
            .find_one_and_update(stock=1, upsert=True, return_new=True)
            .tags
            == []
        )
        assert z.get().label == "new"

    def test_projection(self, items):
        """`only`, `defer` and hidden fields hold for what comes back."""
        Item.objects.filter(name="a").update(secret="hush")

        a = Item.objects.filter(name="a")
        assert "secret" not in a.find_one_and_update(stock=1)._source.loaded
        assert a.select("+secret").find_one_and_update(stock=1).secret == "hush"
        only = a.only("stock").find_one_and_update(label="x")
        assert "name" not in only._source.loaded

    def test_values(self, items):
        """`values` and `values_list` shape it."""
        a = Item.objects.filter(name="a")

        assert a.values("name", "stock").find_one_and_update(stock=5) == {"name": "a", "stock": 1}
        assert a.values_list("stock", flat=True).find_one_and_update(stock=6) == 5

    def test_elements(self, books):
        """Places of elements and array filters are taken."""
        books({"title": "x", "chapters": [{"title": "a", "p": 1}, {"title": "b", "p": 2}]})

        book = Book.objects.filter(title="x").find_one_and_update(
            {"chapters.$[b].pages": 9}, array_filters={"b": Q(title="b")}, return_new=True
        )

        assert [chapter.pages for chapter in book.chapters] == [1, 9]

    def test_times(self, items):
        """The time of change is stored, that of creation kept; off by choice."""
        before = items.find_one({"name": "a"})

        Item.objects.filter(name="a").find_one_and_update(stock=1, timestamps=False)
        assert items.find_one({"name": "a"}) == before
        Item.objects.filter(name="a").find_one_and_update(stock=1)
        after = items.find_one({"name": "a"})
        assert after.pop("updated_at") > before.pop("updated_at")
        assert after == before

    def test_class(self, items):
        """The right class comes back."""
        SpecialItem.objects.create(name="s", grade=1)

        assert type(Item.objects.filter(name="s").find_one_and_update(stock=1)) is SpecialItem
        assert SpecialItem.objects.filter(name="a").find_one_and_update(stock=1) is None

    def test_invalid(self, items):
        """Values are cast and judged before anything is sent."""
        a = Item.objects.filter(name="a")

        with pytest.raises(ValidationError) as caught:
            a.find_one_and_update(stock="many", name="")

        assert set(caught.value.message_dict) == {"stock", "name"}
        with pytest.raises(ValidationError) as caught:
            a.find_one_and_update(name="b")
        assert caught.value.message_dict == {"name": ["Item with this name already exists."]}
        with pytest.raises(ValueError) as caught:
            a.find_one_and_update()
        assert str(caught.value) == (
            "Item.find_one_and_update(): nothing to update, expected values by path."
        )

    def test_transaction(self, items):
        """It belongs to the open transaction."""
        with atomic():
            assert Item.objects.filter(name="a").find_one_and_update(stock=77)
            assert Item.objects.using("slow").get(name="a").stock == 1

        assert Item.objects.using("slow").get(name="a").stock == 77

    def test_concurrent(self, items):
        """Two threads that count never lose one, and each sees another number."""
        seen = []

        def work():
            for _ in range(50):
                found = Item.objects.filter(name="a").find_one_and_update(
                    stock=ops.Inc(1), return_new=True
                )
                seen.append(found.stock)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(seen) == list(range(2, 102))


class TestUpdateOne:
    """`update_one()` updates one, in the order of the queryset."""

    def test_order(self, items):
        """The first of the order, or any where there is none."""
        assert Item.objects.order_by("-name").update_one(label="x") == 1
        assert Item.objects.filter(label="new").order_by().update_one(label="x") == 1
        assert Item.objects.filter(name="z").update_one(label="x") == 0
        assert Item.objects.filter(name="z").order_by().update_one(label="x") == 0

        assert Item.objects.filter(label="x").count() == 2
        assert Item.objects.get(name="c").label == "x"

    @pytest.mark.parametrize("ordering", [("name",), ()])
    def test_upsert(self, items, ordering):
        """An inserted document counts as one."""
        z = Item.objects.filter(name="z").order_by(*ordering)

        assert z.update_one(stock=1, upsert=True) == 1
        assert z.update_one(stock=2, upsert=True) == 1
        assert z.get().stock == 2


class TestReplace:
    """`find_one_and_replace()` keeps the key, immutable fields and the version going."""

    def test_replaced(self, items):
        """The whole document is another one."""
        items.update_one({"name": "a"}, {"$set": {"serial": 3, "odd": 1}})
        before = items.find_one({"name": "a"})

        old = Item.objects.filter(name="a").find_one_and_replace({"name": "n", "serial": 9})

        raw = items.find_one({"name": "n"})
        assert (old.name, old.stock) == ("a", 1)
        assert raw["_id"] == before["_id"]
        assert raw["created_at"] == before["created_at"]
        assert raw["updated_at"] > before["updated_at"]
        assert (raw["serial"], raw["s"], raw["__v"]) == (3, 5, 1)
        assert "odd" not in raw

    def test_new(self, items):
        """An object is taken as well, and is not changed by it."""
        item = Item(name="n", stock=4, tags=["x"])

        new = Item.objects.filter(name="a").find_one_and_replace(item, return_new=True)

        assert (new.name, new.stock, new.tags) == ("n", 4, ["x"])
        assert item._state.adding is True

    def test_stale(self, items):
        """Who loaded the old one cannot save a list into the new one."""
        stale = Item.objects.get(name="a")
        Item.objects.filter(name="a").find_one_and_replace({"name": "a"})
        stale.tags = ["x"]

        with pytest.raises(VersionConflict):
            stale.save()

    def test_literals(self, items):
        """Text in it is no path of the pipeline that is sent."""
        Item.objects.filter(name="a").find_one_and_replace({"name": "$s", "label": "$$ROOT"})

        assert Item.objects.filter(name="$s", label="$$ROOT").exists()

    def test_own_time(self, items):
        """A time of change that is given is kept."""
        given = Item.objects.get(name="b")

        new = Item.objects.filter(name="a").find_one_and_replace(
            {"name": "a", "updated_at": given.updated_at}, return_new=True
        )

        assert new.updated_at == given.updated_at

    def test_invalid(self, items):
        """It is judged as a whole."""
        with pytest.raises(ValidationError) as caught:
            Item.objects.filter(name="a").find_one_and_replace({"stock": "many"})
        assert set(caught.value.message_dict) == {"name", "stock"}
        with pytest.raises(ValidationError) as caught:
            Item.objects.filter(name="a").find_one_and_replace({"name": "b"})
        assert caught.value.message_dict == {"name": ["Item with this name already exists."]}
        with pytest.raises(TypeError) as caught:
            Item.objects.filter(name="a").find_one_and_replace(5)
        assert str(caught.value) == "Item.find_one_and_replace(): 5, expected a Item or a dict."

    def test_class(self, items):
        """One of another class is not replaced."""
        special = SpecialItem(name="s")

        assert Item.objects.filter(name="a").find_one_and_replace(special) is None
        assert Item.objects.filter(name="s").count() == 0

    def test_upsert(self, items, mongo):
        """Where nothing matches it is inserted, under a key of the declared type."""
        z = Item.objects.filter(name="z")
        new = z.find_one_and_replace({"name": "z"}, upsert=True, return_new=True)
        assert (new.name, new._version) == ("z", 0)

        Keyed.objects.filter(pk="k").find_one_and_replace({"count": 3, "code": "k"}, upsert=True)
        assert Keyed.objects.get().pk == "k"
        with pytest.raises(ValidationError):
            Keyed.objects.filter(count=77).find_one_and_replace({"code": "k"}, upsert=True)


class TestHooks:
    """Each method has its event."""

    @pytest.mark.parametrize(
        ("call", "event"),
        [
            (lambda qs: qs.update(count=1), "update"),
            (lambda qs: qs.update_one(count=1), "update"),
            (lambda qs: qs.find_one_and_update(count=1), "find_one_and_update"),
            (lambda qs: qs.find_one_and_replace({"name": "y"}), "find_one_and_replace"),
            (lambda qs: qs.find_one_and_delete(), "find_one_and_delete"),
            (lambda qs: qs.delete_one(), "delete"),
        ],
        ids=["update", "update_one", "update_", "replace", "delete_", "delete_one"],
    )
    def test_event(self, mongo, call, event):
        """It is announced once, and not where hooks are off."""
        Watched.objects.create(name="x")
        Watched.seen.clear()

        result = call(Watched.objects.filter(name="x"))

        assert Watched.seen == [(event, result)]
        Watched.seen.clear()
        call(Watched.objects.filter(name="x").without_hooks())
        assert Watched.seen == []
