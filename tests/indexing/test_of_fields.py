"""Indexes that fields declare by `db_index`, and wildcards."""

import re

import pytest
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.checks.documents import check_documents
from docmodels.indexing import declared, plan, sync


class Spot(documents.EmbeddedDocument):
    place = documents.PointField(db_field="p", db_index="2dsphere")


class Gadget(documents.Document):
    name = documents.CharField(db_index=True, db_field="n")
    code = documents.CharField(unique=True, db_index=True)
    about = documents.TextField(blank=True, db_index="text")
    token = documents.CharField(blank=True, db_index="hashed")
    seen = documents.DateTimeField(blank=True, db_index={"expire_after": 60, "hidden": True})
    extra = documents.MapField(blank=True, db_field="x", db_index="wildcard")
    more = documents.MapField(blank=True, db_field="m")
    tags = documents.ListField(documents.CharField(), db_index={"sparse": True, "name": "tagged"})
    spots = documents.EmbeddedListField(Spot, db_field="s")

    class Meta:
        app_label = "indexing"
        indexes = [documents.Index(fields=["more__$**"])]


def test_declared():
    """Each field's index is made of its key and the options that it names."""
    specs = [(spec.name, spec.keys, spec.options) for spec in declared(Gadget)]

    assert specs == [
        ("n_1", (("n", 1),), {}),
        ("code_1", (("code", 1),), {"unique": True}),
        ("about_text", (("_fts", "text"), ("_ftsx", 1)), {"weights": {"about": 1}}),
        ("token_hashed", (("token", "hashed"),), {}),
        ("seen_1", (("seen", 1),), {"expireAfterSeconds": 60, "hidden": True}),
        ("x.$**_1", (("x.$**", 1),), {}),
        ("tagged", (("tags", 1),), {"sparse": True}),
        ("s.p_2dsphere", (("s.p", "2dsphere"),), {}),
        ("m.$**_1", (("m.$**", 1),), {}),
    ]


def test_synced(mongo):
    """The server makes them all, and a second plan is empty."""
    collection = mongo.collection(Gadget._meta.collection)
    collection.drop()
    sync(plan(Gadget))

    assert plan(Gadget).in_sync
    assert collection.index_information()["x.$**_1"]["key"] == [("x.$**", 1)]


def test_wildcard_of_a_path_that_is_not_there():
    """The check looks at the path in front of a wildcard."""

    class Lost(documents.Document):
        name = documents.CharField()

        class Meta:
            app_label = "indexing"
            indexes = [documents.Index(fields=["nam__$**"])]

    with pytest.raises(FieldError):
        declared(Lost)
    found = [error for error in check_documents() if error.obj is Lost]
    Lost._meta.indexes.clear()

    assert [(error.id, error.msg) for error in found] == [
        ("docmodels.E103", "Meta.indexes: Lost.nam: Lost has no field 'nam'. Did you mean 'name'?")
    ]


def test_copies_have_none():
    """`pick()` copies no index."""
    copy = documents.pick(Gadget, "name", name="GadgetName")

    assert copy._meta.get_field("name").db_index is None


@pytest.mark.parametrize(
    "given", ["hash", 3, {"kind": "hash"}, {"fields": ["name"]}, {"kind": "text", "fields": []}]
)
def test_mistakes(given):
    """Anything but True, a kind and options is refused."""
    with pytest.raises(TypeError, match=re.escape(f"db_index: {given!r}, expected True, a kind")):
        documents.CharField(db_index=given)


def test_misspelt_option():
    """The options are those of an Index."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'expires'"):
        documents.DateTimeField(db_index={"expires": 3})
