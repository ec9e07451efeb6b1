"""Indexes: declared, compared, made, and never made twice."""

import datetime

import pytest
from bson import ObjectId
from django.core.management import CommandError, call_command

from docmodels import documents
from docmodels.connections import connections
from docmodels.indexing import IndexBuildError, declared, plan, sync


class Address(documents.EmbeddedDocument):
    email = documents.EmailField(unique=True, blank=True)


class Parcel(documents.Document):
    code = documents.CharField(unique=True)
    note = documents.CharField(blank=True, db_field="n")
    seen = documents.DateTimeField(blank=True)
    place = documents.PointField(blank=True)
    address = documents.EmbeddedField(Address, blank=True)

    class Meta:
        app_label = "indexing"
        indexes = [
            documents.Index(fields=["note", "-code"], partial=documents.Q(note__exists=True)),
            documents.Index(fields=["seen"], expire_after=datetime.timedelta(hours=1)),
            documents.Index(fields=["place:2dsphere"]),
            documents.Index(fields=["code:text", "note:text"]),
            documents.Index(fields=["code"], collation={"locale": "en", "strength": 2}, name="ci"),
        ]


@pytest.fixture
def collection(mongo):
    """Give the parcels' collection, without any index."""
    collection = mongo.collection(Parcel._meta.collection)
    collection.drop()
    yield collection
    collection.drop()


def test_declared_indexes_use_stored_keys():
    """Paths become the keys of MongoDB, unique fields indexes of their own."""
    specs = {spec.name: spec for spec in declared(Parcel)}

    assert specs["code_1"].options == {"unique": True}
    assert specs["address.email_1"].options == {"unique": True, "sparse": True}
    assert specs["n_1_code_-1"].keys == (("n", 1), ("code", -1))
    assert specs["n_1_code_-1"].options == {"partialFilterExpression": {"n": {"$exists": True}}}
    assert specs["seen_1"].options == {"expireAfterSeconds": 3600}
    assert list(specs) == [
        "code_1", "address.email_1", "n_1_code_-1", "seen_1", "place_2dsphere",
        "code_text_n_text", "ci",
    ]  # fmt: skip


def test_duplicates_in_the_way_are_counted(collection):
    """A unique index that cannot be built says how many values and how to find them."""
    collection.insert_many([{"code": "a"}, {"code": "a"}, {"code": "b"}, {"code": "b"}])

    with pytest.raises(IndexBuildError) as caught:
        sync(plan(Parcel))

    assert str(caught.value).startswith(
        "indexing.Parcel: the unique index {code: 1}, unique=True cannot be built, 2 value(s) "
        "stand in several documents. Find them with db.indexing_parcel.aggregate("
    )


def test_unique_blank_field_may_be_missing_twice(collection):
    """A unique path that may be missing is missing in any number of documents."""
    sync(plan(Parcel))

    collection.insert_many([{"_id": ObjectId(), "code": "a"}, {"_id": ObjectId(), "code": "b"}])

    assert collection.count_documents({}) == 2


def test_command_plans_checks_and_syncs(collection, capsys):
    """--plan prints, --check fails until the sync is done."""
    call_command("syncindexes", "indexing.Parcel", plan=True)
    assert "  + {code: 1}, unique=True" in capsys.readouterr().out
    assert collection.index_information() == {}

    with pytest.raises(
        CommandError, match=r"Indexes are not in sync; run manage\.py syncindexes\."
    ):
        call_command("syncindexes", "indexing.Parcel", check=True)

    call_command("syncindexes", "indexing.Parcel")
    call_command("syncindexes", "indexing.Parcel", check=True)

    assert "created code_1" in capsys.readouterr().out


def test_command_suggests_labels():
    """An unknown label is an error that lists the known ones."""
    with pytest.raises(CommandError, match=r"No document 'indexing\.Nothing' is declared\."):
        call_command("syncindexes", "indexing.Nothing")


def test_read_only_alias_is_refused():
    """A sync through a read-only alias writes nothing."""
    with pytest.raises(CommandError, match="read-only"):
        call_command("syncindexes", "indexing.Parcel", using="slow")

    assert connections["slow"].read_only


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("code", "Index.fields: 'code', expected a list of at least one path."),
        ([], "Index.fields: [], expected a list of at least one path."),
    ],
)
def test_fields_are_a_list(fields, message):
    """A single name or nothing is refused at once."""
    with pytest.raises(ValueError) as caught:
        documents.Index(fields=fields)

    assert str(caught.value) == message
