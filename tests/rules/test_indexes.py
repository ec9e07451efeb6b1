"""Rules I1 to I3: what a sync of indexes does, and when two indexes are the same."""

import datetime

import pytest
from django.core.management import call_command
from pymongo import IndexModel

from docmodels import documents
from docmodels.indexing import declared, plan, sync
from docmodels.testing import record_commands
from tests.rules.test_discriminators import Click, Event


class Crate(documents.Document):
    code = documents.CharField(unique=True)
    note = documents.CharField(blank=True, db_field="n")
    seen = documents.DateTimeField(blank=True)
    data = documents.AnyField(blank=True)

    class Meta:
        app_label = "rules"
        indexes = [
            documents.Index(fields=["note", "-code"], partial=documents.Q(note__exists=True)),
            documents.Index(fields=["seen"], expire_after=datetime.timedelta(hours=1)),
            documents.Index(fields=["note"], collation={"locale": "de"}, name="de"),
            documents.Index(fields=["code:text", "note:text"], name="text"),
            documents.Index(fields=["data.$**"], name="wild"),
            documents.Index(fields=["seen", "code"], sparse=True, name="both"),
            documents.Index(fields=["-seen"], hidden=True, name="hidden"),
        ]


@pytest.fixture
def collection(mongo):
    """Give the collection of crates, which is not there yet."""
    collection = mongo.collection(Crate._meta.collection)
    collection.drop()
    yield collection
    collection.drop()


#: Commands that change a collection or its indexes.
WRITES = {"create", "createIndexes", "dropIndexes", "collMod"}


def writes_of(commands):
    """Return the names of the commands that change something."""
    return [command.name for command in commands if command.name in WRITES]


class TestI1:
    """The steps of a sync."""

    def test_i1_new_collection(self, collection, capsys):
        """It is made first, then its indexes."""
        with record_commands() as commands:
            call_command("syncindexes", "rules.Crate")

        assert writes_of(commands) == ["create"] + ["createIndexes"] * 8
        assert collection.index_information().keys() == {
            "_id_", "code_1", "n_1_code_-1", "seen_1", "de", "text", "wild", "both", "hidden",
        }  # fmt: skip

    def test_i1_extras_before_missing(self, collection):
        """What nobody declares is kept, hidden or dropped as was asked, before others are made."""
        sync(plan(Crate))
        collection.create_index("other", name="other")
        collection.drop_index("de")

        with record_commands() as commands:
            sync(plan(Crate))
        assert writes_of(commands) == ["createIndexes"]
        assert "other" in collection.index_information()

        collection.drop_index("de")
        with record_commands() as commands:
            sync(plan(Crate), hide=True)
        assert writes_of(commands) == ["collMod", "createIndexes"]
        assert collection.index_information()["other"]["hidden"] is True

        collection.drop_index("de")
        with record_commands() as commands:
            sync(plan(Crate), drop=True)
        assert writes_of(commands) == ["dropIndexes", "createIndexes"]
        assert "other" not in collection.index_information()

    @pytest.mark.parametrize("options", [{"drop": True}, {"hide": True}], ids=["drop", "hide"])
    def test_i1_the_index_of_the_key_is_never_touched(self, collection, options):
        """That of `_id` is no extra one."""
        collection.insert_one({})

        sync(plan(Crate), **options)

        assert collection.index_information()["_id_"] == {"v": 2, "key": [("_id", 1)]}

    def test_i1_time_series(self, mongo):
        """So is the one that the server makes for a time series."""

        class Reading(documents.Document):
            at = documents.DateTimeField()
            sensor = documents.CharField()

            class Meta:
                collection = "rules_readings"
                timeseries = {"time_field": "at", "meta_field": "sensor"}

        sync(plan(Reading))
        mongo.collection("rules_readings").create_index([("sensor", 1), ("at", 1)])
        before = mongo.collection("rules_readings").index_information()

        sync(plan(Reading), drop=True)

        assert mongo.collection("rules_readings").index_information() == before
        mongo.collection("rules_readings").drop()

    def test_i1_dry_run(self, collection, capsys):
        """A plan is printed, and nothing is changed."""
        collection.create_index("other", name="other")

        with record_commands() as commands:
            call_command("syncindexes", "rules.Crate", plan=True, drop=True)

        shown = capsys.readouterr().out
        assert writes_of(commands) == []
        assert "  + {code: 1}, unique=True" in shown
        assert "  - other {other: 1} is not declared (drop)" in shown

    def test_i1_the_plan_is_printed_first(self, collection, capsys):
        """What is done is announced before it is done."""
        call_command("syncindexes", "rules.Crate")

        lines = capsys.readouterr().out.splitlines()
        assert lines.index("  + {code: 1}, unique=True") < lines.index("  created code_1")


#: Indexes that differ from a declared one in a single point.
OTHERS = {
    "order of keys": ("n_1_code_-1", [("code", -1), ("n", 1)], {}),
    "direction": ("n_1_code_-1", [("n", 1), ("code", 1)], {}),
    "unique": ("code_1", [("code", 1)], {}),
    "partial filter": (
        "n_1_code_-1",
        [("n", 1), ("code", -1)],
        {"partialFilterExpression": {"n": {"$exists": True}, "code": "x"}},
    ),
    "sparse": ("both", [("seen", 1), ("code", 1)], {}),
    "no lifetime": ("seen_1", [("seen", 1)], {}),
    "locale": ("de", [("n", 1)], {"collation": {"locale": "fr"}}),
    "collation": ("de", [("n", 1)], {"collation": {"locale": "de", "strength": 1}}),
    "no collation": ("de", [("n", 1)], {}),
    "hidden": ("hidden", [("seen", -1)], {}),
    "wildcard projection": (
        "wild",
        [("$**", 1)],
        {"wildcardProjection": {"data": 1}},
    ),
    "weights": ("text", [("code", "text"), ("n", "text")], {"weights": {"code": 2, "n": 1}}),
    "language": ("text", [("code", "text"), ("n", "text")], {"default_language": "german"}),
}


class TestI2:
    """When two indexes are the same."""

    def test_i2_the_second_plan_is_empty(self, collection):
        """After a sync nothing is left to do."""
        sync(plan(Crate))

        again = plan(Crate)
        with record_commands() as commands:
            sync(again, drop=True)

        assert again.in_sync
        assert (again.create, again.modify, again.extra, len(again.kept)) == ([], [], [], 8)
        assert writes_of(commands) == []

    def test_i2_names_do_not_count(self, collection):
        """An index of another name is the same."""
        collection.create_indexes([IndexModel([("code", 1)], unique=True, name="mine")])

        assert [spec.name for spec in plan(Crate).kept] == ["mine"]

    @pytest.mark.parametrize(("name", "keys", "options"), OTHERS.values(), ids=OTHERS)
    def test_i2_what_counts(self, collection, name, keys, options):
        """Everything that changes the meaning makes another index."""
        collection.create_indexes([IndexModel(keys, name="other", **options)])

        todo = plan(Crate)
        assert [spec.name for spec in todo.extra] == ["other"]
        assert name in {spec.name for spec in todo.create}

        sync(todo, drop=True)
        assert plan(Crate).in_sync
        assert plan(Crate).extra == []

    def test_i2_a_lifetime_is_modified(self, collection):
        """A new lifetime is a collMod: the index keeps its name and is not rebuilt."""
        sync(plan(Crate))
        collection.drop_index("seen_1")
        collection.create_index([("seen", 1)], expireAfterSeconds=60, name="old")

        todo = plan(Crate)
        with record_commands() as commands:
            sync(todo)

        assert [old.name for old, _new in todo.modify] == ["old"]
        assert writes_of(commands) == ["collMod"]
        assert collection.index_information()["old"]["expireAfterSeconds"] == 3600
        assert plan(Crate).in_sync


@pytest.mark.parametrize("locale", ["da", "th", "fr_CA", "vi", "en", "zh"])
def test_i2_defaults_of_languages(mongo, locale):
    """What the server fills into a collation makes no other index."""
    collection = mongo.collection("rules_titles")
    collection.drop()

    class Title(documents.Document):
        text = documents.CharField()

        class Meta:
            collection = "rules_titles"
            indexes = [documents.Index(fields=["text"], collation={"locale": locale})]

    sync(plan(Title))

    assert (plan(Title).in_sync, plan(Title).extra) == (True, [])
    collection.drop()


def test_i3_children_index_their_own_part(mongo):
    """A child's indexes get a partial filter on the key, and it syncs only its own."""
    collection = mongo.collection("discriminated_event")
    collection.drop()

    assert [(spec.name, spec.options) for spec in declared(Click)] == [
        ("url_1", {"unique": True, "partialFilterExpression": {"__t": "Click"}})
    ]

    sync(plan(Event), drop=True)
    assert collection.index_information().keys() == {"_id_"}
    sync(plan(Click), drop=True)
    assert collection.index_information().keys() == {"_id_", "url_1"}
    assert (plan(Click).in_sync, plan(Click).extra, plan(Event).extra) == (True, [], [])
    sync(plan(Event), drop=True)
    assert "url_1" in collection.index_information()
    Event.objects.create(at=1)
    Event.objects.create(at=2)
    collection.drop()
