"""Documents of plain fields, and values for them of every kind; most are wrong somewhere."""

import datetime
import math

from bson import Decimal128, Int64, ObjectId
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator

from docmodels import documents

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
