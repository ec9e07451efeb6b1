"""What is stored besides a document, right before it: numbers of sequences, files."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from docmodels.fields.base import Field
from docmodels.fields.typed import Blank, Default, Input, Null, Value


class OfDocument(Field[Value, Input, Null, Blank, Default]):
    """A field that belongs to a document itself: nothing else is saved by itself."""

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Refuse embedded documents."""
        if cls._meta.embedded:
            self.bind_target(cls, name)
        super().contribute_to_class(cls, name)

    def bind_target(self, cls: Any, name: str = "") -> None:
        """Refuse a place inside of a document, such as a list."""
        raise ImproperlyConfigured(
            f"{cls.__name__}.{name or self.name}: a {type(self).__name__} inside of a document, "
            f"expected one of the document itself, or a reference to a document that has one."
        )


_NOTHING: AbstractContextManager[None] = nullcontext()


def with_companions(
    documents: Sequence[Any], alias: str, names: Container[str] | None = None
) -> AbstractContextManager[None]:
    """
    Return a context for the write of `documents`, all of one class.

    Its start stores what goes with them, of all fields or those of `names`;
    an error inside takes it back.
    """
    if not documents or not documents[0]._meta.companion_fields:
        return _NOTHING
    fields = [
        field
        for field in documents[0]._meta.companion_fields
        if names is None or field.name in names
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
