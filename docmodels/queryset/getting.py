"""
Read one document by `name=value`: the read that is done most often.

`get(pk=…)` needs no copy of the queryset, no options, no order, no shape and
no batches; of a manager it needs no queryset at all. Whatever has one of these
goes the long way, with the same result.
"""

from __future__ import annotations

from typing import Any

from docmodels import signals
from docmodels.connections import connections
from docmodels.connections.finding import find_few
from docmodels.query import Query
from docmodels.query.equalities import compile_equalities
from docmodels.query.where import join_and
from docmodels.tracking import saved_to
from docmodels.transaction import current_session

#: A query that was not changed yet holds its class and what narrows it from the start.
_PRISTINE = 3


def get_from_queryset(queryset: Any, conditions: dict[str, Any]) -> Any:
    """Return the only match of a queryset, None where there is more to it; raise as `get()`."""
    query, model = queryset.query, queryset.model
    if query.__class__ is not Query or len(query.__dict__) != _PRISTINE:
        return None
    if not model._meta.gets_plainly:
        return None
    return get_plainly(model, queryset.db, conditions, where=query.where, fresh=queryset._for_write)


def get_plainly(
    model: Any,
    alias: str,
    conditions: dict[str, Any],
    *,
    where: dict[str, Any] | None = None,
    fresh: bool = False,
) -> Any:
    """
    Return the only match of `name=value`, None where there is more to them.

    `where` narrows them. The class is one that `gets_plainly`. Raise
    DoesNotExist or MultipleObjectsReturned.
    """
    meta = model._meta
    selector = compile_equalities(meta, conditions)
    if selector is None or signals.post_init.receivers:
        return None
    if where:
        selector = join_and([where, selector])
    connection = connections[alias]
    known = connection.ready(meta, fresh)
    found = find_few(connection, known, selector, 2, session=current_session(alias))
    if len(found) != 1:
        raise not_one(model, found)
    # Nothing is known of the others of a result of one.
    return meta.load_alone(found[0], saved_to(alias))


def not_one(model: Any, found: list[Any]) -> Exception:
    """Return DoesNotExist or MultipleObjectsReturned for a result that is not of one."""
    name = model._meta.object_name
    if not found:
        return model.DoesNotExist(f"{name} matching query does not exist.")
    return model.MultipleObjectsReturned(f"get() returned more than one {name}.")
