"""Comparisons of places: near a point, inside of a shape, touching one."""

from __future__ import annotations

from typing import Any

from docmodels.fields import GeometryField, Point, PointField
from docmodels.lookups.base import Lookup, element_field
from docmodels.lookups.shapes import Box, Circle, Near, to_near, to_shape

_GEOMETRY, _POINT = GeometryField(), PointField()


class NearLookup(Lookup):
    """
    Near a point, the nearest first.

    The value is a point, a `Near` with distances in metres, or
    `(point, {"max_distance": 500})`. The server needs a geographical index.
    """

    lookup_name = "near"

    def prepare(self, value: Any) -> Near:
        """Make a Near of a point, of a pair with distances, of three numbers."""
        try:
            return to_near(value)
        except (TypeError, ValueError) as error:
            raise self.error(value, f"expected a point or Near(point, …): {error}") from error

    def condition(self) -> Any:
        """Return a `$near`, which also sorts by the distance."""
        near: dict[str, Any] = {"$geometry": self.value.point.to_geojson()}
        if self.value.max_distance is not None:
            near["$maxDistance"] = self.value.max_distance
        if self.value.min_distance is not None:
            near["$minDistance"] = self.value.min_distance
        return {"$near": near}


class Within(Lookup):
    """
    Wholly inside of a polygon, a `Circle` or a `Box`; no index is needed.

    Four numbers are a box: west, south, east, north.
    """

    lookup_name = "within"

    def prepare(self, value: Any) -> Any:
        """Make a shape; a box is refused where not all values are points."""
        try:
            shape = to_shape(value)
        except (TypeError, ValueError) as error:
            raise self.error(value, f"expected a Polygon, Circle or Box: {error}") from error
        if isinstance(shape, Box) and not isinstance(element_field(self.field), PointField):
            raise self.error(value, "expected a Polygon or Circle, a Box finds points only.")
        if isinstance(shape, (Box, Circle)):
            return shape
        return self.cast(_GEOMETRY, shape)

    def condition(self) -> Any:
        """Return a `$geoWithin`."""
        if isinstance(self.value, (Box, Circle)):
            return {"$geoWithin": self.value.operand}
        return {"$geoWithin": {"$geometry": self.value}}


class Intersects(Lookup):
    """Sharing a point with a geometry; no index is needed."""

    lookup_name = "intersects"

    def prepare(self, value: Any) -> Any:
        """Cast the geometry; a plain pair is a point."""
        if isinstance(value, (list, tuple)) and not isinstance(value, Point):
            value = self.cast(_POINT, value)
        cast = self.cast(_GEOMETRY, value)
        if cast is None:
            raise self.error(value, "expected a geometry.")
        return cast

    def condition(self) -> Any:
        """Return a `$geoIntersects`."""
        return {"$geoIntersects": {"$geometry": self.value}}


for _field in (PointField, GeometryField):
    for _lookup in (NearLookup, Within, Intersects):
        _field.register_lookup(_lookup)
