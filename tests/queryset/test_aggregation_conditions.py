"""Conditions inside of expressions: they find what the filter finds."""

import datetime
import decimal
import re

import pytest
from bson import Decimal128, ObjectId
from django.core.exceptions import FieldError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docmodels.documents import Condition, Q
from docmodels.query.expressions import compile_condition
from tests.queryset.models import Book

UTC = datetime.UTC
AUTHOR = ObjectId("6b0131b0898e9402ccd0ec8f")

#: Every shape of a value that a filter treats in its own way.
STORED = [
    {"title": "a", "n": 1, "rating": 1.5, "tags": ["x", "y"], "grid": [[1, 2], [3]]},
    {"title": "B", "n": 4, "rating": None, "tags": [], "published": True, "author": AUTHOR},
    {"title": None, "n": None, "tags": None, "extra": [1, "a", None], "counts": {"a": 1}},
    {"n": "wrong", "tags": "x", "extra": {"a": [{"b": 3}, {"b": None}]}, "published": False},
    {"title": "$a", "n": 9, "extra": {"a": {"b": 3}}, "cover": {"color": "red"}},
    {"chapters": [{"title": "i", "p": 3, "marks": [1]}, {"title": "j", "p": 9}], "cover": {}},
    {"chapters": [{"title": "i"}], "price": Decimal128("2.50"), "cover": {"color": None}},
    {"chapters": [], "extra": [{"a": {"b": 3}}], "day": datetime.datetime(2026, 2, 1, tzinfo=UTC)},
    {"chapters": {"p": 3}, "extra": 3, "written_at": datetime.datetime(2026, 3, 4, 5, tzinfo=UTC)},
    {"title": "Ab\nc", "tags": ["y", None, "z"], "extra": [[1, 2]], "counts": {"a": 2, "b": 1}},
]

CONDITIONS = [
    Q(title="a"), Q(title="$a"), Q(title=None), Q(title__isnull=False), Q(title__exists=False),
    Q(title__ne="a"), Q(title__in=["a", None]), Q(title__nin=["a", "B"]), Q(title__gt="a"),
    Q(title__contains="b"), Q(title__istartswith="A"),
    Q(title__regex=re.compile("^a", re.I | re.M)),
    Q(title__type="string"), Q(title__type="null"),
    Q(pages=1), Q(pages__gt=2), Q(pages__lte=4), Q(pages__mod=(2, 0)), Q(pages__type="number"),
    Q(pages__range=(1, 4)), Q(rating__lt=2), Q(price=decimal.Decimal("2.5")), Q(price__gte=2),
    Q(published=True), Q(published__ne=True), Q(author=AUTHOR), Q(author__isnull=True),
    Q(day=datetime.date(2026, 2, 1)), Q(written_at__gte=datetime.datetime(2026, 3, 1, tzinfo=UTC)),
    Q(tags="x"), Q(tags=["x", "y"]), Q(tags__size=2), Q(tags__all=["x", "y"]), Q(tags__ne="x"),
    Q(tags__in=["y", None]), Q(tags__isnull=True), Q(tags__0="x"), Q(tags__exists=True),
    Q(tags__len__gt=1), Q(tags__gt="w"), Q(tags__elemmatch=Q(gt="w", lt="y")),
    Q(grid__0__1=2), Q(chapters__pages=3), Q(chapters__pages__gt=3), Q(chapters__pages=None),
    Q(chapters__pages__exists=False), Q(chapters__pages__ne=3), Q(chapters__marks=1),
    Q(chapters__elemmatch=Q(title="i", pages__lt=5)), Q(chapters__0__pages=3),
    Q(chapters__pages__range=(2, 4)), Q(cover__color="red"), Q(cover__color=None),
    Q(cover__color__exists=False), Q(counts__a=1), Q(extra=3), Q(extra__a__b=3), Q(extra=None),
    Q(extra__a__b=None), Q(extra__a__b__exists=True), Q(extra__gt=2),
]  # fmt: skip


@pytest.fixture
def stored(books):
    """Store documents of all shapes."""
    return books(*STORED)


def found_by(condition):
    """Return the keys of what a `$match` finds."""
    return [row["_id"] for row in Book.objects.pipeline([{"$match": condition}])]


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_same_as_filter(stored, condition):
    """An expression is true for exactly the documents that the filter matches."""
    filtered = [row["_id"] for row in Book.objects.filter(condition).pipeline([])]

    computed = found_by({"$expr": compile_condition(Book._meta, condition)})

    assert computed == filtered
    assert found_by({"$expr": compile_condition(Book._meta, ~condition)}) == [
        row["_id"] for row in Book.objects.exclude(condition).pipeline([])
    ]


TREES = st.recursive(
    st.sampled_from(CONDITIONS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] & pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] ^ pair[1]),
        inner.map(lambda q: ~q),
    ),
    max_leaves=5,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition=TREES)
def test_trees(stored, condition):
    """So are conditions joined by and, or, xor and not."""
    filtered = {row["_id"] for row in Book.objects.filter(condition).pipeline([])}

    computed = found_by({"$expr": compile_condition(Book._meta, condition)})

    assert set(computed) == filtered


class TestForms:
    """Of one value the form is what one would write by hand."""

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (Q(title="a"), {"$eq": ["$title", "a"]}),
            (Q(title="$a"), {"$eq": ["$title", {"$literal": "$a"}]}),
            (Q(title=None), {"$eq": [{"$ifNull": ["$title", None]}, None]}),
            (Q(title__ne="a"), {"$not": [{"$eq": ["$title", "a"]}]}),
            (Q(pages__gt=2), {"$and": [{"$isNumber": "$n"}, {"$gt": ["$n", 2]}]}),
            (Q(pages__in=[1, 2]), {"$in": ["$n", {"$literal": [1, 2]}]}),
            (Q(title="a") | Q(pages=1), {"$or": [{"$eq": ["$title", "a"]}, {"$eq": ["$n", 1]}]}),
            (Q(), True),
        ],
        ids=str,
    )
    def test_single(self, condition, expected):
        """Values are literals, comparisons are of one type."""
        assert compile_condition(Book._meta, condition) == expected

    def test_refused(self):
        """What only a filter can say is named."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Book._meta, Q(pages__bits_all_set=1))

        assert str(caught.value) == (
            "Book.pages__bits_all_set: $bitsAllSet in a condition inside of an expression, which "
            "MongoDB has in filters "
            "only, expected it in filter()."
        )

    def test_annotation(self, stored):
        """A condition is a value, true or false."""
        found = Book.objects.annotate(red=Q(cover__color="red"), long=Condition(pages__gt=3))

        assert sum(book.red for book in found) == 1
        assert sum(book.long for book in found) == 2
