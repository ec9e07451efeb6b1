"""Q objects, and how conditions are joined and negated."""

import pytest
from bson import Regex
from django.core.exceptions import FieldError
from django.db.models import F
from django.db.models import Q as DjangoQ

from docmodels.documents import Q
from docmodels.query import Query
from docmodels.query.where import compile_q, join_and, join_or, negate
from tests.queryset.models import Book

NOTHING = {"$nor": [{}]}

TREES = [
    (Q(), {}),
    (~Q(), NOTHING),
    (Q(title="a"), {"title": "a"}),
    # The order of keywords is Django's: sorted by name.
    (Q(title="a", pages=1), {"n": 1, "title": "a"}),
    (Q(title="a") & Q(pages=1), {"title": "a", "n": 1}),
    (Q(title="a") | Q(pages=1), {"$or": [{"title": "a"}, {"n": 1}]}),
    (Q(title="a") | Q(), {"title": "a"}),
    (Q(Q(), Q(title="a"), _connector=Q.OR), {}),
    (
        Q(title="a") | Q(pages=1) | Q(tags="x"),
        {"$or": [{"title": "a"}, {"n": 1}, {"tags": "x"}]},
    ),
    (
        Q(title="a") & (Q(pages=1) | Q(pages=2)),
        {"title": "a", "$or": [{"n": 1}, {"n": 2}]},
    ),
    (
        (Q(pages=1) | Q(pages=2)) & (Q(tags="x") | Q(tags="y")),
        {"$and": [{"$or": [{"n": 1}, {"n": 2}]}, {"$or": [{"tags": "x"}, {"tags": "y"}]}]},
    ),
    (~Q(title="a"), {"title": {"$ne": "a"}}),
    (~Q(title="a", pages=1), {"$nor": [{"n": 1, "title": "a"}]}),
    (~(Q(title="a") | Q(pages=1)), {"$nor": [{"title": "a"}, {"n": 1}]}),
    (~~Q(title="a"), {"title": "a"}),
    (~~(Q(title="a") | Q(pages=1)), {"$or": [{"title": "a"}, {"n": 1}]}),
    (
        Q(title="a") ^ Q(pages=1),
        {"$or": [{"title": "a", "n": {"$ne": 1}}, {"title": {"$ne": "a"}, "n": 1}]},
    ),
    (Q(title__ne="a"), {"title": {"$ne": "a"}}),
    (DjangoQ(chapters__pages__gt=3), {"chapters.p": {"$gt": 3}}),
]


class TestTrees:
    """`Q`, Django's own, is a plain tree and is compiled to plain operators."""

    @pytest.mark.parametrize(("q", "expected"), TREES, ids=range(len(TREES)))
    def test_compiled(self, q, expected):
        """The tree becomes a flat filter wherever that says the same."""
        assert compile_q(Book._meta, q) == expected

    def test_same_class(self):
        """`documents.Q` is Django's class, so that trees can be shared."""
        assert Q is DjangoQ

    def test_expression(self):
        """Anything but conditions and Q objects in a tree is refused."""
        with pytest.raises(FieldError) as caught:
            compile_q(Book._meta, Q(F("title")))

        assert str(caught.value) == "Book: F(title) in a Q, expected path__lookup=value or a Q."


JOINS = [
    ([], {}),
    ([{}, {"a": 1}], {"a": 1}),
    ([{"a": 1}, {"b": 2}], {"a": 1, "b": 2}),
    ([{"a": {"$gt": 1}}, {"a": {"$lt": 5}}], {"a": {"$gt": 1, "$lt": 5}}),
    ([{"a": {"$gt": 1}}, {"a": {"$gt": 5}}], {"$and": [{"a": {"$gt": 1}}, {"a": {"$gt": 5}}]}),
    ([{"a": 1}, {"a": {"$lt": 5}}], {"$and": [{"a": 1}, {"a": {"$lt": 5}}]}),
    ([{"a": 1}, {"a": 1}], {"$and": [{"a": 1}, {"a": 1}]}),
    ([{"a": {"b": 1}}, {"a": {"c": 1}}], {"$and": [{"a": {"b": 1}}, {"a": {"c": 1}}]}),
    (
        [{"a": {"$regex": "x"}}, {"a": {"$options": "i", "$regex": "y"}}],
        {"$and": [{"a": {"$regex": "x"}}, {"a": {"$options": "i", "$regex": "y"}}]},
    ),
    (
        [{"a": {"$regex": "x"}}, {"a": {"$ne": "y"}}],
        {"$and": [{"a": {"$regex": "x"}}, {"a": {"$ne": "y"}}]},
    ),
    ([{"$or": [1]}, {"$or": [2]}], {"$and": [{"$or": [1]}, {"$or": [2]}]}),
    ([{"a": 1}, {"$or": [2]}], {"a": 1, "$or": [2]}),
]

COMPLEMENTS = [
    ({}, NOTHING),
    (NOTHING, {}),
    ({"a": 1}, {"a": {"$ne": 1}}),
    ({"a": None}, {"a": {"$ne": None}}),
    ({"a": {"b": 1}}, {"a": {"$ne": {"b": 1}}}),
    ({"a": {"$eq": [1]}}, {"a": {"$ne": [1]}}),
    ({"a": {"$eq": Regex("x")}}, {"a": {"$not": {"$eq": Regex("x")}}}),
    ({"a": {"$ne": 1}}, {"a": 1}),
    ({"a": {"$ne": [1]}}, {"a": {"$eq": [1]}}),
    ({"a": {"$ne": {"b": 1}}}, {"a": {"$eq": {"b": 1}}}),
    ({"a": {"$in": [1]}}, {"a": {"$nin": [1]}}),
    ({"a": {"$nin": [1]}}, {"a": {"$in": [1]}}),
    ({"a": {"$exists": True}}, {"a": {"$exists": False}}),
    ({"a": {"$gt": 1}}, {"a": {"$not": {"$gt": 1}}}),
    ({"a": {"$gt": 1, "$lt": 5}}, {"a": {"$not": {"$gt": 1, "$lt": 5}}}),
    ({"a": {"$regex": "x", "$options": "i"}}, {"a": {"$not": {"$regex": "x", "$options": "i"}}}),
    ({"a": 1, "b": 2}, {"$nor": [{"a": 1, "b": 2}]}),
    ({"$or": [{"a": 1}, {"b": 2}]}, {"$nor": [{"a": 1}, {"b": 2}]}),
    ({"$and": [{"a": 1}, {"a": 2}]}, {"$nor": [{"$and": [{"a": 1}, {"a": 2}]}]}),
    ({"$nor": [{"a": 1}]}, {"a": 1}),
]


class TestJoining:
    """Filters are joined without changing what was given."""

    @pytest.mark.parametrize(("parts", "expected"), JOINS, ids=range(len(JOINS)))
    def test_and(self, parts, expected):
        """Conditions of one path are merged only where no operator is lost."""
        before = repr(parts)

        assert join_and(parts) == expected
        assert repr(parts) == before

    def test_or(self):
        """What matches everything makes the whole match everything."""
        assert join_or([{"a": 1}, {"b": 2}]) == {"$or": [{"a": 1}, {"b": 2}]}
        assert join_or([{"a": 1}]) == {"a": 1}
        assert join_or([{"a": 1}, {}]) == {}

    @pytest.mark.parametrize(("compiled", "expected"), COMPLEMENTS, ids=range(len(COMPLEMENTS)))
    def test_negate(self, compiled, expected):
        """The complement is written with the operator's opposite where there is one."""
        assert negate(compiled) == expected


class TestQuery:
    """The state of a queryset says what would be sent."""

    def test_conditions_add_up(self):
        """Each filter narrows; each exclude takes away; clones are left alone."""
        query = Query(Book._meta)
        query.add(Q(pages__gt=1))
        narrow = query.clone()
        narrow.add(Q(pages__lt=9), exclude=False)
        narrow.add(Q(tags="x"), exclude=True)

        assert query.compile_filter() == {"n": {"$gt": 1}}
        assert narrow.compile_filter() == {"n": {"$gt": 1, "$lt": 9}, "tags": {"$ne": "x"}}

    def test_element_conditions(self):
        """`elemmatch` compiles a Q over the embedded class, or lookups of scalars."""
        query = Query(Book._meta)
        query.add(Q(chapters__elemmatch=Q(title="x", pages__gte=2) & ~Q(marks=1)))
        query.add(Q(tags__elemmatch=Q(gte="a", ne="b")))
        query.add(Q(grid__0__elemmatch=~Q(gt=3)))

        assert query.compile_filter() == {
            "chapters": {"$elemMatch": {"p": {"$gte": 2}, "title": "x", "marks": {"$ne": 1}}},
            "tags": {"$elemMatch": {"$gte": "a", "$ne": "b"}},
            "grid.0": {"$elemMatch": {"$not": {"$gt": 3}}},
        }
