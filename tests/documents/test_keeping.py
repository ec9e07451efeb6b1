"""New objects keep what they are given as it is stored, until somebody reads it."""

import copy
import pickle
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.connections import connections
from docmodels.documents.keeping import make_keeper
from docmodels.tracking import TrackedList
from docmodels.transaction import atomic

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


class Place(documents.EmbeddedDocument):
    """Plain values, one of them under another key."""

    street = documents.CharField(max_length=20)
    floor = documents.IntegerField(blank=True, db_field="fl")
    since = documents.DateTimeField(blank=True)


class Row(documents.EmbeddedDocument):
    """An element of a list, with a list of its own."""

    sku = documents.CharField()
    labels = documents.ListField(documents.CharField())


class Priced(documents.EmbeddedDocument):
    """A value that is not stored as it is given."""

    price = documents.DecimalField()


class Shipment(documents.Document):
    """Embedded documents and lists of all kinds."""

    name = documents.CharField()
    place = documents.EmbeddedField(Place, blank=True)
    places = documents.EmbeddedListField(Place)
    rows = documents.EmbeddedListField(Row)
    tags = documents.ListField(documents.CharField(max_length=5))
    priced = documents.EmbeddedField(Priced, blank=True)

    class Meta:
        collection = "test_keeping"


def slot(document, name):
    """Return what is in the slot, which nobody has read yet."""
    return document._meta.by_name[name].slot_get(document)


def make(**values):
    """Return a new object of dicts and lists."""
    given = {
        "name": "a",
        "place": {"floor": 2, "street": "Quay 1"},
        "places": [{"street": "b"}, {"street": "c", "since": NOON}],
        "tags": ["x", "y"],
    }
    return Shipment(**{**given, **values})


class TestKept:
    """What is kept, and what is not."""

    def test_plain_values(self):
        """The dict that an insert sends: in the order of the fields, by their keys."""
        given = {"floor": 2, "street": "Quay 1"}
        shipment = make(place=given)

        assert list(slot(shipment, "place").items()) == [("street", "Quay 1"), ("fl", 2)]
        assert slot(shipment, "places") == [{"street": "b"}, {"street": "c", "since": NOON}]
        assert slot(shipment, "tags") == ["x", "y"]
        assert type(slot(shipment, "tags")) is list

    def test_the_callers_own_stay_the_callers(self):
        """A change of what was given is no change of the object."""
        place, places, tags = {"street": "a"}, [{"street": "b"}], ["x"]
        shipment = make(place=place, places=places, tags=tags)

        place["street"] = places[0]["street"] = tags[0] = "?"
        places.append({})

        assert shipment.place.street == "a"
        assert [p.street for p in shipment.places] == ["b"]
        assert shipment.tags == ["x"]

    @pytest.mark.parametrize(
        "place",
        [
            {},
            {"street": 5},
            {"street": "a", "floor": "2"},
            {"street": "a", "since": NOON.replace(tzinfo=None)},
            {"street": "a", "floor": 2**63},
            {"street": "a\0"},
            {"street": None},
            {"street": "a", "fl": 2},
            Place(street="a"),
        ],
    )
    def test_what_is_looked_at_closely(self, place):
        """Nothing is kept that is to be cast, refused or is not a field's."""
        try:
            shipment = make(place=place, places=[{"street": "b"}, place])
        except ValidationError:
            return
        for name in ("place", "places"):
            try:
                kept = slot(shipment, name)
            except AttributeError:
                continue
            assert not isinstance(kept, dict)
            assert type(kept) is not list

    def test_classes_of_which_nothing_is_kept(self):
        """Something happens to them when they are made, or before they are stored."""

        class Stamped(documents.EmbeddedDocument):
            at = documents.DateTimeField(auto_now=True)

        class Hooked(documents.EmbeddedDocument):
            name = documents.CharField()

            @documents.pre("save")
            def shout(self):
                self.name = self.name.upper()

        class Trimmed(documents.EmbeddedDocument):
            name = documents.CharField(set=str.strip)

        class Base(documents.EmbeddedDocument):
            name = documents.CharField()

        class Holder(documents.EmbeddedDocument):
            base = documents.EmbeddedField(Base)

        given = {"name": "a"}
        assert type(slot(Holder(base=given), "base")) is dict

        class Child(Base):
            more = documents.CharField()

        for cls in (Stamped, Hooked, Trimmed, Child, Priced):
            assert make_keeper(cls) is None
        child = {Base._meta.discriminator_key: Child._meta.discriminator, "more": "b"}
        assert type(slot(Holder(base=given), "base")) is Base
        assert Holder(base=given | child).base.more == "b"

    def test_a_missing_default_is_filled_in(self):
        """A default is part of a new embedded document."""

        class Counted(documents.EmbeddedDocument):
            name = documents.CharField()
            count = documents.IntegerField(default=1)

        class Holder(documents.EmbeddedDocument):
            counted = documents.EmbeddedField(Counted)

        assert Holder(counted={"name": "a"}).to_mongo() == {"counted": {"name": "a", "count": 1}}
        assert type(slot(Holder(counted={"name": "a", "count": 2}), "counted")) is dict


class TestRead:
    """The first read makes what there would have been at once."""

    def test_embedded(self):
        """A new embedded document, that knows its parent, the same at each read."""
        shipment = make()

        assert shipment.place == Place(street="Quay 1", floor=2)
        assert shipment.place is shipment.place
        assert shipment.place.parent is shipment
        assert not shipment.place._source.stored
        assert shipment.places[1].since == NOON
        assert shipment.places[0].parent is shipment
        assert not shipment.places[0]._source.stored

    def test_lists(self):
        """A new list: nothing of it is stored."""
        shipment = make(rows=[{"sku": "a", "labels": ["x"]}])

        assert type(shipment.tags) is TrackedList
        assert not shipment.tags.original()
        assert shipment.tags._original is shipment.places._original is shipment.rows._original
        assert shipment.rows[0].labels == ["x"]
        assert not shipment.rows[0].labels.original()

    def test_changes_before_the_insert(self, mongo):
        """What is changed before is inserted as it is then."""
        shipment = make()

        shipment.place.street = "Quay 2"
        shipment.places.append({"street": "d"})
        shipment.tags.append("z")
        shipment.save()

        stored = next(Shipment.objects.raw())
        assert stored["place"] == {"street": "Quay 2", "fl": 2}
        assert [p["street"] for p in stored["places"]] == ["b", "c", "d"]
        assert stored["tags"] == ["x", "y", "z"]

    def test_copies(self):
        """Copies and pickles are new ones, each with its own."""
        for make_copy in (copy.copy, copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d))):
            shipment = make()
            other = make_copy(shipment)

            other.place.street = "other"
            other.tags.append("z")

            assert shipment.place.street == "Quay 1"
            assert shipment.tags == ["x", "y"]
            assert not other.place._source.stored


class TestSaved:
    """After the insert it is what is stored."""

    @pytest.mark.parametrize("read", [False, True])
    @pytest.mark.parametrize("bulk", [False, True])
    def test_changes_afterwards(self, mongo, bulk, read):
        """The changed paths are sent, and nothing else."""
        shipment = make(priced={"price": Decimal("1.50")})
        if read:
            assert shipment.place.floor == 2
            assert (shipment.places[0].street, shipment.tags[0]) == ("b", "x")
        if bulk:
            Shipment.objects.bulk_create([shipment])
        else:
            shipment.save()

        assert not shipment.is_modified()
        shipment.place.floor = 3
        shipment.places[1].street = "C"
        shipment.tags.append("z")
        update = shipment.pending_update()[1]

        assert update["$set"] == {"place.fl": 3, "places.1.street": "C"}
        assert update["$push"] == {"tags": "z"}
        shipment.save()
        found = Shipment.objects.get()
        assert found.to_mongo() == shipment.to_mongo()
        assert found.priced.price == Decimal("1.50")

    def test_errors_name_the_paths(self, mongo):
        """What is kept is judged, with the same errors."""
        with pytest.raises(ValidationError) as caught:
            make(place={"street": "a" * 21}, places=[{"floor": 1}], tags=["too long"]).save()

        assert set(caught.value.message_dict) == {"place.street", "places.0.street", "tags.0"}

    def test_a_failed_insert_leaves_it_new(self, mongo):
        """It can be corrected and saved."""
        connections["default"].collection("test_keeping").create_index("name", unique=True)
        make().save()
        second = make()
        with pytest.raises(ValidationError):
            second.save()

        assert second.pk is None
        assert not second.place._source.stored
        second.name = "b"
        second.tags.append("z")
        second.save()

        assert Shipment.objects.get(name="b").tags == ["x", "y", "z"]

    def test_a_rolled_back_insert_leaves_it_new(self, mongo):
        """Read before the commit, in the transaction or after it."""
        shipments = [make(name=name) for name in "abc"]
        assert shipments[0].place.floor == 2
        with suppress(KeyError), atomic():
            for shipment in shipments:
                shipment.save()
            shipments[1].place.floor = 5
            raise KeyError

        assert all(shipment._state.adding for shipment in shipments)
        for shipment in shipments:
            shipment.tags.append("z")
            shipment.save()
        floors = [s.place.floor for s in Shipment.objects.order_by("name")]
        assert floors == [2, 5, 2]
        assert all(s.tags == ["x", "y", "z"] for s in Shipment.objects.all())

    def test_deleted_and_saved_again(self, mongo):
        """What was loaded and never read is inserted as it is."""
        make().save()
        loaded = Shipment.objects.get()
        before = loaded.to_mongo()
        loaded = Shipment.objects.get()
        loaded.delete()

        loaded.save()

        after = Shipment.objects.get().to_mongo()
        assert after.pop("_id") != before.pop("_id")
        assert after == before


class Pair(documents.ListField):
    """A field of a project, whose lists are tuples."""

    def from_db(self, value):
        return tuple(value)


class TestFieldsOfProjects:
    """A subclass says itself what is read, and nothing is kept for it."""

    def test_of_another_kind(self, mongo):
        """What it reads need not know its changes, in new objects either."""

        class Paired(documents.Document):
            pair = Pair(documents.IntegerField())

            class Meta:
                collection = "test_keeping_pairs"

        Paired(pair=[1, 2]).save()
        loaded = Paired.objects.get()
        loaded.delete()

        assert not loaded._source.stored
        assert loaded.pair == (1, 2)
