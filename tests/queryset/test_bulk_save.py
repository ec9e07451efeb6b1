"""`bulk_save()`: what `save()` does, for many objects at once."""

import threading

import pytest
from django.core.exceptions import ValidationError

from docmodels.exceptions import BulkError, ReadOnlyConnection, VersionConflict
from docmodels.testing.commands import record_commands
from docmodels.transaction import atomic
from tests.queryset.shop import Item, Strict, Watched


@pytest.fixture
def items(mongo):
    """Store five items and return them, as loaded."""
    mongo.collection(Item._meta.collection).create_index("name", unique=True)
    Item.objects.bulk_create([Item(name=name, tags=["t"]) for name in "abcde"])
    return list(Item.objects.order_by("name"))


@pytest.fixture
def stricts(mongo):
    """Store three documents that are always checked, and return them, as loaded."""
    mongo.collection(Strict._meta.collection).create_index("name", unique=True)
    Strict.objects.bulk_create([Strict(name=name) for name in "abc"])
    return list(Strict.objects.order_by("name"))


class TestSaved:
    """Changes are minimal updates, new objects inserts."""

    def test_mixed(self, items, mongo, assert_num_commands):
        """Inserts and updates go together; what did not change is left alone."""
        items[0].stock = 7
        items[1].tags.append("new")
        new = Item(name="n", stock=3)
        before = mongo.collection(Item._meta.collection).find_one({"name": "c"})

        with assert_num_commands(2):  # an insert and an update
            result = Item.objects.bulk_save([*items, new])

        assert (result.inserted, result.matched, result.modified) == (1, 2, 2)
        raws = {raw["name"]: raw for raw in mongo.collection(Item._meta.collection).find()}
        assert raws["a"]["s"] == 7
        assert raws["a"]["updated_at"] > raws["a"]["created_at"]
        assert (raws["b"]["tags"], raws["b"]["__v"]) == (["t", "new"], 1)
        assert raws["c"] == before
        assert (raws["n"]["s"], raws["n"]["__v"]) == (3, 0)

    def test_minimal(self, items):
        """Only what was changed is sent."""
        items[0].stock = 7

        with record_commands() as commands:
            Item.objects.bulk_save(items, timestamps=False)

        (update,) = commands[0].command["updates"]
        assert update["u"]["$set"] == {"s": 7}

    def test_saved_on(self, items, assert_num_commands):
        """Afterwards the objects are as saved ones."""
        items[0].tags = ["x"]
        new = Item(name="n")
        Item.objects.bulk_save([items[0], new])

        assert not items[0].is_modified()
        assert new._state.adding is False
        items[0].tags = ["y"]
        new.stock = 9
        assert Item.objects.bulk_save([items[0], new]).matched == 2
        assert Item.objects.get(name="a")._version == 2

    def test_nothing(self, items, assert_num_commands):
        """Without changes nothing is sent."""
        with assert_num_commands(0):
            assert Item.objects.bulk_save(items).matched == 0
            assert Item.objects.bulk_save([]).inserted == 0

    def test_batches(self, items, assert_num_commands):
        """`batch_size` bounds a command."""
        for item in items:
            item.stock = 9

        with assert_num_commands(3):
            assert Item.objects.bulk_save(items, batch_size=2).matched == 5

    def test_hooks(self, mongo):
        """The event of a bulk is announced."""
        Watched.seen.clear()

        result = Watched.objects.bulk_save([Watched(name="x")])

        assert Watched.seen == [("bulk", result)]


class TestInvalid:
    """Nothing is sent where one object is invalid."""

    def test_errors(self, items):
        """All errors come together, by position; the objects keep their changes."""
        items[0].stock, items[1].stock, items[2].name = 7, "many", ""
        moment = items[0].updated_at

        with pytest.raises(ValidationError) as caught:
            Item.objects.bulk_save([*items, Item(name="x" * 21)])

        assert caught.value.message_dict == {
            "1.stock": ["“many” is not valid, expected a whole number."],
            "2.name": ["This field cannot be blank."],
            "5.name": ["Ensure this value has at most 20 characters (it has 21)."],
        }
        assert items[0].modified_paths() == ["stock"]
        assert items[0].updated_at == moment
        assert Item.objects.filter(stock=7).count() == 0

    def test_changed_only(self, items, mongo):
        """`validate="changed"` judges what was changed, False nothing."""
        mongo.collection(Item._meta.collection).update_one(
            {"name": "a"}, {"$set": {"label": "x" * 50}}
        )
        item = Item.objects.get(name="a")
        item.stock = 7

        with pytest.raises(ValidationError):
            Item.objects.bulk_save([item])
        assert Item.objects.bulk_save([item], validate="changed").matched == 1
        item.label = "y" * 60
        assert Item.objects.bulk_save([item], validate=False).matched == 1

    def test_arguments(self, items):
        """Each object is there once, and one of the class."""
        with pytest.raises(ValueError) as caught:
            Item.objects.bulk_save([items[0], items[0]])
        assert str(caught.value) == (
            f"Item.bulk_save(): {items[0]!r} twice, expected each object once."
        )
        with pytest.raises(TypeError):
            Item.objects.bulk_save(["a"])
        with pytest.raises(ReadOnlyConnection):
            Item.objects.using("slow").bulk_save(items)


class TestFailures:
    """Each failure is told by its position; the others are saved."""

    def test_each(self, items, mongo):
        """Conflicts, vanished documents and duplicates, in one error."""
        Item.objects.filter(name="b").delete()
        stale = Item.objects.get(name="c")
        stale.tags = ["theirs"]
        stale.save()
        for item in items:
            item.tags = ["mine"]
        items[3].name = "a"

        with pytest.raises(BulkError) as caught:
            Item.objects.bulk_save([*items, Item(name="e"), Item(name="n")])

        errors = caught.value.errors
        assert list(errors) == [1, 2, 3, 5]
        assert isinstance(errors[1], Item.DoesNotExist)
        assert isinstance(errors[2], VersionConflict)
        assert errors[2].document is items[2]
        assert errors[2].overlapping == ("tags",)
        assert errors[3].message_dict == {"name": ["Item with this name already exists."]}
        assert errors[5].message_dict == {"name": ["Item with this name already exists."]}
        assert caught.value.result.matched == 2
        assert caught.value.result.inserted == 1
        assert str(caught.value) == (
            f"4 of 7 operations failed. Operation 1: Item: no document with _id {items[1].pk!r} is "
            f"stored any more, nothing was saved."
        )
        assert Item.objects.get(name="c").tags == ["theirs"]
        assert Item.objects.filter(tags="mine").count() == 2
        assert Item.objects.filter(name="n").exists()

    def test_state(self, items):
        """What failed keeps its changes, its version and its time; it can be tried again."""
        Item.objects.filter(name="b").update(timestamps=False, tags=["theirs"])
        moment = items[0].updated_at
        items[0].name, items[1].stock = "b", 3
        new = Item(name="c")

        with pytest.raises(BulkError):
            Item.objects.bulk_save([*items, new])

        assert items[0].modified_paths() == ["name"]
        assert items[0].updated_at == moment
        assert not items[1].is_modified()
        assert new._state.adding is True
        items[0].name, new.name = "z", "n"
        assert Item.objects.bulk_save([items[0], new]).inserted == 1
        assert Item.objects.get(name="z").pk == items[0].pk

    def test_ordered(self, items):
        """In order nothing is done behind the first failure, in later batches neither."""
        for item in items:
            item.stock = 9
        items[1].name = "c"

        with pytest.raises(BulkError) as caught:
            Item.objects.bulk_save(items, ordered=True, batch_size=3)

        assert list(caught.value.errors) == [1]
        assert [item.is_modified() for item in items] == [False, True, True, True, True]
        assert Item.objects.filter(stock=9).count() == 1

    def test_no_ghosts(self, items, mongo):
        """A document that is gone is not inserted by its update."""
        Item.objects.filter(name__in=["a", "b"]).delete()
        for item in items[:2]:
            item.stock = 9

        with pytest.raises(BulkError):
            Item.objects.bulk_save(items)

        assert Item.objects.count() == 3

    def test_optimistic(self, stricts):
        """Every change is checked where the class wants it."""
        other = Strict.objects.get(name="b")
        other.count = 7
        other.save()
        for document in stricts:
            document.count = 1

        with pytest.raises(BulkError) as caught:
            Strict.objects.bulk_save(stricts)

        assert list(caught.value.errors) == [1]
        assert [document._version for document in stricts] == [1, 0, 1]
        assert [s.count for s in Strict.objects.order_by("name")] == [1, 7, 1]

    def test_concurrent(self, stricts):
        """Of those who save at once each is told exactly what was not saved: nothing is lost."""
        rounds, errors = 12, []

        def count_all(names):
            """Add 1 to each; return the names of those that somebody else was faster with."""
            found = list(Strict.objects.filter(name__in=names))
            for document in found:
                document.count += 1
            try:
                Strict.objects.bulk_save(found)
            except BulkError as error:
                conflicts = [i for i, e in error.errors.items() if isinstance(e, VersionConflict)]
                return [found[position].name for position in conflicts]
            return []

        def work():
            try:
                for _ in range(rounds):
                    names = ["a", "b", "c"]
                    while names:
                        names = count_all(names)
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert errors == []
        assert [s.count for s in Strict.objects.all()] == [3 * rounds] * 3
        assert [s._version for s in Strict.objects.all()] == [3 * rounds] * 3

    def test_refused_alone(self, items, mongo):
        """An operation that only the upsert made impossible is done without it."""
        mongo.collection(Item._meta.collection).update_one(
            {"name": "a"}, {"$set": {"box": {"size": 1, "a.b": 1}}, "$unset": {"__v": ""}}
        )
        item = Item.objects.get(name="a")
        item.tags = ["x"]
        item.tags = ["x", "y"]

        assert Item.objects.bulk_save([item, items[1]]).matched == 1
        assert Item.objects.get(name="a").tags == ["x", "y"]

    def test_stored_type(self, items, mongo):
        """What the server refuses is its own error, by position."""
        mongo.collection(Item._meta.collection).update_one({"name": "a"}, {"$set": {"tags": "t"}})
        items[0].tags.append("x")
        items[1].tags.append("x")

        with pytest.raises(BulkError) as caught:
            Item.objects.bulk_save(items)

        assert [type(e).__name__ for e in caught.value.errors.values()] == ["OperationFailed"]
        assert Item.objects.get(name="b").tags == ["t", "x"]


class TestTransaction:
    """Inside `atomic()` all of it belongs to the transaction."""

    def test_committed(self, items):
        """What is saved is there afterwards."""
        items[0].stock = 9
        with atomic():
            assert Item.objects.bulk_save([items[0], Item(name="n")]).inserted == 1

        assert Item.objects.get(name="a").stock == 9
        assert Item.objects.filter(name="n").exists()

    def test_conflict(self, items):
        """A conflict does not end the transaction."""
        other = Item.objects.get(name="a")
        other.tags = ["theirs"]
        other.save()
        items[0].tags, items[1].stock = ["mine"], 9

        with atomic():
            with pytest.raises(BulkError) as caught:
                Item.objects.bulk_save(items)
            Item.objects.filter(name="c").update(stock=8)

        assert list(caught.value.errors) == [0]
        assert [item.stock for item in Item.objects.order_by("name")[1:3]] == [9, 8]

    def test_rolled_back(self, items):
        """After a rollback the objects are as before (S7)."""
        items[0].stock = 9
        new = Item(name="n")

        def work():
            with atomic():
                Item.objects.bulk_save([items[0], new])
                raise RuntimeError

        with pytest.raises(RuntimeError):
            work()

        assert items[0].modified_paths()[:1] == ["stock"]
        assert new._state.adding is True
        assert Item.objects.bulk_save([items[0], new]).inserted == 1
