"""Log the commands of a connection, and pass them to those who listen."""

from __future__ import annotations

import logging
from typing import Any

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from docmodels.conf import docmodels_settings

logger = logging.getLogger("docmodels.commands")


#: Commands that the driver and the connection send for themselves.
HOUSEKEEPING = frozenset({"endSessions", "hello", "isMaster", "killCursors", "ping"})


class CommandLog(CommandListener):
    """Write each command's name, collection and time; values are never logged."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        #: Others that hear the same events.
        self.listeners: list[CommandListener] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Pass the event on."""
        for listener in tuple(self.listeners):
            listener.started(event)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Log the time, as a warning when it was long."""
        for listener in tuple(self.listeners):
            listener.succeeded(event)
        milliseconds = event.duration_micros / 1000
        limit = docmodels_settings.SLOW_COMMAND_MS
        slow = limit is not None and milliseconds > limit
        level = logging.WARNING if slow else logging.DEBUG
        if logger.isEnabledFor(level):
            self._log(level, event, "%.1f ms", milliseconds)

    def failed(self, event: CommandFailedEvent) -> None:
        """Log the failure's code."""
        for listener in tuple(self.listeners):
            listener.failed(event)
        code = event.failure.get("code")
        self._log(logging.DEBUG, event, "failed with code %s", code)

    def _log(self, level: int, event: Any, text: str, value: Any) -> None:
        if event.command_name in HOUSEKEEPING:
            return
        logger.log(
            level,
            "%s %s " + text,
            self.alias,
            event.command_name,
            value,
            extra={"alias": self.alias, "command": event.command_name},
        )
