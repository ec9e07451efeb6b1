"""Fields that hold GeoJSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext_lazy as _

from docmodels.fields.base import Field


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

    def to_geojson(self) -> dict[str, Any]:
        """Return the GeoJSON object, which is what MongoDB stores."""
        return {"type": "Point", "coordinates": [self.longitude, self.latitude]}

    def __str__(self) -> str:
        return f"{self.latitude}, {self.longitude}"


class PointField(Field[Point]):
    """A GeoJSON Point; casts a GeoJSON dict or a (longitude, latitude) pair."""

    description: ClassVar[str] = "a GeoJSON Point or a (longitude, latitude) pair"
    bson_types: ClassVar[frozenset[str]] = frozenset({"object"})
    python_types: ClassVar[tuple[type, ...]] = (Point,)
    converted_types: ClassVar[tuple[type, ...]] = (dict,)
    empty_values: ClassVar[tuple[Any, ...]] = (None,)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "position": _("Longitude %(x)s, latitude %(y)s is not on the globe."),
    }

    def to_python(self, value: Any) -> Any:
        """Cast and check the position."""
        if value is None or value == "":
            return None
        pair = value
        if isinstance(value, Mapping):
            pair = value.get("coordinates") if value.get("type") == "Point" else None
        if not (isinstance(pair, (list, tuple)) and len(pair) == 2):
            raise self.invalid(value)
        try:
            point = Point(*(float(number) for number in pair))
        except (TypeError, ValueError) as error:
            raise self.invalid(value) from error
        if not (math.isfinite(point.x) and abs(point.x) <= 180 and abs(point.y) <= 90):
            raise self.error("position", x=point.x, y=point.y)
        return point

    def from_db(self, value: Any) -> Any:
        """Return a Point for a plain GeoJSON point; leave anything else."""
        if value.__class__ is dict and value.keys() == {"type", "coordinates"}:
            pair = value["coordinates"]
            if (
                value["type"] == "Point"
                and isinstance(pair, list)
                and len(pair) == 2
                and all(isinstance(number, (int, float)) for number in pair)
            ):
                return Point(*pair)
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return the GeoJSON object."""
        return value.to_geojson() if isinstance(value, Point) else value

    def same(self, stored: Any, value: Any) -> bool:
        """Compare the numbers: 5 and 5.0 are one position."""
        return bool(stored == value)
