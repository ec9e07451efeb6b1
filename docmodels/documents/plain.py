"""
Save a document in whose save nobody has a say, as most are.

Where there is no hook, no receiver of a signal and no value that is set by
itself, a save is to judge, to send, and to take what was sent as stored.
`writing` saves all the others.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from docmodels import signals
from docmodels.connections import connections, router
from docmodels.documents.conflicts import make_parallel, saving
from docmodels.documents.pending import plain_update
from docmodels.documents.timestamps import give_key, take_key_back
from docmodels.documents.writing import insert, judge, write_changes, write_plainly
from docmodels.tracking import MISSING
from docmodels.transaction import current_session, in_transaction, on_rollback


def save_plainly(document: Any, using: str | None, *, force_insert: bool) -> bool:
    """
    Save a document, as `Document.save`; return False where there is more to it.

    This is what a program does most often: a question that is asked here costs
    every save, and each function that is called, too.
    """
    if signals.pre_save.receivers or signals.post_save.receivers:
        return False
    meta, state, source = document._meta, document._status, document._source
    if state is None:
        is_new, alias = not source.stored, source.alias
    else:
        is_new, alias = state.adding, state.db
    if is_new or force_insert:
        if source.stored or not meta.inserts_plainly:
            return False
        write = _insert
    else:
        if not meta.saves_plainly:
            return False
        write = _update
    if using is None:
        if router.routers:
            using = router.db_for_write(type(document), instance=document)
        else:
            # The answer of a router that has nobody to ask.
            using = alias or meta.alias
    connection = connections[using]
    if connection.read_only:
        return False
    mine: list[None] = []
    if saving.setdefault(id(document), mine) is not mine:
        raise make_parallel(document)
    try:
        write(document, meta, connection, current_session(using))
    finally:
        del saving[id(document)]
    return True


def _insert(document: Any, meta: Any, connection: Any, session: Any) -> None:
    given = give_key(document)
    is_made = given is None or given is MISSING
    if is_made and session is not None and in_transaction(connection.alias):
        on_rollback(partial(take_key_back, document, given), connection.alias)
    try:
        judge_at_once = meta.judge
        raw = None if judge_at_once is None else judge_at_once(document)
        if raw is None:
            judge(document, None, changed_only=False)
        insert(document, connection, session, raw)
    except BaseException:
        # The object is new again (rule S7).
        if is_made:
            take_key_back(document, given)
        raise


def _update(document: Any, meta: Any, connection: Any, session: Any) -> None:
    is_right = meta.is_right
    verdict = 0 if is_right is None else is_right(document)
    if not verdict:
        judge(document, None, changed_only=False)
    sent = plain_update(document, verdict)
    if sent is None:
        write_changes(document, connection, session, None)
    else:
        write_plainly(document, connection, session, sent)
