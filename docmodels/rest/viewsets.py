"""DRF's viewsets over querysets of documents."""

from __future__ import annotations

import functools
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework import parsers, renderers, viewsets
from rest_framework.response import Response

from docmodels.rest import concurrency, filters, nesting
from docmodels.rest.exceptions import sanitize, translate
from docmodels.rest.pagination import DocumentCursorPagination
from docmodels.rest.parsers import DocumentJSONParser
from docmodels.rest.renderers import DocumentJSONRenderer
from docmodels.rest.serializers import DocumentSerializer, make_serializer


class DocumentViewMixin:
    """
    What any of DRF's generic views needs to serve documents.

    Put it before the view: `class Orders(DocumentViewMixin, ListAPIView)`.
    All attributes of DRF's GenericAPIView hold.
    """

    #: The documents to serve, or override `get_queryset()`. Default: None.
    queryset: Any = None
    #: The serializer class. Default: one made from `fields`.
    serializer_class: Any = None
    #: Names for the serializer to make. Default: all that are not hidden.
    fields: Any = "__all__"
    #: Paths to filter by: a list, or a dict with lookups. Default: none.
    filterset_fields: Any = None
    #: A FilterSet of django-filter in place of it. Default: None.
    filterset_class: Any = None
    #: Paths that `?search=` looks into. Default: none.
    search_fields: Any = None
    #: Paths that `?ordering=` may name. Default: none.
    ordering_fields: Any = None
    #: The order without `?ordering=`. Default: that of the queryset.
    ordering: Any = None
    #: Names of further query parameters that the view reads itself. Default: none.
    extra_parameters: Any = ()

    filter_backends: Any = [
        filters.DocumentFilterBackend,
        filters.DocumentSearchFilter,
        filters.DocumentOrderingFilter,
    ]
    pagination_class: Any = DocumentCursorPagination
    #: Keys may hold dots; a key with a slash needs a pattern of your own.
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> Any:
        """Return a fresh queryset: one that was read would serve all requests."""
        return super().get_queryset().all()  # type: ignore[misc]

    def get_serializer_class(self) -> Any:
        """Return the serializer class, made from `fields` where there is none."""
        if self.serializer_class is not None:
            return self.serializer_class
        names = self.fields
        if names != "__all__" and not isinstance(names, (list, tuple)):
            raise ImproperlyConfigured(
                f"{type(self).__name__}.fields: {names!r}, expected a list of names or '__all__'."
            )
        model = super().get_queryset().model  # type: ignore[misc]
        return make_serializer(
            DocumentSerializer, model, None if names == "__all__" else tuple(names)
        )

    def filter_queryset(self, queryset: Any) -> Any:
        """Apply the backends; refuse parameters that none of them knows."""
        filters.check_parameters(self.request, queryset, self)  # type: ignore[attr-defined]
        found = super().filter_queryset(queryset)  # type: ignore[misc]
        shown = nesting.shown_relations(self.get_serializer_class())
        if not shown:
            return found
        seen = nesting.seen_of(shown, functools.partial(nesting.may_view, self))
        return nesting.populate_shown(found, seen)

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Return the serializer, without the documents of others that the user may not view."""
        serializer = super().get_serializer(*args, **kwargs)  # type: ignore[misc]
        cls: Any = type(getattr(serializer, "child", serializer))
        shown = nesting.shown_relations(cls)
        nesting.leave_out(serializer, shown, functools.partial(nesting.may_view, self))
        return serializer

    def get_object(self) -> Any:
        """Return the document of the URL; check `If-Match` of a write."""
        document = super().get_object()  # type: ignore[misc]
        concurrency.check_precondition(self.request, document)  # type: ignore[attr-defined]
        return document

    def get_parsers(self) -> list[Any]:
        """Return the parsers, the one for JSON with limits for size and depth."""
        return [
            DocumentJSONParser() if type(parser) is parsers.JSONParser else parser
            for parser in super().get_parsers()  # type: ignore[misc]
        ]

    def get_renderers(self) -> list[Any]:
        """Return the renderers, the one for JSON by orjson where it is installed."""
        return [
            DocumentJSONRenderer() if type(renderer) is renderers.JSONRenderer else renderer
            for renderer in super().get_renderers()  # type: ignore[misc]
        ]

    def handle_exception(self, exc: Exception) -> Any:
        """Answer what docmodels raises with the status that stands for it."""
        request = getattr(self, "request", None)
        translated = translate(exc, request)
        if translated is not exc:
            translated.__cause__ = exc
        response = super().handle_exception(translated)  # type: ignore[misc]
        if isinstance(response, Response):
            response.data = sanitize(response.data)
        return response

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the ETag of the one document that the answer shows."""
        serializer = getattr(getattr(response, "data", None), "serializer", None)
        document = getattr(serializer, "instance", None)
        # A page of the browsable API shows more than the document: who is logged in.
        renderer = getattr(request, "accepted_renderer", None)
        is_page = isinstance(renderer, renderers.BrowsableAPIRenderer)
        shows_it = response.status_code in {200, 201} and hasattr(document, "to_mongo")
        if shows_it and not is_page:
            etag = concurrency.get_etag(document)
            if concurrency.is_not_modified(request, etag):
                response = concurrency.not_modified(etag)
            else:
                response.headers["ETag"] = etag
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]


class DocumentViewSet(DocumentViewMixin, viewsets.ModelViewSet):
    """
    List, create, retrieve, update and delete documents.

    Give `queryset`, and `serializer_class` or `fields`; register it with any
    of DRF's routers.
    """


class ReadOnlyDocumentViewSet(DocumentViewMixin, viewsets.ReadOnlyModelViewSet):
    """List and retrieve documents."""
