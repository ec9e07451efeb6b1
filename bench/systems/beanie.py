"""Beanie, on pymongo's own asynchronous client."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, ClassVar

import beanie
from bson import DBRef
from pydantic import BaseModel, Field
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener

from bench.data import COLLECTION, CUSTOMERS
from bench.systems.base import AttributeSystem
from bench.systems.loops import InLoop


class Address(BaseModel):
    street: Annotated[str, Field(max_length=80)]
    city: Annotated[str, Field(max_length=40)]
    postcode: Annotated[str, Field(max_length=10)]
    floor: int


class Line(BaseModel):
    sku: Annotated[str, Field(max_length=20)]
    amount: Annotated[int, Field(ge=1)]
    cost: float


class Customer(beanie.Document):
    name: Annotated[str, Field(max_length=80)]

    class Settings:
        name = CUSTOMERS


class Order(beanie.Document):
    title: Annotated[str, Field(max_length=80)]
    quantity: int
    weight: float
    active: bool
    created: datetime.datetime
    price: beanie.DecimalAnnotation
    tags: list[Annotated[str, Field(max_length=20)]]
    address: Address
    lines: list[Line]
    customer: beanie.Link[Customer]
    note: str | None = None

    class Settings:
        # A link is stored as a DBRef, so that the documents are its own.
        name = f"{COLLECTION}_beanie"


class BeanieSystem(InLoop, AttributeSystem):
    """Documents."""

    name = "beanie"
    about = "Beanie"
    distribution = "beanie"
    imports = ("beanie",)
    collection = f"{COLLECTION}_beanie"
    notes: ClassVar = {"W10": 'beanie, odmantic: model_dump(mode="json")'}

    def stored(self, document: dict[str, Any]) -> dict[str, Any]:
        """Make the reference a DBRef."""
        return {**document, "customer": DBRef(CUSTOMERS, document["customer"])}

    def open(self, uri: str, database: str, listener: CommandListener | None = None) -> None:
        """Connect in a loop of its own."""
        self.begin()
        self.runner.run(self._open(uri, database, [] if listener is None else [listener]))

    async def _open(self, uri: str, database: str, listeners: list[CommandListener]) -> None:
        self.client: AsyncMongoClient[Any] = AsyncMongoClient(
            uri, tz_aware=True, event_listeners=listeners
        )
        await beanie.init_beanie(
            self.client[database], document_models=[Customer, Order], skip_indexes=True
        )

    def close(self) -> None:
        """Close the client and the loop."""
        self.runner.run(self.client.close())
        self.end()

    async def read_all(self) -> list[Any]:
        """Find all."""
        return await Order.find_all().to_list()

    async def get(self, key: Any) -> Any:
        """Get one by its key."""
        return await Order.get(key)

    async def insert(self, values: dict[str, Any]) -> None:
        """Make an object, which validates it, and insert it."""
        await _make(values).insert()

    async def insert_many(self, values: list[dict[str, Any]]) -> None:
        """Make objects, which validates them, and insert them."""
        await Order.insert_many([_make(one) for one in values])

    async def change_one(self, key: Any, quantity: int) -> None:
        """Get, assign, save."""
        document = await Order.get(key)
        assert document is not None
        document.quantity = quantity
        await document.save()

    async def page(self, title: str) -> list[Any]:
        """Find, sort and limit."""
        found = Order.find(Order.title == title, Order.active == True)  # noqa: E712
        return await found.sort("-created").limit(25).to_list()

    async def read_some(self, count: int) -> list[Any]:
        """Sort by the key and limit."""
        return await Order.find_all().sort("_id").limit(count).to_list()

    async def read_with_customers(self, count: int) -> list[Any]:
        """Fetch the links of the whole result."""
        orders = await Order.find_all(fetch_links=True).sort("_id").limit(count).to_list()
        for order in orders:
            order.customer.name
        return orders

    def to_json_ready(self, documents: list[Any]) -> list[Any]:
        """Dump by pydantic."""
        return [document.model_dump(mode="json") for document in documents]


def _make(values: dict[str, Any]) -> Order:
    return Order(**{**values, "customer": Customer.link_from_id(values["customer"])})
