"""The transactions that are open in the running context, and what is called at their end."""

from __future__ import annotations

import inspect
import logging
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.db.transaction import TransactionManagementError

from docmodels.connections import DEFAULT_ALIAS
from docmodels.connections.bridging import arun, finish, is_bridged
from docmodels.exceptions import AsynchronousOnlyOperation
from docmodels.sessions import is_of_loop, open_sessions, plain_session, session_here

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pymongo.client_session import ClientSession

    from docmodels.connections.concerns import TransactionConcerns

logger = logging.getLogger("docmodels.transaction")


class Transaction:
    """The open transaction of one alias in the running context."""

    def __init__(self, alias: str, session: ClientSession, concerns: TransactionConcerns) -> None:
        self.alias = alias
        self.session = session
        self.concerns = concerns
        #: How many ``atomic`` blocks are open; none when it has ended.
        self.depth = 1
        #: Whether an inner block failed, so that nothing can be committed.
        self.broken = False
        #: Whether it was committed, after which only hooks run.
        self.committed = False
        self.on_commit: list[tuple[Callable[[], Any], bool]] = []
        self.on_rollback: list[Callable[[], Any]] = []


_NONE_OPEN: Mapping[str, Transaction] = MappingProxyType({})

# Never changed in place: a copied context (a task, a worker thread) keeps its own view.
open_transactions: ContextVar[Mapping[str, Transaction]] = ContextVar(
    "docmodels_transactions", default=_NONE_OPEN
)


def current_session(alias: str = DEFAULT_ALIAS) -> ClientSession | None:
    """Give the session that operations on `alias` must use now, or None."""
    transactions = open_transactions.get()
    if not transactions and not open_sessions.get():
        # Nearly always; each read and write asks.
        return None
    transaction = transactions.get(alias)
    if transaction is None:
        return plain_session(alias)
    if transaction.broken:
        raise TransactionManagementError(
            f"An inner atomic block on '{alias}' failed. Nothing can be read or written until "
            "the end of the outermost block."
        )
    if not transaction.depth:
        raise TransactionManagementError(
            f"The atomic block on '{alias}' that this task was started in has ended. Await it "
            f"inside of the block, or start it outside."
        )
    return session_here(transaction.session, alias, "atomic()")


def in_transaction(using: str = DEFAULT_ALIAS) -> bool:
    """Tell whether the running context is inside ``atomic(using)``."""
    return using in open_transactions.get()


def concerns_here(using: str) -> TransactionConcerns | None:
    """Return what the open transaction of an alias reads and writes with, or None."""
    transaction = open_transactions.get().get(using)
    return None if transaction is None else transaction.concerns


def on_commit(func: Callable[[], Any], using: str = DEFAULT_ALIAS, robust: bool = False) -> None:
    """Call `func` after the commit; at once when no transaction is open.

    With `robust` an error of `func` is logged and the next functions run. It
    may be a coroutine function where the transaction is asynchronous.
    """
    if not callable(func):
        raise TypeError("on_commit()'s callback must be a callable.")
    transaction = open_transactions.get().get(using)
    awaited = is_bridged() if transaction is None else is_of_loop(transaction.session)
    if inspect.iscoroutinefunction(func) and not awaited:
        raise AsynchronousOnlyOperation(
            f"on_commit(): {func.__qualname__}() is a coroutine function, and nothing awaits it "
            f"here; expected `await aon_commit()`, or `async with atomic()` around."
        )
    if transaction is not None:
        transaction.on_commit.append((func, robust))
    else:
        run_hook(func, robust=robust)


async def aon_commit(
    func: Callable[[], Any], using: str = DEFAULT_ALIAS, robust: bool = False
) -> None:
    """Do what `on_commit()` does; where no transaction is open, await what `func` gives."""
    await arun(on_commit, func, using, robust)


def on_rollback(func: Callable[[], Any], using: str = DEFAULT_ALIAS) -> None:
    """Call `func` when the open transaction is rolled back; without one, never."""
    transaction = open_transactions.get().get(using)
    if transaction is not None:
        transaction.on_rollback.append(func)


def run_hook(func: Callable[[], Any], *, robust: bool) -> None:
    """Call a function of `on_commit()`; log its error where it is `robust`."""
    try:
        finish(func(), func)
    except Exception:
        if not robust:
            raise
        logger.exception("Error calling %s in on_commit().", getattr(func, "__qualname__", func))
