"""Documents that hold copies of others."""

from docmodels import documents


class Customer(documents.Document):
    name = documents.CharField(max_length=20)
    country = documents.CharField(max_length=2, blank=True, db_field="c")
    phone = documents.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "copies"


class Line(documents.EmbeddedDocument):
    seller = documents.ReferenceField(Customer, copies=["name"], blank=True)
    amount = documents.IntegerField(default=1)

    class Meta:
        app_label = "copies"


class Order(documents.Document):
    customer = documents.ReferenceField(
        "copies.Customer", copies=["name", "country"], blank=True, null=True
    )
    lines = documents.EmbeddedListField(Line)
    by_day = documents.MapField(documents.EmbeddedField(Line), blank=True)
    note = documents.CharField(blank=True)

    class Meta:
        app_label = "copies"
        indexes = [documents.Index(fields=["customer_copy.name"])]


class Branch(documents.Document):
    name = documents.CharField(max_length=20)
    above = documents.ReferenceField("self", copies=["name"], blank=True)

    class Meta:
        app_label = "copies"


def save_and_fail(document):
    """Save, and raise."""
    document.save()
    raise ZeroDivisionError
