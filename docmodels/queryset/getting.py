"""
Read one document by `name=value`: the read that is done most often.

`get(pk=…)` needs no copy of the queryset, no options, no order, no shape and
no batches; of a manager it needs no queryset at all. Whatever has one of these
goes the long way, with the same result.
"""

from __future__ import annotations

from typing import Any

from docmodels import signals
from docmodels.connections import connections, router
from docmodels.connections.finding import find_few
from docmodels.query import Query
from docmodels.query.equalities import compile_equalities
from docmodels.query.where import join_and
from docmodels.queryset.collections import known_collection_of
from docmodels.tracking import saved_to
from docmodels.transaction import current_session

#: A query that was not changed yet holds its class and what narrows it from the start.
_PRISTINE = 3


def get_from_queryset(queryset: Any, conditions: dict[str, Any]) -> list[Any] | None:
    """Return at most two matches of a queryset, None where there is more to it."""
    query = queryset.query
    if query.__class__ is not Query or len(query.__dict__) != _PRISTINE:
        return None
    return _find(queryset.model, queryset.db, query.where, conditions, fresh=queryset._for_write)


def get_from_manager(manager: Any, conditions: dict[str, Any]) -> list[Any] | None:
    """Return at most two matches of what a manager begins with, None where there is more to it."""
    model = manager.model
    meta = model._meta
    if meta.discriminator is not None or meta.collation or router.routers:
        return None
    return _find(model, manager._db or meta.alias, {}, conditions)


def _find(
    model: Any,
    alias: str,
    where: dict[str, Any],
    conditions: dict[str, Any],
    *,
    fresh: bool = False,
) -> list[Any] | None:
    meta = model._meta
    if meta.hidden_names or meta.query_hooks or signals.post_init.receivers:
        return None
    selector = compile_equalities(meta, conditions)
    if selector is None:
        return None
    if where:
        selector = join_and([where, selector])
    connection = connections[alias]
    known = known_collection_of(meta, connection, fresh=fresh)
    session = current_session(alias)
    with connection.wrap_errors:
        found = find_few(connection, known, selector, limit=2, session=session)
    # Nothing is known of the others of a result of one.
    load, source = meta.load_alone, saved_to(alias)
    return [load(raw, source) for raw in found]


def only_one(model: Any, found: list[Any]) -> Any:
    """Return what was found; raise DoesNotExist or MultipleObjectsReturned."""
    if len(found) == 1:
        return found[0]
    name = model._meta.object_name
    if not found:
        raise model.DoesNotExist(f"{name} matching query does not exist.")
    raise model.MultipleObjectsReturned(f"get() returned more than one {name}.")
