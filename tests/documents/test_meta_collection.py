"""Meta options of the collection: how it is read and written, and what is sent."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from pymongo import ReadPreference, WriteConcern

from docmodels import documents
from docmodels.exceptions import VersionConflict
from docmodels.testing import record_commands


class Word(documents.Document):
    text = documents.CharField()
    note = documents.CharField(blank=True)

    class Meta:
        collection = "meta_words"
        collation = {"locale": "en", "strength": 2}
        ordering = ["text"]
        indexes = [
            documents.Index(fields=["text"]),
            documents.Index(fields=["note:text"]),
            documents.Index(fields=["note"], collation={"locale": "simple"}),
        ]


class Event(documents.Document):
    name = documents.CharField()

    class Meta:
        collection = "meta_events"
        read_preference = "secondaryPreferred"
        write_concern = {"w": 1, "j": True}


class Place(documents.EmbeddedDocument):
    country = documents.CharField(db_field="c")


class Client(documents.Document):
    name = documents.CharField()
    region = documents.CharField(blank=True, db_field="r")
    place = documents.EmbeddedField(Place, blank=True)

    class Meta:
        collection = "meta_clients"
        shard_key = ["region", "place__country"]


def sent(commands, name):
    """Return the commands of a name."""
    return [command.command for command in commands if command.name == name]


class TestCollation:
    """Text is compared as `Meta.collation` says, in every command."""

    def test_every_command_has_it(self, mongo):
        """Reads, counts and writes through querysets send the collation."""
        Word.objects.create(text="Ábc")
        with record_commands() as commands:
            found = [word.text for word in Word.objects.filter(text="ábc")]
            Word.objects.filter(text="ÁBC").count()
            Word.objects.distinct("text")
            Word.objects.filter(text="ÁBC").update(note="x")
            list(Word.objects.values("text").annotate(n=documents.Count("pk")))
            Word.objects.filter(text="ÁBC").delete()

        wanted = {"locale": "en", "strength": 2}
        assert found == ["Ábc"]
        for command in (c for c in commands if c.name != "getMore"):
            inner = command.command
            inner = inner.get("updates", inner.get("deletes", [inner]))[0]
            assert inner["collation"] == wanted, command

    def test_of_a_query_wins(self, mongo):
        """`collation()` of a queryset takes the place of the default."""
        Word.objects.create(text="abc")

        assert Word.objects.filter(text="ABC").exists()
        assert not Word.objects.filter(text="ABC").collation("simple").exists()
        assert Word.objects.filter(text="ABC").explain()["ok"] == 1

    def test_guard_tells_letters_apart(self, mongo):
        """A change of case alone by somebody else is a change."""
        word = Word.objects.create(text="abc")
        Word.objects.filter(pk=word.pk).update(text="ABC")

        word.text = "abd"

        with pytest.raises(VersionConflict):
            word.save(guard=True)


class TestReadPreferenceAndWriteConcern:
    """The driver's collection has what `Meta` says."""

    def test_reads(self, mongo):
        """Queries go where the preference leads."""
        with record_commands() as commands:
            list(Event.objects.all())
            Event.objects.filter(name="x").count()
            list(Event.objects.values("name").annotate(n=documents.Count("pk")))

        reads = [command.command for command in commands if command.name != "getMore"]
        modes = {read["$readPreference"]["mode"] for read in reads}
        assert len(reads) == 3
        # To a member that it is to use alone the driver sends its own word for "not primary".
        assert modes <= {"secondaryPreferred", "primaryPreferred"}

    def test_what_was_just_written_is_read_from_the_primary(self, mongo):
        """A replica may not have it: get_or_create() and refresh_from_db() ask the primary."""
        event = Event.objects.create(name="x")
        with record_commands() as commands:
            Event.objects.get_or_create(name="x")
            event.refresh_from_db()
            event.save()

        modes = [c.get("$readPreference", {}).get("mode") for c in sent(commands, "find")]
        assert len(modes) == 3
        assert "secondaryPreferred" not in modes

    def test_writes(self, mongo):
        """Every write waits for what was declared."""
        with record_commands() as commands:
            event = Event.objects.create(name="x")
            event.name = "y"
            event.save()
            Event.objects.bulk_create([Event(name="z")])
            Event.objects.filter(name="z").update(name="a")
            event.delete()
            Event.objects.filter(name="a").delete()

        writes = [c for c in commands if c.name in {"insert", "update", "delete"}]
        assert [write.name for write in writes] == [
            "insert", "update", "insert", "update", "delete", "delete",
        ]  # fmt: skip
        assert all(write.command["writeConcern"] == {"w": 1, "j": True} for write in writes)

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("majority", WriteConcern("majority")),
            (2, WriteConcern(2)),
            ({"w": 1, "wtimeout": 50}, WriteConcern(1, wtimeout=50)),
            (WriteConcern(3), WriteConcern(3)),
        ],
    )
    def test_spellings_of_write_concern(self, value, expected):
        """A word, a number, a dict or the driver's own object say it."""
        cls = declare(write_concern=value)

        assert cls._meta.write_concern == expected

    def test_spellings_of_read_preference(self):
        """A mode's name or the driver's own object say it."""
        assert declare(read_preference="nearest")._meta.read_preference is ReadPreference.NEAREST
        own = ReadPreference.SECONDARY
        assert declare(read_preference=own)._meta.read_preference is own


class TestShardKey:
    """Writes of one document are sent to its shard."""

    def test_filters_of_writes(self, mongo):
        """The stored values of the key's fields are in the filter, not the new ones."""
        client = Client.objects.create(name="A", region="eu", place={"country": "CH"})
        with record_commands() as commands:
            client.region = "us"
            client.place.country = "US"
            client.save()
            client.delete()

        update, delete = sent(commands, "update")[0], sent(commands, "delete")[0]
        pk = update["updates"][0]["q"]["_id"]
        assert update["updates"][0]["q"] == {"_id": pk, "r": "eu", "place.c": "CH"}
        assert update["updates"][0]["u"] == {"$set": {"r": "us", "place.c": "US"}}
        assert delete["deletes"][0]["q"] == {"_id": pk, "r": "us", "place.c": "US"}

    def test_missing_values_are_null(self, mongo):
        """A document without the field is found as one of null."""
        client = Client.objects.create(name="A")

        client.name = "B"
        selector, _update = client.pending_update()
        client.save()

        assert selector == {"_id": client.pk, "r": None, "place.c": None}
        assert Client.objects.get().name == "B"

    def test_projections_keep_the_key(self, mongo):
        """`only()` and `defer()` load the key's fields nevertheless."""
        Client.objects.create(name="A", region="eu")

        with record_commands() as commands:
            client = Client.objects.only("name").get()
            Client.objects.defer("region", "name").get()
            client.name = "B"
            client.save()

        assert sent(commands, "find")[0]["projection"] == {
            "_id": 1, "__v": 1, "name": 1, "place": 1, "r": 1,
        }  # fmt: skip
        assert sent(commands, "find")[1]["projection"] == {"name": 0}
        assert sent(commands, "update")[0]["updates"][0]["q"]["r"] == "eu"

    def test_vanished_document(self, mongo):
        """The longer filter still tells a vanished document from a conflict."""
        client = Client.objects.create(name="A", region="eu")
        Client.objects.filter(pk=client.pk).delete()

        client.name = "B"

        with pytest.raises(Client.DoesNotExist):
            client.save()


def declare(**options):
    """Declare a document with these options of Meta."""
    return type(documents.Document)(
        "Declared",
        (documents.Document,),
        {
            "__module__": __name__,
            "__qualname__": "Declared",
            "name": documents.CharField(blank=True),
            "at": documents.DateTimeField(blank=True),
            "Meta": type("Meta", (), options),
        },
    )


#: Wrong values of options, with the whole message.
WRONG = {
    "read_preference": (
        "secundary",
        "Declared.Meta.read_preference: 'secundary', expected a mode or a read preference of the "
        "driver. Choices are: primary, primaryPreferred, secondary, secondaryPreferred, nearest.",
    ),
    "collation": (
        {"strength": 2},
        "Declared.Meta.collation: {'strength': 2}, expected a locale such as 'de', or a dict with "
        "'locale'.",
    ),
    "capped": (
        {"max": 5},
        "Declared.Meta.capped: {'max': 5}, expected a size in bytes, or a dict with 'size' and "
        "'max' (a number of documents).",
    ),
    "shard_key": (
        ["nam"],
        "Declared.Meta.shard_key: Declared.nam: Declared has no field 'nam'. Did you mean 'name'?",
    ),
    "validator": (
        "lax",
        "Declared.Meta.validator: 'lax', expected a level, or None. Choices are: strict, moderate.",
    ),
    "write_concern": (
        True,
        "Declared.Meta.write_concern: True, expected 'majority', a number of members, or a dict "
        "with w, j and wtimeout.",
    ),
    "auto_index": ("no", "Declared.Meta.auto_index: 'no', expected True or False."),
    "minimize": (1, "Declared.Meta.minimize: 1, expected True or False."),
    "default_manager_name": (
        "object",
        "Declared.Meta.default_manager_name: 'object', expected the name of a manager. "
        "Did you mean 'objects'? Choices are: objects.",
    ),
    "get_latest_by": (
        "att",
        "Declared.Meta.get_latest_by: Declared.att: Declared has no field 'att'. "
        "Did you mean 'at'?",
    ),
    "ordering": (
        "-name",
        "Declared.Meta.ordering: '-name', expected a list of paths, '-' in front for descending.",
    ),
    "indexes": (
        ["name"],
        "Declared.Meta.indexes: ['name'], expected a list of documents.Index objects.",
    ),
    "permissions": (
        ["publish"],
        "Declared.Meta.permissions: ['publish'], expected a list of (codename, name) pairs.",
    ),
    "default_permissions": (
        "view",
        "Declared.Meta.default_permissions: 'view', expected a list of verbs such as 'view'.",
    ),
}
WRONG_TIMESERIES = {
    "no field": (
        "time",
        "Declared.Meta.timeseries: Declared.time: Declared has no field 'time'. "
        "Choices are: id, name, at.",
    ),
    "part": (
        {"time_field": "at", "metafield": "name"},
        "Declared.Meta.timeseries: unknown part 'metafield'. Did you mean 'meta_field'? "
        "Choices are: time_field, meta_field, granularity, bucket_max_span_seconds, "
        "bucket_rounding_seconds, expire_after.",
    ),
    "granularity": (
        {"time_field": "at", "granularity": "days"},
        "Declared.Meta.timeseries: {'time_field': 'at', 'granularity': 'days'}, expected another "
        "granularity than 'days'. Choices are: seconds, minutes, hours.",
    ),
}


class TestMistakes:
    """Wrong values are errors when the class is made."""

    @pytest.mark.parametrize(
        ("option", "value", "message"), [(name, *case) for name, case in WRONG.items()], ids=WRONG
    )
    def test_wrong_value(self, option, value, message):
        """The message names the option, the value and what is expected."""
        with pytest.raises(ImproperlyConfigured) as caught:
            declare(**{option: value})

        assert str(caught.value) == message

    @pytest.mark.parametrize(("value", "message"), WRONG_TIMESERIES.values(), ids=WRONG_TIMESERIES)
    def test_wrong_timeseries(self, value, message):
        """Fields, parts and granularity of a time series are checked."""
        with pytest.raises(ImproperlyConfigured) as caught:
            declare(timeseries=value)

        assert str(caught.value) == message

    def test_capped_time_series(self):
        """A collection is one of both."""
        with pytest.raises(ImproperlyConfigured) as caught:
            declare(timeseries="at", capped=4096)

        assert str(caught.value) == (
            "Declared.Meta.capped: {'size': 4096}, expected it without timeseries, a collection is "
            "one of them at most."
        )

    def test_options_of_a_shared_collection(self):
        """A subclass of a concrete document cannot make the collection another one."""
        with pytest.raises(TypeError) as caught:
            type(documents.Document)(
                "Child", (Word,), {"__module__": __name__, "Meta": type("Meta", (), {"capped": 1})}
            )

        assert str(caught.value) == (
            "Child.Meta.capped: set, expected it on Word alone, whose collection Child shares."
        )
