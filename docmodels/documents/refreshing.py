"""Read one document again, or a field of it that a query left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docmodels.connections import connections, router
from docmodels.documents import upgrades
from docmodels.documents.deferred import read_deferred
from docmodels.documents.timestamps import restore_slot
from docmodels.queryset.collections import collection_of
from docmodels.tracking import MISSING, Source
from docmodels.transaction import current_session


def refresh(
    document: Any, *, using: str | None, fields: Iterable[str] | None, raw: Any = None
) -> None:
    """Read `document` again; see `Document.refresh_from_db`. `raw` is what was read already."""
    names = names_of(document, fields)
    fresh = _read(document, using, names, raw)
    for field in document._meta.fields:
        if names is not None and field.name not in names:
            continue
        document._forget_error(field.name)
        if field.name in document._related:
            document._related = {k: v for k, v in document._related.items() if k != field.name}
        document._changed = {k: v for k, v in document._changed.items() if k != field.name}
        document._defaulted = {k: v for k, v in document._defaulted.items() if k != field.name}
        restore_slot(document, field, _raw_slot(fresh, field), document._changed)
        if field.name in fresh._changed:
            # An upgrade that the next save stores.
            document._changed = {**document._changed, field.name: fresh._changed[field.name]}
    if names is None:
        document._related = {}
        document._undeclared = fresh._undeclared
        document.__dict__.pop(upgrades.ATTRIBUTE, None)
        if (origin := upgrades.origin_of(fresh)) is not None:
            document.__dict__[upgrades.ATTRIBUTE] = origin
        document._version = fresh._version
        document._source = fresh._source
        document._state.adding, document._state.db = False, fresh._state.db
    elif document._source.loaded is not None:
        source = document._source
        document._source = source.replaced(source.alias, source.loaded | names)


def load_deferred(document: Any, field: Any) -> Any:
    """Read one field that the query left out, and return its value."""
    raw = read_deferred(document, field)
    refresh(document, using=document._source.alias, fields=[field.name], raw=raw)
    return getattr(document, field.attname)


def _raw_slot(document: Any, field: Any) -> Any:
    try:
        return field.slot_get(document)
    except AttributeError:
        return MISSING


def _read(document: Any, using: str | None, names: frozenset[str] | None, raw: Any = None) -> Any:
    cls, meta = type(document), document._meta
    alias = using or router.db_for_read(cls, instance=document)
    if raw is not None:
        return meta.load(raw, Source(alias, names))
    projection = None
    if names is not None and meta.schema_version is None:
        projection = {"_id": 1} | {meta.get_field(name).db_field: 1 for name in names}
    connection = connections[alias]
    with connection.wrap_errors:
        raw = collection_of(meta, connection, fresh=True).find_one(
            {"_id": document._stored_pk()}, projection, session=current_session(alias)
        )
    if raw is None:
        raise gone(document)
    return meta.load(raw, Source(alias, names))


def gone(document: Any) -> Exception:
    """Return the error of a save whose stored document is not there."""
    error: Exception = document.DoesNotExist(
        f"{document._meta.object_name}: no document with _id {document._stored_pk()!r} is stored "
        f"any more, nothing was saved."
    )
    return error


def names_of(document: Any, update_fields: Iterable[str] | None) -> frozenset[str] | None:
    """Return the names of fields, None for all; raise UnknownField, or TypeError for a text."""
    if update_fields is None:
        return None
    if isinstance(update_fields, str):
        raise TypeError(
            f"{document._meta.object_name}.save(): update_fields={update_fields!r}, expected a "
            f"list of names."
        )
    return frozenset(document._field(name).name for name in update_fields)
