"""Record the commands that reach the server while a block runs."""

from __future__ import annotations

from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.transaction import TransactionManagementError
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from docmodels.connections import DEFAULT_ALIAS, connections
from docmodels.connections.logging import HOUSEKEEPING
from docmodels.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class RecordedCommand:
    """One command as it was sent."""

    name: str
    database: str
    command: dict[str, Any]

    @property
    def collection(self) -> str | None:
        """The collection, None for commands on the whole database."""
        target = self.command.get(
            "collection" if self.name == "getMore" else self.name,
        )
        return target if isinstance(target, str) else None

    def __str__(self) -> str:
        shown = {
            key: value
            for key, value in self.command.items()
            if not key.startswith("$") and key not in {"lsid", "txnNumber", "maxTimeMS"}
        }
        return f"{self.name} {shown}"


class CommandRecorder(CommandListener):
    """Collect the commands that one connection sends."""

    def __init__(self) -> None:
        #: The commands so far, in order.
        self.commands: list[RecordedCommand] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Keep a copy of the command."""
        if event.command_name not in HOUSEKEEPING:
            self.commands.append(
                RecordedCommand(
                    event.command_name, event.database_name, deepcopy(dict(event.command))
                )
            )

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Ignore the answer."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Ignore the failure: it is raised where the command was sent."""


@contextmanager
def record_commands(using: str = DEFAULT_ALIAS) -> Iterator[list[RecordedCommand]]:
    """
    Give the list that grows by each command that `using` sends in the block.

    The first time it needs another client: inside of a transaction, which
    belongs to the one that there is, it raises TransactionManagementError.
    """
    connection = connections[using]
    if in_transaction(using) and not connection.attaches_in_place:
        raise TransactionManagementError(
            f"record_commands() for the first time inside atomic() on '{using}', expected it "
            "around the block."
        )
    recorder = CommandRecorder()
    connection.attach(recorder)
    try:
        yield recorder.commands
    finally:
        connection.detach(recorder)


@contextmanager
def assert_num_commands(num: int, using: str = DEFAULT_ALIAS) -> Iterator[list[RecordedCommand]]:
    """Fail unless the block sends exactly `num` commands; the failure lists them."""
    with record_commands(using) as commands:
        yield commands
    if len(commands) != num:
        listed = "\n".join(f"{n}. {command}" for n, command in enumerate(commands, start=1))
        raise AssertionError(f"{len(commands)} commands sent, {num} expected:\n{listed}")
