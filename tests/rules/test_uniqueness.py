"""Rule V5: uniqueness is an index, and duplicate keys become errors of its fields."""

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents


class Part(documents.EmbeddedDocument):
    name = documents.CharField(db_field="n")


class Unique(documents.Document):
    email = documents.EmailField(unique=True, db_field="mail")
    first = documents.CharField(blank=True)
    last = documents.CharField(blank=True)
    token = documents.CharField(blank=True, hidden=True)
    parts = documents.EmbeddedListField(Part)

    class Meta:
        collection = "uniques"


class TestV5:
    """Duplicate keys."""

    def test_v5_is_no_validator(self, mongo, assert_num_commands):
        """Nothing is asked before the write, and without an index nothing is refused."""
        mongo.collection("uniques").drop_indexes()
        Unique(email="a@b.org").save()

        with assert_num_commands(0):
            Unique(email="a@b.org").full_clean()
        with assert_num_commands(1):
            Unique(email="a@b.org").save()

    def test_v5_hidden(self, mongo):
        """The value of a hidden field is told by no part of the error."""
        mongo.collection("uniques").create_index("token", unique=True, sparse=True)
        Unique(email="a@b.org", token="top secret").save()

        with pytest.raises(ValidationError) as caught:
            Unique(email="b@b.org", token="top secret").save()

        assert caught.value.message_dict == {"token": ["Unique with this token already exists."]}
        assert "top secret" not in f"{caught.value} {caught.value!r} {caught.value.__cause__}"
        mongo.collection("uniques").drop_index("token_1")

    def test_v5_inside(self, mongo):
        """A path inside of an embedded document has its own error, whatever its texts say."""
        name = "dup key: { mail: 1 }"
        mongo.collection("uniques").create_index("parts.n", unique=True, sparse=True)
        Unique(email="a@b.org", parts=[{"name": name}]).save()

        with pytest.raises(ValidationError) as caught:
            Unique(email="b@b.org", parts=[{"name": "x"}, {"name": name}]).save()

        assert list(caught.value.message_dict) == ["parts.name"]
        mongo.collection("uniques").drop_index("parts.n_1")

    def test_v5_bulk_create(self, mongo):
        """Each document of several has its own."""
        mongo.collection("uniques").create_index("mail", unique=True)

        with pytest.raises(ValidationError) as caught:
            Unique.objects.bulk_create([Unique(email=e) for e in ("a@b.org", "a@b.org")])

        assert caught.value.message_dict == {"1.email": ["Unique with this email already exists."]}

    def test_v5_field(self, mongo):
        """A duplicate is an error of the field, without the other's values."""
        mongo.collection("uniques").create_index("mail", unique=True)
        Unique(email="a@b.org").save()
        other = Unique(email="a@b.org")

        with pytest.raises(ValidationError) as caught:
            other.save()

        assert caught.value.message_dict == {"email": ["Unique with this email already exists."]}
        assert other._state.adding
        other.email = "c@b.org"
        other.save()

    def test_v5_update(self, mongo):
        """So it is on an update."""
        mongo.collection("uniques").create_index("mail", unique=True)
        Unique(email="a@b.org").save()
        other = Unique(email="c@b.org")
        other.save()
        other.email = "a@b.org"

        with pytest.raises(ValidationError) as caught:
            other.save()

        assert caught.value.message_dict == {"email": ["Unique with this email already exists."]}
        assert other.is_modified("email")

    def test_v5_two_fields(self, mongo):
        """An index of two fields is an error of the whole."""
        mongo.collection("uniques").create_index(["first", "last"], unique=True)
        Unique(email="a@b.org", first="x", last="y").save()

        with pytest.raises(ValidationError) as caught:
            Unique(email="b@b.org", first="x", last="y").save()

        assert caught.value.message_dict == {
            "__all__": ["Unique with this first and last already exists."]
        }
        mongo.collection("uniques").drop_index("first_1_last_1")
