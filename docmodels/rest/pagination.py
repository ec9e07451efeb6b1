"""Pages by key, never by number: page 40,000 is as fast as page 1."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.template import loader
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.utils.urls import remove_query_param, replace_query_param

from docmodels.exceptions import InvalidPageToken


class DocumentCursorPagination(BasePagination):
    """
    Answer with `{"next", "previous", "results"}`, the first two absolute URLs.

    The URLs carry an opaque token that names the last document shown; it holds
    only for the ordering and the collection that it was made for.
    """

    #: Documents on a page. Default: PAGE_SIZE of REST_FRAMEWORK, else 25.
    page_size: int | None = None
    #: The parameter by which a client chooses; None forbids it. Default: "page_size".
    page_size_query_param: str | None = "page_size"
    #: The largest page that a client may choose; more is cut to it. Default: 100.
    max_page_size = 100
    #: The parameter of the token for the next page. Default: "after".
    after_query_param = "after"
    #: The parameter of the token for the previous page. Default: "before".
    before_query_param = "before"
    template = "rest_framework/pagination/previous_and_next.html"

    #: The page that was read, None before.
    page: Any = None

    default_error_messages = {
        "page_size": _("“{value}” is not valid, expected a whole number from 1 to {limit}."),
        "token": _("The page token is not valid here; start from the first page."),
        "both": _("Got both {after} and {before}, expected one of them."),
    }

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        """Return the documents of the page that the request asks for."""
        if not hasattr(queryset, "page"):
            raise ImproperlyConfigured(
                f"{type(view).__name__}.get_queryset(): {type(queryset).__name__}, expected a "
                f"queryset of documents, or another pagination_class."
            )
        self.request = request
        params = request.query_params
        after = params.get(self.after_query_param) or None
        before = params.get(self.before_query_param) or None
        if after and before:
            self.fail(
                "both",
                self.before_query_param,
                after=self.after_query_param,
                before=self.before_query_param,
            )
        size = self.get_page_size(request)
        try:
            page = queryset.page(size=size, after=after, before=before)
        except InvalidPageToken:
            self.fail("token", self.after_query_param if after else self.before_query_param)
        self.page = page
        return list(page.items)

    def get_page_size(self, request: Any) -> int:
        """Return the size that the request asks for, or the default one."""
        default = self.page_size or api_settings.PAGE_SIZE or 25
        name = self.page_size_query_param
        text = request.query_params.get(name) if name else None
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text)):
            self.fail("page_size", name, value=text[:100], limit=self.max_page_size)
        return min(int(text), self.max_page_size or int(text))

    def fail(self, code: str, name: str | None, **values: Any) -> None:
        """Raise the error of a parameter: a 400."""
        message = self.default_error_messages[code].format(**values)
        detail: dict[str, Any] = {str(name): [serializers.ErrorDetail(message, code=code)]}
        raise serializers.ValidationError(detail) from None

    def get_parameter_names(self, view: Any) -> set[str]:
        """Return the query parameters that mean something here."""
        names = {self.after_query_param, self.before_query_param, self.page_size_query_param}
        return {name for name in names if name}

    # Output

    def get_next_link(self) -> str | None:
        """Return the URL of the next page."""
        return self._link(self.after_query_param, self.before_query_param, self.page.next)

    def get_previous_link(self) -> str | None:
        """Return the URL of the previous page."""
        return self._link(self.before_query_param, self.after_query_param, self.page.previous)

    def _link(self, name: str, other: str, token: str | None) -> str | None:
        if token is None:
            return None
        url = remove_query_param(self.request.build_absolute_uri(), other)
        return replace_query_param(url, name, token)

    def get_paginated_response(self, data: Any) -> Response:
        """Return the three keys."""
        return Response(
            {
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the answer for OpenAPI."""
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters for OpenAPI."""
        kinds = {self.page_size_query_param: "integer"}
        return [
            {
                "name": name,
                "required": False,
                "in": "query",
                "schema": {"type": kinds.get(name, "string")},
            }
            for name in sorted(self.get_parameter_names(view))
        ]

    # The browsable API

    @property
    def display_page_controls(self) -> bool:  # type: ignore[override]
        """Tell whether there is another page."""
        return self.page is not None and bool(self.page.next or self.page.previous)

    def to_html(self) -> str:
        """Draw the two links."""
        context = {
            "previous_url": self.get_previous_link(),
            "next_url": self.get_next_link(),
        }
        return str(loader.get_template(self.template).render(context))

    def get_results(self, data: dict[str, Any]) -> Any:
        """Return the documents out of an answer."""
        return data["results"]
