"""
Delete documents, and do with the references to them what was declared.

What refers by CASCADE is deleted before what it refers to, batch by batch, so
that a deletion that failed half-way can be done again, and leaves no reference
that leads nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from docmodels import signals
from docmodels.connections import connections, router
from docmodels.documents.hooks import Run
from docmodels.documents.protection import (
    BATCH,
    batched,
    by_class,
    cascade_of,
    identity_of,
    only_keys,
    protect,
    referring,
)
from docmodels.documents.referrers import (
    REWRITING,
    OnDelete,
    Referrer,
    referrers,
    stored_keys,
)
from docmodels.documents.rewriting import rewrite
from docmodels.documents.storage import stored_shard_key
from docmodels.queryset.collections import collection_of
from docmodels.queryset.commands import options_for
from docmodels.transaction import current_session, on_rollback


def delete_document(
    document: Any, using: str | None = None, *, hooks: bool = True
) -> tuple[int, dict[str, int]]:
    """Delete one document, with its hooks, signals and rules."""
    cls = type(document)
    # A stored key may be null: only the state says whether there is a document.
    if document._state.adding:
        raise ValueError(
            f"{cls.__name__}.delete(): the document is not stored, expected a saved one."
        )
    alias = using or router.db_for_write(cls, instance=document)
    connections[alias].require_writable(f"{cls._meta.label}.delete()")
    try:
        protect([document], using=alias)
    except Exception as error:
        Run(document, enabled=hooks).error("delete", error)
        raise
    deletion = Deletion()
    deletion.run(Batch([document], alias, is_given=True, hooks=hooks))
    return deletion.counts.total(), dict(deletion.counts)


def is_heard(model: Any) -> bool:
    """Return whether hooks or signals are told of a deletion, and need whole documents."""
    listened = signals.pre_delete.has_listeners(model) or signals.post_delete.has_listeners(model)
    return bool(listened or "delete" in model._meta.hooks or model._meta.embeds_hooks)


def needs_documents(model: Any) -> bool:
    """Return whether documents must be read to be deleted: for rules, signals or hooks."""
    return bool(cascade_of(model).rules - {OnDelete.DO_NOTHING}) or is_heard(model)


def delete_queryset(queryset: Any, alias: str) -> tuple[int, dict[str, int]]:
    """Delete what a queryset matches; in one command where nothing asks for more."""
    model = queryset.model
    if not needs_documents(model):
        return _delete_matches(queryset, alias)
    family = (model, *model._meta.children.values())
    found = queryset.using(alias)
    if not any(map(is_heard, family)):
        found = only_keys(found)
    if cascade_of(model).is_guarded:
        protect(found.iterator(BATCH), using=alias)
    deletion = Deletion()
    for batch in batched(found.iterator(BATCH)):
        for group in by_class(deletion.without_deleted(batch)).values():
            deletion.run(Batch(group, alias))
    return deletion.counts.total(), dict(deletion.counts)


def _delete_matches(queryset: Any, alias: str) -> tuple[int, dict[str, int]]:
    meta, connection = queryset.model._meta, connections[alias]
    with connection.wrap_write_errors:
        result = collection_of(meta, connection).delete_many(
            queryset.query.compile_filter(),
            session=current_session(alias),
            **options_for(queryset.query, "hint", "comment", "collation"),
        )
    count = result.deleted_count
    return count, {meta.label: count} if count else {}


class Batch(NamedTuple):
    """Documents of one class, to be deleted together."""

    documents: list[Any]
    alias: str
    #: Whether somebody holds the documents, who is to see what becomes of them.
    is_given: bool = False
    hooks: bool = True

    @property
    def model(self) -> Any:
        """Return the class."""
        return type(self.documents[0])


class Deletion:
    """One deletion, and what was deleted with it."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        #: What is being deleted, or was, where classes refer to each other in a circle.
        self._met: set[Any] = set()

    def run(self, batch: Batch) -> None:
        """Delete a batch, after all that refers to it by CASCADE."""
        # A stack in place of a recursion, which a long chain of documents would end.
        stack = [self._steps(batch)]
        while stack:
            try:
                stack.append(self._steps(next(stack[-1])))
            except StopIteration:
                stack.pop()
            except Exception as error:
                stack.pop()
                _unwind(stack, error)

    def without_deleted(self, documents: list[Any]) -> list[Any]:
        """Return the documents that were not deleted, nor are being deleted, with others."""
        if not self._met:
            return documents
        return [document for document in documents if identity_of(document) not in self._met]

    def _steps(self, batch: Batch) -> Iterator[Batch]:
        """Delete a batch; yield what has to be deleted before, each time it must be now."""
        model, documents, alias = batch.model, batch.documents, batch.alias
        connections[alias].require_writable(f"{model._meta.label}.delete()")
        if cascade_of(model).is_circular:
            self._met.update(map(identity_of, documents))
        heard = is_heard(model)
        runs = [Run(document, enabled=batch.hooks) for document in documents] if heard else []
        try:
            for run in runs:
                run.pre("delete")
                signals.pre_delete.send(sender=model, instance=run.document, using=alias)
            for referrer in referrers(model):
                if referrer.rule is OnDelete.CASCADE:
                    yield from self._referring(referrer, batch)
                elif referrer.rule in REWRITING:
                    rewrite(referrer, stored_keys(referrer, documents), beside=(model, alias))
            self.counts[model._meta.label] += _delete_stored(batch)
        except Exception as error:
            for run in runs:
                run.error("delete", error)
            raise
        if heard or batch.is_given:
            _tell(batch, runs)

    def _referring(self, referrer: Referrer, batch: Batch) -> Iterator[Batch]:
        """Yield batches of what refers, until there is no more of it."""
        queryset = referring(referrer, batch.documents, using=batch.alias)
        family = (referrer.model, *referrer.model._meta.children.values())
        if not any(map(is_heard, family)):
            queryset = only_keys(queryset)
        size = BATCH
        alias = referrer.alias_beside(batch.model, batch.alias)
        while True:
            # Those that are being deleted already are still there.
            found = list(queryset[:size])
            new = self.without_deleted(found)
            for group in by_class(new).values():
                yield Batch(group, alias)
            if len(found) < size:
                return
            size = BATCH + len(found) - len(new)


def _unwind(stack: list[Iterator[Batch]], error: Exception) -> NoReturn:
    """Tell those that wait for what failed; an error hook may replace the error."""
    while stack:
        waiting: Any = stack.pop()
        try:
            waiting.throw(error)
        except Exception as raised:
            error = raised
    raise error


def _delete_stored(batch: Batch) -> int:
    meta, connection = batch.model._meta, connections[batch.alias]
    collection, session = collection_of(meta, connection), current_session(batch.alias)
    with connection.wrap_write_errors:
        if len(batch.documents) == 1:
            document = batch.documents[0]
            where = {"_id": document._stored_pk(), **stored_shard_key(document)}
            return int(collection.delete_one(where, session=session).deleted_count)
        keys = [document._stored_pk() for document in batch.documents]
        return int(collection.delete_many({"_id": {"$in": keys}}, session=session).deleted_count)


def _tell(batch: Batch, runs: list[Run]) -> None:
    for document in batch.documents:
        signals.post_delete.send(sender=batch.model, instance=document, using=batch.alias)
        _note_rollback(document, batch.alias)
        document._forget_stored()
    for run in runs:
        run.post("delete")


def _note_rollback(document: Any, alias: str) -> None:
    """Let the object be stored again, should the open transaction be aborted (rule S7)."""
    source, key = document._source, document.pk

    def restore() -> None:
        document._source = source
        document._state.adding = False
        document._meta.pk.slot_set(document, key)

    on_rollback(restore, alias)
