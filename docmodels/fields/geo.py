"""Fields that hold GeoJSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from docmodels.fields.base import Field
from docmodels.fields.geometries import (
    Geometry,
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    from_geojson,
)
from docmodels.fields.typed import Blank, Default, Null, Value


class PointField(Field[Point, Point | Sequence[float] | Mapping[str, Any], Null, Blank, Default]):
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
        try:
            point.check()
        except ValueError as error:
            raise self.error("position", x=point.x, y=point.y) from error
        return point

    def from_db(self, value: Any) -> Any:
        """Return a Point for a plain GeoJSON point; leave anything else."""
        if value.__class__ is dict:
            try:
                found = from_geojson(value)
            except ValueError:
                return value
            return found if isinstance(found, Point) else value
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return the GeoJSON object."""
        return value.to_geojson() if isinstance(value, Point) else value

    def same(self, stored: Any, value: Any) -> bool:
        """Compare the numbers: 5 and 5.0 are one position."""
        return bool(stored == value)


class GeometryField(Field[Value, Value | Sequence[Any] | Mapping[str, Any], Null, Blank, Default]):
    """
    A GeoJSON geometry of any kind, as `Point`, `Polygon` and so on.

    Casts a GeoJSON dict; a field of one kind also takes the plain numbers,
    nested as in GeoJSON. Positions, the number of points and closed rings are
    checked; whether a ring crosses itself is told by the server's index.
    """

    description: ClassVar[str] = "a GeoJSON geometry"
    bson_types: ClassVar[frozenset[str]] = frozenset({"object"})
    python_types: ClassVar[tuple[type, ...]] = (Point, Geometry)
    converted_types: ClassVar[tuple[type, ...]] = (dict,)
    empty_values: ClassVar[tuple[Any, ...]] = (None,)
    #: The only class of values, None where any is right.
    geometry: ClassVar[Any] = None
    default_error_messages: ClassVar[dict[str, Any]] = {"geometry": _("%(problem)s")}

    def to_python(self, value: Any) -> Any:
        """Cast GeoJSON and, where the kind is known, plain numbers."""
        if value is None or value == "":
            return None
        if not isinstance(value, self.python_types):
            value = self._make(value)
        self._check(value)
        return value

    def _make(self, value: Any) -> Any:
        try:
            if isinstance(value, Mapping):
                made = from_geojson(dict(value))
                if isinstance(made, self.python_types):
                    return made
            elif self.geometry is not None and isinstance(value, (list, tuple)):
                return self.geometry(value)
        except (TypeError, ValueError) as error:
            raise self.error("geometry", problem=str(error)) from error
        raise self.invalid(value)

    def _check(self, value: Any) -> None:
        try:
            value.check()
        except ValueError as error:
            raise self.error("geometry", problem=str(error)) from error

    def from_db(self, value: Any) -> Any:
        """Return the geometry of a plain GeoJSON object; leave anything else."""
        if value.__class__ is dict:
            try:
                found = from_geojson(value)
            except (TypeError, ValueError):
                return value
            return found if isinstance(found, self.python_types) else value
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return the GeoJSON object."""
        return value.to_geojson() if isinstance(value, (Point, Geometry)) else value

    def validate(self, value: Any, document: Any = None) -> None:
        """Check stored geometries too, which were read without."""
        super().validate(value, document)
        if value is not None:
            self._check(value)

    def same(self, stored: Any, value: Any) -> bool:
        """Compare the numbers: 5 and 5.0 are one position."""
        return bool(stored == value)


class LineStringField(GeometryField[LineString, Null, Blank, Default]):
    """A line through two points or more."""

    description: ClassVar[str] = "a GeoJSON LineString"
    geometry: ClassVar[Any] = LineString
    python_types: ClassVar[tuple[type, ...]] = (LineString,)


class PolygonField(GeometryField[Polygon, Null, Blank, Default]):
    """An area: a closed ring, and further ones for the holes."""

    description: ClassVar[str] = "a GeoJSON Polygon"
    geometry: ClassVar[Any] = Polygon
    python_types: ClassVar[tuple[type, ...]] = (Polygon,)


class MultiPointField(GeometryField[MultiPoint, Null, Blank, Default]):
    """Several points."""

    description: ClassVar[str] = "a GeoJSON MultiPoint"
    geometry: ClassVar[Any] = MultiPoint
    python_types: ClassVar[tuple[type, ...]] = (MultiPoint,)


class MultiLineStringField(GeometryField[MultiLineString, Null, Blank, Default]):
    """Several lines."""

    description: ClassVar[str] = "a GeoJSON MultiLineString"
    geometry: ClassVar[Any] = MultiLineString
    python_types: ClassVar[tuple[type, ...]] = (MultiLineString,)


class MultiPolygonField(GeometryField[MultiPolygon, Null, Blank, Default]):
    """Several areas."""

    description: ClassVar[str] = "a GeoJSON MultiPolygon"
    geometry: ClassVar[Any] = MultiPolygon
    python_types: ClassVar[tuple[type, ...]] = (MultiPolygon,)


class GeometryCollectionField(GeometryField[GeometryCollection, Null, Blank, Default]):
    """Several geometries of any kind."""

    description: ClassVar[str] = "a GeoJSON GeometryCollection"
    geometry: ClassVar[Any] = GeometryCollection
    python_types: ClassVar[tuple[type, ...]] = (GeometryCollection,)
