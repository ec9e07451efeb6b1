"""Duplicate keys become errors of fields (V5)."""

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents


class Unique(documents.Document):
    email = documents.EmailField(unique=True, db_field="mail")
    first = documents.CharField(blank=True)
    last = documents.CharField(blank=True)

    class Meta:
        collection = "uniques"


class TestUnique:
    """Duplicate keys (V5)."""

    def test_field(self, mongo):
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

    def test_update(self, mongo):
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

    def test_two_fields(self, mongo):
        """An index of two fields is an error of the whole."""
        mongo.collection("uniques").create_index(["first", "last"], unique=True)
        Unique(email="a@b.org", first="x", last="y").save()

        with pytest.raises(ValidationError) as caught:
            Unique(email="b@b.org", first="x", last="y").save()

        assert caught.value.message_dict == {
            "__all__": ["Unique with this first and last already exists."]
        }
        mongo.collection("uniques").drop_index("first_1_last_1")
