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
from typing import Any

import pymongo
from pymongo.errors import AutoReconnect, PyMongoError

from docmodels.connections.bridged import awaited, driver_object

#: How many documents the server sends in its first answer.
FEW = 100


def find_few(
    connection: Any,
    collection: Any,
    selector: dict[str, Any],
    *,
    limit: int,
    sort: Sequence[tuple[str, int]] = (),
    skip: int = 0,
    projection: dict[str, Any] | None = None,
    session: Any = None,
) -> list[dict[str, Any]]:
    """
    Return at most `limit` documents, if they are few by one command.

    The options are those of the driver's `find`, which is used for more of
    them, in a session, with a read concern, and where they are larger than one
    answer of the server may be.
    """

    def by_cursor() -> list[Any]:
        return all_of(
            collection.find(
                selector, projection, skip=skip, limit=limit, sort=sort or None, session=session
            )
        )

    known = driver_object(collection)
    if (
        limit > FEW
        or session is not None
        or known.read_concern.document
        or not connection.supports_commands
    ):
        return by_cursor()
    command: dict[str, Any] = {"find": known.name, "filter": selector}
    if projection:
        command["projection"] = projection
    if sort:
        command["sort"] = dict(sort)
    if skip:
        command["skip"] = skip
    command["limit"] = limit
    start = time.monotonic()
    try:
        answer = awaited(
            known.database.command(
                command,
                codec_options=known.codec_options,
                read_preference=known.read_preference,
            )
        )
    except AutoReconnect as error:
        # Unlike a cursor, a command is not sent again when a primary steps down.
        settled = connection.client.options
        if error.timeout or not settled.retry_reads:
            raise
        left = None if settled.timeout is None else settled.timeout - (time.monotonic() - start)
        with nullcontext() if left is None else pymongo.timeout(max(left, 0.001)):
            return by_cursor()
    cursor = answer["cursor"]
    if not cursor["id"]:
        found: list[dict[str, Any]] = cursor["firstBatch"]
        return found
    with suppress(PyMongoError):
        collection.database.command("killCursors", collection.name, cursors=[cursor["id"]])
    return by_cursor()


def all_of(cursor: Any) -> list[Any]:
    """Return what is left of a cursor, by its own method, which takes whole batches."""
    take_all = getattr(cursor, "to_list", None)
    return list(cursor) if take_all is None else take_all()
