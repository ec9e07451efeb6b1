"""django-mongodb-backend: Django's own ORM over MongoDB."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import connections, models
from django_mongodb_backend.fields import (
    ArrayField,
    EmbeddedModelArrayField,
    EmbeddedModelField,
    ObjectIdAutoField,
)
from django_mongodb_backend.models import EmbeddedModel
from pymongo.monitoring import CommandListener
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from bench.data import COLLECTION, CUSTOMERS
from bench.systems.base import AttributeSystem

#: What it saves is not for the others: null where something is missing.
OWN = f"{COLLECTION}_django"


class Address(EmbeddedModel):
    street = models.CharField(max_length=80)
    city = models.CharField(max_length=40)
    postcode = models.CharField(max_length=10)
    floor = models.IntegerField()

    class Meta:
        app_label = "bench"


class Line(EmbeddedModel):
    sku = models.CharField(max_length=20)
    amount = models.IntegerField(validators=[MinValueValidator(1)])
    cost = models.FloatField()

    class Meta:
        app_label = "bench"


class Customer(models.Model):  # noqa: DJ008
    id = ObjectIdAutoField(primary_key=True)
    name = models.CharField(max_length=80)

    class Meta:
        app_label = "bench"
        db_table = CUSTOMERS


class Order(models.Model):  # noqa: DJ008
    id = ObjectIdAutoField(primary_key=True)
    title = models.CharField(max_length=80)
    quantity = models.IntegerField()
    weight = models.FloatField()
    active = models.BooleanField()
    created = models.DateTimeField()
    price = models.DecimalField(max_digits=10, decimal_places=2)
    tags = ArrayField(models.CharField(max_length=20))
    address = EmbeddedModelField(Address)
    lines = EmbeddedModelArrayField(Line)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, db_column="customer")
    note = models.TextField(blank=True, null=True)  # noqa: DJ001

    class Meta:
        app_label = "bench"
        db_table = OWN


class AddressSerializer(serializers.ModelSerializer[Address]):
    class Meta:
        model = Address
        fields = ("street", "city", "postcode", "floor")


class LineSerializer(serializers.ModelSerializer[Line]):
    class Meta:
        model = Line
        fields = ("sku", "amount", "cost")


class OrderSerializer(serializers.ModelSerializer[Order]):
    """What DRF knows nothing of is declared."""

    id = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    address = AddressSerializer()
    lines = LineSerializer(many=True)
    customer = serializers.CharField(source="customer_id")

    class Meta:
        model = Order
        fields = (
            *("id", "title", "quantity", "weight", "active", "created", "price"),
            *("tags", "address", "lines", "customer", "note"),
        )


class DjangoBackendSystem(AttributeSystem):
    """Models and querysets."""

    name = "django-mongodb-backend"
    about = "django-mongodb-backend"
    distribution = "django-mongodb-backend"
    collection = OWN
    imports = (
        "django_mongodb_backend.base",
        "django_mongodb_backend.fields",
        "django_mongodb_backend.models",
    )
    notes: ClassVar = {
        "W5": "django-mongodb-backend: clean_fields() without the reference, then save()",
        "W6": "django-mongodb-backend: clean_fields() without the reference, then bulk_create()",
        "W9": "django-mongodb-backend: prefetch_related()",
        "W10": "django-mongodb-backend: DRF's ModelSerializer",
    }

    def open(self, uri: str, database: str, listener: CommandListener | None = None) -> None:
        """Point the default alias to the server."""
        options = {} if listener is None else {"event_listeners": [listener]}
        connections.settings = connections.configure_settings(
            {
                "default": {
                    "ENGINE": "django_mongodb_backend",
                    "HOST": uri,
                    "NAME": database,
                    "OPTIONS": options,
                }
            }
        )
        connections["default"] = connections.create_connection("default")

    def close(self) -> None:
        """Close the client, and forget the connection with its settings."""
        connections["default"].close_pool()
        del connections["default"]

    def read_all(self) -> list[Any]:
        """Evaluate a queryset."""
        return list(Order.objects.all())

    def touch_reference(self, documents: list[Any]) -> None:
        """Read the key."""
        for document in documents:
            document.customer_id

    def get(self, key: Any) -> Any:
        """Get one by its key."""
        return Order.objects.get(pk=key)

    def insert(self, values: dict[str, Any]) -> None:
        """Judge all fields but the reference, for which each would be a query, and save."""
        order = _make(values)
        order.clean_fields(exclude={"id", "customer"})
        order.save(force_insert=True)

    def insert_many(self, values: list[dict[str, Any]]) -> None:
        """Judge all fields but the reference, and create."""
        orders = [_make(one) for one in values]
        for order in orders:
            order.clean_fields(exclude={"id", "customer"})
        Order.objects.bulk_create(orders)

    def change_one(self, key: Any, quantity: int) -> None:
        """Get, assign, save."""
        order = Order.objects.get(pk=key)
        order.quantity = quantity
        order.save()

    def page(self, title: str) -> list[Any]:
        """Filter, order and slice."""
        return list(Order.objects.filter(title=title, active=True).order_by("-created")[:25])

    def read_some(self, count: int) -> list[Any]:
        """Order by the key and slice."""
        return list(Order.objects.order_by("pk")[:count])

    def read_with_customers(self, count: int) -> list[Any]:
        """Prefetch, the faster one of Django's two ways here."""
        orders = list(Order.objects.order_by("pk").prefetch_related("customer")[:count])
        for order in orders:
            order.customer.name
        return orders

    def to_json_ready(self, documents: list[Any]) -> Any:
        """Serialise as a REST answer does."""
        return OrderSerializer(documents, many=True).data

    def render(self, documents: list[Any]) -> bytes:
        """Serialise and render."""
        rendered: bytes = JSONRenderer().render(OrderSerializer(documents, many=True).data)
        return rendered


def _make(values: dict[str, Any]) -> Order:
    values = {
        **values,
        "address": Address(**values["address"]),
        "lines": [Line(**line) for line in values["lines"]],
        "customer_id": values["customer"],
    }
    del values["customer"]
    return Order(**values)
