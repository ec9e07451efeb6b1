"""Stages of Atlas, which a server without a search engine does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from docmodels.exceptions import NotSupportedError

#: The stages, with what an own server has for it.
_INSTEAD = {
    "$search": "; search() uses a text index of any server",
    "$searchMeta": "",
    "$vectorSearch": "",
    "$rankFusion": "",
}
#: SearchNotEnabled: the server knows the stage, and nothing that answers it.
_NO_ENGINE = 31082


def send_stages(
    queryset: Any, connection: Any, send: Callable[..., Any], stages: Any, **options: Any
) -> Any:
    """
    Return what `send` returns of a pipeline.

    Raise NotSupportedError with the document and the stage where the server
    has no search engine.
    """
    try:
        with connection.wrap_errors:
            return send(stages, **options)
    except NotSupportedError as error:
        cause: Any = error.__cause__
        for stage in _search_stages(stages):
            if getattr(cause, "code", None) == _NO_ENGINE or f"'{stage}'" in str(cause):
                raise NotSupportedError(_message(queryset, connection.alias, stage)) from cause
        raise


def _message(queryset: Any, alias: str, stage: str) -> str:
    source = queryset.query.source
    method = f".{source.method}" if source is not None and source.operator == stage else ""
    return (
        f"{queryset.model._meta.object_name}{method}: the server of '{alias}' has no {stage}, "
        f"expected MongoDB Atlas or a server with its search engine, mongot{_INSTEAD[stage]}."
    )


def _search_stages(found: Any) -> Iterator[str]:
    """Yield the names of the stages of search, at any depth."""
    if isinstance(found, Mapping):
        yield from (key for key in found if key in _INSTEAD)
        found = found.values()
    elif not isinstance(found, (list, tuple)):
        return
    for inner in found:
        yield from _search_stages(inner)
