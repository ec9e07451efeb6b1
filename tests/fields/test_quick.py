"""The quick look agrees with the close one, wherever it says that all is right."""

import copy

import pytest
from bson import Decimal128

from docmodels import documents
from docmodels.fields import quick
from docmodels.fields.quick import make_check
from tests.fields.plain import KEY, NOON, PARTS, VALUES, Odd, Part, Thing


def is_plain(cls):
    """Tell what the documents tell."""
    return cls.clean is Part.clean


def make(name, value):
    """Return a document that was read with `value`."""
    return Thing.from_mongo({"_id": KEY, name: value})


@pytest.mark.parametrize("name", [name for name in Thing._meta.by_name if name not in {"pk", "id"}])
class TestPlainFields:
    """Fields without peculiarities have a quick check."""

    def test_agrees(self, name):
        """What the quick check passes has no errors, decoded or converted."""
        field = Thing._meta.by_name[name]
        check = make_check(field, is_plain)
        passed = 0

        for value in VALUES:
            document = make(field.db_field, value)
            errors = {}
            converted = document._slot_value(field)
            field.collect_errors(converted, name, errors, document)
            for seen in (value, converted):
                if check(seen):
                    passed += 1
                    assert not errors, f"{seen!r}: {errors}"

        assert passed

    def test_finds(self, name):
        """The errors of a document are the same with the quick check and without."""
        field = Thing._meta.by_name[name]

        for value in VALUES:
            document = make(field.db_field, value)
            errors = {}
            field.collect_errors(document._slot_value(field), field.name, errors, document)
            found = make(field.db_field, value).collect_errors(only={field.name})
            assert {path: [e.code for e in found[path]] for path in found} == {
                path: [e.code for e in errors[path]] for path in errors
            }


#: What `Thing` may hold.
RIGHT = {
    "_id": KEY, "text": "abc", "loose": None, "number": 1, "ratio": 0.5,
    "price": Decimal128("1.5"), "any_price": Decimal128("-7"), "flag": True, "moment": NOON,
    "key": KEY, "owner": KEY, "tags": ["abc"], "part": PARTS[0], "parts": [PARTS[0]],
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in Thing._meta.by_name if name not in {"pk", "id"}])
class TestWholeDocuments:
    """A save asks one function about all fields, which judges what is inside of them as well."""

    def test_agrees_with_the_check_of_the_field(self, name):
        """It passes a document where the check passes its value, decoded or converted."""
        field, is_right = Thing._meta.by_name[name], Thing._meta.is_right
        check, answers = make_check(field, is_plain), []

        for value in VALUES:
            for is_converted in (False, True):
                document = Thing.from_mongo(RIGHT | {field.db_field: value})
                seen = document._slot_value(field) if is_converted else field.slot_get(document)
                answers.append(bool(is_right(document)))
                assert answers[-1] == bool(check(seen)), f"{value!r}"

        assert set(answers) == {False, True}

    def test_missing(self, name):
        """What is missing is right where it may be."""
        field = Thing._meta.by_name[name]
        stored = {key: value for key, value in RIGHT.items() if key != field.db_field}

        assert bool(Thing._meta.is_right(Thing.from_mongo(stored))) == (not field.required)


class Side(documents.EmbeddedDocument):
    code = documents.CharField(max_length=3)

    class Meta:
        app_label = "quick"


class Crate(documents.Document):
    """Nobody has a say in a save of it."""

    number = documents.IntegerField()
    marks = documents.ListField(documents.CharField(max_length=3))
    lid = documents.EmbeddedField(Side)
    sides = documents.EmbeddedListField(Side)

    class Meta:
        app_label = "quick"


class TestTouched:
    """A document that is right tells as well whether its containers can have been edited."""

    @pytest.mark.parametrize("name", ["tags", "part", "parts"])
    def test_containers(self, name):
        """Who has read one may have edited it."""
        document = Thing.from_mongo({**RIGHT, name: copy.deepcopy(RIGHT[name])})
        assert Thing._meta.is_right(document) == quick.UNTOUCHED

        getattr(document, name)
        assert Thing._meta.is_right(document) == quick.RIGHT

    def test_assigned(self):
        """What was assigned in the place of a stored one is another container."""
        document = Thing.from_mongo(dict(RIGHT))
        document.tags = ["a", "b"]

        assert Thing._meta.is_right(document) == quick.RIGHT

    def test_scalars(self):
        """Scalars may be read and assigned as one likes."""
        document = Thing.from_mongo(dict(RIGHT))
        assert document.price > 1
        document.number = 2

        assert Thing._meta.is_right(document) == quick.UNTOUCHED

    @pytest.mark.parametrize(
        ("edit", "key", "stored"),
        [
            pytest.param(lambda crate: crate.marks.append("b"), "marks", ["a", "b"], id="list"),
            pytest.param(
                lambda crate: setattr(crate.lid, "code", "new"), "lid", {"code": "new"}, id="one"
            ),
            pytest.param(
                lambda crate: setattr(crate.sides[0], "code", "new"),
                "sides",
                [{"code": "new"}],
                id="many",
            ),
        ],
    )
    def test_saved_with_a_scalar(self, mongo, edit, key, stored):
        """A save of a scalar does not leave an edit inside of a container behind."""
        assert Crate._meta.saves_plainly
        collection = mongo.collection(Crate._meta.collection)
        collection.insert_one(
            {"number": 1, "marks": ["a"], "lid": {"code": "x"}, "sides": [{"code": "y"}]}
        )
        crate = Crate.objects.get()
        crate.number = 2
        edit(crate)
        crate.save()

        found = collection.find_one()
        assert (found["number"], found[key]) == (2, stored)


class TestOtherFields:
    """What the quick check does not know is always looked at."""

    @pytest.mark.parametrize("name", [f.name for f in Odd._meta.fields if f.name != "id"])
    def test_none(self, name):
        """Choices, own validators, conditions and the like have no quick check."""
        assert make_check(Odd._meta.get_field(name), is_plain) is None

    def test_subclass(self):
        """A subclass may judge as it likes."""

        class Shouted(documents.CharField):
            def validate(self, value, document=None):
                raise self.error("blank")

        assert make_check(Shouted(max_length=3), is_plain) is None

    def test_unknown_option(self):
        """An attribute that no option known here has means a close look."""
        field = documents.CharField(max_length=3)
        field.encrypted = True

        assert make_check(field, is_plain) is None

    def test_kinds(self):
        """An embedded class that has subclasses by now is looked at."""

        class Base(documents.EmbeddedDocument):
            code = documents.CharField(max_length=3)

            class Meta:
                app_label = "quick"

        check = make_check(documents.EmbeddedField(Base), is_plain=lambda cls: True)
        assert check({"code": "abc"})

        class Child(Base):
            more = documents.CharField()

            class Meta:
                app_label = "quick"

        assert not check({"code": "abc"})
        assert not check({"code": "abc", "__t": "Child"})
