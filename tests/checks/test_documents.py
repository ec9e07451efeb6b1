"""System checks of document classes."""

import pytest
from django.core.checks import Error

from docmodels import documents
from docmodels.checks.documents import check_documents
from docmodels.registry import registry


@pytest.fixture
def declare(monkeypatch):
    """Declare documents for one test alone."""
    monkeypatch.setattr(registry, "_documents", {})
    monkeypatch.setattr(registry, "_waiting", {})

    def make(name="Thing", meta=None, **attributes):
        options = type("Meta", (), {"app_label": "checked", **(meta or {})})
        namespace = {"__module__": __name__, "Meta": options, **attributes}
        return type(documents.Document)(name, (documents.Document,), namespace)

    return make


def test_sound_documents_pass(declare):
    """A document without mistakes gives no message."""
    declare(title=documents.CharField(default="x"), meta={"ordering": ["-title"]})

    assert check_documents() == []


def test_reference_to_nobody(declare):
    """A reference to a class that is not declared is E100."""
    thing = declare(owner=documents.ReferenceField("Owner"))

    assert check_documents() == [
        Error(
            "No document 'checked.Owner' is declared.",
            obj=thing._meta.get_field("owner"),
            id="docmodels.E100",
        )
    ]


def test_ordering_by_nothing(declare):
    """An ordering by an unknown path is E102, with the nearest name."""
    thing = declare(title=documents.CharField(), meta={"ordering": ["-titel"]})

    assert check_documents() == [
        Error(
            "Meta.ordering: Thing.titel: Thing has no field 'titel'. Did you mean 'title'?",
            obj=thing,
            id="docmodels.E102",
        )
    ]


def test_index_on_nothing(declare):
    """An index on an unknown path is E103."""
    thing = declare(
        title=documents.CharField(), meta={"indexes": [documents.Index(fields=["titel"])]}
    )

    assert check_documents() == [
        Error(
            "Meta.indexes: Thing.titel: Thing has no field 'titel'. Did you mean 'title'?",
            obj=thing,
            id="docmodels.E103",
        )
    ]


def test_default_of_wrong_type(declare):
    """A default that cannot be cast is E104."""
    thing = declare(count=documents.IntegerField(default="many"))

    assert check_documents() == [
        Error(
            "The default is no valid value: “many” is not valid, expected a whole number.",
            obj=thing._meta.get_field("count"),
            id="docmodels.E104",
        )
    ]


def test_too_many_digits(declare):
    """More digits than Decimal128 holds are E106."""
    thing = declare(price=documents.DecimalField(max_digits=40))

    assert check_documents() == [
        Error(
            "max_digits=40, expected at most 34, which is all that Decimal128 holds.",
            obj=thing._meta.get_field("price"),
            id="docmodels.E106",
        )
    ]


def test_two_documents_in_one_collection(declare):
    """Two classes on one collection are E107."""
    declare("One", meta={"collection": "shared"})
    two = declare("Two", meta={"collection": "shared"})

    assert check_documents() == [
        Error(
            "The collection 'shared' is that of checked.One too.",
            hint="Give one of them another Meta.collection.",
            obj=two,
            id="docmodels.E107",
        )
    ]
