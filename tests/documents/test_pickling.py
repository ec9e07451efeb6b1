"""Pickles and copies."""

import copy
import pickle

import pytest

from docmodels import documents
from docmodels.fields import ANY


class Part(documents.EmbeddedDocument):
    name = documents.CharField(blank=True)


class Doc(documents.Document):
    key = documents.IntegerField(primary_key=True)
    name = documents.CharField(blank=True)
    amount = documents.DecimalField(blank=True)
    tags = documents.ListField(documents.CharField())
    part = documents.EmbeddedField(Part, blank=True)
    data = documents.AnyField(blank=True)
    rates = documents.MapField(documents.IntegerField(), blank=True)

    class Meta:
        collection = "docs"


@pytest.fixture
def doc(mongo):
    """Give a loaded document with undeclared data."""
    mongo.collection("docs").insert_one(
        {
            "_id": 1,
            "name": "a",
            "tags": ["x"],
            "part": {"name": "p", "more": 1},
            "data": {"d": [1]},
            "rates": {"eur": 1},
            "extra": 5,
            "__v": 2,
        }
    )
    return Doc.objects.get(pk=1)


class TestPickle:
    """`pickle.dumps(doc)`."""

    @pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
    def test_changes_travel(self, doc, protocol):
        """What was changed is still known, and can be saved there."""
        doc.name = "b"
        doc.tags.append("y")
        doc.part.name = "q"
        doc.data["d"].append(2)
        doc.rates["usd"] = 2

        twin = pickle.loads(pickle.dumps(doc, protocol))

        assert twin == doc
        assert twin.to_mongo() == doc.to_mongo()
        assert twin.pending_update() == doc.pending_update()
        assert twin.undeclared == {"extra": 5}
        assert twin._state.db == "default"
        assert twin.data._codec is ANY
        assert twin.rates._codec is Doc._meta.get_field("rates").base_field
        twin.save()
        assert Doc.objects.get(pk=1).to_mongo() == twin.to_mongo()

    def test_new_document_and_errors(self):
        """A new document stays new, its errors come along."""
        doc = Doc(key=1, amount="much")

        twin = pickle.loads(pickle.dumps(doc))

        assert twin._state.adding
        assert list(twin.collect_errors()) == ["amount"]

    def test_list_of_documents(self, doc):
        """A result travels as a list."""
        [twin] = pickle.loads(pickle.dumps(list(Doc.objects.all())))

        assert twin.tags == ["x"]

    def test_exceptions(self):
        """A `DoesNotExist` travels, as Django's does."""
        error = pickle.loads(pickle.dumps(Doc.DoesNotExist("gone")))

        assert type(error) is Doc.DoesNotExist

    def test_embedded_document(self, doc):
        """An embedded document travels alone, too."""
        twin = pickle.loads(pickle.dumps(doc.part))

        assert twin == doc.part
        assert twin.undeclared == {"more": 1}


class TestCopy:
    """`copy.copy` and `copy.deepcopy`."""

    def test_changes_are_its_own(self, doc):
        """A copy notes its changes by itself."""
        doc.name = "b"

        twin = copy.copy(doc)
        twin.rates = {"x": 1}
        twin._state.adding = True

        assert twin.modified_paths() == ["name", "rates"]
        assert doc.modified_paths() == ["name"]
        assert not doc._state.adding

    def test_deep(self, doc):
        """A deep copy shares no container."""
        twin = copy.deepcopy(doc)

        twin.tags.append("y")
        twin.part.name = "q"
        twin.undeclared["extra"] = 6

        assert doc.to_mongo()["part"] == {"name": "p", "more": 1}
        assert doc.tags == ["x"]
        assert doc.undeclared == {"extra": 5}
        assert not doc.is_modified()
        assert sorted(twin.modified_paths()) == ["extra", "part.name", "tags"]

    def test_deep_copy_of_an_embedded_document(self, doc):
        """It is a new one, to be put elsewhere."""
        other = Doc(key=2, part=copy.deepcopy(doc.part))

        other.part.name = "q"

        assert doc.part.name == "p"
        assert other.to_mongo()["part"] == {"name": "q", "more": 1}
