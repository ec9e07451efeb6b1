"""Read a whole collection page by page, in the order of the keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import bson

from docmodels.connections import connections
from docmodels.connections.collections import collection_of
from docmodels.tracking import MISSING

_BY_KEY = [("_id", 1)]


def pages(
    model: Any, alias: str, keys: Iterable[str], *, size: int, after: Any = MISSING
) -> Iterator[list[dict[str, Any]]]:
    """
    Yield the stored documents of a class, `size` at a time, with these keys alone.

    `after` is the `_id` behind which to begin. Each page is a query of its own
    that reads from the index of `_id`, so that nothing grows with the collection.
    """
    meta, connection = model._meta, connections[alias]
    collection = collection_of(meta, connection)
    projection = {"_id": 1, meta.discriminator_key: 1} | dict.fromkeys(keys, 1)
    while True:
        # One more tells whether it is the last page, another one may be where it begins.
        cursor = collection.find(meta.discriminator_filter, projection, limit=size + 2)
        cursor.sort(_BY_KEY).hint(_BY_KEY)
        if after is not MISSING:
            # A bound of the index; `$gt` would end with the keys of one type.
            cursor.min([("_id", after)])
        with connection.wrap_errors:
            found = list(cursor)
        if found and after is not MISSING and same(found[0]["_id"], after):
            del found[0]
        page = found[:size]
        if page:
            after = page[-1]["_id"]
            yield page
        if len(found) <= size:
            return


def same(key: Any, other: Any) -> bool:
    """Tell whether two keys are the same to the server."""
    return key.__class__ is other.__class__ and encoded(key) == encoded(other)


def encoded(key: Any) -> bytes:
    """Return the bytes of a stored value."""
    options: Any = bson.CodecOptions(uuid_representation=bson.UuidRepresentation.STANDARD)
    return bson.encode({"": key}, codec_options=options)
