"""The public namespace: what a project's `models.py` imports."""

from django.db.models import Q

from docmodels.documents import ops
from docmodels.documents.deletion import OnDelete
from docmodels.documents.document import Document
from docmodels.documents.dynamic import DynamicDocument
from docmodels.documents.embedded import EmbeddedDocument
from docmodels.documents.hooks import on_error, post, pre
from docmodels.documents.virtuals import virtual
from docmodels.fields import (
    AnyField,
    BinaryField,
    BooleanField,
    CharField,
    CodeField,
    DateField,
    DateTimeField,
    DBRefField,
    DecimalField,
    DurationField,
    EmailField,
    EmbeddedField,
    EmbeddedListField,
    EnumField,
    Field,
    FloatField,
    GenericIPAddressField,
    Int32Field,
    Int64Field,
    IntegerField,
    IPAddressField,
    JSONField,
    ListField,
    MapField,
    ObjectIdField,
    Point,
    PointField,
    ReferenceField,
    RegexField,
    SlugField,
    TextField,
    TimeField,
    TimestampField,
    UnionField,
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
    "CodeField",
    "Count",
    "DBRefField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "Document",
    "DurationField",
    "DynamicDocument",
    "EmailField",
    "EmbeddedDocument",
    "EmbeddedField",
    "EmbeddedListField",
    "EnumField",
    "F",
    "Field",
    "FloatField",
    "GenericIPAddressField",
    "IPAddressField",
    "Index",
    "Int32Field",
    "Int64Field",
    "IntegerField",
    "JSONField",
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
    "RegexField",
    "SlugField",
    "Sum",
    "TextField",
    "TimeField",
    "TimestampField",
    "URLField",
    "UUIDField",
    "UnionField",
    "on_error",
    "ops",
    "post",
    "pre",
    "virtual",
]
