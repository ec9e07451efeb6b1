"""What is stored besides a document, right before it: numbers of sequences, files."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from docmodels.fields.base import Field

_NOTHING: AbstractContextManager[None] = nullcontext()


def with_companions(
    documents: Sequence[Any], alias: str, names: Container[str] | None = None
) -> AbstractContextManager[None]:
    """
    Return a context for the write of `documents`, all of one class.

    Its start stores what goes with them, of all fields or those of `names`;
    an error inside takes it back.
    """
    if not documents:
        return _NOTHING
    fields = [
        field
        for field in documents[0]._meta.fields
        if type(field).store_companions is not Field.store_companions
        and (names is None or field.name in names)
    ]
    return _stored(fields, documents, alias) if fields else _NOTHING


@contextmanager
def _stored(fields: list[Field[Any]], documents: Sequence[Any], alias: str) -> Iterator[None]:
    undo: list[Callable[[], None]] = []
    try:
        for field in fields:
            undo.append(field.store_companions(documents, alias))
        yield
    except BaseException:
        for function in reversed(undo):
            function()
        raise
