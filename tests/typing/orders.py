"""What a type checker knows of documents; `test_types.py` compares what it reveals."""

from typing import reveal_type

from docmodels import documents


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=32)
    price = documents.DecimalField(max_digits=10, decimal_places=2)


class Order(documents.Document):
    number = documents.CharField(max_length=20)
    amount = documents.IntegerField()
    placed_at = documents.DateTimeField()
    paid = documents.BooleanField(default=False)
    key = documents.UUIDField()
    tags = documents.ListField(documents.CharField())
    first_line = documents.EmbeddedField(Line)
    lines = documents.EmbeddedListField(Line)


order = Order(number="1")
reveal_type(order.number)
reveal_type(order.amount)
reveal_type(order.placed_at)
reveal_type(order.paid)
reveal_type(order.key)
reveal_type(order.tags[0])
reveal_type(order.first_line.sku)
reveal_type(order.lines[0])
reveal_type(order.lines[0].price)
reveal_type(Order.objects.first())
reveal_type(Order.objects.get(number="1"))
reveal_type(Order.objects.create(number="1"))
reveal_type(Order.objects.get_or_create(number="1"))
reveal_type(Order.objects.filter(number="1"))
reveal_type(Order.objects.filter(number="1").exclude(paid=True).order_by("-number"))
reveal_type(Order.objects.order_by("number").last())
reveal_type(Order.objects.all()[0])
reveal_type(Order.objects.all()[:5])
reveal_type(Order.objects.count())
for found in Order.objects.filter(paid=True):
    reveal_type(found)
