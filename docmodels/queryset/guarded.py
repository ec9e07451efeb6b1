"""What every write through a queryset has: refusals, a deadline, errors by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import FieldError, ValidationError

from docmodels.exceptions import DuplicateKey, OperationFailed
from docmodels.query.computed import null_path
from docmodels.queryset import iterables
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.commands import options_for
from docmodels.transaction import in_transaction

D = TypeVar("D")
R = TypeVar("R")


class GuardedMixin(BaseQuerySet[D]):
    """The refusals that writes share, and how their errors are told."""

    def _refuse_cut(self, action: str) -> None:
        if self.query.is_sliced:
            raise TypeError(f"Cannot use 'limit' or 'offset' with {action}().")
        if self.query.is_pipeline:
            raise FieldError(f"Cannot {action}() after values(), annotate() or unwind().")

    def _refuse_all(self, action: str, allow_all: bool) -> None:
        if not (self.query.is_filtered or allow_all or self.query.empty):
            raise ValueError(
                f"{self.model._meta.object_name}.{action}(): no filter, expected one, or "
                f"allow_all=True to {action} every document."
            )

    def _refuse_any(self, action: str, allow_all: bool) -> None:
        """Refuse to choose one of all documents by chance."""
        query = self.query
        if not (query.is_filtered or query.ordering or allow_all or query.empty):
            raise ValueError(
                f"{self.model._meta.object_name}.{action}(): no filter and no order_by(), expected "
                f"one of them, or allow_all=True to take any document."
            )

    def _writing_connection(self, action: str) -> Any:
        self._for_write = True
        connection = self._connection
        connection.require_writable(f"{self.model._meta.label}.{action}()")
        return connection

    def _write_options(self) -> dict[str, Any]:
        return options_for(self.query, "hint", "comment", "collation")

    def _write(self, connection: Any, action: Callable[[], R], *, upsert: bool = False) -> R:
        """Send a write; raise ValidationError for a duplicate key and for a computed null."""
        try:
            return self._send(connection, action)
        except DuplicateKey as error:
            # Of two upserts at once one inserts; by now the other one has what to update.
            if not upsert or in_transaction(connection.alias):
                raise self.model._duplicate_error(error) from error
        try:
            return self._send(connection, action)
        except DuplicateKey as error:
            raise self.model._duplicate_error(error) from error

    def _send(self, connection: Any, action: Callable[[], R]) -> R:
        try:
            with iterables.deadline(self.query), connection.wrap_write_errors:
                result = action()
        except OperationFailed as error:
            raise self._explained(error) from error
        self._result_cache = None
        return result

    def _explained(self, error: OperationFailed) -> Exception:
        path = None if isinstance(error, DuplicateKey) else null_path(str(error))
        if path is None:
            return error
        return ValidationError({path: [self.model._meta.resolve(path).field.error("null")]})
