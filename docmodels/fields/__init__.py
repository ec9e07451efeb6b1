"""Field classes, by family."""

from docmodels.fields.anything import ANY, AnyField, JSONField
from docmodels.fields.base import NOT_PROVIDED, Field
from docmodels.fields.containers import ListField, MapField
from docmodels.fields.dynamic import DynamicReferenceField, by_field
from docmodels.fields.embedded import EmbeddedField, EmbeddedListField
from docmodels.fields.enums import EnumField
from docmodels.fields.files import FileField, ImageField
from docmodels.fields.geo import (
    GeometryCollectionField,
    GeometryField,
    LineStringField,
    MultiLineStringField,
    MultiPointField,
    MultiPolygonField,
    PointField,
    PolygonField,
)
from docmodels.fields.geometries import (
    Geometry,
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)
from docmodels.fields.gridfs import StoredFile
from docmodels.fields.native import CodeField, DBRefField, RegexField, TimestampField
from docmodels.fields.references import ReferenceField
from docmodels.fields.scalars import (
    BinaryField,
    BooleanField,
    DecimalField,
    FloatField,
    Int32Field,
    Int64Field,
    IntegerField,
    NumberField,
    ObjectIdField,
    UUIDField,
)
from docmodels.fields.sequences import SequenceField
from docmodels.fields.temporal import DateField, DateTimeField, DurationField, TimeField
from docmodels.fields.text import (
    CharField,
    EmailField,
    GenericIPAddressField,
    IPAddressField,
    SlugField,
    TextField,
    URLField,
)
from docmodels.fields.unions import UnionField

__all__ = [
    "ANY",
    "NOT_PROVIDED",
    "AnyField",
    "BinaryField",
    "BooleanField",
    "CharField",
    "CodeField",
    "DBRefField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "DurationField",
    "DynamicReferenceField",
    "EmailField",
    "EmbeddedField",
    "EmbeddedListField",
    "EnumField",
    "Field",
    "FileField",
    "FloatField",
    "GenericIPAddressField",
    "Geometry",
    "GeometryCollection",
    "GeometryCollectionField",
    "GeometryField",
    "IPAddressField",
    "ImageField",
    "Int32Field",
    "Int64Field",
    "IntegerField",
    "JSONField",
    "LineString",
    "LineStringField",
    "ListField",
    "MapField",
    "MultiLineString",
    "MultiLineStringField",
    "MultiPoint",
    "MultiPointField",
    "MultiPolygon",
    "MultiPolygonField",
    "NumberField",
    "ObjectIdField",
    "Point",
    "PointField",
    "Polygon",
    "PolygonField",
    "ReferenceField",
    "RegexField",
    "SequenceField",
    "SlugField",
    "StoredFile",
    "TextField",
    "TimeField",
    "TimestampField",
    "URLField",
    "UUIDField",
    "UnionField",
    "by_field",
]
