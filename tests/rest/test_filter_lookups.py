"""Lookups of dates, places, maps and bits in query parameters, and what cannot be made of them."""

import datetime

import pytest
from rest_framework.test import APIRequestFactory

from docmodels import documents, rest
from docmodels.contrib.django_filters import DjangoFilterBackend, FilterSet


class Cafe(documents.Document):
    name = documents.CharField(max_length=20)
    place = documents.PointField(blank=True)
    flags = documents.IntegerField(default=0)
    opened_at = documents.DateTimeField()
    prices = documents.MapField(documents.IntegerField(), blank=True)

    class Meta:
        app_label = "rest_lookups"
        ordering = ["name"]


FIELDS = {
    "flags": ["bits_all_set"],
    "name": ["exact", "regex"],
    "opened_at": ["year", "year__gte", "year__in", "month", "date", "time__gte"],
    "place": ["near", "within"],
    "prices": ["has_key", "has_any_keys"],
}


class CafeFilter(FilterSet):
    class Meta:
        model = Cafe
        fields = FIELDS


@pytest.fixture
def cafes(mongo):
    """Store two."""
    mongo.collection(Cafe._meta.collection).create_index([("place", "2dsphere")])
    Cafe.objects.create(
        name="a",
        place=(8.5, 47.4),
        flags=5,
        opened_at=datetime.datetime(2024, 5, 31, 8, tzinfo=datetime.UTC),
        prices={"tea": 4},
    )
    Cafe.objects.create(
        name="b",
        place=(8.6, 47.4),
        flags=1,
        opened_at=datetime.datetime(2023, 6, 1, 12, tzinfo=datetime.UTC),
    )


BACKENDS = [
    {"filterset_fields": FIELDS},
    {"filterset_class": CafeFilter, "filter_backends": [DjangoFilterBackend]},
]


@pytest.fixture(params=BACKENDS, ids=["ours", "django-filter"])
def get(request, cafes):
    """Give a function that returns the answer to a query, by both backends."""
    attributes = {
        "queryset": Cafe.objects.all(),
        "fields": ["name"],
        "permission_classes": [],
        **request.param,
    }
    view = type("View", (rest.DocumentViewSet,), attributes).as_view({"get": "list"})
    return lambda query: view(APIRequestFactory().get(f"/?{query}"))


class TestLookups:
    """What the view declares."""

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("opened_at__year=2024", ["a"]),
            ("opened_at__year__gte=2023", ["a", "b"]),
            ("opened_at__year__in=2023,2022", ["b"]),
            ("opened_at__month=5", ["a"]),
            ("opened_at__date=2024-05-31", ["a"]),
            ("opened_at__time__gte=12:00", ["b"]),
            ("place__near=8.5,47.4,1000", ["a"]),
            ("place__within=8.55,47,9,48", ["b"]),
            ("flags__bits_all_set=4", ["a"]),
            ("prices__has_key=tea", ["a"]),
            ("prices__has_any_keys=tea,cup", ["a"]),
        ],
    )
    def test_found(self, get, query, expected):
        """Values are texts, several of them separated by commas."""
        response = get(query)

        assert response.status_code == 200, response.data
        assert [row["name"] for row in response.data["results"]] == expected

    @pytest.mark.parametrize(
        "query",
        [
            "opened_at__year=soon",
            "opened_at__year=0",
            'opened_at__year={"$gt":1}',
            "opened_at__month=F('flags')",
            "opened_at__date=someday",
            "place__near=here",
            "place__near=8.5,147.4",
            'place__near=8.5,47.4,{"$where":1}',
            'place__within={"type":"Polygon","coordinates":[]}',
            "place__within=9,47,8,48",
            "flags__bits_all_set=-1",
            "flags__bits_all_set=" + "9" * 5000,
            "prices__has_key=$where",
            "prices__has_key=a.b",
            "prices__has_any_keys=tea,$where",
            "name__regex=(",
        ],
        ids=lambda query: query[:50],
    )
    def test_refused(self, get, query):
        """A value that does not fit is a 400, and never a part of a query."""
        assert get(query).status_code == 400

    @pytest.mark.parametrize(
        "query",
        [
            'json_schema={"required":["x"]}',
            "search=x",
            "$text=x",
            "opened_at__hour=8",
            "place__intersects=8,47",
            "name=trusted",
            "name[$ne]=a",
        ],
    )
    def test_not_declared(self, get, query):
        """What the view does not name cannot be asked for; values are literals."""
        response = get(query)

        assert response.status_code == 400 or response.data["results"] == []
