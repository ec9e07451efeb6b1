"""`near`: a filter that also sorts, and what becomes of it in counts and pipelines."""

import pytest
from django.core.exceptions import FieldError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docmodels import documents
from docmodels.documents import Box, Circle, Count, Near, Point, Q
from docmodels.exceptions import FilterValueError, OperationFailed
from docmodels.query.where import compile_condition
from tests.lookups.cases.places import distance
from tests.lookups.models import Thing

HERE = {"$geometry": {"type": "Point", "coordinates": [8.5, 47.4]}}

#: A value of `near`, and the operand that is sent.
NEAR = [
    (Point(8.5, 47.4), HERE),
    ((8.5, 47.4), HERE),
    ({"type": "Point", "coordinates": [8.5, 47.4]}, HERE),
    (Near((8.5, 47.4)), HERE),
    (Near((8.5, 47.4), max_distance=500), {**HERE, "$maxDistance": 500.0}),
    (
        Near((8.5, 47.4), max_distance=500, min_distance="10"),
        {**HERE, "$maxDistance": 500.0, "$minDistance": 10.0},
    ),
    (((8.5, 47.4), {"max_distance": 500}), {**HERE, "$maxDistance": 500.0}),
    ((8.5, 47.4, 500), {**HERE, "$maxDistance": 500.0}),
    (["8.5", "47.4", "500"], {**HERE, "$maxDistance": 500.0}),
]


class Stop(documents.Document):
    """A place with an index, in an order of its own."""

    number = documents.IntegerField()
    place = documents.PointField(blank=True, null=True)

    class Meta:
        app_label = "lookup_cases"
        ordering = ["-number"]


@pytest.fixture
def stops(mongo):
    """Give the collection with its geographical index."""
    collection = mongo.collection(Stop._meta.collection)
    collection.create_index([("place", "2dsphere")])
    return collection


@pytest.fixture
def line(stops):
    """Store five stops, each a degree further east, and one without a place."""
    stops.insert_many(
        [
            {"_id": i, "number": i % 2, "place": {"type": "Point", "coordinates": [float(i), 0.0]}}
            for i in range(5)
        ]
        + [{"_id": 9, "number": 1}]
    )
    return Stop.objects.filter(
        place__near=Near((3.2, 0), max_distance=250_000, min_distance=30_000)
    )


class TestCompiled:
    """Points in every spelling."""

    @pytest.mark.parametrize(("value", "expected"), NEAR, ids=[repr(v) for v, _ in NEAR])
    def test_operand(self, value, expected):
        """A point becomes GeoJSON, distances are metres."""
        assert compile_condition(Thing._meta, "spot__near", value) == {"spot": {"$near": expected}}

    def test_pipeline(self):
        """Where a pipeline begins, a stage says the same; the rest of the filter is its query."""
        near = Stop.objects.filter(place__near=Near((8.5, 47.4), 500, 10), number=1)
        query = near.values("number").annotate(n=Count("pk")).query

        assert query.pipeline()[:2] == [
            {
                "$geoNear": {
                    "near": HERE["$geometry"],
                    "key": "place",
                    "distanceField": "__docmodels_distance",
                    "maxDistance": 500.0,
                    "minDistance": 10.0,
                    "spherical": True,
                    "query": {"number": 1},
                }
            },
            {"$unset": "__docmodels_distance"},
        ]


class TestResults:
    """The nearest come first, in every way to read."""

    def test_order(self, line):
        """The distance sorts, not `Meta.ordering`; an order that is asked for wins."""
        assert [raw["_id"] for raw in line.raw()] == [4, 2, 1]
        assert [raw["_id"] for raw in line.order_by("pk").raw()] == [1, 2, 4]
        assert next(line[:1].raw())["_id"] == 4
        assert line.first().place.longitude == 4

    def test_numbers(self, line):
        """What is counted is what is found."""
        assert line.count() == 3
        assert line.count_up_to(1) == 2
        assert line.exists()
        assert line.filter(number=0).count() == 2
        assert line.aggregate(n=Count("pk")) == {"n": 3}
        assert sorted(line.distinct("number")) == [0, 1]
        assert line.filter(number=1).update(number=7) == 1
        assert line.filter(number=7).delete()[0] == 1

    def test_reverse(self, line):
        """The farthest first is an order that MongoDB does not have."""
        with pytest.raises(FieldError) as caught:
            line.last()

        assert str(caught.value) == (
            "Stop: the order by distance cannot be turned around, expected order_by()."
        )
        assert line.order_by("number", "pk").last().place.longitude == 1

    def test_pages(self, line):
        """Pages need an order by stored values: the key, unless another one is given."""
        first = line.page(size=2)
        second = line.page(size=2, after=first.next)

        assert [stop.place.longitude for stop in (*first, *second)] == [1, 2, 4]

    @pytest.mark.parametrize("more", [{"number": 1}, {"number__gte": 1, "number__in": [1, 2]}])
    def test_with_others(self, line, more):
        """Other conditions narrow, before it or behind."""
        near = Q(place__near=Near((3.2, 0), 250_000, 30_000))

        assert [raw["_id"] for raw in line.filter(**more).raw()] == [1]
        assert [raw["_id"] for raw in Stop.objects.filter(near, **more).raw()] == [1]
        assert Stop.objects.filter(Q(**more), near).count() == 1

    @settings(
        max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        places=st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), max_size=8),
        limit=st.sampled_from([None, 1_000_000, 3_000_000]),
        least=st.sampled_from([None, 500_000]),
    )
    def test_equals_predicate(self, places, limit, least, stops):
        """All within the distances are found, in the order of the distance, and counted."""
        stops.delete_many({})
        raws = [
            {"_id": i, "place": {"type": "Point", "coordinates": [float(x), float(y)]}}
            for i, (x, y) in enumerate(places)
        ]
        stops.insert_many([*raws, {"_id": -1}, {"_id": -2, "place": None}])
        metres = [distance(place, (0.5, 0.25)) for place in places]
        expected = [
            round(found, 3)
            for found in sorted(metres)
            if (limit is None or found <= limit) and (least is None or found >= least)
        ]
        near = Stop.objects.filter(place__near=Near((0.5, 0.25), limit, least))

        assert [round(metres[raw["_id"]], 3) for raw in near.raw()] == expected
        assert near.count() == len(expected)

    def test_no_index(self, mongo):
        """Without a geographical index the server says what is missing."""
        mongo.collection(Thing._meta.collection).insert_one({"spot": None})

        with pytest.raises(OperationFailed):
            list(Thing.objects.filter(spot__near=(8.5, 47.4)))


#: A filter's key, its value, and what the message says.
REFUSED = [
    ("spot__near", "here", "Thing.spot__near: 'here', expected a point or Near(point, …): "),
    (
        "spot__near",
        {"$gt": 1},
        "Thing.spot__near: {'$gt': 1}, expected a point or Near(point, …): ",
    ),
    (
        "spot__near",
        (8.5, 147.4),
        "Thing.spot__near: (8.5, 147.4), expected a point or Near(point, …): ",
    ),
    ("spot__near", (8.5, 47.4, -1), "Thing.spot__near: (8.5, 47.4, -1), expected a point or Near("),
    ("spot__near", None, "Thing.spot__near: None, expected a point or Near(point, …): "),
    (
        "spot__near",
        ((8.5, 47.4), {"$where": 1}),
        "Thing.spot__near: ((8.5, 47.4), {'$where': 1}), expected a point or Near(point, …): ",
    ),
    ("spot__within", "there", "Thing.spot__within: 'there', expected a Polygon, Circle or Box: "),
    (
        "spot__within",
        (1, 2, 3),
        "Thing.spot__within: (1, 2, 3), expected a Polygon, Circle or Box: ",
    ),
    (
        "spot__within",
        (9, 47, 8, 48),
        "Thing.spot__within: (9, 47, 8, 48), expected a Polygon, Circle or",
    ),
    (
        "spot__within",
        {"type": "Point", "coordinates": [1, 2]},
        "Thing.spot__within: {'type': 'Point', 'coordinates': [1, 2]}, expected a Polygon, "
        "Circle or",
    ),
    (
        "area__within",
        Box(1, 2, 3, 4),
        "Thing.area__within: Box(west=1.0, south=2.0, east=3.0, north=4.0), expected a Polygon or "
        "Circle, a Box finds points only.",
    ),
    ("area__intersects", None, "Thing.area__intersects: None, expected a geometry."),
    ("area__intersects", {"$where": 1}, "Thing.area__intersects: “{'$where': 1}” is no GeoJSON"),
]


class TestErrors:
    """What is no place is refused before anything is sent."""

    @pytest.mark.parametrize(
        ("key", "value", "message"), REFUSED, ids=[f"{k}={v!r}"[:50] for k, v, _ in REFUSED]
    )
    def test_values(self, key, value, message):
        """The message has the path, what was given and what was expected."""
        with pytest.raises(FilterValueError) as caught:
            compile_condition(Thing._meta, key, value)

        assert str(caught.value).startswith(message)

    @pytest.mark.parametrize(
        "make",
        [
            lambda near: Stop.objects.exclude(near),
            lambda near: Stop.objects.filter(~near),
            lambda near: Stop.objects.filter(near | Q(number=1)),
            lambda near: Stop.objects.filter(near ^ Q(number=1)),
            lambda near: Stop.objects.exclude(near & Q(number=1)),
            lambda near: Stop.objects.filter(near) | Stop.objects.filter(number=1),
        ],
        ids=["exclude", "not", "or", "xor", "not and", "querysets"],
    )
    def test_joined(self, make):
        """MongoDB takes it at the top of a filter only; a circle says the same anywhere."""
        with pytest.raises(FieldError) as caught:
            make(Q(place__near=(8.5, 47.4)))

        assert str(caught.value) == (
            "Stop.place: near in an or, xor or negation, which MongoDB refuses as it also sorts, "
            "expected within=Circle(center, radius)."
        )

    @pytest.mark.parametrize(
        "make",
        [
            lambda: Near((200, 0)),
            lambda: Near((8, 47), -1),
            lambda: Near((8, 47), float("nan")),
            lambda: Near((8, 47), "far"),
            lambda: Near((8, True)),
            lambda: Circle((8, 47), None),
            lambda: Circle((8, 47), True),
            lambda: Box(8, 47, 7, 48),
            lambda: Box(8, 47, 9, 91),
        ],
        ids=range(9),
    )
    def test_shapes(self, make):
        """A shape that is none raises ValueError where it is made."""
        with pytest.raises(ValueError, match=r"\w"):
            make()

    def test_shapes_are_values(self):
        """Shapes are equal by what they are made of, and cannot be changed."""
        assert Near([8, 47], 5) == Near((8.0, 47.0), 5.0)
        assert hash(Circle((8, 47), 5)) == hash(Circle((8, 47), 5))
        assert Circle((8, 47), 5).center == Point(8, 47)
        with pytest.raises(AttributeError):
            Box(1, 2, 3, 4).west = 5
