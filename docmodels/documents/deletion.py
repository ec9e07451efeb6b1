"""Delete documents, and do with the references to them what was declared."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import ProtectedError

from docmodels import signals
from docmodels.connections import connections, router
from docmodels.documents.hooks import Run
from docmodels.documents.storage import stored_shard_key
from docmodels.fields import EmbeddedField, Field, ListField, MapField, ReferenceField
from docmodels.queryset.collections import collection_of
from docmodels.queryset.commands import options_for
from docmodels.registry import registry
from docmodels.transaction import current_session, on_rollback


class OnDelete(enum.Enum):
    """What becomes of a reference when its document is deleted."""

    CASCADE = "delete the referring document"
    PROTECT = "refuse the deletion"
    RESTRICT = "refuse the deletion"
    SET_NULL = "store null"
    SET_DEFAULT = "store the default"
    PULL = "take it out of its list"
    DO_NOTHING = "leave it"

    def __repr__(self) -> str:
        return self.name


class Referrer(NamedTuple):
    """A path that refers to a document class."""

    model: Any
    field: ReferenceField[Any]
    #: Keys in MongoDB along the path, `"[]"` for the step into a list.
    steps: tuple[str, ...]

    @property
    def db_path(self) -> str:
        """Return the path to filter by."""
        return ".".join(step for step in self.steps if step != "[]")


def referrers(model: Any) -> Iterator[Referrer]:
    """Yield every declared path that refers to documents of `model`, or of a parent of it."""
    for document in registry.documents():
        for field in document._meta.fields:
            yield from _references(document, field, (field.db_field,), model)


def _references(
    document: Any, field: Field[Any], steps: tuple[str, ...], model: Any
) -> Iterator[Referrer]:
    if isinstance(field, ReferenceField):
        try:
            target = field.related_model
        except LookupError:
            return
        if issubclass(model, target):
            yield Referrer(document, field, steps)
    elif isinstance(field, ListField):
        yield from _references(document, field.base_field, (*steps, "[]"), model)
    elif isinstance(field, EmbeddedField):
        for inner in field.embedded_model._meta.fields:
            if (
                not isinstance(inner, EmbeddedField)
                or inner.embedded_model is not field.embedded_model
            ):
                yield from _references(document, inner, (*steps, inner.db_field), model)
    elif isinstance(field, MapField):
        return


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
    run = Run(document, enabled=hooks)
    try:
        protect([document])
        run.pre("delete")
        signals.pre_delete.send(sender=cls, instance=document, using=alias)
        counts = _delete_stored(document, alias)
    except Exception as error:
        run.error("delete", error)
        raise
    signals.post_delete.send(sender=cls, instance=document, using=alias)
    _note_rollback(document, alias)
    document._forget_stored()
    run.post("delete")
    return counts.total(), dict(counts)


def _note_rollback(document: Any, alias: str) -> None:
    """Let the object be stored again, should the open transaction be aborted (rule S7)."""
    source, key = document._source, document.pk

    def restore() -> None:
        document._source = source
        document._state.adding = False
        document._meta.pk.slot_set(document, key)

    on_rollback(restore, alias)


def _delete_stored(document: Any, alias: str) -> Counter[str]:
    cls = type(document)
    counts: Counter[str] = Counter()
    _apply_rules(cls, [document], counts, alias)
    connection = connections[alias]
    with connection.wrap_write_errors:
        result = collection_of(cls._meta, connection).delete_one(
            {"_id": document._stored_pk(), **stored_shard_key(document)},
            session=current_session(alias),
        )
    counts[cls._meta.label] += result.deleted_count
    return counts


def needs_documents(model: Any) -> bool:
    """Return whether documents must be read to be deleted: for rules, signals or hooks."""
    family = [model, *model._meta.children.values()]
    has_rules = any(
        rule_of(referrer) is not OnDelete.DO_NOTHING
        for member in family
        for referrer in referrers(member)
    )
    listened = signals.pre_delete.has_listeners(model) or signals.post_delete.has_listeners(model)
    return bool(has_rules or listened or "delete" in model._meta.hooks or model._meta.embeds_hooks)


def delete_queryset(queryset: Any, alias: str) -> tuple[int, dict[str, int]]:
    """Delete what a queryset matches; one by one only where rules ask for it."""
    model = queryset.model
    if needs_documents(model):
        counts: Counter[str] = Counter()
        documents = list(queryset)
        protect(documents)
        for document in documents:
            counts.update(delete_document(document, alias)[1])
        return counts.total(), dict(counts)
    connection = connections[alias]
    with connection.wrap_write_errors:
        result = collection_of(model._meta, connection).delete_many(
            queryset.query.compile_filter(),
            session=current_session(alias),
            **options_for(queryset.query, "hint", "comment", "collation"),
        )
    count = result.deleted_count
    return count, {model._meta.label: count} if count else {}


def rule_of(referrer: Referrer) -> OnDelete:
    """Return what becomes of the reference."""
    return referrer.field.on_delete or OnDelete.DO_NOTHING


def _keys(referrer: Referrer, documents: list[Any]) -> list[Any]:
    target = referrer.field.target_field
    return [target.get_prep_value(getattr(d, target.attname)) for d in documents]


def protect(documents: list[Any], *, live: bool = False) -> None:
    """
    Raise ProtectedError before anything is written, cascades included.

    With `live`, what the default manager leaves out protects nothing.
    """
    _protect(documents, set(), live=live)


def _protect(documents: list[Any], seen: set[Any], *, live: bool) -> None:
    by_class: dict[Any, list[Any]] = {}
    for document in documents:
        by_class.setdefault(type(document), []).append(document)
    for model, group in by_class.items():
        for referrer in referrers(model):
            _protect_from(referrer, group, seen, live=live)


def _protect_from(referrer: Referrer, documents: list[Any], seen: set[Any], *, live: bool) -> None:
    rule = rule_of(referrer)
    if rule not in {OnDelete.PROTECT, OnDelete.RESTRICT, OnDelete.CASCADE}:
        return
    found = referring(referrer, documents, live=live)
    if rule is OnDelete.CASCADE:
        new = [d for d in found if (type(d), repr(d.pk)) not in seen]
        if new:
            seen.update((type(d), repr(d.pk)) for d in new)
            _protect(new, seen, live=live)
        return
    blocking = list(found[:10])
    if blocking:
        raise ProtectedError(
            f"Cannot delete {documents[0]._meta.verbose_name} {documents[0]}: it is referenced "
            f"through the protected field {referrer.model._meta.object_name}."
            f"{referrer.field.name}.",
            set(blocking),
        )


def referring(referrer: Referrer, documents: list[Any], *, live: bool = False) -> Any:
    """Return the documents that refer to some; with `live`, those of the default manager."""
    condition = {referrer.db_path: {"$in": _keys(referrer, documents)}}
    model = referrer.model
    manager = model._default_manager if live else model._base_manager
    return manager.raw_filter(condition)


def _apply_rules(model: Any, documents: list[Any], counts: Counter[str], alias: str) -> None:
    for referrer in referrers(model):
        rule = rule_of(referrer)
        if rule is OnDelete.CASCADE:
            for found in list(referring(referrer, documents)):
                if found not in documents:
                    counts.update(delete_document(found)[1])
        elif rule in {OnDelete.SET_NULL, OnDelete.SET_DEFAULT, OnDelete.PULL}:
            _rewrite(referrer, documents, rule)


def _rewrite(referrer: Referrer, documents: list[Any], rule: OnDelete) -> None:
    keys = _keys(referrer, documents)
    alias = router.db_for_write(referrer.model)
    connection = connections[alias]
    connection.require_writable(f"{referrer.model._meta.label}: on_delete")
    filters = None
    if rule is OnDelete.PULL or referrer.steps[-1] == "[]":
        update: dict[str, Any] = {"$pull": {referrer.db_path: {"$in": keys}}}
        if referrer.steps.count("[]") > 1 or "[]" in referrer.steps[:-1]:
            path = ".".join("$[]" if s == "[]" else s for s in referrer.steps[:-1])
            update = {"$pull": {path: {"$in": keys}}}
    else:
        value = None
        if rule is OnDelete.SET_DEFAULT:
            value = referrer.field.get_prep_value(referrer.field.get_default() or None)
        path, filters = _positional(referrer, keys)
        update = {"$set": {path: value}}
    with connection.wrap_write_errors:
        collection_of(referrer.model._meta, connection).update_many(
            {referrer.db_path: {"$in": keys}},
            update,
            array_filters=filters,
            session=current_session(alias),
        )


def _positional(referrer: Referrer, keys: list[Any]) -> tuple[str, list[dict[str, Any]] | None]:
    steps = list(referrer.steps)
    if "[]" not in steps:
        return ".".join(steps), None
    last = len(steps) - 1 - steps[::-1].index("[]")
    rest = ".".join(steps[last + 1 :])
    named = ["$[e]" if i == last else "$[]" if s == "[]" else s for i, s in enumerate(steps)]
    return ".".join(named), [{f"e.{rest}": {"$in": keys}}]
