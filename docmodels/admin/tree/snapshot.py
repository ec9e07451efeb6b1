"""
What an edit page showed, as it travels with the page.

A snapshot is the stored document with long lists cut to the elements that the
page shows; of the others only digests remain, so that a change of theirs is
noticed. It is compressed, bound to one document, and signed: what a person did
not change is compared with it, and a forged one is refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import bson
from bson import Binary
from django.core import signing

from docmodels import codecs
from docmodels.admin.tree.diff import DIGEST_SIZE, digest

#: Elements of a list on one page of a form.
PAGE = 10

_SIGNER = signing.Signer(salt="docmodels.admin.snapshot")
#: No document is larger, so a token that inflates to more is not one of ours.
_LARGEST = 20 * 1024 * 1024


#: Between the keys of a path: the one character that no key can have.
SEPARATOR = "\x00"


def join_keys(path: str, key: str) -> str:
    """Return the path of the place `key` inside of `path`."""
    return f"{path}{SEPARATOR}{key}" if path else key


class InvalidSnapshotError(ValueError):
    """A token that was damaged, forged, or made for another document."""


class ListInfo(NamedTuple):
    """What is known of a list of which the snapshot holds a part."""

    start: int
    digests: tuple[bytes, ...]

    @property
    def total(self) -> int:
        """Return how many elements the whole list has."""
        return len(self.digests)


class Snapshot:
    """A document as a page showed it."""

    def __init__(
        self, document: dict[str, Any], lists: Mapping[str, ListInfo], whole: bytes = b""
    ) -> None:
        #: The document, long lists cut.
        self.document = document
        #: The cut lists by their path of keys (`join_keys`).
        self.lists = dict(lists)
        #: The digest of the whole document.
        self.whole = whole

    @classmethod
    def take(cls, document: dict[str, Any], starts: Mapping[str, int] | None = None) -> Snapshot:
        """Cut the lists of `document`; `starts` says where, by dotted path of keys."""
        lists: dict[str, ListInfo] = {}
        cut = _cut(document, "", starts or {}, lists)
        return cls(cut, lists, digest(document) if document else b"")

    def dumps(self, *binding: str) -> str:
        """Return the signed token; `binding` names the document it is for."""
        lists = {
            path: [info.start, Binary(b"".join(info.digests))] for path, info in self.lists.items()
        }
        raw = bson.encode(
            {"b": list(binding), "d": self.document, "l": _pairs(lists), "w": Binary(self.whole)},
            codec_options=codecs.CODEC_OPTIONS,
        )
        return _SIGNER.sign(signing.b64_encode(zlib.compress(raw)).decode())

    @classmethod
    def loads(cls, token: str, *binding: str) -> Snapshot:
        """Read a token; raise InvalidSnapshotError."""
        try:
            packed = signing.b64_decode(_SIGNER.unsign(token).encode())
            inflate = zlib.decompressobj()
            data = codecs.decode_document(inflate.decompress(packed, _LARGEST))
        except (signing.BadSignature, ValueError, zlib.error, bson.errors.BSONError) as error:
            raise InvalidSnapshotError("The snapshot is damaged.") from error
        if data["b"] != list(binding):
            raise InvalidSnapshotError("The snapshot is of another document.")
        lists = {
            path: ListInfo(
                start,
                tuple(
                    bytes(joined[at : at + DIGEST_SIZE])
                    for at in range(0, len(joined), DIGEST_SIZE)
                ),
            )
            for path, (start, joined) in data["l"]
        }
        return cls(data["d"], lists, bytes(data["w"]))


def _pairs(lists: dict[str, Any]) -> list[Any]:
    # Paths have dots, so they are values and not keys.
    return [[path, info] for path, info in lists.items()]


def _cut(value: Any, path: str, starts: Mapping[str, int], lists: dict[str, ListInfo]) -> Any:
    if isinstance(value, dict):
        return {key: _cut(item, join_keys(path, key), starts, lists) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    start = 0
    if len(value) > PAGE:
        start = min(max(starts.get(path.replace(SEPARATOR, "."), 0), 0), len(value) - 1)
        start -= start % PAGE
        lists[path] = ListInfo(start, tuple(map(digest, value)))
    return [
        _cut(item, join_keys(path, str(index)), starts, lists)
        for index, item in enumerate(value[start : start + PAGE], start)
    ]
