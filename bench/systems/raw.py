"""pymongo alone, as its tutorial uses it; what all others are compared with."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any, ClassVar

from bson import Decimal128, ObjectId
from pymongo import MongoClient
from pymongo.monitoring import CommandListener

from bench.data import COLLECTION, CUSTOMERS, as_stored
from bench.systems.base import System


class RawSystem(System):
    """Dicts. Times are aware, as in docmodels; all else is the driver's default."""

    name = "pymongo"
    about = "raw pymongo, the collector as Python sets it"
    distribution = "pymongo"
    notes: ClassVar = {
        "W5": "pymongo judges nothing, and its dicts are ready before the clock runs",
        "W6": "pymongo judges nothing, and its dicts are ready before the clock runs",
        "W10": "pymongo converts by a short recursive function",
    }

    def open(self, uri: str, database: str, listener: CommandListener | None = None) -> None:
        """Connect with the driver's defaults."""
        listeners = [] if listener is None else [listener]
        self.client: MongoClient[dict[str, Any]] = MongoClient(
            uri, tz_aware=True, event_listeners=listeners
        )
        self.orders = self.client[database][COLLECTION]
        self.customers = self.client[database][CUSTOMERS]

    def close(self) -> None:
        """Close the client."""
        self.client.close()

    def read_all(self) -> list[Any]:
        """Find everything."""
        return list(self.orders.find())

    def touch_scalars(self, documents: list[Any]) -> None:
        """Look three keys up."""
        for document in documents:
            document["title"]
            document["quantity"]
            document["created"]

    def touch_all(self, documents: list[Any]) -> None:
        """Look every key up; the optional one by `get`."""
        for document in documents:
            document["_id"]
            document["title"]
            document["quantity"]
            document["weight"]
            document["active"]
            document["created"]
            document["price"]
            for _tag in document["tags"]:
                pass
            address = document["address"]
            address["street"]
            address["city"]
            address["postcode"]
            address["floor"]
            for line in document["lines"]:
                line["sku"]
                line["amount"]
                line["cost"]
            document["customer"]
            document.get("note")

    def get(self, key: Any) -> Any:
        """Find one."""
        return self.orders.find_one({"_id": key})

    def to_insert(self, values: dict[str, Any]) -> dict[str, Any]:
        """Make the dict that is sent, a new one as the driver puts the key into it."""
        return as_stored(values)

    def insert(self, values: dict[str, Any]) -> None:
        """Send the dict."""
        self.orders.insert_one(values)

    def insert_many(self, values: list[dict[str, Any]]) -> None:
        """Send the dicts."""
        self.orders.insert_many(values)

    def change_one(self, key: Any, quantity: int) -> None:
        """Find one and set the field, as a save of the changes alone would."""
        document = self.orders.find_one({"_id": key})
        assert document is not None
        self.orders.update_one({"_id": document["_id"]}, {"$set": {"quantity": quantity}})

    def page(self, title: str) -> list[Any]:
        """Find, sort and limit."""
        found = self.orders.find({"title": title, "active": True})
        return list(found.sort("created", -1).limit(25))

    def read_some(self, count: int) -> list[Any]:
        """Find, sort by the key and limit."""
        return list(self.orders.find().sort("_id", 1).limit(count))

    def read_with_customers(self, count: int) -> list[Any]:
        """Find the customers of all the documents by one `$in`."""
        orders = self.read_some(count)
        keys = list({order["customer"] for order in orders})
        customers = {c["_id"]: c for c in self.customers.find({"_id": {"$in": keys}})}
        for order in orders:
            order["customer"] = customers[order["customer"]]
            order["customer"]["name"]
        return orders

    def to_json_ready(self, documents: list[Any]) -> list[Any]:
        """Convert by a recursive function."""
        return [_to_json(document) for document in documents]


def _to_json(value: Any) -> Any:
    convert = _CONVERTERS.get(value.__class__)
    return value if convert is None else convert(value)


_CONVERTERS: dict[type, Callable[[Any], Any]] = {
    dict: lambda value: {key: _to_json(item) for key, item in value.items()},
    list: lambda value: [_to_json(item) for item in value],
    datetime.datetime: datetime.datetime.isoformat,
    Decimal128: str,
    ObjectId: str,
}
