"""Values, keys and names that MongoDB refuses, or that would mean something else there."""

import copy
import pickle
import re

import pytest
from bson import ObjectId, Regex
from django.core.exceptions import ImproperlyConfigured, ValidationError

from docmodels import documents


class Part(documents.EmbeddedDocument):
    size = documents.IntegerField(blank=True, db_field="s")


class Safe(documents.Document):
    name = documents.CharField(blank=True, db_field="n")
    count = documents.IntegerField(blank=True)
    counts = documents.MapField(documents.IntegerField(), blank=True)
    free = documents.AnyField(blank=True)
    part = documents.EmbeddedField(Part, blank=True)
    either = documents.UnionField(
        documents.Int32Field(), documents.Int64Field(), documents.CharField(), blank=True
    )

    class Meta:
        collection = "hostile_safe"
        schema_version = 1
        schema_key = "form"


class AnyKey(documents.Document):
    key = documents.AnyField(primary_key=True)

    class Meta:
        collection = "hostile_keys"


def refused(function, *args, **options):
    """Return the messages of a ValidationError by path."""
    with pytest.raises(ValidationError) as caught:
        function(*args, **options)
    return caught.value.message_dict


DECLARED = "The key {!r} is that of a declared field, or kept by the library."


class TestUndeclaredKeys:
    """`document.undeclared` is for what is declared nowhere."""

    @pytest.mark.parametrize("key", ["_id", "n", "count", "__v", "form"])
    @pytest.mark.parametrize("stored", [True, False])
    def test_reserved(self, mongo, key, stored):
        """A key that another place stands for is refused at once, and nothing is changed."""
        safe = Safe(name="a", count=1)
        if stored:
            safe.save()
            safe = Safe.objects.get()

        with pytest.raises(ValidationError) as caught:
            safe.undeclared[key] = "x"

        assert caught.value.messages == [DECLARED.format(key)]
        assert "x" not in safe.to_mongo().values()

    @pytest.mark.parametrize("key", ["_id", "n", "__v", "form"])
    def test_by_path(self, key):
        """Neither does a path lead there."""
        assert refused(Safe().set_path, key, 5) == {key: [DECLARED.format(key)]}

    def test_in_embedded_documents(self):
        """The keys of an embedded class are its own."""
        part = Part(size=1)
        part.undeclared["n"] = 2
        part.undeclared["__v"] = 3

        with pytest.raises(ValidationError):
            part.undeclared["s"] = 4

        assert part.to_mongo() == {"s": 1, "n": 2, "__v": 3}

    def test_others(self, mongo):
        """All other keys are stored, also by copies."""
        safe = Safe()
        safe.undeclared["name"] = 1
        for twin in (copy.copy(safe), pickle.loads(pickle.dumps(safe)), safe):
            twin.undeclared["more"] = 2
            assert dict(twin.undeclared) == {"name": 1, "more": 2}
            with pytest.raises(ValidationError):
                twin.undeclared["n"] = 1
        safe.save()

        assert Safe.objects.get().undeclared == {"name": 1, "more": 2}


class TestValues:
    """Values that the driver or the server would refuse."""

    @pytest.mark.parametrize(
        "pattern", [Regex("a\0"), re.compile("a\0"), re.compile(b"\0"), {"x": [Regex("\0")]}]
    )
    def test_null_in_a_pattern(self, pattern):
        """It is an error of the field, at any depth."""
        assert refused(Safe(free=pattern).full_clean) == {
            "free": ["A pattern has no null characters."]
        }

    def test_numbers_beyond_64_bits(self, mongo):
        """Counting past them is an error at the path, and nothing is stored."""
        safe = Safe(count=2**63 - 1, counts={"a": 2**63 - 1})
        safe.save()
        message = f"{2**63} is outside of the range {-(2**63)} to {2**63 - 1}."

        assert refused(safe.increment, "count") == {"count": [message]}
        assert refused(safe.increment, "counts.a") == {"counts.a": [message]}
        assert not safe.is_modified()

    @pytest.mark.parametrize(
        ("value", "kept"), [(5, 5), (2**40, 2**40), ("7", "7"), ("x", "x"), (1.0, 1)]
    )
    def test_unions(self, mongo, value, kept):
        """A number is one of its own field."""
        Safe(either=value).save()

        assert Safe.objects.get().either == kept

    def test_union_refuses(self):
        """A number that its fields refuse is never stored as text."""
        assert refused(Safe(either=2**63).full_clean) == {
            "either": [f"{2**63} is outside of the range {-(2**31)} to {2**31 - 1}."]
        }

    def test_messages_can_be_sent(self):
        """A message shows a lone surrogate by its number, as UTF-8 has none."""
        found = refused(Safe(count="\ud800").full_clean)

        assert found == {"count": ["“\\ud800” is not valid, expected a whole number."]}

    @pytest.mark.parametrize("key", [[1], Regex("a"), re.compile("a")])
    def test_keys(self, key):
        """Neither a list nor a pattern is a key."""
        assert refused(AnyKey(key=key).full_clean) == {
            "key": ["A key is neither a list nor a pattern."]
        }

    @pytest.mark.parametrize("key", ["a/b", {"a": [1]}, b"x", True, 1.5, ObjectId(), "x\0", {}])
    def test_other_keys(self, mongo, key):
        """Everything else is one."""
        AnyKey(key=key).save()

        assert AnyKey.objects.get(pk=key).pk == key


@pytest.mark.parametrize(("given", "name"), [([1], "list"), (None, "NoneType"), ("x", "str")])
def test_from_dict(given, name):
    """Anything but a dict is refused as any other input."""
    with pytest.raises(ValidationError) as caught:
        Safe.from_dict(given)

    assert caught.value.messages == [f"{name} given, expected a dict by field name."]


@pytest.mark.parametrize("name", ["a$b", "a\0", "..", ".a", "a.", "a..b", 5])
def test_names_of_collections(name):
    """A name that no collection can have is a mistake of the declaration."""
    with pytest.raises(ImproperlyConfigured) as caught:

        class Named(documents.Document):
            class Meta:
                app_label = "hostile"
                collection = name

    assert str(caught.value) == (
        f"Named.Meta.collection: {name!r}, expected a name without '$' and null characters, with "
        f"text on both sides of each dot."
    )
