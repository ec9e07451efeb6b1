"""
What a change stream is asked for, and what its answers mean; nothing is sent here.

The synchronous and the asynchronous watch share all of it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bson import Timestamp

from docmodels.exceptions import (
    DocmodelsError,
    InvalidWatchToken,
    NotSupportedError,
    OperationFailed,
    WatchTokenExpired,
)

#: What `full_document` and `before` may be.
FULL_DOCUMENT = ("updateLookup", "whenAvailable", "required")
BEFORE = ("whenAvailable", "required")

_TOKEN = re.compile(r"(?:[0-9A-Fa-f]{2})+")
# FailedToParse, KeyString's own, a token of another collection or version, and what the driver
# of the server's types says of a token that was cut.
_BAD_TOKEN_CODES = frozenset({9, 40649, 50788, 50797, 50798, 50811, 50822, 65090})
# ChangeStreamFatalError of a token that is not found, ChangeStreamHistoryLost.
_EXPIRED_CODES = frozenset({280, 286})


@dataclass(frozen=True)
class Event:
    """One change, as `watch()` gives it."""

    #: "insert", "update", "replace", "delete", "drop", "rename" or "invalidate"; of a whole
    #: database "dropDatabase" too.
    operation: str
    #: The name of the collection, None where the event is of no collection.
    collection: str | None
    #: The document's key, None where the event is of no document.
    key: Any
    #: The document after the change, None where there is none or its class is not declared.
    document: Any
    #: The document before the change, where the collection keeps pre-images.
    before: Any
    #: What an update stored, by dotted path of names; the values are those of BSON.
    updated: dict[str, Any]
    #: The paths of names that an update took away.
    removed: tuple[str, ...]
    #: When it happened, an aware time in UTC.
    at: datetime.datetime
    #: Where to go on after this event: give it to `watch(after=)`.
    token: str
    #: The server's own words, a dict.
    raw: dict[str, Any] = field(repr=False)


class Reader:
    """Turn what is stored in a collection of no declared class into values."""

    def key(self, stored: Mapping[str, Any]) -> Any:
        """Return the key of a document."""
        return stored.get("_id")

    def document(self, stored: dict[str, Any]) -> Any:
        """Return the instance: none, as there is no class."""

    def name(self, path: str, stored: Mapping[str, Any] | None) -> str:
        """Return the path of names of a stored path of the document `stored`."""
        return path


UNDECLARED = Reader()
#: Give the reader of a collection by its name.
ReaderOf = Callable[[str], Reader]


def make_event(raw: dict[str, Any], reader_of: ReaderOf) -> Event:
    """Return the event that an answer of the server is."""
    collection = raw.get("ns", {}).get("coll")
    reader = UNDECLARED if collection is None else reader_of(collection)
    after, before = raw.get("fullDocument"), raw.get("fullDocumentBeforeChange")
    update = raw.get("updateDescription") or {}
    stored = after or before
    at = raw.get("wallTime") or raw["clusterTime"].as_datetime()
    return Event(
        operation=raw["operationType"],
        collection=collection,
        key=reader.key(raw["documentKey"]) if "documentKey" in raw else None,
        document=None if after is None else reader.document(after),
        before=None if before is None else reader.document(before),
        updated={
            reader.name(path, stored): value
            for path, value in update.get("updatedFields", {}).items()
        },
        removed=tuple(reader.name(path, stored) for path in update.get("removedFields", ())),
        at=at,
        token=raw["_id"]["_data"],
        raw=raw,
    )


def stream_options(
    *,
    full_document: Any,
    before: Any,
    after: str | None,
    start_at: Any,
    max_await: float,
    batch_size: int | None,
) -> dict[str, Any]:
    """Return the driver's options of a change stream; raise for values that it has not."""
    if after is not None and start_at is not None:
        raise TypeError("watch(): after and start_at, expected one of them.")
    if not max_await > 0:
        raise ValueError(f"watch(): max_await={max_await!r}, expected seconds above zero.")
    options: dict[str, Any] = {"max_await_time_ms": max(int(max_await * 1000), 1)}
    if full_document:
        options["full_document"] = _chosen("full_document", full_document, FULL_DOCUMENT)
    if before:
        options["full_document_before_change"] = _chosen("before", before, BEFORE)
    if batch_size is not None:
        if batch_size <= 0:
            raise ValueError("Batch size must be a positive integer.")
        options["batch_size"] = batch_size
    if after is not None:
        # It goes on after an invalidation too, which `resume_after` does not.
        options["start_after"] = {"_data": _checked_token(after)}
    if start_at is not None:
        options["start_at_operation_time"] = _timestamp(start_at)
    return options


def token_error(error: OperationFailed, alias: str) -> DocmodelsError:
    """Return the error of a stream that could not begin where it was to."""
    if error.code in _EXPIRED_CODES:
        return WatchTokenExpired(
            f"The server of '{alias}' has no changes from there any more: read the documents "
            "anew, and watch from now on."
        )
    if error.code in _BAD_TOKEN_CODES:
        return InvalidWatchToken(
            f"The token is none that a watch on '{alias}' gave: the server cannot read it."
        )
    return error


def not_supported(alias: str) -> NotSupportedError:
    """Return the error of a server without change streams."""
    return NotSupportedError(
        f"The server of '{alias}' has no change streams: watch() needs a replica set or a "
        "sharded cluster."
    )


def _chosen(option: str, value: Any, choices: tuple[str, ...]) -> str:
    if value is True:
        return choices[0]
    if value not in choices:
        raise ValueError(
            f"watch(): {option}={value!r}, expected a mode. Choices are: {', '.join(choices)}."
        )
    return str(value)


def _checked_token(token: Any) -> str:
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise InvalidWatchToken(f"watch(): after={token!r}, expected the token of an event.")
    return token


def _timestamp(value: Any) -> Timestamp:
    if isinstance(value, Timestamp):
        return value
    if not isinstance(value, datetime.datetime) or value.tzinfo is None:
        raise ValueError(f"watch(): start_at={value!r}, expected an aware datetime.")
    return Timestamp(int(value.timestamp()), 0)
