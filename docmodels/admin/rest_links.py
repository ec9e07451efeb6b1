"""The address of a document in a REST API, where one is routed."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from bson import ObjectId
from django.http import HttpRequest
from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse


class Route(NamedTuple):
    """The route of a viewset's detail page."""

    #: With its namespaces, as `reverse()` takes it.
    name: str
    keyword: str
    lookup_field: str


def rest_url(request: HttpRequest, obj: Any) -> str | None:
    """Return the address of `obj` in the project's API, None where there is none."""
    model: Any = type(obj)
    for route in _routes(get_resolver(getattr(request, "urlconf", None)), model):
        key = obj.pk if route.lookup_field == "pk" else getattr(obj, route.lookup_field, None)
        if isinstance(key, (str, int, ObjectId, uuid.UUID)):
            try:
                return reverse(
                    route.name,
                    kwargs={route.keyword: str(key)},
                    urlconf=getattr(request, "urlconf", None),
                )
            except NoReverseMatch:
                continue
    return None


@functools.lru_cache(maxsize=256)
def _routes(resolver: URLResolver, model: Any) -> tuple[Route, ...]:
    return tuple(dict.fromkeys(_walk(resolver, model, ())))


def _walk(resolver: URLResolver, model: type[Any], namespaces: tuple[str, ...]) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (pattern.namespace,) if pattern.namespace else ()
            yield from _walk(pattern, model, (*namespaces, *inner))
            continue
        # What the viewsets of REST framework leave on their views.
        actions = getattr(pattern.callback, "actions", None) or {}
        viewset = getattr(pattern.callback, "cls", None)
        queryset = getattr(viewset, "queryset", None)
        is_detail = pattern.name and actions.get("get") == "retrieve"
        if is_detail and getattr(queryset, "model", None) is model:
            lookup = getattr(viewset, "lookup_field", "pk")
            keyword = getattr(viewset, "lookup_url_kwarg", None) or lookup
            yield Route(":".join([*namespaces, str(pattern.name)]), keyword, lookup)
