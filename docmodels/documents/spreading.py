"""Bring copies in step when what they were copied from changes."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from docmodels.conf import docmodels_settings
from docmodels.connections import connections
from docmodels.connections.collections import collection_of
from docmodels.documents.copying import copied_values, copiers, copy_of
from docmodels.documents.referrers import Referrer, target_of
from docmodels.documents.rewriting import send
from docmodels.query.keypaths import placing_beside
from docmodels.queryset.populating import identify
from docmodels.transaction import current_session

logger = logging.getLogger("docmodels.copies")

#: How many changed documents are looked at together.
BATCH = 1000


def touched(model: Any, paths: Iterable[str] | None) -> list[Referrer]:
    """
    Return the references that copied what an update of `model` changes.

    `paths` are the updated ones, in MongoDB's keys; None stands for all.
    """
    found = copiers(model)
    if not found or paths is None:
        return found
    roots = {path.partition(".")[0] for path in paths}
    return [
        referrer
        for referrer in found
        if any(field.db_field in roots for field in copy_of(referrer).embedded_model._meta.fields)
    ]


def paths_of(update: Any) -> list[str] | None:
    """Return the paths of an update of operators, None for a pipeline."""
    if not isinstance(update, dict):
        return None
    return [path for changes in update.values() for path in changes]


def spread_saved(document: Any, alias: str, paths: Iterable[str] | None) -> None:
    """Bring the copies of one document in step, after a save of these paths."""
    for referrer in touched(type(document), paths):
        target = referrer.field.target_field
        value = getattr(document, target.attname)
        if value is not None:
            spread(referrer, [target.get_prep_value(value)], alias)


def keys_of(model: Any, where: dict[str, Any], alias: str, found: list[Referrer]) -> Any:
    """
    Return the keys that an update of what matches concerns, before it is sent.

    They are given by the reference; None stands for more than are kept.
    """
    limit = docmodels_settings.COPIES_LIMIT
    connection = connections[alias]
    fields = {referrer.field.target_field.db_field for referrer in found}
    with connection.wrap_errors:
        raws = list(
            collection_of(model._meta, connection, fresh=True).find(
                where, dict.fromkeys({"_id", *fields}, 1), limit=limit + 1,
                session=current_session(alias),
            )
        )  # fmt: skip
    if len(raws) > limit:
        return None
    by_field = {name: [raw[name] for raw in raws if raw.get(name) is not None] for name in fields}
    return [(referrer, by_field[referrer.field.target_field.db_field]) for referrer in found]


def spread_updated(model: Any, found: Any, alias: str) -> None:
    """Bring copies in step after an update of many; `found` is what `keys_of` returned."""
    if found is None:
        logger.warning(
            "%s: more than %d documents were updated, their copies were left behind. Run "
            "manage.py checkreferences --copies --mend.",
            model._meta.label,
            docmodels_settings.COPIES_LIMIT,
        )
        return
    for referrer, keys in found:
        for start in range(0, len(keys), BATCH):
            spread(referrer, keys[start : start + BATCH], alias)


def spread(referrer: Referrer, keys: Sequence[Any], alias: str) -> None:
    """
    Store the values that are copied now beside each of `keys`.

    `alias` is that of the documents with these keys. Those that too many
    documents refer to are left, and logged.
    """
    target = target_of(referrer.field)
    beside = referrer.alias_beside(target, alias)
    connections[beside].require_writable(f"{referrer.model._meta.label}: copies")
    values = copied_values(referrer, keys, beside)
    limit = docmodels_settings.COPIES_LIMIT
    for key in keys:
        value = values.get(identify(referrer.field, key))
        if value is None:
            continue
        manager = referrer.model._base_manager.using(beside).without_hooks()
        if manager.raw_filter(referrer.condition([key])).count_up_to(limit) > limit:
            logger.warning(
                "%s: more than %d documents hold copies of %s %r, which were left behind. Run "
                "manage.py checkreferences %s --copies --mend.",
                referrer.label,
                limit,
                target._meta.label,
                key,
                referrer.model._meta.label,
            )
            continue
        place(referrer, [key], value, beside)


def place(
    referrer: Referrer,
    keys: Sequence[Any],
    value: dict[str, Any] | None,
    alias: str,
    ids: Collection[Any] | None = None,
) -> int:
    """Store `value` beside `keys`, in the documents of `ids` or in all; return how many changed."""
    change = placing_beside(referrer.steps, keys, copy_of(referrer).db_field, value)
    if ids is not None:
        change = change._replace(where={"$and": [{"_id": {"$in": list(ids)}}, change.where]})
    return send(referrer, change, alias)
