"""The condition that each lookup compiles to."""

import datetime
import decimal
import re
import uuid

import pytest
from bson import Decimal128, Int64, ObjectId, Regex

from docmodels.query.where import compile_condition
from tests.queryset.models import Author, Book

UTC = datetime.UTC
KEY = ObjectId("650000000000000000000001")
CODE = uuid.UUID(int=7)
MOMENT = datetime.datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)

#: A filter's key, its value, and what is sent.
CONDITIONS = [
    # Equality
    ("title", "a", {"title": "a"}),
    ("title__exact", "a", {"title": "a"}),
    ("title", 5, {"title": "5"}),
    ("title", None, {"title": None}),
    ("title__exact", None, {"title": None}),
    ("title__ne", "a", {"title": {"$ne": "a"}}),
    ("title__ne", None, {"title": {"$ne": None}}),
    ("pages", "300", {"n": 300}),
    ("pages", True, {"n": 1}),
    ("rating", 4, {"rating": 4.0}),
    ("price", "9.90", {"price": Decimal128("9.90")}),
    ("price", decimal.Decimal("9.9"), {"price": Decimal128("9.9")}),
    ("published", "yes", {"published": True}),
    ("written_at", "2026-05-04T03:02:01Z", {"written_at": MOMENT}),
    ("day", datetime.date(2026, 5, 4), {"day": datetime.datetime(2026, 5, 4, tzinfo=UTC)}),
    ("code", str(CODE), {"code": CODE}),
    ("pk", str(KEY), {"_id": KEY}),
    ("id", KEY, {"_id": KEY}),
    ("author", KEY, {"author": KEY}),
    ("author", Author(id=KEY), {"author": KEY}),
    ("author_id", str(KEY), {"author": KEY}),
    ("author__pk", str(KEY), {"author": KEY}),
    ("author__id__in", [str(KEY)], {"author": {"$in": [KEY]}}),
    ("extra", Int64(5), {"extra": Int64(5)}),
    ("extra", {"a": 1}, {"extra": {"$eq": {"a": 1}}}),
    ("extra", [1, 2], {"extra": {"$eq": [1, 2]}}),
    ("extra", Regex("a"), {"extra": {"$eq": Regex("a")}}),
    ("extra__ne", {"a": 1}, {"extra": {"$ne": {"a": 1}}}),
    ("extra__ne", Regex("a"), {"extra": {"$not": {"$eq": Regex("a")}}}),
    # Order
    ("pages__gt", 1, {"n": {"$gt": 1}}),
    ("pages__gte", "1", {"n": {"$gte": 1}}),
    ("pages__lt", 1, {"n": {"$lt": 1}}),
    ("pages__lte", 1.0, {"n": {"$lte": 1}}),
    ("pages__range", (1, "2"), {"n": {"$gte": 1, "$lte": 2}}),
    ("tags__gt", "b", {"tags": {"$gt": "b"}}),
    ("tags__range", ("a", "b"), {"tags": {"$elemMatch": {"$gte": "a", "$lte": "b"}}}),
    (
        "chapters__pages__range",
        (1, 2),
        {"chapters": {"$elemMatch": {"p": {"$gte": 1, "$lte": 2}}}},
    ),
    (
        "chapters__marks__range",
        (1, 2),
        {"chapters.marks": {"$elemMatch": {"$gte": 1, "$lte": 2}}},
    ),
    ("chapters__0__pages__range", (1, 2), {"chapters.0.p": {"$gte": 1, "$lte": 2}}),
    ("pages__mod", (4, 0), {"n": {"$mod": [4, 0]}}),
    # Membership
    ("pages__in", ["1", 2, None], {"n": {"$in": [1, 2, None]}}),
    ("pages__in", (), {"n": {"$in": []}}),
    ("pages__in", 3, {"n": {"$in": [3]}}),
    ("title__in", "ab", {"title": {"$in": ["ab"]}}),
    ("pages__in", (n for n in (1, 2)), {"n": {"$in": [1, 2]}}),
    ("pages__nin", [1], {"n": {"$nin": [1]}}),
    ("tags__in", ["a"], {"tags": {"$in": ["a"]}}),
    # Text
    ("title__contains", "a.b", {"title": {"$regex": r"a\.b"}}),
    ("title__icontains", "a", {"title": {"$regex": "a", "$options": "i"}}),
    ("title__startswith", "a(", {"title": {"$regex": r"^a\("}}),
    ("title__istartswith", "a", {"title": {"$regex": "^a", "$options": "i"}}),
    ("title__endswith", "a$", {"title": {"$regex": r"a\$\z"}}),
    ("title__iendswith", "a", {"title": {"$regex": r"a\z", "$options": "i"}}),
    ("title__iexact", "a|b", {"title": {"$regex": r"^a\|b\z", "$options": "i"}}),
    ("title__regex", "^a+", {"title": {"$regex": "^a+"}}),
    ("title__regex", re.compile("^a", re.IGNORECASE), {"title": {"$regex": "^a", "$options": "i"}}),
    ("title__regex", Regex("^a", "ms"), {"title": {"$regex": "^a", "$options": "ms"}}),
    ("title__iregex", "^a+", {"title": {"$regex": "^a+", "$options": "i"}}),
    ("title__iregex", re.compile("a", re.M), {"title": {"$regex": "a", "$options": "im"}}),
    ("title__contains", 12, {"title": {"$regex": "12"}}),
    ("tags__startswith", "n", {"tags": {"$regex": "^n"}}),
    ("chapters__title__icontains", "x", {"chapters.title": {"$regex": "x", "$options": "i"}}),
    # Missing, null, types
    ("title__isnull", True, {"title": None}),
    ("title__isnull", False, {"title": {"$ne": None}}),
    ("title__isnull", "false", {"title": {"$ne": None}}),
    ("title__exists", True, {"title": {"$exists": True}}),
    ("title__exists", "0", {"title": {"$exists": False}}),
    ("title__type", "null", {"title": {"$type": "null"}}),
    ("title__type", ["int", "long"], {"title": {"$type": ["int", "long"]}}),
    ("title__type", ("int",), {"title": {"$type": "int"}}),
    # Lists
    ("tags", "a", {"tags": "a"}),
    ("tags", ["a", "b"], {"tags": {"$eq": ["a", "b"]}}),
    ("tags", [], {"tags": {"$eq": []}}),
    ("tags__0", "a", {"tags.0": "a"}),
    ("tags__0__startswith", "a", {"tags.0": {"$regex": "^a"}}),
    ("tags__all", ["a", 2], {"tags": {"$all": ["a", "2"]}}),
    ("tags__all", "a", {"tags": {"$all": ["a"]}}),
    ("tags__size", "2", {"tags": {"$size": 2}}),
    ("tags__len", 2, {"tags": {"$size": 2}}),
    ("tags__len__gt", 2, {"tags": {"$type": "array"}, "tags.2": {"$exists": True}}),
    ("tags__len__gte", 2, {"tags": {"$type": "array"}, "tags.1": {"$exists": True}}),
    ("tags__len__gte", 0, {"tags": {"$type": "array"}}),
    ("tags__len__lt", 2, {"tags": {"$type": "array"}, "tags.1": {"$exists": False}}),
    ("tags__len__lt", 0, {"$nor": [{}]}),
    ("tags__len__lte", 0, {"tags": {"$type": "array"}, "tags.0": {"$exists": False}}),
    # Nested paths
    ("cover__color", "red", {"cover.color": "red"}),
    ("cover", {"color": "red"}, {"cover": {"$eq": {"color": "red"}}}),
    ("chapters__pages", "5", {"chapters.p": 5}),
    ("chapters__2__pages__lt", 5, {"chapters.2.p": {"$lt": 5}}),
    ("chapters.2.pages", 5, {"chapters.2.p": 5}),
    ("chapters__marks__0", 5, {"chapters.marks.0": 5}),
    ("grid__1__0", "7", {"grid.1.0": 7}),
    ("counts__red", "3", {"counts.red": 3}),
    ("counts__red__gte", 3, {"counts.red": {"$gte": 3}}),
    ("extra__a__b", "x", {"extra.a.b": "x"}),
    ("extra__a__0__lt", 3, {"extra.a.0": {"$lt": 3}}),
]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    CONDITIONS,
    ids=[f"{k}={type(v).__name__} {expected}"[:60] for k, v, expected in CONDITIONS],
)
def test_condition(key, value, expected):
    """A lookup is one plain condition, with the stored key and a cast value."""
    assert compile_condition(Book._meta, key, value) == expected


@pytest.mark.parametrize(
    "value",
    [
        ("pages", 300, int),
        ("rating", 4, float),
        ("price", 9, Decimal128),
        ("extra", Int64(5), Int64),
    ],
    ids=str,
)
def test_bson_type(value):
    """The value has the BSON type of the field, which equality alone would not show."""
    path, given, expected = value

    (sent,) = compile_condition(Book._meta, path, given).values()

    assert type(sent) is expected
