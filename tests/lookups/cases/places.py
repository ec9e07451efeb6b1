"""Places: inside of a shape, touching one. What sorts by distance is in `test_near`."""

import math

from hypothesis import strategies as st

from docmodels.documents import Box, Circle, Point, Polygon
from docmodels.lookups.shapes import EARTH_RADIUS
from tests.lookups.cases.base import Case, documents_of
from tests.lookups.stored import elements

DEGREES = st.integers(-3, 3)
POINTS = st.tuples(DEGREES, DEGREES).map(
    lambda pair: {"type": "Point", "coordinates": [float(pair[0]), float(pair[1])]}
)


def square(west, south, east, north):
    """Return the ring of a rectangle."""
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


SQUARES = st.tuples(DEGREES, DEGREES).map(
    lambda pair: {
        "type": "Polygon",
        "coordinates": [square(pair[0], pair[1], pair[0] + 1, pair[1] + 1)],
    }
)
#: Numbers in a list are no junk here: MongoDB takes two for a place of the old kind.
OTHERS = st.sampled_from([None, "", "x", 3, True, [], {}, [None], ["x"], {"type": "Point"}])
documents = documents_of(
    spot=st.one_of(POINTS, POINTS, POINTS, st.lists(POINTS, max_size=2), OTHERS),
    area=st.one_of(POINTS, SQUARES, SQUARES, OTHERS),
)

#: A rectangle whose borders no stored place touches.
RING = square(-1.5, -0.5, 1.5, 2.5)
AREA = {"type": "Polygon", "coordinates": [RING]}


def corners(value):
    """Return the positions of a stored geometry, none for anything else."""
    if not isinstance(value, dict) or "coordinates" not in value:
        return []
    point = value["type"] == "Point"
    return [tuple(value["coordinates"])] if point else [tuple(p) for p in value["coordinates"][0]]


def inside(position):
    """Return whether a position is in the rectangle."""
    return -1.5 < position[0] < 1.5 and -0.5 < position[1] < 2.5


def wholly(path, test):
    """Return the predicate of a geometry all of whose corners pass."""
    return lambda stored: any(
        corners(value) and all(map(test, corners(value))) for value in elements(stored, path)
    )


def overlaps(value):
    """Return whether a stored geometry shares a point with the rectangle."""
    found = corners(value)
    if not found:
        return False
    west, east = min(x for x, _ in found), max(x for x, _ in found)
    south, north = min(y for _, y in found), max(y for _, y in found)
    return west < 1.5 and east > -1.5 and south < 2.5 and north > -0.5


def distance(one, other):
    """Return the metres between two positions, on MongoDB's globe."""
    (x1, y1), (x2, y2) = ([math.radians(n) for n in position] for position in (one, other))
    half = math.sin((y2 - y1) / 2) ** 2
    half += math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * EARTH_RADIUS * math.asin(math.sqrt(half))


def in_circle(position):
    """Return whether a position is at most 200 km from (1, 1)."""
    return distance(position, (1, 1)) <= 200_000


CIRCLE = {"$centerSphere": [[1.0, 1.0], 200_000 / EARTH_RADIUS]}

CASES = [
    Case("spot__within", Polygon([RING]), {"spot": {"$geoWithin": {"$geometry": AREA}}},
         wholly("spot", inside)),
    Case("spot__within", AREA, {"spot": {"$geoWithin": {"$geometry": AREA}}},
         wholly("spot", inside)),
    Case("spot__within", {"type": "MultiPolygon", "coordinates": [[RING]]},
         {"spot": {"$geoWithin": {"$geometry": {"type": "MultiPolygon", "coordinates": [[RING]]}}}},
         wholly("spot", inside)),
    Case("spot__within", Circle((1, 1), 200_000), {"spot": {"$geoWithin": CIRCLE}},
         wholly("spot", in_circle)),
    Case("spot__within", Box(-1, 0, 1, 2), {"spot": {"$geoWithin": {"$box": [[-1, 0], [1, 2]]}}},
         wholly("spot", lambda p: -1 <= p[0] <= 1 and 0 <= p[1] <= 2)),
    Case("spot__within", ("-1", "0", "1", "2"),
         {"spot": {"$geoWithin": {"$box": [[-1, 0], [1, 2]]}}},
         wholly("spot", lambda p: -1 <= p[0] <= 1 and 0 <= p[1] <= 2)),
    Case("spot__intersects", Point(1, 1),
         {"spot": {"$geoIntersects": {"$geometry": {"type": "Point", "coordinates": [1, 1]}}}},
         wholly("spot", lambda p: p == (1, 1))),
    Case("spot__intersects", (1, 1),
         {"spot": {"$geoIntersects": {"$geometry": {"type": "Point", "coordinates": [1, 1]}}}},
         wholly("spot", lambda p: p == (1, 1))),
    Case("spot__intersects", AREA, {"spot": {"$geoIntersects": {"$geometry": AREA}}},
         wholly("spot", inside)),
    Case("area__within", AREA, {"area": {"$geoWithin": {"$geometry": AREA}}},
         wholly("area", inside)),
    Case("area__within", Circle((1, 1), 200_000), {"area": {"$geoWithin": CIRCLE}},
         wholly("area", in_circle)),
    Case("area__intersects", Polygon([RING]), {"area": {"$geoIntersects": {"$geometry": AREA}}},
         lambda stored: any(map(overlaps, elements(stored, "area")))),
]  # fmt: skip
