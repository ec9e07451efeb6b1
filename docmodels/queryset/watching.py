"""`watch()`: the changes of a queryset's documents, as they happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from docmodels.connections import connections, router, watching
from docmodels.connections.events import UNDECLARED, Reader, ReaderOf
from docmodels.connections.watching import Watch
from docmodels.query.naming import path_name
from docmodels.query.watching import stages_of
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.collections import collection_of
from docmodels.registry import registry
from docmodels.tracking import Source

D = TypeVar("D")


class DocumentReader(Reader):
    """Make instances of what is stored in the collection of a class."""

    def __init__(self, model: Any, source: Source) -> None:
        self.model = model
        self.source = source

    def key(self, stored: Mapping[str, Any]) -> Any:
        """Return the key as documents have it."""
        return self.model._meta.pk.from_db(stored.get("_id"))

    def document(self, stored: dict[str, Any]) -> Any:
        """Return the instance, of the class that the document names."""
        return self.model._meta.load(dict(stored), self.source)

    def name(self, path: str, stored: Mapping[str, Any] | None) -> str:
        """Return the path of names, of the class that the document names."""
        meta = self.model._meta
        kind = (stored or {}).get(meta.discriminator_key)
        child = meta.children.get(kind) if isinstance(kind, str) else None
        return path_name(meta if child is None else child._meta, path)


class WatchMixin(BaseQuerySet[D]):
    """`watch`."""

    def watch(
        self,
        *,
        full_document: bool | str = True,
        before: bool | str = False,
        after: str | None = None,
        start_at: Any = None,
        max_await: float = 1,
        batch_size: int | None = None,
    ) -> Watch:
        """
        Follow what happens to the documents that match, from now on.

        The `Watch` is a context manager and an iterator of `Event`s. It goes
        on after the event of the token `after`, or from the aware time
        `start_at`. The server waits `max_await` seconds for changes before it
        answers. `full_document` is True or a mode of the server; `before`
        asks for the document before the change, which the collection must
        keep. Raise FieldError for what a watch cannot filter by,
        NotSupportedError on a server without change streams.
        """
        connection, query = self._connection, self.query
        stages = stages_of(query, full_document=bool(full_document), before=bool(before))
        source = Source(connection.alias, query.loaded(), mode=query.fetch_mode)
        reader = DocumentReader(self.model, source)
        return Watch(
            connection,
            collection_of(self.model._meta, connection),
            stages,
            lambda collection: reader,
            full_document=full_document,
            before=before,
            after=after,
            start_at=start_at,
            max_await=max_await,
            batch_size=batch_size,
        )


def _readers(alias: str) -> ReaderOf:
    """Return how the collections of an alias are read: by the classes that are declared."""
    database = connections[alias].name
    found: dict[str, Reader] = {}
    for model in registry.documents():
        meta = model._meta
        chosen = router.db_for_read(model)
        # A class of an alias that is not configured is a mistake for its own queries to tell.
        is_here = chosen in connections and connections[chosen].name == database
        if meta.parent is None and is_here:
            found.setdefault(meta.collection, DocumentReader(model, Source(alias)))
    return lambda collection: found.get(collection, UNDECLARED)


watching.readers.append(_readers)
