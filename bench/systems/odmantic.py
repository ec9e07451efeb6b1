"""ODMantic, with its synchronous engine on pymongo."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, ClassVar

from bson import ObjectId
from odmantic import EmbeddedModel, Field, Model, Reference, SyncEngine
from pymongo import MongoClient
from pymongo.monitoring import CommandListener

from bench.data import COLLECTION, CUSTOMERS
from bench.systems.base import AttributeSystem

#: What it saves is not for the others: null where something is missing.
OWN = f"{COLLECTION}_odmantic"


class Address(EmbeddedModel):
    street: str = Field(max_length=80)
    city: str = Field(max_length=40)
    postcode: str = Field(max_length=10)
    floor: int


class Line(EmbeddedModel):
    sku: str = Field(max_length=20)
    amount: int = Field(ge=1)
    cost: float


class Customer(Model):
    name: str = Field(max_length=80)

    model_config: ClassVar = {"collection": CUSTOMERS}


class Order(Model):
    title: str = Field(max_length=80)
    quantity: int
    weight: float
    active: bool
    created: datetime.datetime
    price: Decimal
    tags: list[str]
    address: Address
    lines: list[Line]
    # A Reference is joined by each query, wanted or not.
    customer: ObjectId
    note: str | None = None

    model_config: ClassVar = {"collection": OWN}


class OrderWithCustomer(Model):
    title: str = Field(max_length=80)
    quantity: int
    weight: float
    active: bool
    created: datetime.datetime
    price: Decimal
    tags: list[str]
    address: Address
    lines: list[Line]
    customer: Customer = Reference()
    note: str | None = None

    model_config: ClassVar = {"collection": OWN}


class OdmanticSystem(AttributeSystem):
    """Models and an engine."""

    name = "odmantic"
    about = "ODMantic"
    distribution = "odmantic"
    collection = OWN
    imports = ("odmantic",)

    def open(self, uri: str, database: str, listener: CommandListener | None = None) -> None:
        """Connect; times are naive, which is all that it takes."""
        listeners = [] if listener is None else [listener]
        self.client: MongoClient[Any] = MongoClient(uri, event_listeners=listeners)
        self.engine = SyncEngine(client=self.client, database=database)

    def close(self) -> None:
        """Close the client."""
        self.client.close()

    def read_all(self) -> list[Any]:
        """Find all."""
        return list(self.engine.find(Order))

    def get(self, key: Any) -> Any:
        """Find one by its key."""
        return self.engine.find_one(Order, Order.id == key)

    def to_insert(self, values: dict[str, Any]) -> dict[str, Any]:
        """Make the time naive."""
        return {**values, "created": values["created"].replace(tzinfo=None)}

    def insert(self, values: dict[str, Any]) -> None:
        """Make an object, which validates it, and save it."""
        self.engine.save(Order(**values))

    def insert_many(self, values: list[dict[str, Any]]) -> None:
        """Make objects, which validates them, and save them: one by one, it has no other way."""
        self.engine.save_all([Order(**one) for one in values])

    def change_one(self, key: Any, quantity: int) -> None:
        """Find, assign, save."""
        document = self.engine.find_one(Order, Order.id == key)
        assert document is not None
        document.quantity = quantity
        self.engine.save(document)

    def page(self, title: str) -> list[Any]:
        """Find, sort and limit."""
        conditions = (Order.title == title, Order.active == True)  # noqa: E712
        return list(self.engine.find(Order, *conditions, sort=Order.created.desc(), limit=25))

    def read_some(self, count: int) -> list[Any]:
        """Sort by the key and limit."""
        return list(self.engine.find(Order, sort=Order.id, limit=count))

    def read_with_customers(self, count: int) -> list[Any]:
        """Find what has a reference."""
        found = self.engine.find(OrderWithCustomer, sort=OrderWithCustomer.id, limit=count)
        orders = list(found)
        for order in orders:
            order.customer.name
        return orders

    def to_json_ready(self, documents: list[Any]) -> list[Any]:
        """Dump by pydantic."""
        return [document.model_dump(mode="json") for document in documents]
