"""
What geographical lookups compare with, besides geometries: circles, boxes, distances.

They are values, small and immutable; distances are in metres.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docmodels.fields.geometries import MultiPolygon, Point, Polygon, from_geojson, to_point

#: MongoDB's radius of the earth in metres, by which it turns distances into angles.
EARTH_RADIUS = 6_378_100.0


@dataclass(frozen=True, slots=True)
class Near:
    """
    A point with the least and greatest distance from it, in metres.

    Raise ValueError for a position that is not on the globe and for a
    distance that is negative or no number.
    """

    point: Any
    max_distance: float | None = None
    min_distance: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "point", _checked_point(self.point))
        for name in ("max_distance", "min_distance"):
            distance = getattr(self, name)
            if distance is not None:
                object.__setattr__(self, name, _metres(distance))


@dataclass(frozen=True, slots=True)
class Circle:
    """What is at most `radius` metres from `center`; raise ValueError as Near does."""

    center: Any
    radius: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "center", _checked_point(self.center))
        object.__setattr__(self, "radius", _metres(self.radius))

    @property
    def operand(self) -> dict[str, Any]:
        """Return the shape in MongoDB's form, the radius as an angle."""
        return {"$centerSphere": [self.center.coordinates, self.radius / EARTH_RADIUS]}


@dataclass(frozen=True, slots=True)
class Box:
    """
    What lies between two longitudes and two latitudes, the borders included.

    The order of the numbers is GeoJSON's: west, south, east, north. Raise
    ValueError for a corner that is not on the globe, and for a box whose west
    is east of its east (one across the date line is two boxes).
    """

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        corners = _checked_point((self.west, self.south)), _checked_point((self.east, self.north))
        numbers = [float(number) for corner in corners for number in corner]
        for name, number in zip(("west", "south", "east", "north"), numbers, strict=True):
            object.__setattr__(self, name, number)
        if self.west > self.east or self.south > self.north:
            raise ValueError(f"{self}: expected west up to east and south up to north.")

    @property
    def operand(self) -> dict[str, Any]:
        """Return the shape in MongoDB's form."""
        return {"$box": [[self.west, self.south], [self.east, self.north]]}


def to_near(value: Any) -> Near:
    """Return the Near of a point, of `(point, {…})` or of three numbers; raise ValueError."""
    if isinstance(value, Near):
        return value
    if isinstance(value, (list, tuple)) and not isinstance(value, Point):
        if len(value) == 2 and isinstance(value[1], dict):
            return Near(value[0], **value[1])
        if len(value) == 3:
            return Near(value[:2], value[2])
    return Near(value)


def to_shape(value: Any) -> Box | Circle | Polygon | MultiPolygon:
    """Return the shape of GeoJSON or of four numbers (a box); raise ValueError."""
    if isinstance(value, (Box, Circle)):
        return value
    if isinstance(value, Mapping):
        value = from_geojson(value)
    elif isinstance(value, (list, tuple)) and not isinstance(value, Point):
        return Box(*value) if len(value) == 4 else Polygon(value)
    if not isinstance(value, (Polygon, MultiPolygon)):
        raise ValueError(f"{value!r} has no inside.")
    return value


def _checked_point(value: Any) -> Point:
    if isinstance(value, (list, tuple)):
        value = [_number(item) for item in value]
    elif isinstance(value, dict) and value.get("type") == "Point":
        value = value.get("coordinates")
    point = to_point(value)
    point.check()
    return point


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"{value!r} is no number of degrees.")
    return float(value)


def _metres(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is no distance in metres.")
    try:
        metres = float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{value!r} is no distance in metres.") from error
    if not math.isfinite(metres) or metres < 0:
        raise ValueError(f"{value!r} is no distance in metres.")
    return metres
