"""The same documents, declared for docmodels."""

from __future__ import annotations

from bench.data import COLLECTION, CUSTOMERS
from docmodels import documents


class Address(documents.EmbeddedDocument):
    street = documents.CharField(max_length=80)
    city = documents.CharField(max_length=40)
    postcode = documents.CharField(max_length=10)
    floor = documents.IntegerField()

    class Meta:
        app_label = "bench"


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=20)
    amount = documents.IntegerField(min_value=1)
    cost = documents.FloatField()

    class Meta:
        app_label = "bench"


class Customer(documents.Document):
    name = documents.CharField(max_length=80)

    class Meta:
        app_label = "bench"
        collection = CUSTOMERS


class Order(documents.Document):
    title = documents.CharField(max_length=80)
    quantity = documents.IntegerField()
    weight = documents.FloatField()
    active = documents.BooleanField()
    created = documents.DateTimeField()
    price = documents.DecimalField(max_digits=10, decimal_places=2)
    tags = documents.ListField(documents.CharField(max_length=20))
    address = documents.EmbeddedField(Address)
    lines = documents.EmbeddedListField(Line)
    customer = documents.ReferenceField(Customer, on_delete=documents.PROTECT)
    note = documents.TextField(blank=True)

    class Meta:
        app_label = "bench"
        collection = COLLECTION
