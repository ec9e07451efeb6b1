"""Read a JSON body without trusting its size or its depth."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework import exceptions, parsers

from docmodels.constants import MAX_DOCUMENT_SIZE, MAX_NESTING
from docmodels.rest.exceptions import PayloadTooLarge

_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(code for code in range(256) if code not in _STEPS)


class DocumentJSONParser(parsers.JSONParser):
    """
    DRF's JSON parser with limits.

    A body above `max_size` is a 413, one nested deeper than `max_depth` a 400
    before it is decoded.
    """

    #: The largest body in bytes. Default: what MongoDB stores in one document.
    max_size = MAX_DOCUMENT_SIZE
    #: The deepest nesting. Default: what a document may have.
    max_depth = MAX_NESTING

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the decoded body; raise ParseError or PayloadTooLarge."""
        if _declared_length(parser_context) > self.max_size:
            raise PayloadTooLarge
        body = stream.read(self.max_size + 1)
        if len(body) > self.max_size:
            raise PayloadTooLarge
        if is_deeper(body, self.max_depth):
            raise exceptions.ParseError(
                _("JSON nested deeper than %(limit)s levels.") % {"limit": self.max_depth}
            )
        return super().parse(io.BytesIO(body), media_type, parser_context)


def is_deeper(body: bytes, limit: int) -> bool:
    """Tell whether JSON text opens more than `limit` brackets within each other."""
    if body.count(b"[") + body.count(b"{") <= limit:
        return False
    # Without escapes, every other piece between quotes is outside of strings.
    outside = body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
    depth = 0
    for code in b"".join(outside).translate(None, _NO_BRACKETS):
        depth += _STEPS[code]
        if depth > limit:
            return True
    return False


def _declared_length(parser_context: Mapping[str, Any] | None) -> int:
    request = (parser_context or {}).get("request")
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) if request is not None else 0
    except ValueError:
        return 0
