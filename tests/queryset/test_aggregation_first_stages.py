"""Stages that must come first: places and searches."""

import datetime

import pytest
from django.core.exceptions import FieldError

from docmodels.documents import F, Max, Q
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
        with pytest.raises(NotSupportedError):
            list(queryset)

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
        with pytest.raises(NotSupportedError):
            list(queryset)
