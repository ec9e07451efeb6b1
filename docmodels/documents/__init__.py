"""The public namespace: what a project's `models.py` imports."""

from django.db.models import Q

from docmodels.documents import ops
from docmodels.documents.deletion import OnDelete
from docmodels.documents.document import Document
from docmodels.documents.dynamic import DynamicDocument
from docmodels.documents.embedded import EmbeddedDocument
from docmodels.documents.hooks import on_error, post, pre
from docmodels.fields import (
    AnyField,
    BinaryField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    EmailField,
    EmbeddedField,
    EmbeddedListField,
    Field,
    FloatField,
    Int32Field,
    Int64Field,
    IntegerField,
    ListField,
    MapField,
    ObjectIdField,
    Point,
    PointField,
    ReferenceField,
    SlugField,
    TextField,
    URLField,
    UUIDField,
)
from docmodels.indexes import Index
from docmodels.lookups import Lookup
from docmodels.query import Aggregate, Avg, Count, F, Max, Min, Sum
from docmodels.queryset import Manager, Page, QuerySet

CASCADE = OnDelete.CASCADE
PROTECT = OnDelete.PROTECT
RESTRICT = OnDelete.RESTRICT
SET_NULL = OnDelete.SET_NULL
SET_DEFAULT = OnDelete.SET_DEFAULT
PULL = OnDelete.PULL
DO_NOTHING = OnDelete.DO_NOTHING

__all__ = [
    "CASCADE",
    "DO_NOTHING",
    "PROTECT",
    "PULL",
    "RESTRICT",
    "SET_DEFAULT",
    "SET_NULL",
    "Aggregate",
    "AnyField",
    "Avg",
    "BinaryField",
    "BooleanField",
    "CharField",
    "Count",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "Document",
    "DynamicDocument",
    "EmailField",
    "EmbeddedDocument",
    "EmbeddedField",
    "EmbeddedListField",
    "F",
    "Field",
    "FloatField",
    "Index",
    "Int32Field",
    "Int64Field",
    "IntegerField",
    "ListField",
    "Lookup",
    "Manager",
    "MapField",
    "Max",
    "Min",
    "ObjectIdField",
    "OnDelete",
    "Page",
    "Point",
    "PointField",
    "Q",
    "QuerySet",
    "ReferenceField",
    "SlugField",
    "Sum",
    "TextField",
    "URLField",
    "UUIDField",
    "on_error",
    "ops",
    "post",
    "pre",
]
