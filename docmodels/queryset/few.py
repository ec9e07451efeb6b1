"""
Read a few whole documents, filtered, ordered and cut: what most pages ask for.

Such a read needs no options, no projection, no shape and no batches. Whatever
has one of these goes the long way, in `iterables`, with the same result.
"""

from __future__ import annotations

from typing import Any

from docmodels import signals
from docmodels.connections import connections
from docmodels.connections.finding import FEW, find_few
from docmodels.exceptions import OperationFailed
from docmodels.query import Query
from docmodels.queryset.peers import note_peers
from docmodels.queryset.refusals import explained
from docmodels.tracking import Source
from docmodels.transaction import current_session

#: How many orders a class remembers: they may come from requests.
MAX_SORTS = 100

#: All that its query has of its own.
_PLAIN = frozenset(
    {"default_ordering", "high", "low", "meta", "ordering", "reversed", "unfiltered", "where"}
)


def read_whole(queryset: Any) -> list[Any] | None:
    """Return the result, None where there is more to it."""
    query, model = queryset.query, queryset.model
    if query.__class__ is not Query or query.high is None or not query.__dict__.keys() <= _PLAIN:
        return None
    limit = query.high - query.low
    if limit > FEW or model._meta.hidden_names or signals.post_init.receivers:
        return None
    connection = connections[queryset.db]
    try:
        raws = find_few(
            connection,
            connection.ready(model._meta, queryset._for_write),
            query.where,
            limit,
            sort=_sort_of(query),
            skip=query.low,
            session=current_session(connection.alias),
        )
    except OperationFailed as error:
        raise explained(error, queryset) from error.__cause__
    load, source = model._meta.load, Source(connection.alias)
    note = note_peers(model, None, is_partial=False)
    if note is not None:
        source.peers = note(raws, None)
    made = [load(raw, source) for raw in raws]
    if source.peers is not None and source.peers.asked:
        source.peers.meet(made)
    return made


def _sort_of(query: Any) -> list[tuple[str, int]]:
    """Return the sort keys, which are always the same for paths of a class."""
    ordering, known = query.ordering, query.meta.sorts
    if not ordering or query.reversed:
        return query.sort()
    found: list[tuple[str, int]] | None = known.get(ordering)
    if found is None:
        found = query.sort()
        if len(known) < MAX_SORTS:
            known[ordering] = found
    return found
