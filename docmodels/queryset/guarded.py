"""What every write through a queryset has: refusals, a deadline, errors by field."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self, TypeVar

from django.core.exceptions import FieldError, ValidationError

from docmodels.exceptions import DuplicateKey, OperationFailed
from docmodels.query.computed import null_path
from docmodels.query.joining import join_and
from docmodels.query.narrowing import as_plain, keeps_documents, without_steps
from docmodels.query.upserts import refuse_computed_names
from docmodels.queryset import iterables
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.commands import aggregate, options_for
from docmodels.queryset.crossing import settled
from docmodels.transaction import in_transaction

D = TypeVar("D")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

#: How many documents one command of a write names by their keys.
KEYS = 10_000


def narrowed(combine: Callable[[Iterable[Any]], Any] | None = None) -> Callable[[F], F]:
    """
    Let a write take a queryset that is narrowed by computed values, or across references.

    What no filter can say (ranks, joins) is read first, as keys; `combine`
    makes one result of those of several commands. Without it, for writes of
    one document, it is refused.
    """

    def decorate(method: F) -> F:
        @functools.wraps(method)
        def write(self: Any, *args: Any, **options: Any) -> Any:
            if self.query.crosses:
                self._for_write = True
                joins = combine is not None and not options.get("upsert")
                result = write(settled(self, joins=joins), *args, **options)
                self._result_cache = None
                return result
            if not self.query.is_pipeline or self.query.is_sliced:
                return method(self, *args, **options)
            if options.get("upsert"):
                refuse_computed_names(self.query)
            plain = self._without_stages(method.__name__, any_order=combine is not None)
            if plain is not None:
                result = method(plain, *args, **options)
            elif combine and keeps_documents(self.query) and not options.get("upsert"):
                result = combine(method(part, *args, **options) for part in self._by_keys())
            else:
                return method(self, *args, **options)
            self._result_cache = None
            return result

        return write  # type: ignore[return-value]

    return decorate


def total_deleted(parts: Iterable[tuple[int, dict[str, int]]]) -> tuple[int, dict[str, int]]:
    """Return the result of one deletion for those of several."""
    counts: Counter[str] = Counter()
    for _number, by_label in parts:
        counts.update(by_label)
    return counts.total(), dict(counts)


class GuardedMixin(BaseQuerySet[D]):
    """The refusals that writes share, and how their errors are told."""

    def _refuse_cut(self, action: str) -> None:
        if self.query.is_sliced:
            raise TypeError(f"{self._name}: Cannot use 'limit' or 'offset' with {action}().")
        if self.query.is_pipeline:
            raise FieldError(
                f"{self._name}: Cannot {action}() after values(), annotate() or unwind()."
            )

    def _without_stages(self, action: str, *, any_order: bool) -> Self | None:
        """Return a queryset with one filter in place of its stages, None where there is none."""
        plain = as_plain(self.query)
        if plain is None:
            return None
        computed = [
            name for name in self.query.ordering if name.lstrip("-+") in self.query.annotations
        ]
        if computed and not any_order:
            raise FieldError(
                f"{self._name}.{action}(): {computed[0]!r} of order_by() is "
                f"computed, expected stored paths: one command finds and writes."
            )
        if computed:
            plain.order(())
        clone = self._clone()
        clone.query = plain
        return clone

    def _by_keys(self) -> Iterator[Self]:
        """Read the keys of the documents; yield querysets of some each, at least one."""
        self._for_write = True
        connection = self._connection
        stages = [*self.query.count_pipeline(), {"$project": {"_id": 1}}]
        keys = (row["_id"] for row in aggregate(self, stages, connection, decoded=True))
        found = [list(itertools.islice(keys, KEYS))]
        while len(found[-1]) == KEYS:
            found.append(list(itertools.islice(keys, KEYS)))
        for some in found:
            clone = self._clone()
            clone.query = without_steps(
                self.query, join_and([self.query.where, {"_id": {"$in": some}}])
            )
            clone.query.order(())
            yield clone

    def _refuse_all(self, action: str, allow_all: bool) -> None:
        if not (self.query.is_filtered or allow_all or self.query.empty):
            raise ValueError(
                f"{self._name}.{action}(): no filter, expected one, or "
                f"allow_all=True to {action} every document."
            )

    def _refuse_any(self, action: str, allow_all: bool) -> None:
        """Refuse to choose one of all documents by chance."""
        query = self.query
        if not (query.is_filtered or query.ordering or allow_all or query.empty):
            raise ValueError(
                f"{self._name}.{action}(): no filter and no order_by(), expected "
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
