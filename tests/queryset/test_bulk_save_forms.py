"""`bulk_save()` of documents whose updates are special: upgraded, compared, refused."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.documents import Slice
from docmodels.documents.conflicts import only_save
from docmodels.exceptions import (
    BulkError,
    IncompleteList,
    NotSupportedError,
    ParallelSave,
    VersionConflict,
)


class Note(documents.Document):
    """Stored with `text` in version 1, with `body` since version 2."""

    number = documents.IntegerField(primary_key=True)
    body = documents.CharField(max_length=20)

    class Meta:
        app_label = "bulk_forms"
        schema_version = 2

    @documents.upgrade(1, 2)
    def rename(raw):
        raw["body"] = raw.pop("text", "")
        return raw


class Plain(documents.Document):
    """Without a version, so that what is replaced is compared."""

    number = documents.IntegerField(primary_key=True)
    tags = documents.ListField(documents.CharField(max_length=10))
    extra = documents.AnyField(blank=True)
    name = documents.CharField(max_length=10, blank=True)

    class Meta:
        app_label = "bulk_forms"
        collation = {"locale": "en", "strength": 2}


class Reading(documents.Document):
    at = documents.DateTimeField()
    value = documents.FloatField()

    class Meta:
        app_label = "bulk_forms"
        timeseries = {"time_field": "at"}


@pytest.fixture
def plains(mongo):
    """Store two documents of another program, and give the collection."""
    collection = mongo.collection(Plain._meta.collection)
    collection.insert_many(
        [{"_id": 1, "tags": ["a", "b"], "name": "x"}, {"_id": 2, "tags": ["a"], "name": "y"}]
    )
    return collection


class TestUpgraded:
    """An older stored form is written in the new one."""

    def test_stored(self, mongo):
        """As a whole, unless somebody else was faster."""
        collection = mongo.collection(Note._meta.collection)
        collection.insert_many([{"_id": n, "text": f"{n}"} for n in range(3)])
        notes = list(Note.objects.order_by("pk"))
        Note.objects.get(pk=1).save()
        notes[2].body = "new"

        with pytest.raises(BulkError) as caught:
            Note.objects.bulk_save(notes)

        assert list(caught.value.errors) == [1]
        assert isinstance(caught.value.errors[1], VersionConflict)
        raws = list(collection.find().sort("_id"))
        assert [raw["body"] for raw in raws] == ["0", "1", "new"]
        assert all("text" not in raw for raw in raws)


class TestCompared:
    """Without a version a save compares what it replaces."""

    def test_matched(self, plains):
        """It is sent with the rest."""
        found = list(Plain.objects.order_by("pk"))
        for plain in found:
            plain.tags = ["new", "er"]

        assert Plain.objects.bulk_save(found).matched == 2

    def test_changed(self, plains):
        """What differs in case alone was changed, whatever the collation says."""
        found = list(Plain.objects.order_by("pk"))
        plains.update_one({"_id": 1}, {"$set": {"tags.0": "A"}})
        for plain in found:
            plain.tags[0] = "new"

        with pytest.raises(BulkError) as caught:
            Plain.objects.bulk_save(found)

        assert list(caught.value.errors) == [0]
        assert [plain["tags"][0] for plain in plains.find().sort("_id")] == ["A", "new"]

    def test_odd_keys(self, plains):
        """A comparison that no upsert takes is made without one."""
        plains.insert_one({"_id": 3, "extra": [{"a.b": 1}], "tags": []})
        plain = Plain.objects.get(pk=3)
        plain.extra = [1, 2]

        assert Plain.objects.bulk_save([plain]).matched == 1
        assert plains.find_one({"_id": 3})["extra"] == [1, 2]

    def test_odd_keys_in_order(self, plains):
        """And what is behind it is done as well."""
        plains.insert_one({"_id": 3, "extra": [{"a.b": 1}], "tags": []})
        plains.insert_one({"_id": 4, "extra": [{"a.b": 1}], "tags": []})
        found = list(Plain.objects.order_by("-pk"))
        for plain in found:
            plain.extra = [1, 2]
        plains.update_one({"_id": 3}, {"$set": {"extra": [{"a.b": 2}]}})

        with pytest.raises(BulkError) as caught:
            Plain.objects.bulk_save(found, ordered=True)

        assert list(caught.value.errors) == [1]
        assert [plain.is_modified() for plain in found] == [False, True, True, True]


class TestRefused:
    """What no save may do is refused before anything is sent."""

    def test_measurement(self, mongo):
        """Measurements are inserted, never changed."""
        at = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        reading = Reading(at=at, value=1)
        assert Reading.objects.bulk_save([reading]).inserted == 1
        reading.value = 2

        with pytest.raises(NotSupportedError):
            Reading.objects.bulk_save([Reading(at=at, value=3), reading])

        assert Reading.objects.count() == 1

    def test_incomplete(self, plains):
        """A list that was loaded in part is not written as a whole."""
        plain = Plain.objects.select(Slice("tags", 1)).get(pk=1)
        plain.tags = ["z"]
        other = Plain.objects.get(pk=2)
        other.name = "changed"

        with pytest.raises(IncompleteList):
            Plain.objects.bulk_save([other, plain])

        assert plains.find_one({"_id": 2})["name"] == "y"

    def test_parallel(self, plains):
        """One object is saved once at a time."""
        plain = Plain.objects.get(pk=1)
        plain.name = "z"

        with only_save(plain), pytest.raises(ParallelSave):
            Plain.objects.bulk_save([plain])

        assert Plain.objects.bulk_save([plain]).matched == 1

    def test_key(self, plains):
        """The key of a stored document cannot change."""
        plain = Plain.objects.get(pk=1)
        plain.pk = 99

        with pytest.raises(ValidationError) as caught:
            Plain.objects.bulk_save([plain])

        assert caught.value.message_dict == {
            "0.number": ["The key of a stored document cannot change."]
        }
