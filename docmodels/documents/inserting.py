"""What an insert of many new documents does, as cheaply as it can."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

import bson
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from docmodels.documents.embedded import EmbeddedDocument
from docmodels.documents.timestamps import give_key, set_automatic
from docmodels.documents.writing import mark_inserted, mark_plainly
from docmodels.fields.errors import ErrorMap
from docmodels.fields.quick import make_check
from docmodels.queryset.pausing import make_pause
from docmodels.tracking import Source
from docmodels.transaction import in_transaction

#: What is sent of a document, None where that is not known yet.
Raw = bytes | None

#: How many documents are judged or encoded at a time; each end of a pause starts the collector.
BATCH = 10_000
#: How many bytes are kept of what was encoded when it was judged.
KEPT = 100_000_000


def set_all_automatic(documents: list[Any], *, timestamps: bool, using: str | None) -> None:
    """Set what the insert of new documents sets by itself."""
    gives_keys = using is None and all(
        cls._meta.makes_only_keys for cls in {type(document) for document in documents}
    )
    if not gives_keys:
        for document in documents:
            set_automatic(document, timestamps=timestamps, using=using)
        return
    for start in range(0, len(documents), BATCH):
        with make_pause():
            for document in documents[start : start + BATCH]:
                give_key(document)


def judge_all(documents: list[Any], kept: int = KEPT) -> tuple[list[Raw], ErrorMap]:
    """
    Judge new documents; return what was encoded on the way, and all errors.

    No more than `kept` bytes are, but for one batch. The paths of the errors
    begin with the position of the document.
    """
    raws: list[Raw] = []
    errors: ErrorMap = {}
    for start in range(0, len(documents), BATCH):
        batch = documents[start : start + BATCH]
        found, doubtful = _judge_batch(batch, keep=kept > 0)
        for index in doubtful:
            for path, wrong in batch[index].collect_errors().items():
                errors[f"{start + index}.{path}"] = wrong
        raws += found
        kept -= sum(map(len, filter(None, found)))
    return raws, errors


def _judge_batch(batch: list[Any], *, keep: bool) -> tuple[list[Raw], list[int]]:
    """Return what is kept of each document, and the positions of those to be looked at closely."""
    raws: list[Raw] = [None] * len(batch)
    doubtful = []
    # No code but docmodels' own runs in these functions.
    with make_pause():
        for index, document in enumerate(batch):
            judge = document._meta.judge
            raw = judge(document) if judge else None
            if raw is None:
                doubtful.append(index)
            elif keep:
                # Bytes are small, and nothing in them is for the collector to look through.
                raws[index] = _encode(raw)
    return raws, doubtful


def _encode(raw: dict[str, Any]) -> Raw:
    try:
        return bson.encode(raw)
    except (BSONError, OverflowError, ValueError):
        # It is encoded again to be sent, where such errors are told as all others are.
        return None


def encode_all(documents: list[Any], raws: list[Raw], own: Any) -> list[Any]:
    """
    Return what an insert of new documents sends: `raws`, and what is missing there.

    `own` is docmodels' method that encodes one: the collector rests only where
    no class has another.
    """
    if None not in raws:
        with make_pause():
            return list(map(RawBSONDocument, filter(None, raws)))
    classes: set[Any] = {type(document) for document in documents}
    runs_own_code_only = all(cls.to_mongo is own and _is_known(cls) for cls in classes)
    # Nothing that is made here is garbage before it is sent.
    with make_pause() if runs_own_code_only else nullcontext():
        found = []
        for document, raw in zip(documents, raws, strict=True):
            if raw is not None:
                found.append(RawBSONDocument(raw))
                continue
            made = document.to_mongo()
            version_key = document._meta.version_key
            if version_key:
                made[version_key] = 0
            found.append(made)
        return found


@functools.cache
def _is_known(cls: Any) -> bool:
    """Tell whether all that encodes the values of the class is docmodels' own."""
    return all(make_check(field, _encodes_as_declared) is not None for field in cls._meta.fields)


def _encodes_as_declared(cls: Any) -> bool:
    return cls.encode is EmbeddedDocument.encode


def mark_all(documents: Iterable[Any], alias: str) -> None:
    """Turn objects that were inserted into loaded ones, until a rollback."""
    source = Source(alias)
    marked = mark_inserted if in_transaction(alias) else mark_plainly
    for document in documents:
        marked(document, source)
