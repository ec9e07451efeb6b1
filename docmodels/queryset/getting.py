"""
Read one document by `name=value`: the read that is done most often.

`get(pk=…)` needs no copy of the queryset, no options, no order, no shape and
no batches. Whatever has one of these goes the long way, with the same result.
"""

from __future__ import annotations

from typing import Any

from docmodels import signals
from docmodels.connections.finding import find_few
from docmodels.query import Query
from docmodels.query.equalities import compile_equalities
from docmodels.query.where import join_and
from docmodels.queryset.options import collection_for
from docmodels.tracking import Source
from docmodels.transaction import current_session

#: A query that was not changed yet holds its class and what narrows it from the start.
_PRISTINE = 3


def find_plain(queryset: Any, conditions: dict[str, Any]) -> list[Any] | None:
    """Return at most two matches, None where there is more to it."""
    query, meta = queryset.query, queryset.model._meta
    if query.__class__ is not Query or len(query.__dict__) != _PRISTINE:
        return None
    if meta.hidden_names or meta.query_hooks or signals.post_init.receivers:
        return None
    selector = compile_equalities(meta, conditions)
    if selector is None:
        return None
    if query.where:
        selector = join_and([query.where, selector])
    connection = queryset._connection
    collection = collection_for(queryset, connection)
    session = current_session(connection.alias)
    with connection.wrap_errors:
        found = find_few(connection, collection, selector, limit=2, session=session)
    load, source = meta.load_alone, Source(connection.alias)
    return [load(raw, source) for raw in found]
