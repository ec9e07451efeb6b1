"""Orders of customers of companies, for the tests of filters across references."""

from docmodels import documents


class Company(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "trade"


class Customer(documents.Document):
    name = documents.CharField()
    country = documents.CharField(blank=True, null=True)
    age = documents.IntegerField(blank=True, null=True)
    company = documents.ReferenceField(Company, blank=True)
    secret = documents.CharField(blank=True, hidden=True)
    size = documents.IntegerField(blank=True)
    orders = documents.Related("Order", foreign_field="customer")
    bought = documents.Related("Order", foreign_field="lines__product", local_field="wants")
    wants = documents.ReferenceField("Product", to_field="code", blank=True)
    last_order = documents.Related(
        "Order", foreign_field="customer", order_by=["-number"], many=False
    )
    order_count = documents.RelatedCount("Order", foreign_field="customer")

    class Meta:
        app_label = "trade"
        ordering = ["name"]


class Product(documents.Document):
    code = documents.CharField(unique=True)
    name = documents.CharField(blank=True)

    class Meta:
        app_label = "trade"


class Line(documents.EmbeddedDocument):
    product = documents.ReferenceField(Product, to_field="code", blank=True)
    amount = documents.IntegerField(default=1)

    class Meta:
        app_label = "trade"


class Region(documents.Document):
    """A class of another database."""

    name = documents.CharField()
    orders = documents.Related("Order", foreign_field="region")

    class Meta:
        app_label = "trade"
        db_alias = "reports"


class Order(documents.Document):
    number = documents.IntegerField()
    customer = documents.ReferenceField(Customer, blank=True, null=True)
    helpers = documents.ListField(documents.ReferenceField(Customer))
    roles = documents.MapField(documents.ReferenceField(Customer), blank=True)
    grid = documents.ListField(documents.ListField(documents.ReferenceField(Customer)))
    lines = documents.EmbeddedListField(Line)
    main = documents.EmbeddedField(Line, blank=True)
    region = documents.ReferenceField(Region, blank=True)
    before = documents.ReferenceField("self", blank=True)
    tags = documents.ListField(documents.CharField())

    class Meta:
        app_label = "trade"
        ordering = ["number"]


def numbers(orders):
    """Return the numbers of orders."""
    return [order.number for order in orders]
