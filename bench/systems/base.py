"""What a system has to do to be measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from pymongo.monitoring import CommandListener


class System(ABC):
    """One way to read and write the documents of `bench.data`.

    Each method is written as a user of the system would write it. The reads
    return what they read, so that its memory is not freed while the clock
    runs.
    """

    #: The name in reports and of the option `--system`.
    name: str
    #: One line for the report.
    about: str

    @abstractmethod
    def open(self, uri: str, database: str, listener: CommandListener | None = None) -> None:
        """Connect; `listener` is to hear every command."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""

    @abstractmethod
    def read_all(self) -> list[Any]:
        """Return all documents."""

    @abstractmethod
    def touch_scalars(self, documents: list[Any]) -> None:
        """Read three scalar fields of each document."""

    @abstractmethod
    def touch_all(self, documents: list[Any]) -> None:
        """Read every field of each document, nested ones too."""

    @abstractmethod
    def get(self, key: Any) -> Any:
        """Return the document of a key."""

    @abstractmethod
    def change_one(self, key: Any, quantity: int) -> None:
        """Load a document, change its quantity and save it."""

    @abstractmethod
    def page(self, title: str) -> list[Any]:
        """Return the 25 newest active documents of a title."""
