"""Primary keys other than an ObjectId: numbers, text, UUIDs, dates, embedded documents."""

import datetime
import uuid

import pytest
from bson import ObjectId
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.admin import keys
from tests.fields.casting import name_of


class Coordinates(documents.EmbeddedDocument):
    shelf = documents.IntegerField()
    row = documents.CharField(db_field="r")


class Slot(documents.Document):
    place = documents.EmbeddedField(Coordinates, primary_key=True)
    content = documents.CharField(blank=True)

    class Meta:
        collection = "slots"


class Note(documents.Document):
    slot = documents.ReferenceField(Slot)

    class Meta:
        collection = "notes"


def make(field):
    """Return a class whose key is `field`."""

    class Keyed(documents.Document):
        key = field
        content = documents.CharField(blank=True)

        class Meta:
            app_label = f"keys_{type(field).__name__.lower()}"
            collection = "keyed"

    return Keyed


class TestScalars:
    """Keys of one value."""

    @pytest.mark.parametrize(
        ("field", "given", "key"),
        [
            (documents.IntegerField(primary_key=True), "7", 7),
            (documents.CharField(primary_key=True, set="lowercase"), "A/b", "a/b"),
            (documents.UUIDField(primary_key=True), str(uuid.UUID(int=7)), uuid.UUID(int=7)),
            (
                documents.DateTimeField(primary_key=True),
                "2024-05-06T07:08:09Z",
                datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.UTC),
            ),
            (
                documents.DecimalField(primary_key=True),
                "1.50",
                documents.DecimalField().to_python("1.50"),
            ),
        ],
        ids=name_of,
    )
    def test_life(self, field, given, key):
        """Create, get, change, delete, and the address of the admin."""
        keyed = make(field)
        document = keyed(key=given)
        document.save()

        document.content = "x"
        document.save()
        loaded = keyed.objects.get(pk=given)

        assert (loaded.pk, loaded.key, loaded.content) == (key, key, "x")
        assert keys.unquote(keys.quote(field.get_prep_value(key))) == field.get_prep_value(key)
        assert keyed.objects.in_bulk([given]) == {key: loaded}
        loaded.delete()
        assert not keyed.objects.exists()

    def test_missing(self):
        """A key that nobody gives is an error of its field."""
        with pytest.raises(ValidationError) as caught:
            make(documents.CharField(primary_key=True))().save()

        assert caught.value.message_dict == {"key": ["This field is required."]}

    @pytest.mark.parametrize("family", [documents.ListField, documents.RegexField])
    def test_refused(self, family):
        """What MongoDB takes for no key is told at the declaration."""
        with pytest.raises(TypeError, match="primary_key, which MongoDB refuses"):
            family(primary_key=True)

    def test_default(self):
        """A default makes keys."""
        keyed = make(documents.UUIDField(primary_key=True, default=uuid.uuid4))

        assert keyed.objects.get(pk=keyed.objects.create().pk)


class TestCompound:
    """An embedded document as key."""

    def test_life(self, mongo):
        """Create, get by an object or a dict in any order, change, delete."""
        slot = Slot(place={"shelf": 1, "row": "a"})
        slot.save()
        slot.content = "x"
        slot.save()

        assert mongo.collection("slots").find_one() == {
            "_id": {"shelf": 1, "r": "a"},
            "content": "x",
            "__v": 0,
        }
        assert Slot.objects.get(pk=Coordinates(shelf=1, row="a")) == slot
        assert Slot.objects.get(pk={"row": "a", "shelf": 1}) == slot
        assert Slot.objects.get(place__row="a").pk == slot.pk
        assert Slot.objects.filter(pk__in=[{"shelf": 1, "row": "a"}]).count() == 1
        slot.refresh_from_db()
        slot.delete()
        assert not Slot.objects.exists()

    def test_map(self, mongo):
        """A map as key is found again by what is stored, though it was read."""
        keyed = make(documents.MapField(documents.IntegerField(), primary_key=True))
        keyed.objects.create(key={"a": 1})
        loaded = keyed.objects.get()
        assert loaded.key["a"] == 1
        loaded.content = "x"
        loaded.save()

        assert mongo.collection("keyed").find_one() == {
            "_id": {"a": 1},
            "content": "x",
            "__v": 0,
        }

    def test_unique(self):
        """The same key twice is an error of its field."""
        Slot(place={"shelf": 1, "row": "a"}).save()

        with pytest.raises(ValidationError) as caught:
            Slot(place={"shelf": 1, "row": "a"}).save(force_insert=True)

        assert caught.value.message_dict == {"place": ["Slot with this place already exists."]}

    def test_cannot_change(self, mongo):
        """Neither by assignment nor in place."""
        Slot(place={"shelf": 1, "row": "a"}).save()
        slot = Slot.objects.get()
        message = {"place": ["The key of a stored document cannot change."]}

        slot.place = {"shelf": 2, "row": "a"}
        with pytest.raises(ValidationError) as caught:
            slot.save()
        assert caught.value.message_dict == message

        slot = Slot.objects.get()
        slot.place.shelf = 2
        with pytest.raises(ValidationError) as caught:
            slot.save()
        assert caught.value.message_dict == message
        assert mongo.collection("slots").count_documents({}) == 1

    def test_order_and_pages(self):
        """Keys have an order, and pages go on behind them."""
        for shelf in (3, 1, 2):
            Slot(place={"shelf": shelf, "row": "a"}).save()

        page = Slot.objects.order_by("pk").page(size=2)
        rest = Slot.objects.order_by("pk").page(size=2, after=page.next)

        assert [slot.place.shelf for slot in [*page.items, *rest.items]] == [1, 2, 3]

    def test_reference(self):
        """A reference holds the whole key, and leads to the document."""
        slot = Slot(place={"shelf": 1, "row": "a"})
        slot.save()
        Note(slot=slot).save()

        note = Note.objects.get(slot=slot)

        assert note.slot == slot
        assert note.read_errors == {}

    def test_address(self):
        """The admin's address of the key leads back to it."""
        slot = Slot(place={"shelf": 1, "row": "a/b"})
        raw = Slot._meta.pk.get_prep_value(slot.pk)

        assert keys.unquote(keys.quote(raw)) == raw
        slot.save()
        assert Slot.objects.raw_filter({"_id": keys.unquote(keys.quote(raw))}).get() == slot

    def test_errors(self):
        """What is wrong inside of the key stands at its path."""
        with pytest.raises(ValidationError) as caught:
            Slot(place={"shelf": "x", "row": ""}).save()

        assert set(caught.value.message_dict) == {"place.shelf", "place.row"}
        assert not Slot.objects.filter(pk={"shelf": 1, "row": str(ObjectId())}).exists()
