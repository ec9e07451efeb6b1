"""What an insert of many new documents does, as cheaply as it can."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bson import ObjectId

from docmodels.documents.base import set_source
from docmodels.documents.writing import mark_inserted
from docmodels.tracking import MISSING, Source
from docmodels.transaction import in_transaction


def make_key(document: Any) -> None:
    """Give a new document an ObjectId, unless it has one."""
    field = document._meta.pk
    value = document._slot_value(field)
    if value is None or value is MISSING:
        field.slot_set(document, ObjectId())


def mark_all(documents: Iterable[Any], alias: str) -> None:
    """Turn objects that were inserted into loaded ones, until a rollback."""
    source = Source(alias)
    to_undo = in_transaction(alias)
    for document in documents:
        meta = document._meta
        if to_undo or document._source.stored or meta.schema_version is not None:
            mark_inserted(document, alias)
            continue
        # The same for an object that was never loaded, which has less to forget.
        document._commit_fields()
        if meta.version_key:
            document._version = 0
        set_source(document, source)
        state = document._known_state()
        if state is not None:
            state.adding, state.db = False, alias
