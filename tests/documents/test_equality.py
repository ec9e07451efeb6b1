"""Equality and hashes."""

import pytest
from bson import ObjectId

from docmodels import documents


class A(documents.Document):
    name = documents.CharField(blank=True)


class B(documents.Document):
    name = documents.CharField(blank=True)


class Keyed(documents.Document):
    key = documents.AnyField(primary_key=True)


class Part(documents.EmbeddedDocument):
    name = documents.CharField(blank=True)
    count = documents.IntegerField(blank=True)


class Other(documents.EmbeddedDocument):
    name = documents.CharField(blank=True)


class TestDocuments:
    """Documents are equal by class and key."""

    def test_same_key(self):
        """Two objects of one key are equal, whatever else they hold."""
        key = ObjectId()

        assert A(id=key, name="x") == A(id=key, name="y")
        assert hash(A(id=key)) == hash(A(id=key))
        assert len({A(id=key), A(id=key)}) == 1

    def test_other_class_or_key(self):
        """Another class or key is not equal, and neither is another thing."""
        key = ObjectId()

        assert A(id=key) != B(id=key)
        assert A(id=key) != A(id=ObjectId())
        assert A(id=key) != key

    def test_without_key(self):
        """Without a key an object equals itself only, and has no hash."""
        one = A()

        assert one == one
        assert one != A()
        with pytest.raises(TypeError) as caught:
            hash(one)
        assert str(caught.value) == "Document instances without primary key value are unhashable"

    def test_key_that_is_a_document(self):
        """A key that is itself a document serves as well."""
        assert Keyed(key={"a": 1}) == Keyed(key={"a": 1})
        assert len({Keyed(key={"a": 1}), Keyed(key={"a": 1})}) == 1

    def test_in_a_list(self, mongo):
        """A loaded document is found in a list of others."""
        A(name="x").save()

        assert A.objects.get() in list(A.objects.all())


class TestEmbeddedDocuments:
    """Embedded documents are equal by class and value."""

    def test_values(self):
        """Equal values are equal, and the order of keys is none of them."""
        assert Part(name="a", count=1) == Part(count=1, name="a")
        assert Part(name="a") != Part(name="b")
        assert Part.from_mongo({"count": 1, "name": "a"}) == Part(name="a", count=1)

    def test_other_class(self):
        """Another class is not equal."""
        assert Part(name="a") != Other(name="a")

    def test_undeclared_data_counts(self):
        """Undeclared data belongs to the value."""
        assert Part.from_mongo({"name": "a", "x": 1}) != Part(name="a")

    def test_no_hash(self):
        """They are mutable and have no hash."""
        with pytest.raises(TypeError) as caught:
            hash(Part())
        assert str(caught.value) == "unhashable type: 'Part'"
