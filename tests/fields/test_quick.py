"""The quick look agrees with the close one, wherever it says that all is right."""

import datetime
import math

import pytest
from bson import Decimal128, Int64, ObjectId
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator

from docmodels import documents
from docmodels.fields.quick import make_check

KEY = ObjectId()
NOON = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)


class Part(documents.EmbeddedDocument):
    code = documents.CharField(max_length=3)
    amount = documents.IntegerField(min_value=1)
    note = documents.TextField(blank=True)

    class Meta:
        app_label = "quick"


class Strict(documents.EmbeddedDocument):
    code = documents.CharField(max_length=3)

    class Meta:
        app_label = "quick"

    def clean(self):
        raise ValidationError("never")


class Owner(documents.Document):
    class Meta:
        app_label = "quick"


class Thing(documents.Document):
    text = documents.CharField(max_length=3, min_length=2)
    loose = documents.TextField(blank=True, null=True)
    number = documents.IntegerField(min_value=-1, max_value=10)
    ratio = documents.FloatField(max_value=1)
    price = documents.DecimalField(max_digits=5, decimal_places=2, min_value=0)
    any_price = documents.DecimalField()
    flag = documents.BooleanField()
    moment = documents.DateTimeField()
    key = documents.ObjectIdField()
    owner = documents.ReferenceField(Owner, on_delete=documents.PROTECT)
    tags = documents.ListField(documents.CharField(max_length=3), min_items=1, max_items=2)
    part = documents.EmbeddedField(Part)
    parts = documents.EmbeddedListField(Part)

    class Meta:
        app_label = "quick"


class Odd(documents.Document):
    choice = documents.CharField(max_length=1, choices=["a", "b"])
    judged = documents.IntegerField(validators=[MinValueValidator(lambda: 3)])
    fixed = documents.CharField(immutable=True)
    demanded = documents.CharField(required=lambda document: True)
    distinct = documents.ListField(documents.IntegerField(), unique_items=True)
    address = documents.EmailField()
    strict = documents.EmbeddedField(Strict)

    class Meta:
        app_label = "quick"


PARTS = [
    {"code": "abc", "amount": 1},
    {"code": "abc", "amount": 1, "note": "x", "other": 1},
    {"code": "abc"},
    {"code": "abcd", "amount": 1},
    {"code": "abc", "amount": 0},
    {"code": None, "amount": 1},
    {},
]
PRICES = [
    "0", "0.00", "-0.01", "1.5", "999.99", "1000", "99.999", "1E+2", "1E+9", "1E-9", "123456",
    "NaN", "Infinity", "0E+3", "12.345678901234567890",
]  # fmt: skip
VALUES = [
    *(None, True, False, 0, 1, -1, 10, 11, -2, Int64(5), Int64(50), 0.5, 1.0, 1.5, math.nan),
    *(math.inf, -math.inf, "", "a", "ab", "abc", "abcd", "äöü", b"abc", KEY, NOON, NOON.date()),
    *([], ["abc"], ["abc", "ab"], ["a", "b", "c"], [""], [None], ["abcd"], [1], {}),
    *(Decimal128(price) for price in PRICES),
    *PARTS,
    *([part] for part in PARTS),
]


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
