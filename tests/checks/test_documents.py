"""System checks of document classes."""

import pytest
from django.core.checks import Error

from docmodels import documents
from docmodels.checks.documents import check_documents
from docmodels.documents import Index
from docmodels.registry import registry


class Inner(documents.EmbeddedDocument):
    at = documents.IntegerField()

    class Meta:
        app_label = "checked"


FIELDS = {
    "label": documents.CharField(),
    "at": documents.IntegerField(),
    "inner": documents.EmbeddedField(Inner),
}


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


def test_relation_from_nobody(declare):
    """A reverse relation of a class or a field that is not declared is E110 or E111."""
    thing = declare(
        parts=documents.Related("Part", foreign_field="thing"),
        things=documents.RelatedCount("self", foreign_field="thing"),
    )

    assert check_documents() == [
        Error(
            "Thing.parts: No document 'checked.Part' is declared.",
            obj=thing,
            id="docmodels.E110",
        ),
        Error(
            "Thing.things: foreign_field: Thing.thing: Thing has no field 'thing'. Choices are: "
            "id.",
            obj=thing,
            id="docmodels.E111",
        ),
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


class TestPaging:
    """An index of the ordering ends with the key, W108."""

    @pytest.mark.parametrize(
        ("ordering", "fields", "wanted"),
        [
            (["-at"], ["-at"], "'-at', '-pk'"),
            (["at"], ["-at"], "'at', 'pk'"),
            (["at", "-label"], ["at", "-label"], "'at', '-label', '-pk'"),
            (["-at"], ["label", "-at"], "'label', '-at', '-pk'"),
            (["-inner__at"], ["-inner__at"], "'-inner__at', '-pk'"),
        ],
        ids=["plain", "backwards", "two", "behind-another", "nested"],
    )
    def test_warned(self, declare, ordering, fields, wanted):
        """Without it every page sorts in memory."""
        thing = declare(**FIELDS, meta={"ordering": ordering, "indexes": [Index(fields=fields)]})

        (warning,) = check_documents()

        assert warning.id == "docmodels.W108"
        assert warning.obj is thing
        assert warning.hint == f"Declare documents.Index(fields=[{wanted}])."
        assert warning.msg.startswith("Meta.ordering: the index {")
        assert warning.msg.endswith(
            "} does not end with the key, expected one that does: without it the server sorts all "
            "that matches for each page."
        )

    def test_unique(self, declare):
        """The index of a unique field is one, too."""
        declare(code=documents.CharField(unique=True), meta={"ordering": ["code"]})

        (warning,) = check_documents()

        assert warning.hint == "Declare documents.Index(fields=['code', 'pk'])."

    @pytest.mark.parametrize(
        ("ordering", "indexes"),
        [
            (["-at"], [Index(fields=["-at", "-pk"])]),
            (["-at"], [Index(fields=["at", "pk"])]),
            (["-at"], [Index(fields=["-at"]), Index(fields=["-at", "-pk", "label"])]),
            (["-at"], [Index(fields=["label", "-at"]), Index(fields=["-label", "-at", "-pk"])]),
            (["-at", "pk"], [Index(fields=["-at"])]),
            (["-at"], [Index(fields=["label"]), Index(fields=["-at", "label"])]),
            (["-at"], [Index(fields=["-at"], sparse=True)]),
            (["-at"], [Index(fields=["-at"], partial={"label": "x"})]),
            (["-at"], [Index(fields=["-nothing"])]),
            (["-at"], []),
            ([], [Index(fields=["-at"])]),
        ],
        ids=["ends", "turned", "other", "behind", "own-key", "longer", "sparse", "partial",
             "wrong", "none", "unordered"],
    )  # fmt: skip
    def test_not_warned(self, declare, ordering, indexes):
        """One that ends with the key is enough; others are for something else."""
        declare(**FIELDS, meta={"ordering": ordering, "indexes": indexes})

        assert "docmodels.W108" not in {message.id for message in check_documents()}

    def test_it_matters(self, declare, mongo):
        """What is warned of sorts in memory, and what is hinted does not."""
        thing = declare(**FIELDS, meta={"ordering": ["-at"], "collection": "paged_things"})
        collection = mongo.collection("paged_things")
        collection.insert_many([{"at": number // 3} for number in range(30)])
        page = thing.objects.all()._page_query(None, back=False, size=5)

        collection.create_index([("at", -1)], name="short")
        assert page.plan().sorts_in_memory
        collection.create_index([("at", -1), ("_id", -1)], name="whole")
        assert page.plan().index == "whole"
        assert not page.plan().sorts_in_memory
        mongo.database.drop_collection("paged_things")


class TestNames:
    """Fields that are called as what the library gives."""

    def test_hidden_methods(self, declare):
        """They are named, those of embedded documents as well."""

        class Reply(documents.EmbeddedDocument):
            parent = documents.CharField()

            class Meta:
                app_label = "checked"

        declare(
            save=documents.BooleanField(db_field="s"),
            objects=documents.ListField(documents.EmbeddedField(Reply)),
            parent=documents.ReferenceField("self", on_delete=documents.DO_NOTHING),
        )

        found = [message for message in check_documents() if message.id == "docmodels.W110"]

        assert [(message.obj.name, message.msg, message.hint) for message in found] == [
            ("save", "The field hides Document.save.", "Give it another name, and db_field='s'."),
            (
                "objects",
                "The field hides Document.objects.",
                "Give it another name, and db_field='objects'.",
            ),
            (
                "parent",
                "The field hides EmbeddedDocument.parent.",
                "Give it another name, and db_field='parent'.",
            ),
        ]
