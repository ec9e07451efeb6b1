"""What querysets ask a document class: to judge, encode, save and delete its documents."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any

from django.core.exceptions import ValidationError

from docmodels.documents import inserting, pending, writing
from docmodels.documents.bulk_saving import save_many
from docmodels.documents.completing import prepare_update
from docmodels.documents.deletion import delete_queryset, needs_documents
from docmodels.documents.duplicates import duplicate_error
from docmodels.documents.timestamps import set_automatic
from docmodels.exceptions import DuplicateKey
from docmodels.fields.errors import ErrorMap
from docmodels.tracking import Source


class Asked:
    """The part of documents that querysets use, who know them by `queryset.model` alone."""

    __slots__ = ()

    @classmethod
    def _delete_queryset(cls: Any, queryset: Any, alias: str) -> tuple[int, dict[str, int]]:
        return delete_queryset(queryset, alias)

    @classmethod
    def _deletes_plainly(cls: Any) -> bool:
        """Return whether a deletion is one command, with nothing around it."""
        return cls.delete is cls._plain_delete and not needs_documents(cls)

    @classmethod
    def _prepare_update(cls: Any, where: Any, update: Any, alias: str) -> Callable[[], None] | None:
        """Complete an update before it is sent; return what follows it."""
        return prepare_update(cls, where, update, alias)

    @classmethod
    def _save_many(cls: Any, documents: list[Any], connection: Any, **options: Any) -> Any:
        return save_many(cls, documents, connection, **options)

    def _to_insert(self: Any) -> dict[str, Any]:
        """Return what an insert stores, in the first version."""
        raw = self.to_mongo()
        if self._meta.version_key:
            raw[self._meta.version_key] = 0
        return raw

    def _stored_filter(self: Any) -> dict[str, Any]:
        return pending.document_filter(self)

    def _mark_updated(self: Any, alias: str, names: Container[str]) -> None:
        """Take the fields of `names` as stored, after an update of many."""
        if not self._state.adding:
            writing.mark_updated(self, alias, names, {})

    def _set_automatic(self: Any, *, timestamps: bool, using: str | None = None) -> None:
        """Set what the insert of a new document sets by itself."""
        set_automatic(self, timestamps=timestamps, using=using)

    @classmethod
    def _set_all_automatic(
        cls: Any, documents: list[Any], *, timestamps: bool, using: str | None
    ) -> None:
        """Set what the insert of new documents sets by itself."""
        inserting.set_all_automatic(documents, timestamps=timestamps, using=using)

    def _mark_stored(self: Any, alias: str) -> None:
        """Become a loaded object, after an insert."""
        writing.mark_inserted(self, Source(alias))

    @classmethod
    def _judge_all(
        cls: Any, documents: list[Any], *, encode: bool
    ) -> tuple[list[inserting.Raw], ErrorMap]:
        """Return what was encoded of new documents on the way, if wanted, and all their errors."""
        return inserting.judge_all(documents, inserting.KEPT if encode else 0)

    @classmethod
    def _encode_all(cls: Any, documents: list[Any], raws: list[inserting.Raw]) -> list[Any]:
        """Return what an insert of these new documents sends."""
        return inserting.encode_all(documents, raws, cls._plain_to_mongo)

    @classmethod
    def _mark_all_stored(cls: Any, documents: Iterable[Any], alias: str) -> None:
        """Turn new objects into loaded ones, after an insert of many."""
        inserting.mark_all(documents, alias)

    @classmethod
    def _duplicate_error(cls: Any, error: DuplicateKey) -> ValidationError:
        return duplicate_error(cls._meta, error)
