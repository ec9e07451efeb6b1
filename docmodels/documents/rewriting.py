"""Change references whose documents are gone, or are about to go, as their rule says."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from docmodels.connections import connections
from docmodels.documents.referrers import OnDelete, Referrer
from docmodels.query.keypaths import Change, removing, replacing
from docmodels.queryset.collections import collection_of
from docmodels.tracking import MISSING
from docmodels.transaction import current_session


def rewrite(referrer: Referrer, keys: list[Any], *, beside: tuple[Any, str]) -> int:
    """
    Do to references by `keys` what their rule says; return how many documents changed.

    `beside` is the class that they refer to and its alias.
    """
    if not keys:
        return 0
    alias = referrer.alias_beside(*beside)
    connections[alias].require_writable(f"{referrer.model._meta.label}: on_delete")
    return send(referrer, change_of(referrer, keys), alias)


def change_of(referrer: Referrer, keys: list[Any], rule: OnDelete | None = None) -> Change:
    """Return the update that a rule asks for, that of the reference unless given."""
    rule = rule or referrer.rule
    if rule is OnDelete.PULL:
        return removing(referrer.steps, keys, referrer.told)
    value = None
    if rule is OnDelete.SET_DEFAULT:
        default = referrer.field.get_default()
        value = None if default is MISSING else referrer.field.get_prep_value(default)
    return replacing(referrer.steps, keys, value, referrer.told)


def send(referrer: Referrer, change: Change, alias: str) -> int:
    """Send a change of references to all documents of their class that it concerns."""
    meta, connection = referrer.model._meta, connections[alias]
    update, updated = change.update, meta.updated_field
    if updated is not None:
        moment = {updated.db_field: timezone.now()}
        if isinstance(update, list):
            update = [*update, {"$set": moment}]
        else:
            update = {**update, "$set": {**update.get("$set", {}), **moment}}
    options = {} if change.array_filters is None else {"array_filters": change.array_filters}
    with connection.wrap_write_errors:
        result = collection_of(meta, connection).update_many(
            {**change.where, **meta.discriminator_filter},
            update,
            session=current_session(alias),
            **options,
        )
    return int(result.modified_count)
