"""The documents that are measured: twelve fields, about 487 bytes of BSON."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from typing import Any

from bson import Decimal128, ObjectId

COLLECTION = "bench_orders"
CUSTOMERS = "bench_customers"

#: The index that the filtered page uses.
INDEX = [("title", 1), ("created", -1)]

TITLES = tuple(f"Order of customer group {number:02d}" for number in range(40))
TAGS = ("express", "gift", "wholesale", "returned", "fragile", "export", "sample", "invoice")
STREETS = ("Harbour Road 12", "Mill Lane 7", "Market Square 3", "Station Street 45")
CITIES = ("Rotterdam", "Gdansk", "Lisbon", "Trieste", "Bergen")

_START = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
_NUMBER_OF_CUSTOMERS = 200


def make_customers(seed: int = 5) -> list[dict[str, Any]]:
    """Return the documents that the others refer to, always with the same keys."""
    chance = random.Random(seed)
    return [
        {"_id": ObjectId(chance.randbytes(12)), "name": f"Customer {number:03d} and Sons"}
        for number in range(_NUMBER_OF_CUSTOMERS)
    ]


def make_values(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Return the values of `count` documents as a program has them, without keys."""
    chance = random.Random(seed)
    customers = [customer["_id"] for customer in make_customers()]
    return [_make(number, chance, customers) for number in range(count)]


def make_documents(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Return `count` stored documents, the same for each `seed` but their keys."""
    return [{"_id": ObjectId(), **as_stored(values)} for values in make_values(count, seed)]


def as_stored(values: dict[str, Any]) -> dict[str, Any]:
    """Return what the driver takes: the values with BSON's own decimal."""
    return {**values, "price": Decimal128(values["price"])}


def _make(number: int, chance: random.Random, customers: list[ObjectId]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "title": chance.choice(TITLES),
        "quantity": number,
        "weight": chance.random() * 100,
        "active": number % 3 > 0,
        "created": _START + datetime.timedelta(seconds=977 * number),
        "price": Decimal(chance.randrange(100, 100_000)) / 100,
        "tags": chance.sample(TAGS, 3),
        "address": {
            "street": chance.choice(STREETS),
            "city": chance.choice(CITIES),
            "postcode": f"{chance.randrange(10_000, 99_999)}",
            "floor": chance.randrange(20),
        },
        "lines": [
            {
                "sku": f"SKU-{chance.randrange(10_000):04d}",
                "amount": chance.randrange(1, 9),
                "cost": chance.random() * 50,
            }
            for _line in range(3)
        ],
        "customer": chance.choice(customers),
    }
    if number % 2:
        values["note"] = "Please ring twice."
    return values
