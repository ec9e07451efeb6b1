"""Give the driver's collection of a document class, as its `Meta` wants it."""

from __future__ import annotations

from typing import Any

from docmodels.connections import connections
from docmodels.connections.collections import collection_of
from docmodels.exceptions import OperationFailed

__all__ = [
    "are_together",
    "collection_info",
    "collection_of",
    "collection_to_insert",
    "create_collection",
]

_NAMESPACE_EXISTS = 48


def collection_to_insert(meta: Any, connection: Any) -> Any:
    """
    Return the collection for an insert, made before where it must be.

    An insert makes a plain collection. One that is to be capped, a time
    series, of a collation or validated is made first, once in a process.
    """
    if meta.has_creation and meta.collection not in connection.created:
        create_collection(meta, connection)
    return collection_of(meta, connection)


def create_collection(meta: Any, connection: Any) -> bool:
    """Make the collection if it is not there; return whether it was made."""
    made = collection_info(meta, connection) is None and _create(meta, connection)
    connection.created.add(meta.collection)
    return made


def collection_info(meta: Any, connection: Any) -> dict[str, Any] | None:
    """Return the server's description of the collection, None without one."""
    if not connection.supports_collection_options:
        names = connection.database.list_collection_names()
        return {"name": meta.collection} if meta.collection in names else None
    with connection.wrap_errors:
        found = list(connection.database.list_collections(filter={"name": meta.collection}))
    return dict(found[0]) if found else None


def _create(meta: Any, connection: Any) -> bool:
    # Beside an open transaction: one of snapshots cannot make collections. If it began to read
    # before, the server calls it transient, and `@atomic` runs the function again.
    options = {"check_exists": False, **meta.creation_options()}
    if not connection.supports_collection_options:
        # The fake knows plain collections only.
        options = {}
    try:
        with connection.wrap_write_errors:
            connection.database.create_collection(meta.collection, **options)
    except OperationFailed as error:
        # Somebody else was faster.
        if error.code != _NAMESPACE_EXISTS:
            raise
        return False
    return True


def are_together(first: str, second: str) -> bool:
    """Return whether two aliases name the same database of the same servers."""
    if first == second:
        return True
    ours, theirs = connections[first].settings, connections[second].settings
    return bool(ours["HOST"] == theirs["HOST"] and ours["NAME"] == theirs["NAME"])
