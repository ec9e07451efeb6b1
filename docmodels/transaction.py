"""Transactions on MongoDB sessions, spelled as in ``django.db.transaction``."""

from __future__ import annotations

import inspect
import logging
import random
import time
from functools import wraps
from typing import TYPE_CHECKING, Any, overload

from django.core.exceptions import SynchronousOnlyOperation
from django.db.transaction import TransactionManagementError

from docmodels.connections import DEFAULT_ALIAS, connections
from docmodels.connections.bridging import arun, is_blocking, pause, wait_for
from docmodels.connections.concerns import TransactionConcerns, transaction_concerns
from docmodels.connections.failures import note_failures
from docmodels.exceptions import ConnectionUnavailable, DocmodelsError, NotSupportedError
from docmodels.running import (
    Transaction,
    aon_commit,
    concerns_here,
    current_session,
    in_transaction,
    on_commit,
    on_rollback,
    open_transactions,
    run_hook,
)
from docmodels.sessions import follow, lead, make_session, refuse_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from pymongo.asynchronous.client_session import AsyncClientSession
    from pymongo.client_session import ClientSession

    from docmodels.connections.concerns import AnyReadConcern, AnyReadPreference, AnyWriteConcern
    from docmodels.sessions import SessionBlock

__all__ = [
    "Atomic",
    "Transaction",
    "aon_commit",
    "atomic",
    "concerns_here",
    "current_session",
    "in_transaction",
    "on_commit",
    "on_rollback",
    "session",
]

logger = logging.getLogger("docmodels.transaction")

#: How often a commit is sent.
MAX_ATTEMPTS = 5
#: For how long a decorated function is run again, in seconds.
RETRY_SECONDS = 30.0
#: The longest pause between two attempts, in seconds.
MAX_PAUSE = 0.25

_TRANSIENT = "TransientTransactionError"
_UNKNOWN_COMMIT = "UnknownTransactionCommitResult"
_NOTHING_TOLD = TransactionConcerns()


class Atomic:
    """What `atomic` gives: a context manager and a decorator.

    A nested block joins the outer one. As a decorator it runs the function
    again when the server reports a transient conflict. Both go for ``async
    with`` and for coroutine functions, too.
    """

    def __init__(
        self,
        using: str = DEFAULT_ALIAS,
        *,
        durable: bool = False,
        concerns: TransactionConcerns = _NOTHING_TOLD,
    ) -> None:
        self.using = using
        self.concerns = concerns
        #: Whether it must be the outermost block.
        self.durable = durable

    def __call__(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Run each call of `func` in a transaction."""
        _refuse_deferred(func)
        if inspect.iscoroutinefunction(func):

            @wraps(func)
            async def ainner(*args: Any, **kwargs: Any) -> Any:
                return await arun(self._call, lambda: wait_for(func(*args, **kwargs)))

            return ainner

        @wraps(func)
        def inner(*args: Any, **kwargs: Any) -> Any:
            return self._call(lambda: func(*args, **kwargs))

        return inner

    def _call(self, func: Callable[[], Any]) -> Any:
        if in_transaction(self.using):
            with self:
                return func()
        return self._run(func)

    async def __aenter__(self) -> AsyncClientSession:
        """Start the transaction, or join the open one; give its session."""
        session: Any = await arun(self.__enter__)
        target: AsyncClientSession = session.target
        return target

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit, or roll back after an exception; an inner block only leaves."""
        await arun(self.__exit__, exc_type, exc, traceback)

    def __enter__(self) -> ClientSession:
        """Start the transaction, or join the open one; give its session."""
        if is_blocking():
            raise SynchronousOnlyOperation(
                "atomic() in a coroutine: it would block the event loop; expected `async with "
                "atomic()`, or @atomic of a coroutine function."
            )
        running = open_transactions.get()
        transaction = running.get(self.using)
        if transaction is not None:
            if self.durable:
                raise RuntimeError(
                    "A durable atomic block cannot be nested within another atomic block."
                )
            self.concerns.check_within(transaction.concerns, self.using)
            session = current_session(self.using)
            transaction.depth += 1
            return transaction.session if session is None else session
        transaction = self._begin()
        open_transactions.set({**running, self.using: transaction})
        note_failures(self.using, [])
        return transaction.session

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit, or roll back after an exception; an inner block only leaves."""
        running = open_transactions.get()
        transaction = running[self.using]
        transaction.depth -= 1
        if transaction.depth:
            transaction.broken = transaction.broken or exc_type is not None
            return
        open_transactions.set(
            {alias: other for alias, other in running.items() if alias != self.using}
        )
        try:
            self._end(transaction, failed=exc_type is not None)
        finally:
            note_failures(self.using, None)

    def _run(self, func: Callable[[], Any]) -> Any:
        end = time.monotonic() + RETRY_SECONDS
        longest = 0.002
        while True:
            running: list[Transaction] = []
            try:
                with self:
                    running.append(open_transactions.get()[self.using])
                    return func()
            except DocmodelsError as exc:
                # What is committed never runs again, whatever its hooks raise.
                is_committed = any(transaction.committed for transaction in running)
                is_late = time.monotonic() > end
                if is_committed or is_late or not exc.has_error_label(_TRANSIENT):
                    raise
            # By chance, so that those that conflicted do not meet again.
            pause(random.uniform(0, longest))
            longest = min(MAX_PAUSE, 2 * longest)

    def _begin(self) -> Transaction:
        connection = connections[self.using]
        refuse_snapshot(self.using)
        if not connection.supports_transactions:
            raise NotSupportedError(
                f"The server of '{self.using}' has no transactions: atomic() needs a replica set "
                "or a sharded cluster."
            )
        concerns = self.concerns.complete()
        with connection.wrap_errors:
            session = connection.client.start_session()
            follow(session, self.using)
            session.start_transaction(*concerns)
        return Transaction(self.using, session, concerns)

    def _end(self, transaction: Transaction, *, failed: bool) -> None:
        committed = False
        try:
            if not failed and not transaction.broken:
                with transaction.concerns.commit_deadline():
                    self._commit(transaction)
                committed = transaction.committed = True
        finally:
            if not committed:
                self._abort(transaction)
            lead(transaction.session, self.using)
            transaction.session.end_session()
            if not committed:
                for func in reversed(transaction.on_rollback):
                    func()
        if committed:
            for hook, robust in transaction.on_commit:
                run_hook(hook, robust=robust)
        elif not failed:
            raise TransactionManagementError(
                f"The transaction on '{self.using}' was rolled back: an inner atomic block failed."
            )

    def _commit(self, transaction: Transaction) -> None:
        connection = connections[self.using]
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                with connection.wrap_write_errors:
                    transaction.session.commit_transaction()
            except ConnectionUnavailable as exc:
                # Sending a commit again is safe. After a deadline there is no time left for it.
                if not exc.has_error_label(_UNKNOWN_COMMIT) or attempt == MAX_ATTEMPTS:
                    raise
            else:
                return

    def _abort(self, transaction: Transaction) -> None:
        if not transaction.session.in_transaction:
            return
        try:
            with connections[self.using].wrap_errors:
                transaction.session.abort_transaction()
        except DocmodelsError as exc:
            # The server ends it by itself; what led here is being raised already.
            logger.warning("Could not abort a transaction on '%s': %s", self.using, exc)


def _refuse_deferred(func: Any) -> None:
    """Raise TypeError for what runs after its call, when the transaction has ended."""
    if inspect.isgeneratorfunction(func) or inspect.isasyncgenfunction(func):
        told, instead = "a generator", "`with atomic()` inside of it, or a list"
    elif isinstance(func, type):
        told, instead = "a class", "its methods to be decorated"
    else:
        return
    raise TypeError(
        f"atomic(): {func.__qualname__} is {told}, whose code would run after the transaction; "
        f"expected {instead}."
    )


@overload
def atomic(using: Callable[..., Any]) -> Callable[..., Any]: ...
@overload
def atomic(
    using: str | None = None,
    savepoint: bool = False,
    durable: bool = False,
    *,
    read_concern: AnyReadConcern | None = None,
    write_concern: AnyWriteConcern | None = None,
    read_preference: AnyReadPreference | None = None,
    max_commit_time_ms: int | None = None,
) -> Atomic: ...
def atomic(
    using: str | Callable[..., Any] | None = None,
    savepoint: bool = False,
    durable: bool = False,
    *,
    read_concern: AnyReadConcern | None = None,
    write_concern: AnyWriteConcern | None = None,
    read_preference: AnyReadPreference | None = None,
    max_commit_time_ms: int | None = None,
) -> Any:
    """Run a block, or each call of a function, in one transaction of an alias.

    ``with atomic():``, ``with atomic(using="other"):``, ``@atomic`` and
    ``@atomic(using="other")`` all work. A `durable` block raises RuntimeError
    inside of another one. MongoDB has no savepoints: a nested block joins the
    outer one, and `savepoint=True` raises `NotSupportedError`, as does a server
    without transactions.

    `read_concern` is `"snapshot"` unless it is `"majority"` or `"local"`,
    `write_concern` is `"majority"` unless it is another one that is
    acknowledged; of read preferences there is only `"primary"`. The commit
    fails with `DeadlineExceeded` after `max_commit_time_ms`, in place of the
    alias's deadline. Others raise ValueError, as do other ones than the outer
    block's inside of it.
    """
    if savepoint:
        raise NotSupportedError(
            "atomic(savepoint=True): MongoDB has no savepoints, a nested block joins the outer one."
        )
    concerns = transaction_concerns(
        read_concern, write_concern, read_preference, max_commit_time_ms
    )
    if callable(using):
        return Atomic(concerns=concerns)(using)
    return Atomic(using or DEFAULT_ALIAS, durable=durable, concerns=concerns)


def session(
    using: str | None = None, *, causal_consistency: bool | None = None, snapshot: bool = False
) -> SessionBlock:
    """Run the operations of a block on an alias in one session, without a transaction.

    They are causally consistent unless `causal_consistency` is false: each of
    them sees what those before it have seen and written, also where replicas
    are read. With `snapshot` all reads see the data of one moment, that of the
    first. Operations of other threads, and of other aliases, are not in it.
    Raise `NotSupportedError` where the server cannot do it, and RuntimeError
    inside of `atomic()`, whose own session is both.
    """
    if in_transaction(using or DEFAULT_ALIAS):
        raise RuntimeError(
            f"session() inside of atomic() on '{using or DEFAULT_ALIAS}': the transaction has a "
            f"session, which is consistent already."
        )
    return make_session(using, causal_consistency=causal_consistency, snapshot=snapshot)
