"""System checks of `on_delete`."""

import pytest

from docmodels import documents
from docmodels.checks.documents import check_documents
from docmodels.registry import registry


@pytest.fixture
def messages(monkeypatch):
    """Give a function that declares a document with a reference, and returns what is found."""
    monkeypatch.setattr(registry, "_documents", {})
    monkeypatch.setattr(registry, "_waiting", {})

    def declare(name, **attributes):
        options = type("Meta", (), {"app_label": "checked"})
        namespace = {"__module__": __name__, "Meta": options, **attributes}
        return type(documents.Document)(name, (documents.Document,), namespace)

    def check(wrap, rule, **options):
        declare("Target")
        declare("Thing", to=wrap(documents.ReferenceField("Target", on_delete=rule, **options)))
        return [(message.id, message.msg) for message in check_documents()]

    return check


def plain(field):
    """Take the field as it is."""
    return field


def in_union(field):
    """Put the field into a union."""
    return documents.UnionField(documents.IntegerField(), field)


def in_map_of_lists(field):
    """Put the field into lists in a map."""
    return documents.MapField(documents.ListField(field))


@pytest.mark.parametrize(
    ("wrap", "rule"),
    [
        (plain, documents.CASCADE),
        (plain, documents.PULL),
        (documents.ListField, documents.PROTECT),
        (documents.MapField, documents.DO_NOTHING),
        (in_union, documents.DO_NOTHING),
    ],
)
def test_sound(messages, wrap, rule):
    """What works gives no message."""
    assert messages(wrap, rule) == []


@pytest.mark.parametrize("wrap", [documents.MapField, in_map_of_lists])
def test_map(messages, wrap):
    """A rule inside of a map works, and is slow."""
    assert messages(wrap, documents.CASCADE) == [
        (
            "docmodels.W122",
            "Thing.to: on_delete=CASCADE inside of a map reads every document of the collection "
            "at each deletion, because no index finds what refers from there.",
        )
    ]


def test_union(messages):
    """A rule inside of a union is ignored, and told."""
    assert messages(in_union, documents.CASCADE) == [
        (
            "docmodels.W109",
            "on_delete=CASCADE inside of a union has no effect: a key there may be anything.",
        )
    ]


def test_null(messages):
    """SET_NULL needs a field that may be null, also in a list."""
    assert messages(plain, documents.SET_NULL, null=True) == []
    assert messages(documents.ListField, documents.SET_NULL, blank=True) == [
        ("docmodels.E120", "Thing.to: on_delete=SET_NULL, but it cannot be null.")
    ]


def test_default(messages):
    """SET_DEFAULT needs a default."""
    assert messages(plain, documents.SET_DEFAULT, default="0123456789abcdef01234567") == []
    assert messages(plain, documents.SET_DEFAULT) == [
        ("docmodels.E121", "Thing.to: on_delete=SET_DEFAULT, but it has no default.")
    ]


def test_copies(messages):
    """Copies are those of fields that are there."""
    assert messages(plain, documents.DO_NOTHING, copies=["id"]) == []
    assert messages(plain, documents.DO_NOTHING, copies=["idd"]) == [
        (
            "docmodels.E123",
            "Thing.to: copies='idd', but Target has no such field. Did you mean 'id'?",
        )
    ]
