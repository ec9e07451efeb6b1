"""Lists with `unique_items`: what is added in place stays added once, whoever adds it."""

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.exceptions import VersionConflict
from docmodels.testing import record_commands


class Step(documents.EmbeddedDocument):
    code = documents.CharField()


class Shelf(documents.Document):
    labels = documents.ListField(documents.CharField(), unique_items=True)
    steps = documents.EmbeddedListField(Step, unique_items=True)

    class Meta:
        collection = "distinct_shelves"


@pytest.fixture
def shelf(mongo):
    """Store a shelf, and load it."""
    Shelf(labels=["a", "b"], steps=[Step(code="s")]).save()
    return Shelf.objects.get()


def updates(document, **options):
    """Save, and return the updates that were sent."""
    with record_commands() as sent:
        document.save(**options)
    return [command.command["updates"][0]["u"] for command in sent if command.name == "update"]


class TestAppending:
    """`append`, `extend` and `+=` of a stored list."""

    @pytest.mark.parametrize(
        "add",
        [
            lambda labels: labels.extend(["c", "d"]),
            lambda labels: labels.push("c", "d"),
            lambda labels: labels.insert(2, "d") or labels.insert(2, "c"),
            lambda labels: labels.add_to_set("a", "c", "d"),
        ],
        ids=["extend", "push", "insert", "add_to_set"],
    )
    def test_operator(self, shelf, add):
        """They are sent as `$addToSet`, which counts the version and does not check it (T3)."""
        add(shelf.labels)

        assert updates(shelf) == [
            {"$addToSet": {"labels": {"$each": ["c", "d"]}}, "$inc": {"__v": 1}}
        ]
        assert list(Shelf.objects.get().labels) == ["a", "b", "c", "d"]

    def test_documents(self, shelf):
        """Embedded documents are compared as a whole."""
        shelf.steps.append({"code": "t"})

        assert updates(shelf) == [
            {"$addToSet": {"steps": {"$each": [{"code": "t"}]}}, "$inc": {"__v": 1}}
        ]

    def test_absent_list(self, mongo):
        """A list that is not stored yet is made by whoever comes first."""
        mongo.collection("distinct_shelves").insert_one({"__v": 0})
        first, second = Shelf.objects.get(), Shelf.objects.get()
        for shelf in (first, second):
            shelf.labels.append("x")
            shelf.save()

        assert list(Shelf.objects.get().labels) == ["x"]

    def test_value_that_is_there(self, mongo, shelf):
        """The list's own rule refuses it, and nothing is sent."""
        shelf.labels.append("a")

        with record_commands() as sent, pytest.raises(ValidationError) as caught:
            shelf.save()

        assert caught.value.message_dict == {"labels": ["Item 2 is the same as item 0: “a”."]}
        assert sent == []

    def test_without_validation(self, shelf):
        """What is stored is what the object holds, also where nobody judges it."""
        shelf.labels.append("a")

        assert updates(shelf, validate=False) == [{"$push": {"labels": "a"}, "$inc": {"__v": 1}}]
        assert Shelf.objects.get().labels == shelf.labels


class TestTwoEditors:
    """Both load the list, then save."""

    def test_same_value(self, shelf):
        """A value that both add is stored once."""
        other = Shelf.objects.get()
        shelf.labels.append("c")
        other.labels.extend(["c", "d"])
        shelf.save()
        other.save()

        assert list(Shelf.objects.get().labels) == ["a", "b", "c", "d"]

    def test_in_the_middle(self, shelf):
        """No operator adds at a place only what is not there: the second is told."""
        other = Shelf.objects.get()
        shelf.labels.append("c")
        other.labels.insert(0, "c")
        shelf.save()

        with pytest.raises(VersionConflict):
            other.save()

        assert list(Shelf.objects.get().labels) == ["a", "b", "c"]

    def test_merge(self, shelf):
        """`on_conflict="merge"` goes together with it."""
        other = Shelf.objects.get()
        shelf.labels.append("c")
        other.labels.append("c")
        shelf.save()
        other.save(on_conflict="merge")

        assert list(Shelf.objects.get().labels) == ["a", "b", "c"]
