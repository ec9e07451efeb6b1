"""
Keys of documents in addresses: any `_id` as one segment of a path, and back.

An ObjectId is its 24 hexadecimal digits, short plain text is `s:<text>`, a
whole number `i:<digits>`, a UUID `u:<uuid>`; everything else (dates, embedded
documents, text with a slash, …) is `x:` and base64url of canonical Extended
JSON, which carries every BSON type.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from typing import Any

from bson import Binary, Int64, ObjectId, json_util
from bson.errors import BSONError

from docmodels.codecs import CANONICAL_JSON

_OBJECT_ID = re.compile(r"[0-9a-f]{24}")
_PLAIN_TEXT = re.compile(r"[A-Za-z0-9._@-]{1,100}")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,19}")
#: An `_id` is an index key; the server takes none above this size.
_MAX_LENGTH = 4_000


def quote(key: Any) -> str:
    """Return the segment of an address that names the document of `key`."""
    if isinstance(key, ObjectId):
        return str(key)
    if type(key) is str and _PLAIN_TEXT.fullmatch(key):
        return f"s:{key}"
    # The server finds an int by a long of the same value, and the reverse.
    if type(key) in (int, Int64):
        return f"i:{int(key)}"
    if isinstance(key, uuid.UUID):
        return f"u:{key}"
    text = json_util.dumps({"k": key}, json_options=CANONICAL_JSON)
    return "x:" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unquote(segment: str) -> Any:
    """Return the BSON value that `quote` was given; raise ValueError."""
    if _OBJECT_ID.fullmatch(segment):
        return ObjectId(segment)
    kind, separator, rest = segment.partition(":")
    if separator and len(segment) <= _MAX_LENGTH:
        if kind == "s" and _PLAIN_TEXT.fullmatch(rest):
            return rest
        if kind == "i" and _WHOLE_NUMBER.fullmatch(rest):
            number = int(rest)
            if -(2**63) <= number < 2**63:
                return number
        if kind == "u":
            return uuid.UUID(rest)
        if kind == "x":
            return _decode(rest)
    raise ValueError(f"{segment!r} is not a key, expected what quote() returns.")


def _decode(text: str) -> Any:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        key = json_util.loads(raw.decode(), json_options=CANONICAL_JSON)["k"]
    except (
        binascii.Error, BSONError, KeyError, OverflowError, RecursionError, TypeError, ValueError,
    ) as error:  # fmt: skip
        raise ValueError("The key in the address is damaged.") from error
    # The server refuses these as `_id`; none can be found.
    if isinstance(key, (list, re.Pattern)):
        raise ValueError("A list or a regular expression is no key.")
    return key


def parse(text: str) -> list[Any]:
    """Return the keys that a person may have meant by typing `text`."""
    text = text.strip()
    found: list[Any] = []
    if _OBJECT_ID.fullmatch(text.lower()):
        found.append(ObjectId(text))
    if _WHOLE_NUMBER.fullmatch(text) and -(2**63) <= int(text) < 2**63:
        found.append(int(text))
    try:
        found.append(uuid.UUID(text))
    except ValueError:
        pass
    found.append(text)
    return found


def is_binary(key: Any) -> bool:
    """Tell whether a key is bytes, which have no readable form."""
    return isinstance(key, (bytes, Binary))
