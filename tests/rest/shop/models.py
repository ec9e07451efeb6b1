"""Orders and who placed them."""

from docmodels import documents


class Customer(documents.Document):
    name = documents.CharField(max_length=80)
    email = documents.EmailField(unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=32)
    price = documents.DecimalField(max_digits=10, decimal_places=2)
    quantity = documents.IntegerField(default=1, min_value=1)


class Address(documents.EmbeddedDocument):
    street = documents.CharField(max_length=80)
    city = documents.CharField(max_length=80)


class Order(documents.Document):
    number = documents.CharField(max_length=20, unique=True)
    customer = documents.ReferenceField(Customer, on_delete=documents.PROTECT)
    status = documents.CharField(
        max_length=8, choices=[("open", "Open"), ("paid", "Paid")], default="open"
    )
    lines = documents.EmbeddedListField(Line)
    shipping = documents.EmbeddedField(Address, blank=True)
    tags = documents.ListField(documents.CharField(max_length=20), blank=True)
    labels = documents.MapField(documents.IntegerField(), blank=True)
    note = documents.TextField(blank=True)
    remark = documents.TextField(blank=True, null=True)
    margin = documents.FloatField(blank=True, hidden=True)
    placed_at = documents.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        indexes = [documents.Index(fields=["customer", "-placed_at"])]

    def __str__(self) -> str:
        return self.number

    @property
    def total(self):
        return sum(line.price * line.quantity for line in self.lines)
