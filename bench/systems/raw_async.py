"""pymongo's own AsyncMongoClient; what docmodels' asynchronous side is compared with."""

from __future__ import annotations

from typing import Any, ClassVar

from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener

from bench.data import COLLECTION, CUSTOMERS
from bench.systems.loops import InLoop
from bench.systems.raw import RawSystem


class AsyncRawSystem(InLoop, RawSystem):
    """Dicts. All settings are the driver's defaults but aware times."""

    name = "pymongo-async"
    about = "raw pymongo, its asynchronous client"
    compared_with = "pymongo-async"
    compared_with = "pymongo-async"
    notes: ClassVar = {}
    options: ClassVar[dict[str, Any]] = {}
    orders: Any
    customers: Any

    def open(self, uri: str, database: str, listener: CommandListener | None = None) -> None:
        """Make the client, which connects in the loop."""
        self.begin()
        listeners = [] if listener is None else [listener]
        client = AsyncMongoClient[dict[str, Any]](
            uri, tz_aware=True, event_listeners=listeners, **self.options
        )
        self.end_client = client.close
        self.orders, self.customers = client[database][COLLECTION], client[database][CUSTOMERS]

    def close(self) -> None:
        """Close the client and the loop."""
        self.runner.run(self.end_client())
        self.end()

    async def read_all(self) -> list[Any]:  # type: ignore[override]
        """Find everything."""
        return await self.orders.find().to_list()

    async def get(self, key: Any) -> Any:
        """Find one."""
        return await self.orders.find_one({"_id": key})

    async def insert(self, values: dict[str, Any]) -> None:  # type: ignore[override]
        """Send the dict."""
        await self.orders.insert_one(values)

    async def insert_many(self, values: list[Any]) -> None:  # type: ignore[override]
        """Send the dicts."""
        await self.orders.insert_many(values)

    async def change_one(self, key: Any, quantity: int) -> None:  # type: ignore[override]
        """Find one and set the field."""
        document = await self.orders.find_one({"_id": key})
        await self.orders.update_one({"_id": document["_id"]}, {"$set": {"quantity": quantity}})

    async def page(self, title: str) -> list[Any]:  # type: ignore[override]
        """Find, sort and limit."""
        found = self.orders.find({"title": title, "active": True})
        return await found.sort("created", -1).limit(25).to_list()

    async def read_some(self, count: int) -> list[Any]:  # type: ignore[override]
        """Find, sort by the key and limit."""
        return await self.orders.find().sort("_id", 1).limit(count).to_list()

    async def read_with_customers(self, count: int) -> list[Any]:  # type: ignore[override]
        """Find the customers of all the documents by one `$in`."""
        orders = await self.read_some(count)
        keys = list({order["customer"] for order in orders})
        found = await self.customers.find({"_id": {"$in": keys}}).to_list()
        customers = {customer["_id"]: customer for customer in found}
        for order in orders:
            order["customer"] = customers[order["customer"]]
            order["customer"]["name"]
        return orders


class AsyncDeadlineSystem(AsyncRawSystem):
    """The same with the deadline and the write concern that docmodels has."""

    name = "pymongo-async-deadline"
    about = "raw pymongo, its asynchronous client with timeoutMS"
    options: ClassVar[dict[str, Any]] = {"timeoutMS": 10_000, "w": "majority"}
