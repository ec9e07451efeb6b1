"""
Find a few documents by one command, without a cursor.

The driver's cursor is made for results of any size, and takes an eighth of the
client's time of reading one document. A `find` that is answered by one batch
needs none.
"""

from __future__ import annotations

import time
from contextlib import nullcontext, suppress
from typing import Any

import pymongo
from pymongo.errors import AutoReconnect, PyMongoError

from docmodels.connections.bridged import awaited, driver_object

#: How many documents the server sends in its first answer.
FEW = 100


def find_few(
    connection: Any, collection: Any, selector: dict[str, Any], *, limit: int, **options: Any
) -> list[dict[str, Any]]:
    """
    Return at most `limit` documents, if they are few by one command.

    `options` are `sort`, `skip`, `projection` and `session` of the driver's
    `find`, which is used for more of them, in a session, with a read concern,
    and where they are larger than one answer of the server may be.
    """
    known = driver_object(collection)
    if (
        limit > FEW
        or options.get("session") is not None
        or known.read_concern.document
        or not connection.supports_commands
    ):
        return all_of(collection.find(selector, limit=limit, **options))
    command: dict[str, Any] = {"find": known.name, "filter": selector}
    if options.get("projection"):
        command["projection"] = options["projection"]
    if options.get("sort"):
        command["sort"] = dict(options["sort"])
    if options.get("skip"):
        command["skip"] = options["skip"]
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
            return all_of(collection.find(selector, limit=limit, **options))
    cursor = answer["cursor"]
    if not cursor["id"]:
        found: list[dict[str, Any]] = cursor["firstBatch"]
        return found
    with suppress(PyMongoError):
        collection.database.command("killCursors", collection.name, cursors=[cursor["id"]])
    return all_of(collection.find(selector, limit=limit, **options))


def all_of(cursor: Any) -> list[Any]:
    """Return what is left of a cursor, by its own method, which takes whole batches."""
    take_all = getattr(cursor, "to_list", None)
    return list(cursor) if take_all is None else take_all()
