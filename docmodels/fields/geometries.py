"""
The values of geographical fields: small, immutable, made of positions.

Each has `to_geojson()`, which is what MongoDB stores, `check()`, which raises
ValueError for what MongoDB's geographical indexes would refuse, and takes
plain numbers too: `LineString([(13.4, 52.5), (2.3, 48.9)])`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext as _


class Point(NamedTuple):
    """A position in degrees (WGS 84), longitude first, as GeoJSON has it."""

    longitude: float
    latitude: float

    @property
    def x(self) -> float:
        """Return the longitude."""
        return self.longitude

    @property
    def y(self) -> float:
        """Return the latitude."""
        return self.latitude

    @property
    def coordinates(self) -> list[float]:
        """Return the two numbers, as GeoJSON has them."""
        return [self.longitude, self.latitude]

    def check(self) -> None:
        """Raise ValueError for a position that is not on the globe."""
        if not (math.isfinite(self.x) and abs(self.x) <= 180 and abs(self.y) <= 90):
            raise ValueError(
                _("Longitude %(x)s, latitude %(y)s is not on the globe.")
                % {"x": self.x, "y": self.y}
            )

    def to_geojson(self) -> dict[str, Any]:
        """Return the GeoJSON object, which is what MongoDB stores."""
        return {"type": "Point", "coordinates": self.coordinates}

    def __str__(self) -> str:
        return f"{self.latitude}, {self.longitude}"


@dataclass(frozen=True, slots=True, repr=False)
class Geometry:
    """The base of geometries of several positions; `parts` is what one is made of."""

    #: What the parts are, "points" of a line, "rings" of a polygon.
    noun: ClassVar[str]
    #: How few parts there may be.
    least: ClassVar[int] = 1

    parts: tuple[Any, ...]

    def __init__(self, parts: Iterable[Any]) -> None:
        """Take the parts, as they are or as numbers; raise ValueError or TypeError."""
        object.__setattr__(self, "parts", tuple(self.make_part(part) for part in parts))

    @classmethod
    def make_part(cls, part: Any) -> Any:
        """Return a part of what a user or the database gave."""
        return to_point(part)

    @property
    def coordinates(self) -> list[Any]:
        """Return the numbers, nested as GeoJSON has them."""
        return [part.coordinates for part in self.parts]

    def check(self) -> None:
        """Raise ValueError for what a geographical index would refuse."""
        if len(self.parts) < self.least:
            raise ValueError(
                _("A %(kind)s has %(least)s %(noun)s or more, not %(count)s.")
                % {
                    "kind": type(self).__name__,
                    "least": self.least,
                    "noun": self.noun,
                    "count": len(self.parts),
                }
            )
        for part in self.parts:
            part.check()

    def to_geojson(self) -> dict[str, Any]:
        """Return the GeoJSON object, which is what MongoDB stores."""
        return {"type": type(self).__name__, "coordinates": self.coordinates}

    def __iter__(self) -> Any:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, index: int) -> Any:
        return self.parts[index]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.coordinates!r})"

    def __str__(self) -> str:
        return f"{type(self).__name__}, {len(self.parts)} {self.noun}"


class LineString(Geometry):
    """A line through two points or more."""

    __slots__ = ()
    noun, least = "points", 2


class Ring(Geometry):
    """A closed line: the last point is the first one."""

    __slots__ = ()
    noun, least = "points", 4

    def check(self) -> None:
        """Raise ValueError for a ring that is open or has fewer than four points."""
        Geometry.check(self)
        if self.parts[0] != self.parts[-1]:
            raise ValueError(_("A ring ends where it starts: its last point is its first one."))


class Polygon(Geometry):
    """An area inside of a ring, less the holes that further rings make."""

    __slots__ = ()
    noun = "rings"

    @classmethod
    def make_part(cls, part: Any) -> Any:
        """Return a ring."""
        return part if isinstance(part, Ring) else Ring(part)

    @property
    def exterior(self) -> Ring:
        """Return the outer ring."""
        ring: Ring = self.parts[0]
        return ring

    @property
    def holes(self) -> tuple[Ring, ...]:
        """Return the inner rings."""
        return self.parts[1:]


class MultiPoint(Geometry):
    """Several points."""

    __slots__ = ()
    noun = "points"


class MultiLineString(Geometry):
    """Several lines."""

    __slots__ = ()
    noun = "lines"

    @classmethod
    def make_part(cls, part: Any) -> Any:
        """Return a line."""
        return part if isinstance(part, LineString) else LineString(part)


class MultiPolygon(Geometry):
    """Several polygons."""

    __slots__ = ()
    noun = "polygons"

    @classmethod
    def make_part(cls, part: Any) -> Any:
        """Return a polygon."""
        return part if isinstance(part, Polygon) else Polygon(part)


class GeometryCollection(Geometry):
    """Several geometries of any kind but this one, which MongoDB does not nest."""

    __slots__ = ()
    noun = "geometries"

    @classmethod
    def make_part(cls, part: Any) -> Any:
        """Return a geometry."""
        made = part if isinstance(part, (Point, Geometry)) else from_geojson(part)
        if isinstance(made, GeometryCollection):
            raise ValueError(_("A GeometryCollection cannot have another one inside."))
        return made

    @property
    def coordinates(self) -> list[Any]:
        """Return the geometries, which is what GeoJSON has in place of numbers."""
        return [part.to_geojson() for part in self.parts]

    def to_geojson(self) -> dict[str, Any]:
        """Return the GeoJSON object, which is what MongoDB stores."""
        return {"type": "GeometryCollection", "geometries": self.coordinates}


#: The classes by GeoJSON's names.
GEOMETRIES: dict[str, Any] = {
    "Point": Point,
    **{
        kind.__name__: kind
        for kind in (
            LineString, Polygon, MultiPoint, MultiLineString, MultiPolygon, GeometryCollection,
        )
    },
}  # fmt: skip


def to_point(value: Any) -> Point:
    """Return the point of a pair of numbers; raise ValueError."""
    if isinstance(value, Point):
        return value
    if not (
        isinstance(value, (list, tuple))
        and len(value) == 2
        and all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in value)
    ):
        raise ValueError(
            _("“%(value)s” is no position, expected (longitude, latitude).") % {"value": value}
        )
    return Point(*value)


def from_geojson(value: Any) -> Any:
    """
    Return the geometry of a GeoJSON object, its numbers as they are.

    Raise ValueError for anything else, an object with further keys included:
    what is made must be the same again when it is stored.
    """
    kind = value.get("type") if isinstance(value, Mapping) else None
    made_of = "geometries" if kind == "GeometryCollection" else "coordinates"
    cls = GEOMETRIES.get(kind) if isinstance(kind, str) else None
    if cls is None or value.keys() != {"type", made_of} or not isinstance(value[made_of], list):
        raise ValueError(_("“%(value)s” is no GeoJSON geometry.") % {"value": value})
    return to_point(value[made_of]) if cls is Point else cls(value[made_of])
