"""Values as the text of an input, and back, without loss."""

from __future__ import annotations

import datetime
import re
from typing import Any

from bson import json_util
from bson.errors import BSONError
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from docmodels.codecs import CANONICAL_JSON, RELAXED_JSON
from docmodels.constants import MAX_NESTING

LINE_BREAK = re.compile("\r\n?|\n")


def to_ejson(value: Any, *, relaxed: bool = False, indent: int | None = None) -> str:
    """Return `value` as Extended JSON."""
    options = RELAXED_JSON if relaxed else CANONICAL_JSON
    return json_util.dumps(value, json_options=options, ensure_ascii=False, indent=indent)


def from_ejson(text: str) -> Any:
    """Read Extended JSON that a person typed; raise ValidationError."""
    if _depth(text) > MAX_NESTING:
        raise ValidationError(
            _("Nested deeper than %(limit)s levels."), params={"limit": MAX_NESTING}
        )
    try:
        return json_util.loads(text, json_options=CANONICAL_JSON)
    except (ValueError, TypeError, KeyError, ArithmeticError, BSONError, AttributeError) as error:
        raise ValidationError(
            _("Not Extended JSON: %(reason)s"), params={"reason": str(error)[:200]}
        ) from error


def _depth(text: str) -> int:
    # Before decoding: the decoder recurses, and deep text would end it.
    depth = deepest = 0
    for piece in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text, re.DOTALL):
        mark = piece[0]
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def local_text(value: datetime.datetime) -> str:
    """Return a moment in the current time zone, with milliseconds."""
    try:
        moment = timezone.localtime(value)
    except (OverflowError, ValueError):
        return value.isoformat()
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")


def same_text(stored: str, submitted: str) -> bool:
    """
    Tell whether a browser, given `stored`, would send `submitted` unchanged.

    Browsers turn every line break into CR LF and NUL into U+FFFD.
    """
    return stored == submitted or _as_sent(stored) == _as_sent(submitted)


def _as_sent(text: str) -> str:
    return LINE_BREAK.sub("\n", text).replace("\x00", "\ufffd")


def submitted_text(stored: Any, text: str) -> str:
    """Return changed text with the line breaks that the stored one has."""
    text = LINE_BREAK.sub("\n", text)
    if isinstance(stored, str) and "\r\n" in stored and not re.search("(?<!\r)\n", stored):
        return text.replace("\n", "\r\n")
    return text
