"""Field classes, by family."""

from docmodels.fields.anything import ANY, AnyField, JSONField
from docmodels.fields.base import NOT_PROVIDED, Field
from docmodels.fields.containers import ListField, MapField
from docmodels.fields.embedded import EmbeddedField, EmbeddedListField
from docmodels.fields.enums import EnumField
from docmodels.fields.geo import Point, PointField
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
    "EmailField",
    "EmbeddedField",
    "EmbeddedListField",
    "EnumField",
    "Field",
    "FloatField",
    "GenericIPAddressField",
    "IPAddressField",
    "Int32Field",
    "Int64Field",
    "IntegerField",
    "JSONField",
    "ListField",
    "MapField",
    "NumberField",
    "ObjectIdField",
    "Point",
    "PointField",
    "ReferenceField",
    "RegexField",
    "SlugField",
    "TextField",
    "TimeField",
    "TimestampField",
    "URLField",
    "UUIDField",
    "UnionField",
]
