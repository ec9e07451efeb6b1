"""Save one document: what is sent, and what its answer means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from docmodels import signals
from docmodels.connections import connections, router
from docmodels.documents import edited, untracked, upgrades
from docmodels.documents.base import set_changed, set_source
from docmodels.documents.conflicts import ATTEMPTS, make_conflict, only_save
from docmodels.documents.copying import SUFFIX
from docmodels.documents.duplicates import duplicate_error
from docmodels.documents.hooks import Run
from docmodels.documents.pending import (
    collation_of,
    collect_update,
    document_filter,
    make_update,
    plain_update,
    refuse_measurement,
)
from docmodels.documents.refreshing import gone, names_of, refresh
from docmodels.documents.spreading import paths_of, spread_saved
from docmodels.documents.timestamps import Stamps
from docmodels.exceptions import DuplicateKey
from docmodels.fields.companions import with_companions
from docmodels.queryset.collections import collection_of, collection_to_insert
from docmodels.tracking import MISSING, Source, saved_to
from docmodels.transaction import current_session, in_transaction, on_rollback


def save(
    document: Any,
    *,
    update_fields: Iterable[str] | None,
    using: str | None,
    validate: bool | str,
    force_insert: bool,
    guard: bool,
    hooks: bool,
    timestamps: bool,
    on_conflict: str = "raise",
) -> None:
    """Insert or update `document`; see `Document.save`."""
    cls = type(document)
    if on_conflict not in {"raise", "merge"}:
        raise ValueError(
            f"{cls.__name__}.save(): on_conflict={on_conflict!r}, expected 'raise' or 'merge'."
        )
    merge = on_conflict == "merge"
    if merge and update_fields is not None:
        raise ValueError(
            f"{cls.__name__}.save(): update_fields together with on_conflict='merge', expected one "
            f"of them: a merge reads the document again."
        )
    adding = document._is_adding() or force_insert
    names = None if update_fields is None else names_of(document, update_fields)
    if names is not None and adding:
        raise ValueError(
            f"{cls.__name__}.save(): update_fields on a document that is not stored yet, expected "
            f"a save of the whole first."
        )
    if using is None:
        using = router.db_for_write(cls, instance=document)
    connection = connections[using]
    if connection.read_only:
        connection.require_writable(f"{cls._meta.label}.save()")
    if validate not in {True, False, "changed"}:
        raise ValueError(
            f"{cls.__name__}.save(): validate={validate!r}, expected True, False or 'changed'."
        )
    run = Run(document, enabled=hooks)
    updated = cls._meta.updated_field if timestamps else None
    if names and updated is not None:
        # A save of some fields is a change of the document as well.
        names |= {updated.name}
    if names is not None:
        names |= {f"{name}{SUFFIX}" for name in names} & cls._meta.by_name.keys()
    with only_save(document):
        stamps = Stamps(using)
        automatic: dict[str, Any] = {"adding": adding, "names": names, "timestamps": timestamps}
        stamps.apply(document, **automatic)
        about = {"instance": document, "raw": False, "using": using, "update_fields": names}
        try:
            if validate:
                run_validation(document, names, run, changed_only=validate == "changed")
            signals.pre_save.send(sender=cls, **about)
            run.pre("save")
            if run.enabled and not stamps:
                # What only a hook changed is a change like any other.
                stamps.apply(document, **automatic)
            if validate is not True and not adding:
                untracked.refuse_edits(document, connection, names)
            with with_companions([document], using, names):
                session = current_session(using)
                if adding:
                    insert(document, connection, session)
                else:
                    how = {"guard": guard or merge, "merge": merge}
                    paths = update(document, connection, session, names, **how)
        except BaseException as error:
            stamps.undo()
            if isinstance(error, Exception):
                run.error("save", error)
            raise
    if cls._meta.is_copied and not adding:
        spread_saved(document, using, paths)
    signals.post_save.send(sender=cls, created=adding, **about)
    run.post("save")


def run_validation(document: Any, names: Any, run: Run, *, changed_only: bool) -> None:
    """Judge the document between its validation hooks; raise ValidationError."""
    try:
        run.pre("validate")
        judge(document, names, changed_only=changed_only)
    except Exception as error:
        run.error("validate", error)
        raise
    run.post("validate")


def judge(document: Any, names: Any, *, changed_only: bool) -> None:
    """Raise ValidationError for what is wrong, in the fields of `names` or in all."""
    only = names
    if changed_only and not document._state.adding:
        only = set(document._changed) | {f.name for f, v in document._touched() if v.is_changed()}
        only |= {path.partition(".")[0] for path in document._errors}
        only = only if names is None else only & names
    concerns = edited.make_test(document) if only is not names else None
    errors = document.collect_errors(only=only, concerns=concerns)
    key = document._meta.discriminator_key
    if document._meta.discriminator is not None and key in document._undeclared:
        message = _("The class of a stored document cannot change.")
        errors[key] = [ValidationError(message, code="discriminator")]
    if errors:
        raise ValidationError(errors)


# Insert


def insert(document: Any, connection: Any, session: Any, raw: dict[str, Any] | None = None) -> None:
    """Insert a document, that is stored as `raw` if it was encoded already."""
    meta = document._meta
    if raw is None:
        if document.pk is None:
            raise ValidationError({meta.pk.name: [meta.pk.error("required")]})
        raw = document._to_insert()
    try:
        with connection.wrap_write_errors:
            if meta.has_plain_collection:
                collection = connection.collection(meta.collection)
            else:
                collection = collection_to_insert(meta, connection)
            collection.insert_one(raw, session=session)
    except DuplicateKey as error:
        raise duplicate_error(document._meta, error) from error
    # Without a session there is no transaction, whose rollback would be noted.
    marked = mark_plainly if session is None else mark_inserted
    marked(document, saved_to(connection.alias))


def mark_inserted(document: Any, source: Source) -> None:
    """
    Turn a new object into a loaded one of `source`, until a rollback.

    Those that were inserted together share a source.
    """
    alias: Any = source.alias
    if in_transaction(alias):
        _note_rollback(document, alias)
    mark_plainly(document, source)


def mark_plainly(document: Any, source: Source) -> None:
    """Turn a new object into a loaded one of `source`, outside of transactions."""
    meta = document._meta
    if document._source.stored or meta.schema_version is not None:
        alias: Any = source.alias
        _commit(document, alias, None, 0 if meta.version_key else MISSING)
        return
    # The same for an object that was never loaded, which has less to forget.
    meta.settle(document)
    if meta.version_key:
        object.__setattr__(document, "_version", 0)
    set_source(document, source)
    state = document._status
    if state is not None:
        state.adding, state.db = False, source.alias


# Update


def write_plainly(document: Any, connection: Any, session: Any, sent: dict[str, Any]) -> None:
    """Write a document of which only scalars were assigned, by its `plain_update`."""
    meta, alias = document._meta, connection.alias
    selector = document_filter(document)
    known = connection.ready(meta, True)
    try:
        try:
            is_found = _was_found(known.update_one(selector, sent, session))
        except connection.errors as error:
            raise connection.explain(error, writing=True) from error
    except DuplicateKey as error:
        raise duplicate_error(meta, error) from error
    if not is_found:
        raise gone(document)
    if session is not None:
        _note_rollback(document, alias)
    set_changed(document, {})
    if document._status is not None or document._source.alias != alias:
        _mark_stored(document, alias)


def update(
    document: Any,
    connection: Any,
    session: Any,
    names: Any,
    *,
    guard: bool,
    merge: bool = False,
) -> list[str] | None:
    """Write the changes; return the paths that were sent, in MongoDB's keys, if they matter."""
    sent = plain_update(document) if names is None and not guard else None
    if sent is None:
        return write_changes(document, connection, session, names, guard=guard, merge=merge)
    write_plainly(document, connection, session, sent)
    return paths_of(sent) if document._meta.is_copied else None


def write_changes(
    document: Any,
    connection: Any,
    session: Any,
    names: Any,
    *,
    guard: bool = False,
    merge: bool = False,
) -> list[str] | None:
    """Write whatever was changed, as `update`, which knows a shorter way for scalars."""
    meta = document._meta
    collection = collection_of(meta, connection, fresh=True)
    builder, names = collect_update(document, names)
    if not (builder.operators or upgrades.origin_of(document)):
        with connection.wrap_errors:
            found = collection.find_one({"_id": document._stored_pk()}, {"_id": 1}, session=session)
        if found is None:
            raise gone(document)
        return []
    refuse_measurement(meta)
    builder.ignores_key_order = connection.ignores_key_order
    selector, update = make_update(document, builder, guard=guard)
    found_by = document_filter(document)
    collation = collation_of(document, selector)
    merged = False
    for attempt in range(ATTEMPTS):
        sent = (selector, update)
        if _send(document, connection, collection, sent, session=session, collation=collation):
            break
        if selector == found_by:
            raise gone(document)
        with connection.wrap_errors:
            stored = collection.find_one(found_by, session=session)
        # In a transaction nothing newer than its snapshot can be merged.
        mergeable = merge and stored is not None and session is None
        if mergeable and upgrades.is_settled(document, stored):
            upgrades.settle(document)
            builder, names = collect_update(document, None)
            builder.ignores_key_order = connection.ignores_key_order
            selector, update = make_update(document, builder, guard=guard)
            if not update:
                merged = True
                break
        problem = make_conflict(document, builder, stored)
        if not mergeable or problem.overlapping or attempt == ATTEMPTS - 1:
            raise problem
        merged = True
        if meta.version_key in selector:
            selector[meta.version_key] = stored.get(meta.version_key)
    mark_updated(document, connection.alias, names, update)
    if merged:
        refresh(document, using=connection.alias, fields=document._source.loaded)
    return paths_of(update)


def _send(document: Any, connection: Any, collection: Any, sent: Any, **options: Any) -> bool:
    """Send an update of one document; return whether it was found."""
    try:
        with connection.wrap_write_errors:
            return _was_found(collection.update_one(*sent, **options))
    except DuplicateKey as error:
        raise duplicate_error(document._meta, error) from error


def _was_found(answer: Any) -> bool:
    raw = answer.raw_result
    # Of a write that is not acknowledged the driver says that nothing is known.
    return bool(raw["n"] if raw else answer.matched_count)


def mark_updated(document: Any, alias: str, names: Any, update: dict[str, Any]) -> None:
    """Take the changes of `names`, None for all, as stored, until a rollback."""
    version = document._version
    if "$inc" in update and document._meta.version_key in update["$inc"]:
        version = version + 1
    _note_rollback(document, alias)
    _commit(document, alias, names, version)


def _commit(document: Any, alias: str, names: Any, version: Any) -> None:
    document._commit_fields(names)
    if document.__dict__.pop(upgrades.ATTRIBUTE, None) is not None:
        document.undeclared.commit()
    if version is not MISSING:
        document._version = version
    _mark_stored(document, alias)


def _mark_stored(document: Any, alias: str) -> None:
    source = document._source
    if source.alias != alias or not source.stored:
        document._source = source.replaced(alias, source.loaded)
    state = document._status
    if state is not None:
        state.adding, state.db = False, alias


def _note_rollback(document: Any, alias: str) -> None:
    """Undo `_commit`, which follows, should the open transaction be aborted (rule S7)."""
    if not in_transaction(alias):
        return
    state = (document._state.adding, document._state.db, document._version)
    uncommit = document._uncommit_fields()
    origin = upgrades.origin_of(document)

    def restore() -> None:
        uncommit()
        if origin is not None:
            document.__dict__[upgrades.ATTRIBUTE] = origin
        document._state.adding, document._state.db, document._version = state

    on_rollback(restore, alias)
