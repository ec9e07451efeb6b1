"""
Save many objects at once, each as `save()` would, without its hooks.

The server tells of a bulk how many documents it matched, not which. So each
update is sent as an upsert that could never insert: where it matches nothing,
the key of the new document contradicts the filter, and the server refuses that
one operation by its position. Nothing is left to guess afterwards.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from typing import Any, NamedTuple

from bson import ObjectId
from django.core.exceptions import ValidationError

from docmodels.documents import pending, untracked, upgrades, writing
from docmodels.documents.conflicts import make_conflict, only_save
from docmodels.documents.spreading import paths_of, spread_saved
from docmodels.documents.timestamps import Stamps
from docmodels.exceptions import DuplicateKey, OperationFailed
from docmodels.fields.companions import with_companions
from docmodels.fields.errors import ErrorMap, add_errors
from docmodels.query.changes import UpdateBuilder
from docmodels.queryset.bulk import make_bulk_error
from docmodels.queryset.collections import collection_of, collection_to_insert
from docmodels.queryset.sending import BulkResult, Command, error_of, send
from docmodels.tracking import Source
from docmodels.transaction import current_session

#: The server's codes for a change of `_id` and for a key that is taken.
_IMMUTABLE_KEY = 66
_DUPLICATE_KEY = 11000


class Item(NamedTuple):
    """One object of a bulk."""

    position: int
    document: Any
    stamps: Stamps
    companions: AbstractContextManager[None]


class Plan(NamedTuple):
    """What is sent for an object; the builder is None for an insert."""

    command: Command
    builder: UpdateBuilder | None


def save_many(
    model: Any,
    documents: list[Any],
    connection: Any,
    *,
    chunk: int,
    ordered: bool,
    validate: bool | str,
    timestamps: bool,
) -> BulkResult:
    """Insert and update `documents`; see `QuerySet.bulk_save`."""
    _check(model, documents)
    result = BulkResult()
    problems: dict[int, Exception] = {}
    with ExitStack() as saving:
        for document in documents:
            saving.enter_context(only_save(document))
        changed = _prepare(documents, connection, validate=validate, timestamps=timestamps)
        for start in range(0, len(changed), chunk):
            part = changed[start : start + chunk]
            if problems and ordered:
                _give_up(part)
                continue
            _save_chunk(model, part, connection, result, problems, ordered=ordered)
    if problems:
        raise make_bulk_error(problems, len(documents), result)
    return result


def _check(model: Any, documents: list[Any]) -> None:
    seen: set[int] = set()
    where = f"{model._meta.object_name}.bulk_save()"
    for document in documents:
        if not isinstance(document, model):
            raise TypeError(f"{where}: {document!r}, expected {model.__name__} objects.")
        if id(document) in seen:
            raise ValueError(f"{where}: {document!r} twice, expected each object once.")
        seen.add(id(document))


def _prepare(
    documents: list[Any], connection: Any, *, validate: bool | str, timestamps: bool
) -> list[Item]:
    """Set the times, judge all, and return what is to be written; else undo everything."""
    items: list[Item] = []
    changed: list[Item] = []
    errors: ErrorMap = {}
    try:
        for position, document in enumerate(documents):
            stamps = Stamps(connection.alias)
            companions = with_companions([document], connection.alias)
            items.append(Item(position, document, stamps, companions))
            adding = document._state.adding
            stamps.apply(document, adding=adding, names=None, timestamps=timestamps)
            try:
                if _judge(document, connection, validate):
                    changed.append(items[-1])
            except ValidationError as error:
                add_errors(errors, str(position), error)
        if errors:
            raise ValidationError(errors)
    except BaseException:
        for item in items:
            item.stamps.undo()
        raise
    return changed


def _judge(document: Any, connection: Any, validate: bool | str) -> bool:
    """Return whether there is anything to write; raise for what cannot be."""
    adding = document._state.adding
    if validate:
        writing.judge(document, None, changed_only=validate == "changed")
    if adding and document.pk is None:
        pk = document._meta.pk
        raise ValidationError({pk.name: [pk.error("required")]})
    if adding:
        return True
    if validate is not True:
        untracked.refuse_edits(document, connection, None)
    if not (document._is_changed() or upgrades.origin_of(document)):
        return False
    builder, _names = pending.collect_update(document, None)
    if not (builder.operators or upgrades.origin_of(document)):
        return False
    pending.refuse_measurement(document._meta)
    if builder.refused:
        # Tells which list it is.
        pending.make_update(document, builder, guard=False)
    return True


def _give_up(items: list[Item]) -> None:
    for item in items:
        item.stamps.undo()


def _save_chunk(
    model: Any,
    items: list[Item],
    connection: Any,
    result: BulkResult,
    problems: dict[int, Exception],
    *,
    ordered: bool,
) -> None:
    entered: list[Item] = []
    try:
        for item in items:
            item.companions.__enter__()
            entered.append(item)
        plans = [_plan(item.document, connection) for item in items]
        failed, reached = _send(model, items, plans, connection, result, ordered=ordered)
    except BaseException as error:
        for item in items:
            item.stamps.undo()
        for item in entered:
            _leave(item, error)
        raise
    for index, (item, plan) in enumerate(zip(items, plans, strict=True)):
        problem = failed.get(index)
        if problem is None and index < reached:
            item.companions.__exit__(None, None, None)
            if plan.builder is None:
                writing.mark_inserted(item.document, Source(connection.alias))
            else:
                update = plan.command.args[1]
                writing.mark_updated(item.document, connection.alias, None, update)
                spread_saved(item.document, connection.alias, paths_of(update))
            continue
        _leave(item, problem or OperationFailed("Not begun."))
        item.stamps.undo()
        if problem is not None:
            problems[item.position] = problem


def _leave(item: Item, error: BaseException) -> None:
    """Take back what was stored with an object."""
    try:
        item.companions.__exit__(type(error), error, error.__traceback__)
    except BaseException as raised:
        if raised is not error:
            raise


def _plan(document: Any, connection: Any) -> Plan:
    if document._state.adding:
        return Plan(Command("insert_one", (document._to_insert(),), {}), None)
    builder, _names = pending.collect_update(document, None)
    selector, update = pending.make_update(document, builder, guard=False)
    collation = pending.collation_of(document, selector)
    options = {} if collation is None else {"collation": collation}
    return Plan(Command("update_one", (selector, update), options), builder)


def _send(
    model: Any,
    items: list[Item],
    plans: list[Plan],
    connection: Any,
    result: BulkResult,
    *,
    ordered: bool,
) -> tuple[dict[int, Exception], int]:
    """Return the errors by index, and the index from which on nothing was begun."""
    collection = collection_to_insert(model._meta, connection)
    failed: dict[int, Exception] = {}
    count = len(plans)
    # A refused operation would end the transaction, and with it all that was done before.
    if not connection.supports_bulk or current_session(connection.alias) is not None:
        for index in range(count):
            problem = _send_alone(items[index].document, plans[index], connection, result)
            if problem is not None:
                failed[index] = problem
                if ordered:
                    return failed, index
        return failed, count
    commands = [_must_match(plan) for plan in plans]
    start = 0
    while start < count:
        answer = send(collection, commands[start:], connection, ordered=ordered)
        result.add(answer, start)
        refused = {start + entry["index"]: entry for entry in answer.get("writeErrors", ())}
        for index, entry in refused.items():
            document, plan = items[index].document, plans[index]
            problem = _problem(model, document, plan, entry, connection, result)
            if problem is not None:
                failed[index] = problem
        if not ordered or not refused:
            return failed, count
        start = max(refused) + 1
        if failed:
            return failed, start - 1
    return failed, count


def _problem(
    model: Any, document: Any, plan: Plan, entry: Any, connection: Any, result: BulkResult
) -> Exception | None:
    """Return the error of a refused operation, None if it works without the upsert."""
    if plan.builder is None or entry.get("code") == _DUPLICATE_KEY:
        return error_of(entry, model, connection.alias)
    if entry.get("code") == _IMMUTABLE_KEY:
        return _unmatched(document, plan, connection)
    # The server may have stumbled over the document that it was not to insert.
    return _send_alone(document, plan, connection, result)


def _send_alone(document: Any, plan: Plan, connection: Any, result: BulkResult) -> Exception | None:
    method, args, options = plan.command
    collection = collection_to_insert(document._meta, connection)
    session = current_session(connection.alias)
    try:
        with connection.wrap_write_errors:
            answer = getattr(collection, method)(*args, session=session, **options)
    except DuplicateKey as error:
        found = document._duplicate_error(error)
        found.__cause__ = error
        return found
    except OperationFailed as error:
        return error
    if plan.builder is None:
        result.inserted += 1
        return None
    result.matched += answer.matched_count
    result.modified += answer.modified_count
    return None if answer.matched_count else _unmatched(document, plan, connection)


def _unmatched(document: Any, plan: Plan, connection: Any) -> Exception:
    """Return the error of an update that found no document as it was loaded."""
    found_by = pending.document_filter(document)
    collection = collection_of(document._meta, connection, fresh=True)
    with connection.wrap_errors:
        stored = collection.find_one(found_by, session=current_session(connection.alias))
    if stored is None or plan.builder is None or plan.command.args[0] == found_by:
        return writing.gone(document)
    return make_conflict(document, plan.builder, stored)


def _must_match(plan: Plan) -> Command:
    """Return an update that the server refuses where it matches nothing."""
    if plan.builder is None:
        return plan.command
    method, (selector, update), options = plan.command
    never = {**update, "$setOnInsert": {"_id": ObjectId()}}
    return Command(method, (selector, never), {**options, "upsert": True})
