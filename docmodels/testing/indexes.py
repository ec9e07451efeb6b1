"""Make the declared indexes in the databases of the tests."""

from __future__ import annotations

from typing import Any

from docmodels.indexing import plan, sync
from docmodels.registry import registry


def sync_indexes(*documents: Any, using: str | None = None) -> None:
    """
    Make the collections and indexes that these documents declare, or all do.

    They stay until the end of the run: collections are emptied, not dropped.
    """
    for document in documents or registry.documents():
        sync(plan(document, using))
