"""A type checker without a plugin knows the types of documents."""

import re
from pathlib import Path

from mypy import api

ORDERS = Path(__file__).with_name("orders.py")

REVEALED = re.compile(r'^[^:]*:(\d+): note: Revealed type is "(.*)"$', re.MULTILINE)

#: What is revealed, by the expression.
EXPECTED = {
    "order.number": "str",
    "order.amount": "int",
    "order.placed_at": "datetime.datetime",
    "order.paid": "bool",
    "order.key": "uuid.UUID",
    "order.tags[0]": "str",
    "order.first_line.sku": "str",
    "order.lines[0]": "Line",
    "order.lines[0].price": "decimal.Decimal",
    "Order.objects.first()": "Order | None",
    'Order.objects.get(number="1")': "Order",
    'Order.objects.create(number="1")': "Order",
    'Order.objects.get_or_create(number="1")': "tuple[Order, bool]",
    'Order.objects.filter(number="1")': "QuerySet[Order]",
    'Order.objects.filter(number="1").exclude(paid=True).order_by("-number")': "QuerySet[Order]",
    'Order.objects.order_by("number").last()': "Order | None",
    "Order.objects.all()[0]": "Order",
    "Order.objects.all()[:5]": "QuerySet[Order]",
    "Order.objects.count()": "int",
    "found": "Order",
}


def test_revealed_types(tmp_path):
    """Attributes have their values' types, and querysets the class of their documents."""
    output, errors, status = api.run(
        ["--config-file", "", "--follow-imports=silent", f"--cache-dir={tmp_path}", str(ORDERS)]
    )

    lines = ORDERS.read_text().splitlines()
    found = {
        re.sub(r"^\s*reveal_type\((.*)\)$", r"\1", lines[int(number) - 1]): re.sub(
            r"\b(orders|tests\.typing\.orders|docmodels\.queryset\.queryset)\.", "", revealed
        )
        for number, revealed in REVEALED.findall(output)
    }
    assert (status, errors) == (0, "")
    assert found == EXPECTED
