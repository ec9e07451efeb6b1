"""
Lend sessions to small operations, one after the other.

The driver makes a session for every operation that is given none, and takes it
apart afterwards; that is a fiftieth of the client's time of a read. A session
that is lent again costs nothing, and is the same to the server: it hears of as
many sessions as there are operations at a time, as it does from the driver.

They are not causally consistent, as those that the driver makes by itself.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from pymongo.errors import ConnectionFailure


class LentSessions:
    """The idle sessions of a client, or of None: then there are none."""

    __slots__ = ("_client", "_idle")

    def __init__(self, client: Any = None) -> None:
        self._client = client
        # Threads take from it and add to it at once. The last one is taken first, as it is warm.
        self._idle: deque[Any] = deque()

    def borrow(self) -> Any:
        """Return a session that nobody else has, None where there are none."""
        client = self._client
        if client is None:
            return None
        try:
            return self._idle.pop()
        except IndexError:
            pass
        if client.topology_description.logical_session_timeout_minutes is None:
            # The servers know no sessions, which the driver tells for those that it makes itself.
            return None
        return client.start_session(causal_consistency=False)

    def give_back(self, session: Any, error: Exception | None = None) -> None:
        """
        Take a session back after an operation, which ended with `error` or without one.

        After a lost connection nobody knows what the server does with it, so it
        is not lent again.
        """
        if session is not None and not isinstance(error, ConnectionFailure):
            self._idle.append(session)

    def end(self) -> None:
        """Leave those that are idle to the client, which tells the server when it is closed."""
        while self._idle:
            self._idle.pop().end_session()


#: Where each operation is sent without a session of ours.
NO_SESSIONS = LentSessions()
