"""`bulk_write()`: mixed operations, cast, judged and given their times."""

import pytest
from django.core.exceptions import FieldError, ValidationError

from docmodels.documents import F, Q, ops
from docmodels.exceptions import BulkError, NotSupportedError, OperationFailed, ReadOnlyConnection
from docmodels.transaction import atomic
from tests.queryset.models import Book
from tests.queryset.shop import Coded, Item, Keyed, Letter, Owner, SpecialItem, Watched


@pytest.fixture
def items(mongo):
    """Store four items and give their collection."""
    collection = mongo.collection(Item._meta.collection)
    collection.create_index("name", unique=True)
    Item.objects.bulk_create([Item(name=name, stock=1) for name in "abcd"])
    return collection


class TestOperations:
    """Each operation is what the method of its name is."""

    def test_mixed(self, items):
        """They run in their order; the result counts them."""
        new = Item(name="n")

        result = Item.objects.bulk_write(
            [
                ops.InsertOne(new),
                ops.InsertOne(name="m", stock="8"),
                ops.UpdateOne(Q(name="a"), {"stock": F("stock") + 1}, label="x"),
                ops.UpdateMany({"stock__lt": 3}, tags=ops.Push("low")),
                ops.UpdateOne(Q(name="u"), {"stock": 2}, upsert=True),
                ops.ReplaceOne(Q(name="b"), {"name": "B"}),
                ops.DeleteOne(Q(name="c")),
                ops.DeleteMany(Q(name__in=["d", "z"])),
            ]
        )

        assert (result.inserted, result.matched, result.deleted) == (2, 6, 2)
        assert list(result.upserted) == [4]
        assert set(Item.objects.values_list("name", "stock")) == {
            ("n", 5), ("m", 8), ("a", 2), ("u", 2), ("B", 5),
        }  # fmt: skip
        assert Item.objects.get(name="a").tags == ["low"]
        assert (new._state.adding, new._version) == (False, 0)
        assert Item.objects.get(pk=result.upserted[4]).label == "new"

    def test_times(self, items):
        """Times are set, on every path; off by choice."""
        Item.objects.bulk_write(
            [
                ops.InsertOne(name="n"),
                ops.UpdateOne(Q(name="a"), stock=2),
                ops.UpdateOne(Q(name="u"), stock=2, upsert=True),
                ops.ReplaceOne(Q(name="b"), {"name": "b"}),
            ]
        )
        Item.objects.bulk_write([ops.UpdateOne(Q(name="c"), stock=2)], timestamps=False)

        raws = {raw["name"]: raw for raw in items.find()}
        assert raws["n"]["created_at"] == raws["n"]["updated_at"]
        assert raws["a"]["updated_at"] > raws["a"]["created_at"]
        assert raws["u"]["created_at"] == raws["u"]["updated_at"]
        assert raws["b"]["updated_at"] > raws["b"]["created_at"]
        assert raws["c"]["updated_at"] == raws["c"]["created_at"]

    def test_elements(self, books):
        """Places of elements and array filters are taken."""
        books({"title": "x", "chapters": [{"title": "a", "p": 1}, {"title": "b", "p": 2}]})

        Book.objects.bulk_write(
            [
                ops.UpdateOne(
                    Q(title="x"), {"chapters.$[b].pages": 9}, array_filters={"b": Q(title="b")}
                )
            ]
        )

        assert [chapter.pages for chapter in Book.objects.get().chapters] == [1, 9]

    def test_narrowed(self, items):
        """They find no more than the queryset does."""
        queryset = Item.objects.filter(name__gte="c")

        result = queryset.bulk_write(
            [ops.UpdateMany({}, stock=9), ops.DeleteOne(Q(name="a")), ops.UpdateOne(Q(), label="x")]
        )

        assert (result.matched, result.deleted) == (3, 0)
        assert Item.objects.filter(stock=9).count() == 2

    def test_class(self, items):
        """Through a subclass none of the others are found, and its own are inserted."""
        result = SpecialItem.objects.bulk_write(
            [
                ops.UpdateOne(Q(name="a"), grade=1),
                ops.InsertOne(name="s", grade=1),
                ops.UpdateOne(Q(name="t"), grade=2, upsert=True),
            ]
        )

        assert result.matched == 0
        assert {type(item).__name__ for item in Item.objects.filter(name__in=["s", "t"])} == {
            "SpecialItem"
        }

    def test_batches(self, items, assert_num_commands):
        """`batch_size` bounds a command; positions go on."""
        operations = [ops.UpdateOne(Q(name=f"u{n}"), stock=n, upsert=True) for n in range(5)]

        with assert_num_commands(3):
            result = Item.objects.bulk_write(operations, batch_size=2)

        assert list(result.upserted) == [0, 1, 2, 3, 4]

    def test_nothing(self, items, assert_num_commands):
        """Nothing is sent for none."""
        with assert_num_commands(0):
            assert Item.objects.bulk_write([]).matched == 0
            assert Item.objects.none().bulk_write([ops.DeleteMany(Q(name="a"))]).deleted == 0

    def test_transaction(self, items):
        """All of it belongs to the open transaction."""

        def work():
            with atomic():
                Item.objects.bulk_write([ops.InsertOne(name="n"), ops.DeleteOne(Q(name="a"))])
                raise RuntimeError

        with pytest.raises(RuntimeError):
            work()

        assert set(Item.objects.values_list("name", flat=True)) == set("abcd")

    def test_hooks(self, mongo):
        """The event of a bulk is announced."""
        Watched.seen.clear()

        result = Watched.objects.bulk_write([ops.InsertOne(name="x")])

        assert Watched.seen == [("bulk", result)]


class TestInvalid:
    """Nothing is sent where one operation is invalid."""

    def test_errors(self, items):
        """All errors come together, by position and path."""
        with pytest.raises(ValidationError) as caught:
            Item.objects.bulk_write(
                [
                    ops.UpdateOne(Q(name="a"), stock=9),
                    ops.InsertOne(name="", stock="many"),
                    ops.UpdateMany(Q(name="a"), {"label": "x" * 41}),
                    ops.ReplaceOne(Q(name="a"), {"stock": 1}),
                    ops.UpdateOne(Q(name="a"), name=ops.Unset()),
                ]
            )

        assert set(caught.value.message_dict) == {
            "1.stock", "1.name", "2.label", "3.name", "4.name",
        }  # fmt: skip
        assert Item.objects.filter(stock=9).count() == 0

    def test_unjudged(self, items):
        """`validate=False` casts alone."""
        Item.objects.bulk_write(
            [ops.UpdateOne(Q(name="a"), label="x" * 41, stock="9")], validate=False
        )

        assert items.find_one({"name": "a"})["s"] == 9
        with pytest.raises(ValidationError):
            Item.objects.bulk_write([ops.UpdateOne(Q(name="a"), stock="x")], validate=False)

    @pytest.mark.parametrize(
        ("operation", "name"),
        [
            (lambda: ops.UpdateMany(Q(), stock=1), "UpdateMany"),
            (lambda: ops.UpdateOne({}, stock=1), "UpdateOne"),
            (lambda: ops.ReplaceOne(Q(), {"name": "x"}), "ReplaceOne"),
            (lambda: ops.DeleteOne(Q()), "DeleteOne"),
            (lambda: ops.DeleteMany({}), "DeleteMany"),
        ],
        ids=["update", "update one", "replace", "delete one", "delete"],
    )
    def test_unfiltered(self, items, operation, name):
        """An operation on everything has to be meant."""
        with pytest.raises(ValueError) as caught:
            Item.objects.bulk_write([operation()])

        assert str(caught.value) == (
            f"Item.bulk_write(): {name} without conditions, expected some, or allow_all=True."
        )
        assert Item.objects.count() == 4

    def test_meant(self, items):
        """`allow_all=True` means it."""
        result = Item.objects.bulk_write(
            [ops.UpdateMany({}, stock=3, allow_all=True), ops.DeleteMany(Q(), allow_all=True)]
        )

        assert (result.matched, result.deleted) == (4, 4)

    @pytest.mark.parametrize(
        ("make", "error", "message"),
        [
            (lambda: {"insert": 1}, TypeError, "Item.bulk_write(): {'insert': 1}, expected an "
             "operation of documents.ops. Choices are: InsertOne, UpdateOne, UpdateMany, "
             "ReplaceOne, DeleteOne, DeleteMany."),
            (lambda: ops.InsertOne(Owner(name="a")), TypeError, None),
            (lambda: ops.InsertOne(), TypeError, "InsertOne(): expected either a document or "
             "values by name."),
            (lambda: ops.UpdateOne("a", stock=1), FieldError, "UpdateOne(): 'a', expected a Q or "
             "conditions in a dict."),
            (lambda: ops.UpdateOne(Q(name="a")), ValueError, None),
            (lambda: ops.UpdateOne(Q(nmae="a"), stock=1), FieldError, None),
            (lambda: ops.UpdateOne(Q(name="a"), {"$set": {"stock": 1}}), FieldError, None),
            (lambda: ops.ReplaceOne(Q(name="a"), 5), TypeError, "Item.bulk_write(): 5, expected a "
             "Item or a dict."),
        ],
        ids=["dict", "class", "empty", "text", "no values", "path", "operator", "replacement"],
    )  # fmt: skip
    def test_wrong(self, items, make, error, message):
        """What is no operation, or no path, is refused."""
        with pytest.raises(error) as caught:
            Item.objects.bulk_write([make()])

        assert message is None or str(caught.value) == message

    def test_keys(self, mongo):
        """A document needs its key; one of another kind than declared is not made up."""
        with pytest.raises(ValidationError) as caught:
            Keyed.objects.bulk_write(
                [ops.InsertOne(count=1), ops.UpdateOne(Q(count=5), count=6, upsert=True)]
            )

        assert set(caught.value.message_dict) == {"0.code", "1.code"}
        assert Coded.objects.bulk_write([ops.InsertOne(name="x")]).inserted == 1

    @pytest.mark.parametrize("model", [Owner, Letter])
    @pytest.mark.parametrize("operation", [ops.DeleteOne, ops.DeleteMany])
    def test_rules(self, mongo, model, operation):
        """A deletion that rules, hooks or marks belong to is refused."""
        with pytest.raises(NotSupportedError) as caught:
            model.objects.bulk_write([operation(Q(pk="0" * 24))])

        assert str(caught.value).endswith("Use delete() or find_one_and_delete().")

    def test_read_only(self, items):
        """A read-only alias refuses."""
        with pytest.raises(ReadOnlyConnection):
            Item.objects.using("slow").bulk_write([ops.InsertOne(name="n")])


class TestFailures:
    """What the server refuses is told by position."""

    OPERATIONS = (
        ops.UpdateOne(Q(name="a"), stock=7),
        ops.UpdateOne(Q(name="b"), name="a"),
        ops.UpdateOne(Q(name="c"), total=F("price") + F("stock")),
        ops.InsertOne(name="d"),
        ops.UpdateOne(Q(name="d"), stock=7),
    )

    def test_unordered(self, items):
        """Out of order all others are done, and each failure is there."""
        with pytest.raises(BulkError) as caught:
            Item.objects.bulk_write(self.OPERATIONS, ordered=False)

        taken = {"name": ["Item with this name already exists."]}
        assert {k: e.message_dict for k, e in caught.value.errors.items()} == {
            1: taken,
            2: {"total": ["This field cannot be null."]},
            3: taken,
        }
        assert caught.value.result.matched == 2
        assert str(caught.value) == (
            "3 of 5 operations failed. Operation 1: Item with this name already exists."
        )
        assert Item.objects.filter(stock=7).count() == 2

    def test_ordered(self, items):
        """In order nothing is done behind the first one, in later batches neither."""
        new = Item(name="n")

        with pytest.raises(BulkError) as caught:
            Item.objects.bulk_write([*self.OPERATIONS, ops.InsertOne(new)], batch_size=2)

        assert list(caught.value.errors) == [1]
        assert Item.objects.filter(stock=7).count() == 1
        assert new._state.adding is True

    def test_server(self, items):
        """Another refusal is the server's own error."""
        items.update_one({"name": "a"}, {"$set": {"tags": "text"}})

        with pytest.raises(BulkError) as caught:
            Item.objects.bulk_write([ops.UpdateOne(Q(name="a"), tags=ops.Push("x"), stock=9)])

        (error,) = caught.value.errors.values()
        assert isinstance(error, OperationFailed)
        assert items.find_one({"name": "a"})["s"] == 1
