"""What an insert of many new documents does, as cheaply as it can."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from docmodels.documents.embedded import EmbeddedDocument
from docmodels.documents.writing import mark_inserted
from docmodels.fields.quick import make_check
from docmodels.queryset.iterables import make_pause
from docmodels.tracking import Source


def encode_all(documents: list[Any], own: Any) -> list[dict[str, Any]]:
    """
    Return what an insert of new documents sends.

    `own` is docmodels' method that encodes one: the collector rests only where
    no class has another.
    """
    classes: set[Any] = {type(document) for document in documents}
    runs_own_code_only = all(cls.to_mongo is own and _is_known(cls) for cls in classes)
    # Nothing that is made here is garbage before it is sent.
    with make_pause() if runs_own_code_only else nullcontext():
        raws = []
        for document in documents:
            raw = document.to_mongo()
            version_key = document._meta.version_key
            if version_key:
                raw[version_key] = 0
            raws.append(raw)
        return raws


@functools.cache
def _is_known(cls: Any) -> bool:
    """Tell whether all that encodes the values of the class is docmodels' own."""
    return all(make_check(field, _encodes_as_declared) is not None for field in cls._meta.fields)


def _encodes_as_declared(cls: Any) -> bool:
    return cls.encode is EmbeddedDocument.encode


def mark_all(documents: Iterable[Any], alias: str) -> None:
    """Turn objects that were inserted into loaded ones, until a rollback."""
    source = Source(alias)
    for document in documents:
        mark_inserted(document, alias, source)
