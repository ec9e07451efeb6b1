"""Read a field that the query left out, for all documents of the result at once."""

from __future__ import annotations

from typing import Any

from docmodels.connections import connections
from docmodels.constants import FetchMode
from docmodels.exceptions import FieldFetchBlocked
from docmodels.queryset.accessing import PEERS_AT_ONCE
from docmodels.queryset.collections import collection_of
from docmodels.queryset.peers import KEYS, mode_of, refuse_blocking
from docmodels.queryset.populating import identify
from docmodels.transaction import current_session


def read_deferred(document: Any, field: Any) -> dict[str, Any] | None:
    """
    Return the stored field of `document` where it was read together with its peers'.

    None means that it is to be read by itself. Raise FieldFetchBlocked where
    the fetch mode forbids both.
    """
    source, meta = document._source, document._meta
    mode = mode_of(source)
    if mode is FetchMode.RAISE:
        raise FieldFetchBlocked(
            f"{meta.object_name}.{field.name}: left out by the query, and fetch_mode(RAISE) "
            f"forbids to load it; expected it among those of only() or select().",
            document=document,
            path=field.name,
        )
    refuse_blocking(document, field.name)
    peers = source.peers if mode is FetchMode.PEERS and meta.schema_version is None else None
    if peers is None or KEYS not in peers.keys:
        return None
    known = peers.found.setdefault((KEYS, field.name), {})
    own = identify(meta.pk, document._stored_pk())
    if own not in known:
        _read_peers(document, field, own, known)
    # Each is taken once: the document becomes its owner.
    raw: dict[str, Any] | None = known.get(own)
    known[own] = None
    return raw


def _read_peers(document: Any, field: Any, own: Any, known: dict[Any, Any]) -> None:
    meta, alias = document._meta, document._source.alias
    keys = document._source.peers.keys[KEYS]
    identities = [identify(meta.pk, key) for key in keys]
    start = identities.index(own) if own in identities else 0
    order = [*range(start, len(keys)), *range(start)]
    wanted = [keys[i] for i in order if identities[i] not in known][:PEERS_AT_ONCE]
    connection = connections[alias]
    with connection.wrap_errors:
        cursor = collection_of(meta, connection, fresh=True).find(
            {"_id": {"$in": wanted}},
            {"_id": 1, field.db_field: 1},
            session=current_session(alias),
            # One answer holds them all, and the server closes the cursor.
            batch_size=len(wanted) + 1,
        )
        known |= {identify(meta.pk, raw["_id"]): raw for raw in cursor}
