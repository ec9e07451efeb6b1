"""Stages that must come first: places and searches."""

import datetime

import pytest
from django.core.exceptions import FieldError
from pymongo.errors import OperationFailure

from docmodels.documents import Count, F, Max, Q
from docmodels.exceptions import NotSupportedError
from tests.queryset.models import Book

UTC = datetime.UTC


class TestGeoNear:
    """What is near a place comes first, with its distance."""

    def test_nearest(self, stations):
        """Distances are metres, filters are part of the stage."""
        point = {"type": "Point", "coordinates": [7.0, 47.0]}
        queryset = stations.geo_near(point, path="at", max_distance=16_000).filter(
            name__startswith="B"
        )

        (stage,) = queryset.pipeline()
        assert stage == {
            "$geoNear": {
                "near": point,
                "key": "at",
                "distanceField": "distance",
                "spherical": True,
                "maxDistance": 16_000,
                "query": queryset.query.where,
            }
        }
        assert [(s.name, round(s.distance)) for s in queryset] == [
            ("Basel", 0),
            ("Bern", pytest.approx(7592, abs=10)),
            ("Brig", pytest.approx(15184, abs=20)),
        ]
        assert queryset.count() == 3
        assert [s.name for s in queryset.filter(distance__gt=1000).order_by("-distance")] == [
            "Brig", "Bern",
        ]  # fmt: skip
        assert queryset.aggregate(far=Max("distance"))["far"] > 15_000

    def test_first(self, stations):
        """It comes first, on a path that exists."""
        with pytest.raises(FieldError, match=r"\$geoNear after other stages, expected it first"):
            stations.annotate(x=F("name")).geo_near([7, 47], path="at")
        with pytest.raises(FieldError, match="Did you mean 'at'"):
            stations.geo_near([7, 47], path="att")


TEA = Book.objects.atlas_search({"text": {"query": "tea", "path": "title"}}, score_field="score")
VECTOR = Book.objects.vector_search("extra", [1, 2], limit=3)
READS = {
    "list": list,
    "iterator": lambda queryset: list(queryset.iterator()),
    "first": lambda queryset: queryset.first(),
    "count": lambda queryset: queryset.count(),
    "exists": lambda queryset: queryset.exists(),
    "rows": lambda queryset: list(queryset.values("title")),
    "raw": lambda queryset: list(queryset.raw()),
    "aggregate": lambda queryset: queryset.aggregate(n=Count("pk")),
    "explain": lambda queryset: queryset.explain(),
}


class TestSearch:
    """Stages of Atlas, which other servers refuse."""

    def test_atlas_search(self, shelf):
        """The operator is handed on, the filter follows, the score has a name."""
        queryset = Book.objects.filter(published=True).atlas_search(
            {"text": {"query": "tea", "path": "title"}}, score_field="score"
        )

        assert queryset.pipeline() == [
            {"$search": {"index": "default", "text": {"query": "tea", "path": "title"}}},
            {"$match": {"published": True}},
            {"$addFields": {"score": {"$meta": "searchScore"}}},
        ]

    def test_vector_search(self, shelf):
        """Numbers become floats, the filter is compiled."""
        queryset = Book.objects.vector_search(
            "extra", [1, 2.5], limit=3, index="vectors", filter=Q(pages__gt=3), score_field="score"
        )

        assert queryset.pipeline() == [
            {
                "$vectorSearch": {
                    "index": "vectors",
                    "path": "extra",
                    "queryVector": [1.0, 2.5],
                    "numCandidates": 60,
                    "limit": 3,
                    "filter": {"n": {"$gt": 3}},
                }
            },
            {"$addFields": {"score": {"$meta": "vectorSearchScore"}}},
        ]

    @pytest.mark.parametrize(
        ("queryset", "message"),
        [
            (TEA, "Book.atlas_search(): the server of 'default' has no $search, expected MongoDB "
             "Atlas or a server with its search engine, mongot; search() uses a text index of any "
             "server."),
            (VECTOR, "Book.vector_search(): the server of 'default' has no $vectorSearch, expected "
             "MongoDB Atlas or a server with its search engine, mongot."),
            (Book.objects.stage({"$searchMeta": {"exists": {"path": "title"}}}),
             "Book: the server of 'default' has no $searchMeta, expected MongoDB Atlas or a server "
             "with its search engine, mongot."),
            (Book.objects.stage({"$unionWith": {"coll": "x", "pipeline": [{"$search": {}}]}}),
             "Book: the server of 'default' has no $search, expected MongoDB Atlas or a server "
             "with its search engine, mongot; search() uses a text index of any server."),
        ],
        ids=["search", "vector", "meta", "inside"],
    )  # fmt: skip
    @pytest.mark.parametrize("read", READS)
    def test_no_engine(self, shelf, queryset, message, read):
        """The embedded server has none: every read says which document, stage and server."""
        with pytest.raises(NotSupportedError) as caught:
            READS[read](queryset)

        assert str(caught.value) == message
        assert isinstance(caught.value.__cause__, OperationFailure)

    def test_by_hand(self, shelf):
        """So does a whole pipeline by hand; an unknown stage is told as before."""
        with pytest.raises(NotSupportedError) as caught:
            list(Book.objects.pipeline([{"$search": {"exists": {"path": "title"}}}]))
        assert str(caught.value).startswith("Book: the server of 'default' has no $search")

        with pytest.raises(NotSupportedError) as caught:
            list(Book.objects.pipeline([{"$serach": {}}]))
        assert str(caught.value) == (
            "The server of 'default' cannot do this: Unrecognized pipeline stage name: '$serach'"
        )

    def test_engine_off(self, shelf, monkeypatch):
        """A server that knows the stage and has no engine says it by a code."""
        answer = OperationFailure(
            "Using $search and $vectorSearch aggregation stages requires additional "
            "configuration.", 31082, {"errmsg": "Using $search … requires configuration."},
        )  # fmt: skip

        def refuse(*args, **options):
            raise answer

        monkeypatch.setattr("pymongo.collection.Collection.aggregate", refuse)
        monkeypatch.setattr("pymongo.collection.Collection.aggregate_raw_batches", refuse)

        with pytest.raises(NotSupportedError) as caught:
            list(VECTOR)
        assert str(caught.value).startswith("Book.vector_search(): the server of 'default' has no")
        assert caught.value.__cause__ is answer

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: Book.objects.atlas_search("tea"),
             "Book.atlas_search(): 'tea', expected a dict with an operator of Atlas."),
            (lambda: Book.objects.vector_search("extra", ["x"], limit=3),
             "Book.vector_search(): ['x'], expected the numbers of a vector."),
            (lambda: Book.objects.vector_search("extra", 5, limit=3),
             "Book.vector_search(): 5, expected the numbers of a vector."),
            (lambda: Book.objects.vector_search("extra", [1], limit=0),
             "Book.vector_search(): limit: 0, expected 1 or more."),
            (lambda: Book.objects.vector_search("extra", [1], limit=9, candidates=3),
             "Book.vector_search(): candidates: 3, expected 9 or more."),
        ],
        ids=["operator", "text", "number", "limit", "candidates"],
    )  # fmt: skip
    def test_arguments(self, make, message):
        """What no server takes is told when it is said."""
        with pytest.raises((TypeError, ValueError)) as caught:
            make()

        assert str(caught.value) == message
