"""MongoEngine."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import mongoengine
from mongoengine.context_managers import no_dereference
from pymongo.monitoring import CommandListener

from bench.data import COLLECTION, CUSTOMERS
from bench.systems.base import AttributeSystem

#: What it saves is not for the others: null where something is missing.
OWN = f"{COLLECTION}_mongoengine"


class Address(mongoengine.EmbeddedDocument):
    street = mongoengine.StringField(max_length=80, required=True)
    city = mongoengine.StringField(max_length=40, required=True)
    postcode = mongoengine.StringField(max_length=10, required=True)
    floor = mongoengine.IntField(required=True)


class Line(mongoengine.EmbeddedDocument):
    sku = mongoengine.StringField(max_length=20, required=True)
    amount = mongoengine.IntField(min_value=1, required=True)
    cost = mongoengine.FloatField(required=True)


class Customer(mongoengine.Document):
    name = mongoengine.StringField(max_length=80, required=True)

    meta: ClassVar = {"collection": CUSTOMERS, "auto_create_index": False}


class Order(mongoengine.Document):
    title = mongoengine.StringField(max_length=80, required=True)
    quantity = mongoengine.IntField(required=True)
    weight = mongoengine.FloatField(required=True)
    active = mongoengine.BooleanField(required=True)
    created = mongoengine.DateTimeField(required=True)
    price = mongoengine.Decimal128Field(required=True)
    tags = mongoengine.ListField(mongoengine.StringField(max_length=20))
    address = mongoengine.EmbeddedDocumentField(Address, required=True)
    lines = mongoengine.EmbeddedDocumentListField(Line)
    customer = mongoengine.ReferenceField(Customer, required=True)
    note = mongoengine.StringField()

    meta: ClassVar = {"collection": OWN, "auto_create_index": False}


class MongoEngineSystem(AttributeSystem):
    """Documents and querysets."""

    name = "mongoengine"
    about = "MongoEngine"
    distribution = "mongoengine"
    collection = OWN
    imports = ("mongoengine",)
    notes: ClassVar = {"W10": "mongoengine: json.loads(document.to_json())"}

    def open(self, uri: str, database: str, listener: CommandListener | None = None) -> None:
        """Connect the default alias."""
        options = {} if listener is None else {"event_listeners": [listener]}
        mongoengine.connect(
            db=database, host=uri, tz_aware=True, uuidRepresentation="standard", **options
        )

    def close(self) -> None:
        """Disconnect."""
        mongoengine.disconnect()

    def read_all(self) -> list[Any]:
        """Evaluate a queryset."""
        return list(Order.objects)

    def touch_reference(self, documents: list[Any]) -> None:
        """Read the key: without the context each access is a query."""
        with no_dereference(Order):
            for document in documents:
                document.customer

    def get(self, key: Any) -> Any:
        """Get one by its key."""
        return Order.objects.get(pk=key)

    def insert(self, values: dict[str, Any]) -> None:
        """Save a new object, which validates it."""
        _make(values).save()

    def insert_many(self, values: list[dict[str, Any]]) -> None:
        """Insert new objects, which validates them."""
        Order.objects.insert([_make(one) for one in values], load_bulk=False)

    def change_one(self, key: Any, quantity: int) -> None:
        """Get, assign, save."""
        document = Order.objects.get(pk=key)
        document.quantity = quantity
        document.save()

    def page(self, title: str) -> list[Any]:
        """Filter, order and slice."""
        return list(Order.objects(title=title, active=True).order_by("-created")[:25])

    def read_some(self, count: int) -> list[Any]:
        """Order by the key and slice."""
        return list(Order.objects.order_by("id")[:count])

    def read_with_customers(self, count: int) -> list[Any]:
        """Load the references of the whole result."""
        orders = list(Order.objects.order_by("id")[:count].select_related())
        for order in orders:
            order.customer.name
        return orders

    def to_json_ready(self, documents: list[Any]) -> list[Any]:
        """Parse the JSON of each document: there is no other way to plain values."""
        return [json.loads(document.to_json()) for document in documents]


def _make(values: dict[str, Any]) -> Order:
    return Order(
        **{
            **values,
            "address": Address(**values["address"]),
            "lines": [Line(**line) for line in values["lines"]],
        }
    )
