"""Writes: create and delete through a queryset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from docmodels.exceptions import DuplicateKey, OperationFailed
from docmodels.fields.companions import with_companions
from docmodels.fields.errors import ErrorMap, add_errors
from docmodels.query.creation import equal_values, refuse_computed_values
from docmodels.query.update_paths import is_dropped
from docmodels.queryset.collections import collection_to_insert
from docmodels.queryset.conflicts import OnConflict
from docmodels.queryset.guarded import GuardedMixin, narrowed, total_deleted
from docmodels.queryset.hooking import hooked
from docmodels.queryset.sending import CHUNK, check_batch_size, error_of, list_of, send
from docmodels.transaction import current_session, in_transaction

D = TypeVar("D")


class WritesMixin(GuardedMixin[D]):
    """`create`, `get_or_create`, `update_or_create`, `delete`, `bulk_create`."""

    def create(self, **values: Any) -> D:
        """Make a document of `values` by field name, insert and return it; run its hooks."""
        document = self.model(**values)
        document.save(using=self._db, force_insert=True)
        return document

    def get_or_create(
        self, defaults: dict[str, Any] | None = None, **conditions: Any
    ) -> tuple[D, bool]:
        """
        Return the match of `conditions`, or a new document, and whether it is new.

        A new one has the values of the equalities among the conditions, and
        those of `defaults`; a function there is called. Raise
        MultipleObjectsReturned for several matches.
        """
        refuse_computed_values(self.model._meta, conditions, defaults or {})
        # A replica may not have what was just created.
        self._for_write = True
        try:
            return self.get(**conditions), False  # type: ignore[attr-defined]
        except self.model.DoesNotExist:
            pass
        values = self._creation_values(conditions, defaults)
        try:
            return self.create(**values), True
        except ValidationError as error:
            # Somebody else may have created it between the two.
            if not isinstance(error.__cause__, DuplicateKey):
                raise
            try:
                return self.get(**conditions), False  # type: ignore[attr-defined]
            except self.model.DoesNotExist:
                raise error from None

    def update_or_create(
        self,
        defaults: dict[str, Any] | None = None,
        create_defaults: dict[str, Any] | None = None,
        **conditions: Any,
    ) -> tuple[D, bool]:
        """
        Update the match of `conditions` with `defaults`, or create a document.

        A new one has the values of `create_defaults`, where they are given, in
        place of `defaults`. Return the document, and whether it is new.
        """
        creation = defaults if create_defaults is None else create_defaults
        document, created = self.get_or_create(creation, **conditions)
        if not created:
            for name, value in (defaults or {}).items():
                if not hasattr(self.model, name):
                    if is_dropped(self.model._meta, name):
                        continue
                    self.model._meta.resolve(name)
                setattr(document, name, value() if callable(value) else value)
            document.save(using=self._db)  # type: ignore[attr-defined]
        return document, created

    def _creation_values(self, conditions: dict[str, Any], defaults: Any) -> dict[str, Any]:
        values = equal_values(self.model._meta, conditions, defaults or {})
        for name, value in (defaults or {}).items():
            values[name] = value() if callable(value) else value
        return values

    @hooked("bulk")
    def bulk_create(
        self,
        objects: Iterable[D],
        ordered: bool = True,
        *,
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Iterable[str] | None = None,
        unique_fields: Iterable[str] | None = None,
        timestamps: bool = True,
    ) -> list[D]:
        """
        Validate all the objects, then insert them, `batch_size` at a time; return them.

        Nothing is sent when one is invalid: the ValidationError's paths start
        with the position of the object; so do those of duplicate keys. With
        `ordered=False` the others are inserted nevertheless, else only those
        in front of the first duplicate. Save signals are not sent. With
        `timestamps=False` the times of creation and change are not set.

        As in Django `ignore_conflicts=True` leaves out duplicates without an
        error, and `update_conflicts=True` stores `update_fields` in the document
        that has the same `unique_fields`. Objects that were not inserted are
        still new afterwards.
        """
        if not isinstance(ordered, bool):
            raise TypeError(
                f"{self._name}.bulk_create(ordered={ordered!r}): expected True or False, and "
                "batch_size= by name."
            )
        check_batch_size(batch_size, self._name)
        conflicts = OnConflict(
            self.model._meta,
            ignore=ignore_conflicts,
            update=update_conflicts,
            update_fields=update_fields,
            unique_fields=unique_fields,
        )
        ordered = ordered and not ignore_conflicts
        documents = list_of(objects, f"{self._name}.bulk_create()")
        self._for_write = True
        connection = self._connection
        connection.require_writable(f"{self.model._meta.label}.bulk_create()")
        alias = connection.alias if in_transaction(connection.alias) else None
        self._check_documents(documents)
        self.model._set_all_automatic(documents, timestamps=timestamps, using=alias)
        encode = connection.sends_bytes and not conflicts.update
        raws, errors = self.model._judge_all(documents, encode=encode)
        if errors:
            raise ValidationError(errors)
        size = batch_size or CHUNK
        if conflicts.update:
            self._create_or_update(documents, connection, conflicts, size, ordered=ordered)
            return documents
        problem: OperationFailed | None = None
        for start in range(0, len(documents), size):
            chunk = documents[start : start + size]
            known = raws[start : start + size]
            found = self._insert_chunk(chunk, known, connection, ordered=ordered)
            problem = problem or found
            for entry in found.write_errors if found else ():
                errors |= _duplicates(chunk[entry["index"]], start + entry["index"], entry)
            if found and ordered:
                break
        if errors and not ignore_conflicts:
            raise ValidationError(errors) from problem
        return documents

    def _create_or_update(
        self, documents: list[Any], connection: Any, conflicts: OnConflict, size: int, **how: Any
    ) -> None:
        errors: ErrorMap = {}
        collection = collection_to_insert(self.model._meta, connection)
        for start in range(0, len(documents), size):
            chunk = documents[start : start + size]
            with with_companions(chunk, connection.alias):
                commands = [conflicts.command(document) for document in chunk]
                answer = send(collection, commands, connection, **how)
            refused = [entry["index"] for entry in answer.get("writeErrors", ())]
            stored = {entry["index"] for entry in answer.get("upserted", ())}
            end = min(refused) if refused and how["ordered"] else len(chunk)
            for index, command in enumerate(commands[:end]):
                inserted = command.method == "insert_one" and index not in refused
                if inserted or index in stored:
                    chunk[index]._mark_stored(connection.alias)
            for entry in answer.get("writeErrors", ()):
                error = error_of(entry, self.model, connection.alias)
                if not isinstance(error, ValidationError):
                    raise error
                add_errors(errors, str(start + entry["index"]), error)
            if errors and how["ordered"]:
                break
        if errors:
            raise ValidationError(errors)

    def _check_documents(self, documents: list[Any]) -> None:
        for document in documents:
            if not isinstance(document, self.model):
                raise TypeError(
                    f"{self._name}.bulk_create(): {document!r}, expected {self.model.__name__} "
                    "objects."
                )

    def _insert_chunk(
        self, chunk: list[Any], raws: list[Any], connection: Any, *, ordered: bool
    ) -> OperationFailed | None:
        """Insert, mark what is stored, and return the error if all of it are duplicates."""
        meta = self.model._meta
        problem: OperationFailed | None = None
        try:
            with with_companions(chunk, connection.alias):
                try:
                    with connection.wrap_write_errors:
                        sent = self.model._encode_all(chunk, raws)
                        collection_to_insert(meta, connection).insert_many(
                            sent, ordered=ordered, session=current_session(connection.alias)
                        )
                except OperationFailed as error:
                    # Those that are stored need what was stored with them.
                    if not error.details.get("nInserted"):
                        raise
                    problem = error
        except OperationFailed as error:
            if not error.write_errors:
                raise
            problem = error
        failed = {entry["index"] for entry in problem.write_errors} if problem else set()
        stop = min(failed) if failed and ordered else len(chunk)
        stored = [document for index, document in enumerate(chunk[:stop]) if index not in failed]
        self.model._mark_all_stored(stored, connection.alias)
        if problem and any("keyPattern" not in entry for entry in problem.write_errors):
            raise problem
        return problem

    @hooked("delete")
    @narrowed(combine=total_deleted)
    def delete(self, *, allow_all: bool = False) -> tuple[int, dict[str, int]]:
        """
        Delete what matches, with the rules of references to it.

        Return the number, also by label. Without any filter `allow_all=True`
        is needed.
        """
        self._refuse_cut("delete")
        self._refuse_all("delete", allow_all)
        if self.query.empty:
            return 0, {}
        self._for_write = True
        alias = self.db
        self._connection.require_writable(f"{self.model._meta.label}.delete()")
        deleted = self.model._delete_queryset(self, alias)
        self._result_cache = None
        return deleted


def _duplicates(document: Any, position: int, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the errors of one document of a bulk insert, by position and path."""
    found = document._duplicate_error(DuplicateKey(key_pattern=entry["keyPattern"]))
    return {f"{position}.{path}": messages for path, messages in found.error_dict.items()}
