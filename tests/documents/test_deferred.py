"""Paths that a query left out, and what becomes of them."""

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents


class Doc(documents.Document):
    key = documents.IntegerField(primary_key=True)
    name = documents.CharField(blank=True)
    count = documents.IntegerField(default=7, blank=True)
    tags = documents.ListField(documents.CharField())
    note = documents.CharField(blank=True, null=True)

    class Meta:
        collection = "docs"


@pytest.fixture
def doc(mongo):
    """Give a document of which only the name was loaded."""
    mongo.collection("docs").insert_one(
        {"_id": 1, "name": "a", "count": 5, "tags": ["x"], "note": None, "more": 1, "__v": 2}
    )
    return Doc.objects.only("name").get(pk=1)


class TestDeferred:
    """Not loaded is not missing."""

    def test_loaded_paths_need_no_query(self, doc, assert_num_commands):
        """The key and what was asked for are there."""
        with assert_num_commands(0):
            assert (doc.pk, doc.name) == (1, "a")

    def test_is_set(self, doc):
        """Whether it is set is asked from the database."""
        assert doc.is_set("note")
        assert doc.note is None

    def test_containers(self, doc):
        """A list that was loaded late is tracked as any."""
        doc.tags.append("y")

        doc.save()

        assert Doc.objects.get(pk=1).tags == ["x", "y"]

    def test_assignment(self, doc, assert_num_commands):
        """Assigning needs no query and writes only this path."""
        with assert_num_commands(1):
            doc.count = 9
            doc.save()

        stored = Doc.objects.get(pk=1)
        assert (stored.count, stored.tags) == (9, ["x"])

    def test_deletion(self, doc, mongo):
        """`del` of one removes it without looking."""
        del doc.note

        doc.save()

        assert "note" not in mongo.collection("docs").find_one()

    def test_loading_keeps_errors(self, doc):
        """Loading one forgets no error of another."""
        doc.name = ["no text"]

        assert doc.count == 5
        with pytest.raises(ValidationError) as caught:
            doc.save()
        assert caught.value.message_dict == {"name": ["“['no text']” is not valid, expected text."]}

    def test_save_keeps_them(self, doc, mongo):
        """A save touches nothing that was not loaded."""
        doc.name = "b"
        doc.save()

        assert mongo.collection("docs").find_one() == {
            "_id": 1,
            "name": "b",
            "count": 5,
            "tags": ["x"],
            "note": None,
            "more": 1,
            "__v": 2,
        }

    def test_gone(self, doc, mongo):
        """Loading from a document that is gone raises."""
        mongo.collection("docs").delete_one({})

        with pytest.raises(Doc.DoesNotExist):
            doc.count

    def test_refresh(self, doc, mongo):
        """A refresh loads everything and drops changes."""
        mongo.collection("docs").update_one({}, {"$set": {"name": "theirs", "count": 6}})
        doc.name = "mine"

        doc.refresh_from_db()

        assert (doc.name, doc.count, doc.undeclared) == ("theirs", 6, {"more": 1})
        assert not doc.is_modified()

    def test_refresh_of_one_field(self, doc, mongo):
        """A refresh of some fields leaves the others as they are."""
        mongo.collection("docs").update_one({}, {"$set": {"name": "theirs", "count": 6}})
        doc.name, doc.note = "mine", "x"

        doc.refresh_from_db(fields=["name"])

        assert doc.name == "theirs"
        assert doc.modified_paths() == ["note"]
