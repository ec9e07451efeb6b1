"""Keyset paging of orders by computed values."""

import datetime

import pytest
from bson import ObjectId
from django.db.models import Q
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docmodels import documents
from docmodels.documents import (
    Case,
    Coalesce,
    Count,
    F,
    Length,
    Value,
    When,
)
from docmodels.exceptions import InvalidPageToken
from tests.queryset.stations import Station
from tests.queryset.test_paging_forms import COLORS, MISSING, walk

UTC = datetime.UTC


class Note(documents.Document):
    """Something to compute an order of."""

    name = documents.AnyField(blank=True, null=True)
    title = documents.AnyField(blank=True, null=True, db_field="t")
    rank = documents.IntegerField(blank=True, null=True)
    weight = documents.IntegerField(blank=True, null=True)
    at = documents.DateTimeField(blank=True, null=True)
    tags = documents.ListField(documents.CharField())

    class Meta:
        app_label = "shelf"


CHOSEN = {"$ifNull": ["$name", "$t"]}
PRODUCT = {"$multiply": ["$rank", "$weight"]}
TAGS = {"$cond": [{"$isArray": ["$tags"]}, {"$size": "$tags"}, 0]}
notes = Note.objects

#: What is ordered, with the same computed and sorted by hand.
FORMS = {
    "arithmetic": (notes.order_by(F("rank") * F("weight")), {"a": PRODUCT}, {"a": 1, "_id": 1}),
    "downwards": (
        notes.order_by((F("rank") * F("weight")).desc()),
        {"a": PRODUCT},
        {"a": -1, "_id": -1},
    ),
    "any type": (notes.order_by(Coalesce("name", "title")), {"a": CHOSEN}, {"a": 1, "_id": 1}),
    "any type, downwards": (
        notes.order_by(Coalesce("name", "title").desc(), "rank"),
        {"a": CHOSEN},
        {"a": -1, "rank": 1, "_id": 1},
    ),
    "behind a path": (
        notes.order_by("-rank", Coalesce("name", "title"), "-pk"),
        {"a": CHOSEN},
        {"rank": -1, "a": 1, "_id": -1},
    ),
    "two": (
        notes.order_by(F("rank") + F("weight"), -F("weight")),
        {"a": {"$add": ["$rank", "$weight"]}, "b": {"$multiply": ["$weight", -1]}},
        {"a": 1, "b": 1, "_id": 1},
    ),
    "nulls last": (
        notes.order_by(F("name").asc(nulls_last=True)),
        {"a": {"$lte": ["$name", None]}},
        {"a": 1, "name": 1, "_id": 1},
    ),
    "nulls first": (
        notes.order_by(Coalesce("name", "title").desc(nulls_first=True)),
        {"a": {"$lte": [CHOSEN, None]}, "b": CHOSEN},
        {"a": -1, "b": -1, "_id": -1},
    ),
    "part of a date": (
        notes.order_by("-at__month", "at__day"),
        {"a": {"$month": "$at"}, "b": {"$dayOfMonth": "$at"}},
        {"a": -1, "b": 1, "_id": 1},
    ),
    "annotation": (
        notes.annotate(n=Count("tags")).order_by("-n"),
        {"n": TAGS},
        {"n": -1, "_id": -1},
    ),
    "annotation by another": (
        notes.alias(n=Count("tags")).annotate(m=F("n") * F("rank")).order_by("m", "name"),
        {"m": {"$multiply": [TAGS, "$rank"]}},
        {"m": 1, "name": 1, "_id": 1},
    ),
    "annotation with the key of a field": (
        notes.annotate(t=Coalesce("name", "title")).order_by("t"),
        {"a": CHOSEN},
        {"a": 1, "_id": 1},
    ),
    "only": (
        notes.annotate(n=Count("tags")).order_by("n").only("rank"),
        {"n": TAGS},
        {"n": 1, "_id": 1},
    ),
    "rows": (
        notes.order_by(F("rank") * F("weight")).values("pk", "name"),
        {"a": PRODUCT},
        {"a": 1, "_id": 1},
    ),
    "reversed": (
        notes.order_by("rank", Coalesce("name", "title")).reverse(),
        {"a": CHOSEN},
        {"rank": -1, "a": -1, "_id": -1},
    ),
    "condition": (
        notes.order_by(Case(When(Q(rank__gt=1), then=Value("z")), default=F("name"))),
        {"a": {"$cond": [{"$and": [{"$isNumber": "$rank"}, {"$gt": ["$rank", 1]}]}, "z", "$name"]}},
        {"a": 1, "_id": 1},
    ),
}


def moments():
    """Give moments of some months and days."""
    return st.builds(
        lambda month, day: datetime.datetime(2026, month, day, tzinfo=UTC),
        st.integers(1, 2),
        st.integers(1, 2),
    )


@st.composite
def raws(draw):
    """Draw a stored note without its key."""
    numbers = st.sampled_from([MISSING, None, 1, 2])
    raw = {
        "name": draw(st.sampled_from(COLORS)),
        "t": draw(st.sampled_from(COLORS)),
        "rank": draw(numbers),
        "weight": draw(numbers),
        "at": draw(st.one_of(st.just(MISSING), st.none(), moments())),
        "tags": draw(st.sampled_from([MISSING, [], ["x"], ["x", "y"]])),
    }
    return {name: value for name, value in raw.items() if value is not MISSING}


@pytest.mark.parametrize("form", FORMS)
@given(
    stored=st.lists(raws(), max_size=10),
    size=st.integers(1, 3),
    changes=st.lists(st.one_of(raws(), st.integers(0, 9)), max_size=4),
)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_stable_row_once(mongo, form, stored, size, changes):
    """Forward and back, while documents come and go; without changes it is the full sort."""
    queryset, computed, sort = FORMS[form]
    collection = mongo.collection(Note._meta.collection)
    collection.delete_many({})
    if stored:
        numbered = enumerate(stored)
        collection.insert_many([{"_id": ObjectId(f"{n:024x}"), **raw} for n, raw in numbered])
    by_hand = collection.aggregate([{"$addFields": computed}, {"$sort": sort}])
    expected = [raw["_id"] for raw in by_hand]
    stable = set(expected)

    forward, backward = walk(queryset, collection, size, changes, stable)

    if not changes:
        assert forward == backward == expected


@pytest.fixture
def stored(mongo):
    """Store some notes."""
    collection = mongo.collection(Note._meta.collection)
    collection.insert_many(
        [
            {"rank": n % 3, "weight": n, "name": str(n), "at": datetime.datetime(2026, 1, 1 + n),
             "tags": ["x"] * n}
            for n in range(6)
        ]
    )  # fmt: skip
    return collection


class TestPage:
    """What is sent, and what comes back."""

    def test_sent(self, stored, assert_num_commands):
        """One command; stored paths in front of the order narrow before anything is computed."""
        queryset = notes.order_by("rank", F("weight") * 2)
        token = queryset.page(size=1).next

        with assert_num_commands(1) as commands:
            page = queryset.page(size=1, after=token)

        first, computing, match, *rest = commands[0].command["pipeline"]
        assert [note.weight for note in page] == [3]
        assert "$match" in first
        assert "_order_0" not in repr(first)
        assert computing == {"$addFields": {"_order_0": {"$multiply": ["$weight", 2]}}}
        assert "_order_0" in repr(match)
        assert rest == [{"$sort": {"rank": 1, "_order_0": 1, "_id": 1}}, {"$limit": 2}]

    def test_nothing_internal_is_left(self, stored):
        """Documents have what was asked for, and no more."""
        queryset = notes.annotate(n=Count("tags")).order_by(F("weight") * -1).only("rank")

        page = queryset.page(size=2)
        rows = queryset.values("rank").page(size=2, after=page.next)

        assert [note.n for note in page] == [5, 4]
        assert page.items[0].undeclared == {}
        assert not hasattr(page.items[0], "_order_1")
        assert rows.items == [{"rank": 0}, {"rank": 2}]

    def test_filters_around(self, stored):
        """Conditions on stored and on computed values, before and after the order."""
        queryset = notes.annotate(n=Count("tags")).filter(n__gt=0).order_by("-n")
        queryset = queryset.filter(rank__in=[1, 2], n__lt=5)

        page = queryset.page(size=2)

        assert [note.n for note in page] == [4, 2]
        assert [note.n for note in queryset.page(size=2, after=page.next)] == [1]

    def test_beside(self, stored):
        """What is beside a stored document is by the value that the server computes of it."""
        raw = stored.find_one({"weight": 3})
        queryset = notes.order_by(F("weight") * -1)

        assert [note.weight for note in queryset.page_beside(raw)] == [2]
        assert [note.weight for note in queryset.page_beside(raw, back=True)] == [4]
        stored.delete_one({"weight": 3})
        with pytest.raises(Note.DoesNotExist) as caught:
            queryset.page_beside(raw)
        assert str(caught.value) == (
            f"Note.page_beside(): no document {raw['_id']!r}, expected one that is stored."
        )

    @pytest.mark.parametrize("named", [True, False])
    def test_distance(self, stations, named):
        """The distance of geo_near() is a value like others, and its order without another."""
        queryset = Station.objects.geo_near((7.44, 46.95))
        if named:
            queryset = queryset.order_by("distance")

        page = queryset.page(size=1)
        rest = queryset.page(size=5, after=page.next)

        assert [station.name for station in [*page, *rest]] == ["Bern", "Thun", "Zurich"]
        assert [s.name for s in queryset.page(size=1, before=rest.previous)] == ["Bern"]

    def test_a_literal_is_no_operator(self, stored):
        """Text that looks like a variable is text."""
        queryset = notes.order_by(Coalesce(F("name"), Value("$$NOW")))

        assert len(queryset.page(size=3)) == 3


@pytest.fixture
def stations(mongo):
    """Store some stations."""
    collection = mongo.collection(Station._meta.collection)
    collection.create_index([("at", "2dsphere")])
    places = {"Zurich": [8.54, 47.38], "Bern": [7.44, 46.95], "Thun": [7.63, 46.75]}
    collection.insert_many(
        [{"name": n, "at": {"type": "Point", "coordinates": at}} for n, at in places.items()]
    )
    return collection


class TestBound:
    """A token serves the order that it was made for."""

    @pytest.mark.parametrize(
        "other",
        [
            notes.order_by(F("rank") * 3),
            notes.order_by(-F("rank")),
            notes.order_by((F("rank") * 2).desc()),
            notes.order_by(F("rank") * 2, "name"),
            notes.filter(rank=1).order_by(F("rank") * 2),
            notes.order_by("rank"),
        ],
        ids=["literal", "expression", "way", "more", "filter", "path"],
    )
    def test_changed(self, stored, other):
        """Another expression is another order."""
        token = notes.order_by(F("rank") * 2).page(size=2).next

        with pytest.raises(InvalidPageToken) as caught:
            other.page(after=token)

        assert str(caught.value) == "The page token was made for another query or order."

    def test_zone(self, stored):
        """So is the same part of a date in another time zone."""
        token = notes.order_by("at__day").page(size=2).next

        with timezone.override("Pacific/Auckland"), pytest.raises(InvalidPageToken):
            notes.order_by("at__day").page(after=token)

    def test_annotation_that_it_reads(self, stored):
        """What an annotation is made of counts, what only results have does not."""
        queryset = notes.alias(n=Count("tags")).annotate(m=F("n") * 2).order_by("m")
        other = notes.alias(n=Length("name")).annotate(m=F("n") * 2).order_by("m")
        token = queryset.page(size=2).next

        assert len(queryset.annotate(more=F("rank") + 1).page(size=2, after=token)) == 2
        with pytest.raises(InvalidPageToken):
            other.page(after=token)
