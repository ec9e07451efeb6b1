"""Documents over HTTP, with Django REST framework."""

from docmodels.rest.exceptions import exception_handler
from docmodels.rest.fields import (
    AnyField,
    BinaryField,
    KeyField,
    ObjectIdField,
    PointField,
    ReferenceField,
)
from docmodels.rest.filters import (
    DocumentFilterBackend,
    DocumentOrderingFilter,
    DocumentSearchFilter,
)
from docmodels.rest.lists import DocumentListSerializer
from docmodels.rest.pagination import DocumentCursorPagination
from docmodels.rest.parsers import DocumentJSONParser
from docmodels.rest.permissions import (
    DocumentObjectPermissions,
    DocumentPermissions,
    DocumentPermissionsOrAnonReadOnly,
)
from docmodels.rest.renderers import DocumentJSONRenderer
from docmodels.rest.serializers import DocumentSerializer
from docmodels.rest.viewsets import (
    DocumentViewMixin,
    DocumentViewSet,
    ReadOnlyDocumentViewSet,
)

__all__ = [
    "AnyField",
    "BinaryField",
    "DocumentCursorPagination",
    "DocumentFilterBackend",
    "DocumentJSONParser",
    "DocumentJSONRenderer",
    "DocumentListSerializer",
    "DocumentObjectPermissions",
    "DocumentOrderingFilter",
    "DocumentPermissions",
    "DocumentPermissionsOrAnonReadOnly",
    "DocumentSearchFilter",
    "DocumentSerializer",
    "DocumentViewMixin",
    "DocumentViewSet",
    "KeyField",
    "ObjectIdField",
    "PointField",
    "ReadOnlyDocumentViewSet",
    "ReferenceField",
    "exception_handler",
]
