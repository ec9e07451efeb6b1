"""What an insert of many new documents does, as cheaply as it can."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from docmodels.documents.embedded import EmbeddedDocument
from docmodels.documents.writing import mark_inserted, mark_plainly
from docmodels.fields.errors import ErrorMap
from docmodels.fields.quick import make_check
from docmodels.queryset.iterables import make_pause
from docmodels.tracking import Source
from docmodels.transaction import in_transaction

#: What is stored of a document, None where that is not known yet.
Raw = dict[str, Any] | None

#: How many documents are judged or encoded at a time.
BATCH = 1000
#: How many are kept as they were encoded when they were judged; more take too much memory.
KEPT = 10_000


def judge_all(documents: list[Any]) -> tuple[list[Raw], ErrorMap]:
    """
    Judge new documents; return what was encoded on the way, and all errors.

    The paths of the errors begin with the position of the document.
    """
    raws: list[Raw] = []
    errors: ErrorMap = {}
    for start in range(0, len(documents), BATCH):
        batch = documents[start : start + BATCH]
        # No code but docmodels' own runs in these functions.
        with make_pause():
            found = [judge(d) if (judge := d._meta.judge) else None for d in batch]
        for index, raw in enumerate(found):
            if raw is None:
                for path, wrong in batch[index].collect_errors().items():
                    errors[f"{start + index}.{path}"] = wrong
        raws += found if start < KEPT else [None] * len(found)
    return raws, errors


def encode_all(documents: list[Any], raws: list[Raw], own: Any) -> list[dict[str, Any]]:
    """
    Return what an insert of new documents sends: `raws`, and what is missing there.

    `own` is docmodels' method that encodes one: the collector rests only where
    no class has another.
    """
    if None not in raws:
        return raws  # type: ignore[return-value]
    classes: set[Any] = {type(document) for document in documents}
    runs_own_code_only = all(cls.to_mongo is own and _is_known(cls) for cls in classes)
    # Nothing that is made here is garbage before it is sent.
    with make_pause() if runs_own_code_only else nullcontext():
        found = []
        for document, raw in zip(documents, raws, strict=True):
            if raw is None:
                raw = document.to_mongo()
                version_key = document._meta.version_key
                if version_key:
                    raw[version_key] = 0
            found.append(raw)
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
