"""Sessions outside of transactions: reads that follow writes, or that all see one moment."""

from __future__ import annotations

from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.db.transaction import TransactionManagementError

from docmodels.connections import DEFAULT_ALIAS, connections
from docmodels.connections.bridged import BridgedSession
from docmodels.connections.bridging import arun, bridged_loop, is_bridged, running_loop
from docmodels.exceptions import NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from pymongo.asynchronous.client_session import AsyncClientSession
    from pymongo.client_session import ClientSession

_NONE_OPEN: Mapping[str, ClientSession] = MappingProxyType({})

# Never changed in place: a copied context (a task, a worker thread) keeps its own view.
open_sessions: ContextVar[Mapping[str, ClientSession]] = ContextVar(
    "docmodels_sessions", default=_NONE_OPEN
)


def plain_session(alias: str) -> ClientSession | None:
    """Give the session of the innermost `SessionBlock` of an alias, or None."""
    session = open_sessions.get().get(alias)
    return None if session is None else session_here(session, alias, "session()")


def is_of_loop(session: Any) -> bool:
    """Tell whether the session belongs to the client of an event loop."""
    return session.__class__ is BridgedSession


def session_here(session: Any, alias: str, block: str) -> Any:
    """
    Return a session of a block for the running code: in a coroutine the driver's own.

    Raise TransactionManagementError where the running code has another client.
    """
    loop, owner = running_loop(), session.loop if is_of_loop(session) else None
    if owner is loop:
        return session if owner is None or is_bridged() else session.target
    if owner is None and bridged_loop() is None:
        return session
    begun, called = (f"async with {block}", "a synchronous call")
    if owner is None:
        begun, called = block, "`await`"
    raise TransactionManagementError(
        f"{called} inside `{begun}` on '{alias}': a session belongs to one client, expected calls "
        f"of the API that began it."
    )


def refuse_snapshot(alias: str) -> None:
    """Raise NotSupportedError where a transaction would begin inside of a snapshot."""
    session = plain_session(alias)
    if session is not None and session.options.snapshot:
        raise NotSupportedError(
            f"atomic() inside of session(snapshot=True) on '{alias}': a transaction has a snapshot "
            f"of its own, expected one of them."
        )


def follow(session: ClientSession, alias: str) -> None:
    """Let a new session begin behind all that the open ones of its server have seen."""
    for outer in _of_server(alias):
        _advance(session, outer)


def lead(session: ClientSession, alias: str) -> None:
    """Let the open sessions of a server go on behind all that another one has seen."""
    for outer in _of_server(alias):
        _advance(outer, session)


def _of_server(alias: str) -> Iterator[ClientSession]:
    host = connections[alias].settings["HOST"]
    for other, session in open_sessions.get().items():
        if connections[other].settings["HOST"] == host and session.options.causal_consistency:
            yield session


def _advance(behind: ClientSession, before: ClientSession) -> None:
    if before.cluster_time is not None:
        behind.advance_cluster_time(before.cluster_time)
    if before.operation_time is not None:
        behind.advance_operation_time(before.operation_time)


class SessionBlock:
    """What `transaction.session()` gives: a context manager, also for ``async with``."""

    def __init__(self, using: str, *, causal_consistency: bool, snapshot: bool) -> None:
        self.using = using
        self.causal_consistency = causal_consistency
        self.snapshot = snapshot
        self._around: list[Mapping[str, ClientSession]] = []

    def __enter__(self) -> ClientSession:
        """Begin the session, and give it."""
        connection = connections[self.using]
        if not connection.supports_sessions:
            raise NotSupportedError(f"The server of '{self.using}' has no sessions.")
        if self.snapshot and not connection.supports_transactions:
            raise NotSupportedError(
                f"The server of '{self.using}' has no snapshots: session(snapshot=True) needs a "
                f"replica set or a sharded cluster."
            )
        with connection.wrap_errors:
            session = connection.client.start_session(
                causal_consistency=self.causal_consistency, snapshot=self.snapshot
            )
        if self.causal_consistency:
            follow(session, self.using)
        running = open_sessions.get()
        self._around.append(running)
        open_sessions.set({**running, self.using: session})
        return session

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the session; an outer one goes on behind what it has seen."""
        session = open_sessions.get()[self.using]
        open_sessions.set(self._around.pop())
        if self.causal_consistency:
            lead(session, self.using)
        session.end_session()

    async def __aenter__(self) -> AsyncClientSession:
        """Begin the session, and give it."""
        session: Any = await arun(self.__enter__)
        target: AsyncClientSession = session.target
        return target

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the session; an outer one goes on behind what it has seen."""
        await arun(self.__exit__, exc_type, exc, traceback)


def make_session(
    using: str | None = None, *, causal_consistency: bool | None = None, snapshot: bool = False
) -> SessionBlock:
    """Return the block; see `transaction.session`."""
    if snapshot and causal_consistency:
        raise ValueError("session(): causal_consistency and snapshot, expected one of them.")
    causal = not snapshot if causal_consistency is None else causal_consistency
    return SessionBlock(using or DEFAULT_ALIAS, causal_consistency=causal, snapshot=snapshot)
