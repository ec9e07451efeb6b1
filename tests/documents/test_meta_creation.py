"""Collections are made as `Meta` says: by syncindexes, or by the first insert."""

import datetime
import io

import pytest
from django.core.management import call_command
from pymongo.errors import WriteError

from docmodels import documents, transaction
from docmodels.exceptions import NotSupportedError, OperationFailed
from docmodels.indexing import plan, sync
from docmodels.testing import record_commands

NOON = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)


class Log(documents.Document):
    text = documents.CharField()

    class Meta:
        app_label = "creation"
        collection = "created_logs"
        capped = {"size": 4096, "max": 3}


class Reading(documents.Document):
    at = documents.DateTimeField(db_field="t")
    sensor = documents.CharField(db_field="s")
    value = documents.FloatField()

    class Meta:
        app_label = "creation"
        collection = "created_readings"
        timeseries = {
            "time_field": "at",
            "meta_field": "sensor",
            "granularity": "minutes",
            "expire_after": datetime.timedelta(days=2),
        }


class Name(documents.Document):
    text = documents.CharField()
    note = documents.CharField(blank=True)

    class Meta:
        app_label = "creation"
        collection = "created_names"
        collation = "fr"
        indexes = [
            documents.Index(fields=["text"]),
            documents.Index(fields=["note:text"]),
            documents.Index(fields=["note"], collation={"locale": "simple"}),
        ]


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=4)
    amount = documents.IntegerField(null=True, default=None)


class Bill(documents.Document):
    number = documents.CharField(max_length=5, db_field="n")
    state = documents.CharField(choices=["open", "paid"], blank=True)
    lines = documents.EmbeddedListField(Line, max_items=2)
    prices = documents.MapField(documents.DecimalField(), blank=True)
    extra = documents.AnyField(blank=True)

    class Meta:
        app_label = "creation"
        collection = "created_bills"
        validator = "strict"


class CreditNote(Bill):
    bill = documents.ReferenceField(Bill, blank=True)

    class Meta:
        app_label = "creation"


@pytest.fixture(autouse=True)
def no_collections(mongo):
    """Begin and end without the collections."""
    names = [cls._meta.collection for cls in (Log, Reading, Name, Bill)]
    for name in names:
        mongo.database.drop_collection(name)
    mongo.created.clear()
    yield
    for name in names:
        mongo.database.drop_collection(name)
    mongo.created.clear()


def stored_options(mongo, cls):
    """Return what the server says of the collection."""
    (info,) = mongo.database.list_collections(filter={"name": cls._meta.collection})
    return info["options"]


class TestCapped:
    """A collection of a bounded size."""

    def test_first_insert_makes_it(self, mongo):
        """The collection is made once, and then only inserted into."""
        with record_commands() as commands:
            for number in range(5):
                Log.objects.create(text=str(number))

        assert [c.name for c in commands] == ["listCollections", "create", *["insert"] * 5]
        create = commands[1].command
        assert {k: create[k] for k in ("create", "capped", "size", "max")} == {
            "create": "created_logs", "capped": True, "size": 4096, "max": 3,
        }  # fmt: skip
        assert [log.text for log in Log.objects.all()] == ["2", "3", "4"]

    def test_bulk_insert_makes_it(self, mongo):
        """So does `bulk_create()`."""
        Log.objects.bulk_create([Log(text="a"), Log(text="b")])

        assert stored_options(mongo, Log)["capped"] is True

    def test_existing_collection_is_left(self, mongo):
        """A plain collection cannot become a capped one; the plan says so."""
        mongo.database.create_collection("created_logs")

        Log.objects.create(text="a")
        todo = plan(Log)

        assert todo.in_sync
        assert todo.collection.fixed == ("capped is None, declared is {'size': 4096, 'max': 3}",)


class TestTimeSeries:
    """A collection of measurements."""

    def test_insert_and_read(self, mongo):
        """Names of fields become stored keys, and the lifetime seconds."""
        Reading.objects.create(at=NOON, sensor="a", value=1)
        reading = Reading.objects.get(sensor="a")

        options = stored_options(mongo, Reading)
        assert options["expireAfterSeconds"] == 172800
        series = options["timeseries"]
        assert (series["timeField"], series["metaField"]) == ("t", "s")
        assert series["granularity"] == "minutes"
        assert (reading.at, reading.value) == (NOON, 1.0)
        assert mongo.collection("created_readings").find_one().keys() == {"_id", "t", "s", "value"}

    def test_no_update(self, mongo):
        """The server updates no measurement, which is said before it is asked."""
        reading = Reading.objects.create(at=NOON, sensor="a", value=1)

        reading.value = 2
        with pytest.raises(NotSupportedError) as caught:
            reading.save()

        assert str(caught.value) == (
            "Reading: measurements of a time series are inserted, never changed; nothing was saved."
        )

    def test_sync(self, mongo):
        """A second plan is empty, the server's own index is nobody's, a lifetime changes."""
        sync(plan(Reading))
        mongo.collection("created_readings").create_index([("s", 1), ("t", 1)])

        again = plan(Reading)
        assert (again.in_sync, again.extra) == (True, [])

        mongo.database.command({"collMod": "created_readings", "expireAfterSeconds": 60})
        todo = plan(Reading)
        sync(todo)

        assert todo.collection.modify == {"expireAfterSeconds": 172800}
        assert stored_options(mongo, Reading)["expireAfterSeconds"] == 172800


class TestCollation:
    """A collection that compares text in a language's order."""

    def test_sync_is_stable(self, mongo):
        """Indexes take the collection's collation; those that cannot stay simple."""
        sync(plan(Name))

        again = plan(Name)
        found = {
            i["name"]: i.get("collation", {}).get("locale")
            for i in mongo.collection("created_names").list_indexes()
        }
        assert stored_options(mongo, Name)["collation"]["locale"] == "fr"
        assert found == {"_id_": "fr", "text_1": "fr", "note_text": None, "note_1": None}
        assert (again.in_sync, again.extra, len(again.kept)) == (True, [], 3)

    def test_inside_of_a_transaction(self, mongo):
        """A transaction that may begin anew inserts into a collection that is made for it."""

        @transaction.atomic
        def add():
            assert Log.objects.count() == 0
            Name.objects.create(text="a")

        add()

        assert stored_options(mongo, Name)["collation"]["locale"] == "fr"
        assert Name.objects.count() == 1

    def test_queries_use_the_index(self, mongo):
        """A query of the same collation finds its index."""
        sync(plan(Name))

        explained = Name.objects.filter(text="é").explain()

        assert explained["queryPlanner"]["winningPlan"]["stage"] == "FETCH"


#: The schema of bills, which credit notes share.
SCHEMA = {
    "bsonType": "object",
    "required": ["_id", "n"],
    "properties": {
        "_id": {"bsonType": ["objectId"]},
        "n": {"bsonType": ["string"], "maxLength": 5},
        "state": {"bsonType": ["string"], "enum": ["open", "paid", ""]},
        "lines": {
            "bsonType": ["array"],
            "maxItems": 2,
            "items": {
                "bsonType": ["object"],
                "required": ["sku"],
                "properties": {
                    "sku": {"bsonType": ["string"], "maxLength": 4},
                    "amount": {"bsonType": ["int", "long", "null"]},
                },
            },
        },
        "prices": {
            "bsonType": ["object"],
            "additionalProperties": {"bsonType": ["decimal", "int", "long"]},
        },
    },
}


class TestValidator:
    """The server keeps other programs to the declaration."""

    def test_schema(self, mongo):
        """The declaration becomes a `$jsonSchema`."""
        sync(plan(Bill))

        options = stored_options(mongo, Bill)
        assert options["validator"] == {"$jsonSchema": SCHEMA}
        assert options["validationLevel"] == "strict"
        assert plan(Bill).in_sync
        assert plan(CreditNote).in_sync

    def test_documents_pass(self, mongo):
        """What the class saves is valid, of subclasses and with undeclared data too."""
        bill = Bill.objects.create(
            number="1", lines=[{"sku": "a"}], prices={"a": "1.5"}, extra={"any": [1]}
        )
        bill.undeclared["more"] = 1
        bill.save()
        CreditNote.objects.create(number="2", bill=bill)

        assert Bill.objects.count() == 2

    @pytest.mark.parametrize(
        "raw",
        [
            {},
            {"n": 1},
            {"n": "123456"},
            {"n": "1", "state": "lost"},
            {"n": "1", "lines": [{"sku": "a", "amount": "x"}]},
            {"n": "1", "lines": [{"amount": 1}]},
            {"n": "1", "prices": {"a": "x"}},
        ],
        ids=repr,
    )
    def test_others_are_refused(self, mongo, raw):
        """A program that does not know the declaration cannot break it."""
        sync(plan(Bill))

        with pytest.raises(WriteError) as caught:
            mongo.collection("created_bills").insert_one(raw)

        assert caught.value.code == 121

    def test_update_query_is_refused(self, mongo):
        """An update that is not judged by us is judged by the server."""
        Bill.objects.create(number="1")

        with pytest.raises(OperationFailed) as caught:
            Bill.objects.update(number="123456", allow_all=True, validate=False)

        assert caught.value.code == 121

    def test_changed_declaration(self, mongo, monkeypatch):
        """A sync brings the schema and the level up to date."""
        sync(plan(Bill))
        monkeypatch.setattr(Bill._meta, "validator", "moderate")
        monkeypatch.setattr(Bill._meta.get_field("number"), "max_length", 6)
        lines = []

        todo = plan(Bill)
        sync(todo, progress=lines.append)

        assert sorted(todo.collection.modify) == ["validationLevel", "validator"]
        assert lines == ["changed validator, validationLevel of the collection"]
        assert stored_options(mongo, Bill)["validationLevel"] == "moderate"
        assert plan(Bill).in_sync


def test_command_prints_the_collection(mongo):
    """`syncindexes --plan` names what it would do, and changes nothing."""
    output = io.StringIO()
    call_command("syncindexes", "creation.Log", "--plan", stdout=output)
    planned = output.getvalue()
    exists = mongo.database.list_collection_names(filter={"name": "created_logs"})

    call_command("syncindexes", "creation.Log", stdout=output)
    output.truncate(0)
    output.seek(0)
    call_command("syncindexes", "creation.Log", "--plan", stdout=output)

    assert planned == (
        "creation.Log (created_logs on default)\n  + the collection capped=True, size=4096, max=3\n"
    )
    assert exists == []
    assert output.getvalue() == "creation.Log: in sync, 0 index(es).\n"
