"""
ETag and If-Match: a client changes only the document that it read.

The tag is made of the version key, where a document has one, and of a digest
of what is stored: the version alone does not move on every change. Fields that
are hidden take no part, a client could not have seen them.
"""

from __future__ import annotations

import hashlib
from typing import Any

from bson.json_util import dumps
from django.http import HttpResponseNotModified
from django.utils.http import parse_etags, quote_etag
from rest_framework.permissions import SAFE_METHODS

from docmodels.codecs import RELAXED_JSON
from docmodels.rest.exceptions import PreconditionFailed


def get_etag(document: Any) -> str:
    """Return the quoted, strong ETag of a document."""
    meta = document._meta
    raw = document.to_mongo()
    version = raw.pop(meta.version_key, None) if meta.version_key else None
    for field in meta.fields:
        if field.hidden:
            raw.pop(field.db_field, None)
    text = dumps(raw, sort_keys=True, json_options=RELAXED_JSON)
    digest = hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=12).hexdigest()
    return quote_etag(digest if version is None else f"{version}-{digest}")


def check_precondition(request: Any, document: Any) -> None:
    """Raise PreconditionFailed unless `If-Match` of a write names the document."""
    if request.method in SAFE_METHODS:
        return
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted.strip() == "*":
        return
    # Weak tags never match here (RFC 9110, 13.1.1).
    if get_etag(document) not in parse_etags(wanted):
        raise PreconditionFailed


def is_not_modified(request: Any, etag: str) -> bool:
    """Tell whether a reader already has the document with the tag."""
    wanted = request.headers.get("If-None-Match")
    if request.method not in {"GET", "HEAD"} or wanted is None:
        return False
    tags = {tag.removeprefix("W/") for tag in parse_etags(wanted)}
    return "*" in tags or etag in tags


def not_modified(etag: str) -> HttpResponseNotModified:
    """Return the answer without a body."""
    return HttpResponseNotModified(headers={"ETag": etag})
