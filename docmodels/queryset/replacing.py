"""Put a document in a stored one's place."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from docmodels.query.upserts import equalities
from docmodels.query.where import join_and


def make_replacement(
    model: Any, replacement: Any, action: str, *, validate: bool, timestamps: bool
) -> Any:
    """
    Return a copy of an object, or an object of a dict, ready to be stored.

    Raise ValidationError by path.
    """
    if isinstance(replacement, Mapping):
        replacement = model.from_dict(replacement)
    elif not isinstance(replacement, model):
        raise TypeError(
            f"{model._meta.object_name}.{action}(): {replacement!r}, expected a "
            f"{model.__name__} or a dict."
        )
    document = copy.copy(replacement)
    updated = document._meta.updated_field
    given = updated is not None and document.is_set(updated.name)
    moment = getattr(document, updated.attname) if given else None
    document._set_automatic(timestamps=timestamps)
    if given:
        setattr(document, updated.attname, moment)
    errors = document.collect_errors() if validate else document._errors
    if errors:
        raise ValidationError(errors)
    return document


def narrow(where: dict[str, Any], document: Any, *, upsert: bool) -> dict[str, Any]:
    """
    Return the filter of what `document` may replace.

    Raise ValidationError for an upsert that would be stored under a key of
    another type than declared.
    """
    meta = type(document)._meta
    if meta.children or meta.discriminator is not None:
        # The class of a stored document cannot change.
        where = join_and([where, {meta.discriminator_key: meta.discriminator}])
    if upsert and "_id" not in equalities(where) and meta.pk.bson_types != {"objectId"}:
        raise ValidationError({meta.pk.name: [meta.pk.error("required")]})
    return where


def replace_stages(document: Any) -> list[dict[str, Any]]:
    """Return the stages that put `document` in a stored one's place."""
    meta = document._meta
    raw = document.to_mongo()
    raw.pop("_id", None)
    kept: dict[str, Any] = {"_id": "$_id"}
    for field in meta.fields:
        if field.immutable and not field.primary_key:
            key = field.db_field
            stored = f"${key}"
            kept[key] = {"$ifNull": [stored, {"$literal": raw[key]}]} if key in raw else stored
    if meta.version_key:
        raw.pop(meta.version_key, None)
        kept[meta.version_key] = {"$add": [{"$ifNull": [f"${meta.version_key}", -1]}, 1]}
    return [{"$replaceWith": {"$mergeObjects": [{"$literal": raw}, kept]}}]
