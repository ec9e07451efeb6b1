"""Fields that hold GeoJSON, on a server that checks it by an index."""

import pytest
from bson import Int64
from django.core.exceptions import ValidationError
from pymongo.errors import WriteError

from docmodels import documents
from docmodels.documents import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)
from tests.fields.casting import assert_refused, name_of
from tests.fields.stored import assert_round_trip

RING = [(0, 0), (4, 0), (4, 4), (0, 0)]
HOLE = [(2, 1), (3, 1), (3, 2), (2, 1)]


class Place(documents.Document):
    line = documents.LineStringField(blank=True)
    area = documents.PolygonField(blank=True)
    points = documents.MultiPointField(blank=True)
    lines = documents.MultiLineStringField(blank=True)
    areas = documents.MultiPolygonField(blank=True)
    all = documents.GeometryCollectionField(blank=True)
    any = documents.GeometryField(blank=True)
    marks = documents.ListField(documents.GeometryField())

    class Meta:
        collection = "places"


VALUES = [
    ("line", LineString([(0, 0), (1.5, 2)])),
    ("area", Polygon([RING])),
    ("area", Polygon([RING, HOLE])),
    ("points", MultiPoint([(0, 0)])),
    ("lines", MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]])),
    ("areas", MultiPolygon([[RING], [RING, HOLE]])),
    ("all", GeometryCollection([Point(1, 2), LineString([(0, 0), (1, 1)]), Polygon([RING])])),
    ("any", Point(180, -90)),
    ("any", Polygon([RING])),
]


class TestRoundTrip:
    """Saving, loading and finding."""

    @pytest.mark.parametrize(("name", "value"), VALUES)
    def test_value(self, mongo, name, value):
        """The geometry comes back; the server can index it."""
        mongo.collection("places").create_index([(name, "2dsphere")])

        raw = assert_round_trip(mongo, Place, name, value, "object")

        assert raw == value.to_geojson()
        mongo.collection("places").drop_indexes()

    @pytest.mark.parametrize(("name", "value"), VALUES)
    def test_geojson_is_cast(self, name, value):
        """A GeoJSON object is cast, and numbers alone where the kind is known."""
        field = Place._meta.get_field(name)

        assert field.clean(value.to_geojson()) == value
        if name != "any":
            assert field.clean(value.coordinates) == value

    def test_kinds_of_numbers_are_kept(self, mongo):
        """Ints and longs that are stored stay what they are."""
        area = {"type": "LineString", "coordinates": [[Int64(1), 2], [3, 4.5]]}
        mongo.collection("places").insert_one({"line": area, "marks": [area]})
        place = Place.objects.get()

        assert place.line == LineString([(1, 2), (3, 4.5)])
        assert type(place.to_mongo()["line"]["coordinates"][0][0]) is Int64
        place.marks.append(Point(1, 2))
        assert place.pending_update()[1] == {
            "$push": {"marks": {"$each": [{"type": "Point", "coordinates": [1, 2]}]}}
        }

    @pytest.mark.parametrize(
        "raw",
        [
            {"type": "Point", "coordinates": [1, 2]},
            {"type": "LineString", "coordinates": [[1, 2, 3], [4, 5, 6]]},
            {"type": "LineString", "coordinates": [["1", "2"], [1, 2]]},
            {"type": "LineString", "coordinates": 5},
            {"type": "LineString", "coordinates": [[1, 2], [3, 4]], "crs": None},
            {"coordinates": [[1, 2]]},
            [1, 2],
        ],
        ids=name_of,
    )
    def test_stored_otherwise(self, mongo, raw):
        """What is no such geometry is shown as it is, and noted."""
        mongo.collection("places").insert_one({"line": raw})
        place = Place.objects.get()

        assert place.line == raw
        assert set(place.read_errors) == {"line"}
        assert place.to_mongo()["line"] == raw

    def test_stored_but_wrong(self, mongo):
        """A stored ring that is open is read, and stands in the way of a save."""
        mongo.collection("places").insert_one(
            {"area": {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [1, 1]]]}}
        )
        place = Place.objects.get()

        with pytest.raises(ValidationError) as caught:
            place.save()

        assert place.area.exterior[3] == Point(1, 1)
        assert caught.value.message_dict == {
            "area": ["A ring ends where it starts: its last point is its first one."]
        }


class TestChecks:
    """What is refused, with the server's opinion of it."""

    @pytest.mark.parametrize(
        ("name", "given", "message"),
        [
            ("line", [(0, 0)], "A LineString has 2 points or more, not 1."),
            ("line", [(0, 0), (181, 0)], "Longitude 181, latitude 0 is not on the globe."),
            ("area", [], "A Polygon has 1 rings or more, not 0."),
            ("area", [[(0, 0), (1, 1), (0, 0)]], "A Ring has 4 points or more, not 3."),
            (
                "area",
                [RING, [*HOLE[:3], (2, 1.5)]],
                "A ring ends where it starts: its last point is its first one.",
            ),
            ("points", [], "A MultiPoint has 1 points or more, not 0."),
            ("lines", [[(0, 0)]], "A LineString has 2 points or more, not 1."),
            ("areas", [[[(0, 0)] * 3]], "A Ring has 4 points or more, not 3."),
            ("all", [], "A GeometryCollection has 1 geometries or more, not 0."),
        ],
        ids=name_of,
    )
    def test_refused(self, mongo, name, given, message):
        """Positions, least numbers and closed rings are checked, as the index does."""
        field = Place._meta.get_field(name)
        collection = mongo.collection("places")
        collection.create_index([(name, "2dsphere")])

        assert_refused(field, given, message)
        with pytest.raises(WriteError):
            collection.insert_one({name: field.geometry(given).to_geojson()})
        collection.drop_indexes()

    @pytest.mark.parametrize(
        ("name", "given", "message"),
        [
            ("line", "x", "“x” is not valid, expected a GeoJSON LineString."),
            ("line", Point(1, 2), "“1” is no position, expected (longitude, latitude)."),
            ("line", {"type": "Line"}, "“{'type': 'Line'}” is no GeoJSON geometry."),
            ("line", [(0, 0, 0)], "“(0, 0, 0)” is no position, expected (longitude, latitude)."),
            ("line", [(True, 0)], "“(True, 0)” is no position, expected (longitude, latitude)."),
            ("any", [1, 2], "“[1, 2]” is not valid, expected a GeoJSON geometry."),
            ("any", float("nan"), "“nan” is not valid, expected a GeoJSON geometry."),
            ("any", Point(float("nan"), 2), "Longitude nan, latitude 2 is not on the globe."),
            (
                "all",
                [{"type": "GeometryCollection", "geometries": []}],
                "A GeometryCollection cannot have another one inside.",
            ),
        ],
        ids=name_of,
    )
    def test_no_geometry(self, name, given, message):
        """Everything else is an error that says what is expected."""
        field = Place._meta.get_field(name)

        assert_refused(field, given, message)


class TestValues:
    """The classes of the values."""

    def test_parts(self):
        """They are made of points, and can be iterated, counted and hashed."""
        area = Polygon([RING, HOLE])

        assert list(area.exterior) == [Point(*pair) for pair in RING]
        assert [len(ring) for ring in area.holes] == [4]
        assert len({area, Polygon([RING, HOLE]), Polygon([RING])}) == 2
        assert str(area) == "Polygon, 2 rings"
        assert repr(LineString([(0, 0), (1, 1.5)])) == "LineString([[0, 0], [1, 1.5]])"

    def test_immutable(self):
        """They cannot be changed in place, a changed one is assigned."""
        with pytest.raises(AttributeError):
            LineString([(0, 0), (1, 1)]).parts = ()

    def test_other_kinds_differ(self):
        """A line is not the points that it goes through."""
        assert LineString([(0, 0), (1, 1)]) != MultiPoint([(0, 0), (1, 1)])
