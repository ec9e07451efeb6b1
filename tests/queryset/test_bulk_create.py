"""`bulk_create()` where another document has a unique value already, and in batches."""

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.documents import inserting
from docmodels.exceptions import DocumentTooLarge
from docmodels.testing import record_commands
from tests.queryset.shop import Item, SpecialItem


class Note(documents.Document):
    """Plain fields, which are judged and encoded at once."""

    text = documents.TextField()
    size = documents.IntegerField()
    tags = documents.ListField(documents.CharField(max_length=5))

    class Meta:
        app_label = "updates"


def make_notes(count):
    """Make new objects, each longer than the one before."""
    return [Note(text="é" * (n + 1), size=n, tags=[str(n)] * n) for n in range(count)]


def stored(mongo):
    """Return the items of the stored documents, in their order."""
    return [list(raw.items()) for raw in mongo.collection(Note._meta.collection).find()]


@pytest.fixture
def items(mongo):
    """Store an item and give the collection, with its unique index."""
    collection = mongo.collection(Item._meta.collection)
    collection.create_index("name", unique=True)
    Item.objects.create(name="a", stock=1, label="mine")
    return collection


class TestBatches:
    """`batch_size` bounds a command."""

    def test_sizes(self, items, assert_num_commands):
        """As many commands as it takes."""
        with assert_num_commands(3):
            Item.objects.bulk_create([Item(name=f"{n}") for n in range(5)], batch_size=2)

        assert Item.objects.count() == 6

    @pytest.mark.parametrize(
        ("arguments", "options", "error", "message"),
        [
            ([], {"batch_size": 0}, ValueError, "Item: Batch size must be a positive integer."),
            ([100], {}, TypeError,
             "Item.bulk_create(ordered=100): expected True or False, and batch_size= by name."),
            ([], {"ignore_conflicts": True, "update_conflicts": True}, ValueError,
             "Item: ignore_conflicts and update_conflicts are mutually exclusive."),
            ([], {"update_conflicts": True, "unique_fields": ["name"]}, ValueError,
             "Item: Fields that will be updated when a row insertion fails on conflicts must be "
             "provided."),
            ([], {"update_conflicts": True, "update_fields": ["stock"]}, ValueError,
             "Item: Unique fields that can trigger the upsert must be provided."),
            ([], {"update_conflicts": True, "update_fields": ["pk"], "unique_fields": ["name"]},
             ValueError, "Item.bulk_create() cannot be used with primary keys in update_fields."),
            ([], {"update_conflicts": True, "update_fields": ["serial"],
                  "unique_fields": ["name"]},
             ValueError, "Item.bulk_create(): 'serial' in update_fields, which cannot be changed "
             "once it is stored."),
            ([], {"update_conflicts": True, "update_fields": ["box__size"],
                  "unique_fields": ["name"]},
             ValueError, "Item.bulk_create(): 'box__size' is a path, expected a field of its own."),
        ],
        ids=["size", "position", "both", "no update", "no unique", "key", "immutable", "path"],
    )  # fmt: skip
    def test_arguments(self, items, arguments, options, error, message):
        """Arguments are judged as Django does."""
        with pytest.raises(error) as caught:
            Item.objects.bulk_create([Item(name="x")], *arguments, **options)

        assert str(caught.value) == message
        assert Item.objects.count() == 1


class TestBytes:
    """Documents are sent as the bytes that they were encoded to when they were judged."""

    @pytest.mark.parametrize("kept", [0, 1, 150, inserting.KEPT])
    @pytest.mark.parametrize("batch", [1, 2, inserting.BATCH])
    def test_however_much_is_kept(self, mongo, monkeypatch, kept, batch):
        """What is stored is the same, in the same order, kept or encoded anew."""
        monkeypatch.setattr(inserting, "KEPT", kept)
        monkeypatch.setattr(inserting, "BATCH", batch)

        notes = make_notes(7)
        Note.objects.bulk_create(notes, batch_size=3)

        assert stored(mongo) == [list(note.to_mongo().items()) for note in notes]
        assert not any(note._state.adding or note.is_modified() for note in notes)

    def test_listeners_see_dicts(self, mongo):
        """Whoever records the commands finds the documents in them."""
        notes = make_notes(2)
        with record_commands() as commands:
            Note.objects.bulk_create(notes)

        (command,) = commands
        assert command.command["documents"] == [note.to_mongo() for note in notes]

    def test_nothing_of_invalid(self, mongo):
        """Nothing is sent where a later batch has an error."""
        notes = [*make_notes(3), Note(text="", size=1)]

        with pytest.raises(ValidationError) as caught:
            Note.objects.bulk_create(notes, batch_size=1)

        assert list(caught.value.message_dict) == ["3.text"]
        assert stored(mongo) == []
        assert all(note._state.adding for note in notes)

    def test_duplicates(self, mongo):
        """Which ones were in the way is told by position, as of dicts."""
        notes = make_notes(4)
        Note.objects.bulk_create(notes[:1])
        notes[2].pk = notes[0].pk

        with pytest.raises(ValidationError) as caught:
            Note.objects.bulk_create(notes[1:], ordered=False)

        assert list(caught.value.message_dict) == ["1.id"]
        assert len(stored(mongo)) == 3
        assert [note._state.adding for note in notes] == [False, False, True, False]

    def test_too_large(self, mongo):
        """A document beyond the server's limit is an error of ours, and leaves nothing."""
        notes = [Note(text="a" * 17_000_000, size=1)]

        with pytest.raises(DocumentTooLarge):
            Note.objects.bulk_create(notes)

        assert stored(mongo) == []
        assert notes[0]._state.adding


class TestIgnore:
    """`ignore_conflicts=True` leaves duplicates out."""

    def test_ignored(self, items):
        """Without an error; what was left out is still new."""
        objects = [Item(name=name) for name in ("x", "a", "x", "y")]

        assert Item.objects.bulk_create(objects, ignore_conflicts=True) == objects

        assert [item._state.adding for item in objects] == [False, True, True, False]
        assert set(Item.objects.values_list("name", "label")) == {
            ("a", "mine"), ("x", "new"), ("y", "new"),
        }  # fmt: skip

    def test_invalid(self, items):
        """What is invalid is an error nevertheless."""
        with pytest.raises(ValidationError):
            Item.objects.bulk_create([Item(name="")], ignore_conflicts=True)


class TestUpdate:
    """`update_conflicts=True` stores some fields in the document that is there."""

    def test_updated(self, items):
        """Those fields and the time of change; new ones are inserted as they are."""
        before = items.find_one()
        objects = [Item(name="a", stock=9, label="other"), Item(name="b", stock=3, tags=["t"])]

        Item.objects.bulk_create(
            objects, update_conflicts=True, update_fields=["stock"], unique_fields=["name"]
        )

        a, b = items.find().sort("name")
        assert a.pop("updated_at") > before.pop("updated_at")
        assert a == before | {"s": 9}
        assert (b["_id"], b["s"], b["tags"], b["__v"]) == (objects[1].pk, 3, ["t"], 0)
        assert b["created_at"] == b["updated_at"]
        assert [item._state.adding for item in objects] == [True, False]

    def test_without_value(self, items):
        """What has no unique value conflicts with nothing."""
        objects = [Item(name="b"), Item(name="c")]

        Item.objects.bulk_create(
            objects, update_conflicts=True, update_fields=["stock"], unique_fields=["price"]
        )

        assert [item._state.adding for item in objects] == [False, False]
        assert Item.objects.count() == 3

    def test_other_class(self, items):
        """A document of another class is not changed: it is in the way."""
        with pytest.raises(ValidationError) as caught:
            SpecialItem.objects.bulk_create(
                [SpecialItem(name="b", grade=1), SpecialItem(name="a", stock=9)],
                update_conflicts=True,
                update_fields=["stock"],
                unique_fields=["name"],
            )

        assert caught.value.message_dict == {
            "1.name": ["Special item with this name already exists."]
        }
        assert Item.objects.get(name="a").stock == 1
        assert SpecialItem.objects.get().grade == 1

    def test_missing(self, items):
        """A field that an object has not is taken away."""
        Item.objects.filter(name="a").update(price="1.50")

        Item.objects.bulk_create(
            [Item(name="a", stock=2)],
            update_conflicts=True,
            update_fields=["stock", "price"],
            unique_fields=["name"],
        )

        assert "price" not in items.find_one()

    @pytest.fixture
    def unique_stock(self, items):
        """Keep a second unique index for the test."""
        name = items.create_index("s", unique=True)
        yield
        items.drop_index(name)

    def test_other_index(self, items, unique_stock):
        """A duplicate in another index is an error by position."""
        with pytest.raises(ValidationError) as caught:
            Item.objects.bulk_create(
                [Item(name="b", stock=2), Item(name="c", stock=1)],
                update_conflicts=True,
                update_fields=["stock"],
                unique_fields=["name"],
            )

        assert caught.value.message_dict == {"1.stock": ["Item with this stock already exists."]}
        assert Item.objects.count() == 2
