"""
Find a few documents by one command, without a cursor.

The driver's cursor is made for results of any size, and takes an eighth of the
client's time of reading one document. A `find` that is answered by one batch
needs none.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from types import CoroutineType
from typing import Any

import pymongo
from pymongo.errors import AutoReconnect, PyMongoError

from docmodels.connections.bridging import wait_for
from docmodels.connections.collections import KnownCollection

#: How many documents the server sends in its first answer.
FEW = 100


def find_few(
    connection: Any,
    known: KnownCollection,
    selector: dict[str, Any],
    limit: int,
    *,
    sort: Sequence[tuple[str, int]] = (),
    skip: int = 0,
    projection: dict[str, Any] | None = None,
    session: Any = None,
) -> list[dict[str, Any]]:
    """
    Return at most `limit` documents, if they are few by one command.

    The options are those of the driver's `find`, which is used for more of
    them, in a session, with a read concern, and where they are larger than one
    answer of the server may be. The driver's errors are turned into ours.
    """
    is_few = limit <= FEW and session is None
    if not is_few or known.has_read_concern or not connection.supports_commands:
        return _find_by_cursor(connection, known, selector, limit, sort, skip, projection, session)
    command: dict[str, Any] = {"find": known.name, "filter": selector}
    if projection:
        command["projection"] = projection
    if sort:
        command["sort"] = dict(sort)
    if skip:
        command["skip"] = skip
    command["limit"] = limit
    start, lent = time.monotonic(), known.sessions.borrow()
    try:
        # Not in a block of `wrap_errors`, which takes time of what is done most often.
        answer = known.command(
            command,
            codec_options=known.codec_options,
            read_preference=known.read_preference,
            session=lent,
        )
        if answer.__class__ is CoroutineType:
            answer = wait_for(answer)
    except connection.errors as error:
        known.sessions.give_back(lent, error)
        # Unlike a cursor, a command is not sent again when a primary steps down.
        settled = connection.client.options
        if not isinstance(error, AutoReconnect) or error.timeout or not settled.retry_reads:
            raise connection.explain(error) from error
        left = None if settled.timeout is None else settled.timeout - (time.monotonic() - start)
        with nullcontext() if left is None else pymongo.timeout(max(left, 0.001)):
            return _find_by_cursor(
                connection, known, selector, limit, sort, skip, projection, session
            )
    known.sessions.give_back(lent)
    cursor = answer["cursor"]
    if not cursor["id"]:
        found: list[dict[str, Any]] = cursor["firstBatch"]
        return found
    collection = known.collection
    with suppress(PyMongoError):
        collection.database.command("killCursors", collection.name, cursors=[cursor["id"]])
    return _find_by_cursor(connection, known, selector, limit, sort, skip, projection, session)


def _find_by_cursor(
    connection: Any,
    known: KnownCollection,
    selector: dict[str, Any],
    limit: int,
    sort: Sequence[tuple[str, int]],
    skip: int,
    projection: dict[str, Any] | None,
    session: Any,
) -> list[Any]:
    with connection.wrap_errors:
        return all_of(
            known.collection.find(
                selector, projection, skip=skip, limit=limit, sort=sort or None, session=session
            )
        )


def all_of(cursor: Any) -> list[Any]:
    """Return what is left of a cursor, by its own method, which takes whole batches."""
    take_all = getattr(cursor, "to_list", None)
    return list(cursor) if take_all is None else take_all()
