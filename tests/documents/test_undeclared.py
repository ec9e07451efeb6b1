"""Stored keys that nobody declared: kept, reachable, changed when asked."""

import pytest
from bson import Int64
from django.core.exceptions import ValidationError

from docmodels import documents


class Inner(documents.EmbeddedDocument):
    a = documents.CharField(blank=True)


class Doc(documents.Document):
    key = documents.IntegerField(primary_key=True)
    name = documents.CharField(blank=True)
    inner = documents.EmbeddedField(Inner, blank=True)

    class Meta:
        collection = "docs"


RAW = {
    "_id": 1,
    "name": "x",
    "more": Int64(5),
    "inner": {"a": "b", "hidden": [1], "dot.ted": 1},
    "a.b": 1,
    "$x": 2,
    "": 3,
    "__v": 0,
}


@pytest.fixture
def doc(mongo):
    """Give a document with undeclared keys."""
    mongo.collection("docs").insert_one(RAW)
    return Doc.objects.get(pk=1)


def raw_doc(mongo):
    """Return what is stored."""
    return mongo.collection("docs").find_one()


class TestReading:
    """`doc.undeclared`."""

    def test_mapping(self, doc):
        """The undeclared keys are there, the version is not among them."""
        assert doc.undeclared == {"more": 5, "a.b": 1, "$x": 2, "": 3}
        assert doc.inner.undeclared == {"hidden": [1], "dot.ted": 1}
        assert doc.to_mongo() == RAW

    def test_is_no_attribute(self, doc):
        """An undeclared key is no attribute of a strict document."""
        with pytest.raises(AttributeError):
            doc.more

    def test_new_document(self):
        """A new document has none."""
        assert Doc(key=1).undeclared == {}


class TestWriting:
    """Saves beside undeclared data, and of it."""

    def test_kept(self, doc, mongo):
        """A save leaves all of it alone."""
        doc.name = "y"
        doc.inner.a = "c"
        doc.save()

        assert raw_doc(mongo) == RAW | {"name": "y", "inner": RAW["inner"] | {"a": "c"}}

    def test_changed(self, doc, mongo):
        """Changes are saved by path, with the stored type of a number."""
        doc.undeclared["more"] = 6
        doc.undeclared["new"] = {"x": [1]}
        doc.inner.undeclared["hidden"].append(2)

        assert sorted(doc.modified_paths()) == ["inner.hidden", "more", "new"]
        doc.save()
        stored = raw_doc(mongo)
        assert stored["more"] == 6
        assert type(stored["more"]) is Int64
        assert stored["new"] == {"x": [1]}
        assert stored["inner"]["hidden"] == [1, 2]

    def test_declared_names_inside(self, doc, mongo):
        """Inside of an undeclared value a key may be called as a field is."""
        doc.undeclared["new"] = {"name": 1, "_id": [{"__v": 2}]}
        doc.undeclared["new"]["inner"] = {"name": 3}
        doc.save()

        assert raw_doc(mongo)["new"] == {"name": 1, "_id": [{"__v": 2}], "inner": {"name": 3}}
        with pytest.raises(ValidationError):
            doc.undeclared["name"] = "x"

    def test_removed(self, doc, mongo):
        """A removed key is unset."""
        del doc.undeclared["more"]
        doc.save()

        assert "more" not in raw_doc(mongo)

    def test_unnamable_key_of_an_embedded_document(self, doc, mongo):
        """A change of one writes the embedded document whole, nothing is lost."""
        doc.inner.undeclared["dot.ted"] = 2
        doc.save()

        assert raw_doc(mongo) == RAW | {"inner": {"a": "b", "hidden": [1], "dot.ted": 2}}

    @pytest.mark.parametrize("validate", [True, False, "changed"])
    @pytest.mark.parametrize(
        "edit",
        [lambda u: u.__setitem__("a.b", 9), lambda u: u.pop("a.b")],
        ids=["change", "remove"],
    )
    def test_unnamable_key(self, doc, mongo, edit, validate):
        """A stored key that no update can name cannot be changed: an error, no guess."""
        edit(doc.undeclared)

        with pytest.raises(ValidationError) as caught:
            doc.save(validate=validate)

        assert caught.value.message_dict == {
            "a.b": ["The stored key 'a.b' cannot be changed: no update can name it."]
        }
        assert raw_doc(mongo) == RAW

    @pytest.mark.parametrize("key", ["x.y", "$set", "", "a\x00"], ids=ascii)
    def test_new_unsafe_key(self, mongo, key):
        """A new key that no update can name is refused at once."""
        document = Doc(key=2)

        with pytest.raises(ValidationError) as caught:
            document.undeclared[key] = 1

        assert caught.value.messages == [
            f"The key {key!r} cannot be stored: keys are text without '.', NUL or leading '$'."
        ]

    def test_insert(self, mongo):
        """Undeclared data of a new document is inserted."""
        document = Doc(key=2)
        document.undeclared["x"] = [1]
        document.save()

        assert raw_doc(mongo) == {"_id": 2, "x": [1], "__v": 0}
