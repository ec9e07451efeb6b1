"""Field classes, by family."""

from docmodels.fields.anything import ANY, AnyField
from docmodels.fields.base import NOT_PROVIDED, Field
from docmodels.fields.containers import ListField, MapField
from docmodels.fields.embedded import EmbeddedField, EmbeddedListField
from docmodels.fields.geo import Point, PointField
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
from docmodels.fields.temporal import DateField, DateTimeField
from docmodels.fields.text import CharField, EmailField, SlugField, TextField, URLField

__all__ = [
    "ANY",
    "NOT_PROVIDED",
    "AnyField",
    "BinaryField",
    "BooleanField",
    "CharField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "EmailField",
    "EmbeddedField",
    "EmbeddedListField",
    "Field",
    "FloatField",
    "Int32Field",
    "Int64Field",
    "IntegerField",
    "ListField",
    "MapField",
    "NumberField",
    "ObjectIdField",
    "Point",
    "PointField",
    "ReferenceField",
    "SlugField",
    "TextField",
    "URLField",
    "UUIDField",
]
