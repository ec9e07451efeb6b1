"""Documents that keep what nobody declared, and those that drop it."""

import pytest

from docmodels import documents


class Event(documents.DynamicDocument):
    key = documents.IntegerField(primary_key=True)
    kind = documents.CharField(blank=True)

    class Meta:
        collection = "events"


class Dropping(documents.Document):
    kind = documents.CharField(blank=True)

    class Meta:
        strict = True


class TestDynamic:
    """`DynamicDocument`."""

    def test_attributes(self, mongo):
        """Undeclared names are attributes, stored and loaded."""
        event = Event(key=1, kind="a", speed=5)
        event.place = {"x": [1]}
        event.save()

        loaded = Event.objects.get(pk=1)

        assert (loaded.speed, loaded.place) == (5, {"x": [1]})
        assert mongo.collection("events").find_one() == {
            "_id": 1,
            "kind": "a",
            "speed": 5,
            "place": {"x": [1]},
            "__v": 0,
        }

    def test_changes(self, mongo):
        """Changes of them are tracked."""
        mongo.collection("events").insert_one(
            {"_id": 1, "speed": 5, "place": {"x": [1]}, "old": 1, "__v": 0}
        )
        event = Event.objects.get(pk=1)

        event.speed = 6
        event.place["x"].append(2)
        del event.old

        assert event.pending_update() == (
            {"_id": 1},
            {
                "$set": {"speed": 6},
                "$push": {"place.x": 2},
                "$unset": {"old": ""},
                "$inc": {"__v": 1},
            },
        )

    def test_missing_name(self):
        """A name that is nowhere raises as usual."""
        with pytest.raises(AttributeError):
            Event(key=1).nothing

    def test_filters(self, mongo):
        """Undeclared paths can be filtered by."""
        Event(key=1, speed=5).save()

        assert Event.objects.filter(speed__gt=4).count() == 1

    def test_private_names(self):
        """Private names are attributes of the object only."""
        event = Event(key=1)

        event._cache = 5

        assert "_cache" not in event.to_mongo()


class TestStrict:
    """`strict = True`."""

    def test_dropped(self):
        """Undeclared names are dropped, as in Mongoose."""
        assert Dropping(kind="a", other=1).to_mongo() == {"kind": "a"}

    def test_dropped_by_updates(self, mongo):
        """So they are where a document is updated or created."""
        for kind in ("b", "c"):
            Dropping.objects.update_or_create(kind="a", defaults={"kind": "a", "other": kind})

        Dropping.objects.filter(kind="a").update(other=1)

        assert set(next(iter(Dropping.objects.raw()))) == {"_id", "kind", "__v"}
