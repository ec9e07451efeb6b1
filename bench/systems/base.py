"""What a system has to do to be measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

from pymongo.monitoring import CommandListener

from bench.data import COLLECTION


class System(ABC):
    """
    One way to read and write the documents of `bench.data`.

    Each method is written as a user of the system would write it. The reads
    return what they read, so that its memory is not freed while the clock
    runs. A method that is None is something that the system has no way for.
    """

    #: The name in reports and of the option `--system`.
    name: str
    #: One line for the report.
    about: str
    #: The distribution, whose version is reported.
    distribution: str
    #: The name of the system that it is compared with.
    compared_with = "pymongo"
    #: What is to be known of a figure, or why there is none, by workload.
    notes: ClassVar[dict[str, str]] = {}
    #: What a program imports to declare its documents, beyond the driver and Django.
    imports: ClassVar[tuple[str, ...]] = ()
    #: Where its documents are: apart from the others' if it stores them in a form of its own.
    collection = COLLECTION

    def stored(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return a stored document in the form in which the system would have stored it."""
        return document

    @abstractmethod
    def open(self, uri: str, database: str, listener: CommandListener | None = None) -> None:
        """Connect; `listener` is to hear every command."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""

    def do(self, action: str, *args: Any) -> Any:
        """Call a method."""
        return getattr(self, action)(*args)

    def each(self, action: str, calls: Iterable[tuple[Any, ...]]) -> None:
        """Call a method with these arguments, one call after the other."""
        method = getattr(self, action)
        for args in calls:
            method(*args)

    @abstractmethod
    def read_all(self) -> Any:
        """Return all documents."""

    @abstractmethod
    def touch_scalars(self, documents: list[Any]) -> Any:
        """Read three scalar fields of each document."""

    @abstractmethod
    def touch_all(self, documents: list[Any]) -> Any:
        """Read every field of each document, nested ones too."""

    @abstractmethod
    def get(self, key: Any) -> Any:
        """Return the document of a key."""

    def to_insert(self, values: dict[str, Any]) -> Any:
        """Return what `insert` takes, made before the clock runs."""
        return values

    @abstractmethod
    def insert(self, values: Any) -> Any:
        """Make a document of values, judge it and store it."""

    @abstractmethod
    def insert_many(self, values: list[Any]) -> Any:
        """Make, judge and store many at once."""

    @abstractmethod
    def change_one(self, key: Any, quantity: int) -> Any:
        """Load a document, change its quantity and save it."""

    @abstractmethod
    def page(self, title: str) -> Any:
        """Return the 25 newest active documents of a title."""

    @abstractmethod
    def read_some(self, count: int) -> Any:
        """Return the first documents in the order of the keys."""

    @abstractmethod
    def read_with_customers(self, count: int) -> Any:
        """Return the first documents with the names of their customers."""

    @abstractmethod
    def to_json_ready(self, documents: list[Any]) -> Any:
        """Return dicts of what JSON has: text, numbers, booleans, lists, dicts."""

    #: Return the bytes of a REST answer with these documents.
    render: Any = None


class AttributeSystem(System):
    """A system whose documents have an attribute for each field."""

    def touch_scalars(self, documents: list[Any]) -> Any:
        """Read three attributes."""
        for document in documents:
            document.title
            document.quantity
            document.created

    def touch_all(self, documents: list[Any]) -> Any:
        """Read every attribute but the reference, which is for `touch_reference`."""
        for document in documents:
            document.id
            document.title
            document.quantity
            document.weight
            document.active
            document.created
            document.price
            for _tag in document.tags:
                pass
            address = document.address
            address.street
            address.city
            address.postcode
            address.floor
            for line in document.lines:
                line.sku
                line.amount
                line.cost
            document.note
        self.touch_reference(documents)

    def touch_reference(self, documents: list[Any]) -> None:
        """Read the reference without loading what it leads to."""
        for document in documents:
            document.customer
