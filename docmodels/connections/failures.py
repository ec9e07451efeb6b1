"""What failed first inside of a transaction: the server ends it there, and tells only later."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

from docmodels.exceptions import (
    DocmodelsError,
    InvalidDocument,
    NotSupportedError,
    TransactionAborted,
)

#: The server's code for NoSuchTransaction.
_GONE = 251

# The lists alone are changed: tasks of a transaction share them.
_failed: ContextVar[Mapping[str, list[DocmodelsError]]] = ContextVar(
    "docmodels_failures", default=MappingProxyType({})
)


def note_failures(alias: str, failed: list[DocmodelsError] | None) -> None:
    """Note from now on what fails on an alias in a list; with None no more."""
    others = {other: noted for other, noted in _failed.get().items() if other != alias}
    _failed.set(others if failed is None else {**others, alias: failed})


def explained(error: DocmodelsError, alias: str) -> DocmodelsError:
    """Return an error; of a transaction that ended with an earlier one, the one that says so."""
    failed = _failed.get().get(alias)
    if failed is None or isinstance(error, (InvalidDocument, NotSupportedError)):
        # No transaction, or none that the server heard of it.
        return error
    if not failed or getattr(error, "code", None) != _GONE:
        failed.append(error)
        return error
    found = TransactionAborted(
        f"The atomic block on '{alias}' cannot go on: an error in it was caught "
        f"({type(failed[0]).__name__}), with which the server ended the transaction; expected to "
        f"be caught around the block.",
        alias=alias,
        code=_GONE,
    )
    # What could be tried again can be.
    found.error_labels = failed[0].error_labels
    return found
