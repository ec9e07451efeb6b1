"""pymongo alone, as its tutorial uses it; what all others are compared with."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient
from pymongo.monitoring import CommandListener

from bench.data import COLLECTION
from bench.systems.base import System


class RawSystem(System):
    """Dicts. Times are aware, as in docmodels; all else is the driver's default."""

    name = "pymongo"
    about = "raw pymongo, the collector as Python sets it"

    def open(self, uri: str, database: str, listener: CommandListener | None = None) -> None:
        """Connect with the driver's defaults."""
        listeners = [] if listener is None else [listener]
        self.client: MongoClient[dict[str, Any]] = MongoClient(
            uri, tz_aware=True, event_listeners=listeners
        )
        self.collection = self.client[database][COLLECTION]

    def close(self) -> None:
        """Close the client."""
        self.client.close()

    def read_all(self) -> list[Any]:
        """Find everything."""
        return list(self.collection.find())

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
        return self.collection.find_one({"_id": key})

    def change_one(self, key: Any, quantity: int) -> None:
        """Find one and set the field, as a save of the changes alone would."""
        document = self.collection.find_one({"_id": key})
        assert document is not None
        self.collection.update_one({"_id": document["_id"]}, {"$set": {"quantity": quantity}})

    def page(self, title: str) -> list[Any]:
        """Find, sort and limit."""
        found = self.collection.find({"title": title, "active": True})
        return list(found.sort("created", -1).limit(25))
