"""A field that numbers the documents of a collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from pymongo import DESCENDING, ReturnDocument

from docmodels.connections import connections, router
from docmodels.connections.collections import collection_of
from docmodels.connections.twins import twin
from docmodels.fields.companions import OfDocument
from docmodels.fields.scalars import IntegerField
from docmodels.fields.typed import Blank, Default, Null
from docmodels.tracking import MISSING

if TYPE_CHECKING:
    from docmodels.fields.typed import Options


class SequenceField(OfDocument[int, Any, Null, Blank, Default], IntegerField[Null, Blank, Default]):
    """
    A whole number that counts up, taken right before the insert.

    Numbers come from a counter in the collection `counters`, in one atomic
    command; no two documents get the same, and a number that was taken for an
    insert that failed is not given again. A transaction does not hold up other
    inserts and does not give its numbers back, as sequences of SQL databases.
    A value that was given is kept. Add `unique=True` for an index.
    """

    makes_keys = True

    description: ClassVar[str] = "a number of a sequence"

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        start: int = 1,
        counter: str | None = None,
        counters: str = "docmodels_counters",
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        """
        Take the number to `start` with, and the key of a `counter` to share.

        `counters` is the collection that the counters are in.
        """
        given: Any = {"editable": False, "blank": True, **options}
        super().__init__(verbose_name, **given)
        self.start = start
        self.counter = counter
        self.counters = counters

    def store_companions(self, documents: Sequence[Any], alias: str) -> Callable[[], None]:
        """Number the new documents that have no number; return what takes them away."""
        unnumbered = [
            document
            for document in documents
            if document._state.adding and document._slot_value(self) in (None, MISSING)
        ]
        if unnumbered:
            numbers = self.reserve(len(unnumbered), alias)
            for document, number in zip(unnumbered, numbers, strict=True):
                document._assign(self, number)

        def undo() -> None:
            for document in unnumbered:
                self.slot_delete(document)  # type: ignore[attr-defined]

        return undo

    @property
    def counter_key(self) -> str:
        """Return the `_id` of the counter."""
        return self.counter or f"{self.model._meta.collection}.{self.db_field}"

    def reserve(self, count: int = 1, using: str | None = None) -> range:
        """Take the next `count` numbers; nobody else gets them."""
        connection = connections[using or router.db_for_write(self.model)]
        connection.require_writable(f"{self}.reserve()")
        with connection.wrap_write_errors:
            found: Any = self._counters(connection).find_one_and_update(
                {"_id": self.counter_key},
                {"$inc": {"value": count}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        # The counter holds how many numbers were taken.
        end = self.start + int(found["value"])
        return range(end - count, end)

    def _counters(self, connection: Any) -> Any:
        return collection_of(self.model._meta, connection, fresh=True, beside=self.counters)

    def catch_up(self, using: str | None = None) -> None:
        """Go on behind the highest number that is stored, where the counter is lower."""
        connection = connections[using or router.db_for_write(self.model)]
        connection.require_writable(f"{self}.catch_up()")
        with connection.wrap_write_errors:
            top = collection_of(self.model._meta, connection, fresh=True).find_one(
                {self.db_field: {"$type": "number"}}, sort=[(self.db_field, DESCENDING)]
            )
            if top is not None:
                self._counters(connection).update_one(
                    {"_id": self.counter_key},
                    {"$max": {"value": int(top[self.db_field]) - self.start + 1}},
                    upsert=True,
                )

    areserve = twin(reserve)
    acatch_up = twin(catch_up)
