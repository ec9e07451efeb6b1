"""The order of stages: filter, sort and cut first, what is computed as late as it can be."""

import pytest

from docmodels.documents import Count, F, Q, Raw, Sum, Value
from tests.queryset.models import Author, Book, Event

TAGS = {
    "$size": {
        "$filter": {
            "input": {"$cond": [{"$isArray": "$tags"}, "$tags", []]},
            "cond": {"$gt": ["$$this", None]},
        }
    }
}
DOUBLE = {"$multiply": ["$n", 2]}

COUNTED = Book.objects.annotate(double=F("pages") * 2, tagged=Count("tags"))

PIPELINES = {
    "after the cut": (
        COUNTED.order_by("title")[:5],
        [
            {"$sort": {"title": 1}},
            {"$limit": 5},
            {"$addFields": {"double": DOUBLE, "tagged": TAGS}},
        ],
    ),
    "stored conditions in front": (
        COUNTED.filter(title="a").exclude(pages=3),
        [
            {"$match": {"title": "a", "n": {"$ne": 3}}},
            {"$addFields": {"double": DOUBLE, "tagged": TAGS}},
        ],
    ),
    "only what is filtered by": (
        COUNTED.filter(tagged=2).order_by("title")[:5],
        [
            {"$sort": {"title": 1}},
            {"$addFields": {"tagged": TAGS}},
            {"$match": {"tagged": 2}},
            {"$limit": 5},
            {"$addFields": {"double": DOUBLE}},
        ],
    ),
    "only what is ordered by": (
        COUNTED.filter(title="a").order_by("-double")[:5],
        [
            {"$match": {"title": "a"}},
            {"$addFields": {"double": DOUBLE}},
            {"$sort": {"double": -1}},
            {"$limit": 5},
            {"$addFields": {"tagged": TAGS}},
        ],
    ),
    "what others need": (
        COUNTED.annotate(more=F("double") + F("tagged")).filter(more__gt=3).order_by("title")[:1],
        [
            {"$sort": {"title": 1}},
            {"$addFields": {"double": DOUBLE, "tagged": TAGS}},
            {"$addFields": {"more": {"$add": ["$double", "$tagged"]}}},
            {"$match": {"more": {"$gt": 3}}},
            {"$limit": 1},
        ],
    ),
    "mixed conditions": (
        COUNTED.filter(Q(tagged=2) | Q(title="a")).filter(double__gt=1),
        [
            {"$addFields": {"double": DOUBLE, "tagged": TAGS}},
            {"$match": {"$or": [{"tagged": 2}, {"title": "a"}], "double": {"$gt": 1}}},
        ],
    ),
    "an alias that nothing needs": (
        Book.objects.alias(double=F("pages") * 2).filter(title="a"),
        [{"$match": {"title": "a"}}],
    ),
    "an alias that something needs": (
        Book.objects.alias(double=F("pages") * 2).annotate(more=F("double") + 1),
        [
            {"$addFields": {"double": DOUBLE}},
            {"$addFields": {"more": {"$add": ["$double", 1]}}},
        ],
    ),
    "raw may need anything": (
        COUNTED.alias(x=Raw({"$strLenCP": "$title"})).filter(x=3).order_by("title")[:1],
        [
            {"$sort": {"title": 1}},
            {"$addFields": {"double": DOUBLE, "tagged": TAGS}},
            {"$addFields": {"x": {"$strLenCP": "$title"}}},
            {"$match": {"x": 3}},
            {"$limit": 1},
        ],
    ),
    "nothing in front of a group": (
        COUNTED.values("title").annotate(n=Count("pk")),
        [
            {"$group": {"_id": {"k0": {"$ifNull": ["$title", None]}}, "a0": {"$sum": 1}}},
            {"$project": {"_id": 0, "title": "$_id.k0", "n": "$a0"}},
        ],
    ),
    "the key of a group in front": (
        COUNTED.values("tagged").annotate(n=Sum("double")),
        [
            {"$addFields": {"double": DOUBLE, "tagged": TAGS}},
            {"$group": {"_id": {"k0": {"$ifNull": ["$tagged", None]}}, "a0": {"$sum": "$double"}}},
            {"$project": {"_id": 0, "tagged": "$_id.k0", "n": "$a0"}},
        ],
    ),
    "raw conditions": (
        COUNTED.raw_filter({"n": {"$gt": 1}}),
        [
            {"$match": {"n": {"$gt": 1}}},
            {"$addFields": {"double": DOUBLE, "tagged": TAGS}},
        ],
    ),
    "the class's order": (
        Event.objects.annotate(next=F("rank") + 1)[:2],
        [{"$sort": {"rank": 1}}, {"$limit": 2}, {"$addFields": {"next": {"$add": ["$rank", 1]}}}],
    ),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_order(name):
    """The stages are those that one would write by hand."""
    queryset, expected = PIPELINES[name]

    assert queryset.pipeline() == expected


def test_counts():
    """A count computes only what its conditions need."""
    assert COUNTED.query.count_pipeline() == []
    assert COUNTED.filter(tagged=2).order_by("double").query.count_pipeline() == [
        {"$addFields": {"tagged": TAGS}},
        {"$match": {"tagged": 2}},
    ]
    joined = COUNTED.lookup(Author, as_="writers", local="author").filter(title="a")
    assert joined.query.count_pipeline() == [{"$match": {"title": "a"}}]


def test_projection():
    """What is sent is what rows are made of."""
    assert COUNTED.values("title", "tagged").query.sent_pipeline() == [
        {"$addFields": {"double": DOUBLE, "tagged": TAGS}},
        {"$project": {"_id": 0, "tagged": 1, "title": 1}},
    ]
    assert COUNTED.only("title").query.sent_pipeline()[-1] == {
        "$project": {"__v": 1, "_id": 1, "double": 1, "tagged": 1, "title": 1}
    }


def test_chains_are_apart():
    """A link never changes the querysets that it was made of."""
    grouped = Book.objects.values("title").annotate(n=Count("pk"))
    before = grouped.pipeline()

    grouped.annotate(total=Sum("pages")).filter(n=3)
    grouped.filter(n__gt=1).annotate(x=Value(1))

    assert grouped.pipeline() == before
    assert Book.objects.all().query.annotations == {}
