"""Documents that several editors change."""

from docmodels import documents


class Line(documents.EmbeddedDocument):
    price = documents.IntegerField(blank=True)
    count = documents.IntegerField(blank=True)


class Order(documents.Document):
    key = documents.IntegerField(primary_key=True)
    name = documents.CharField(blank=True)
    stock = documents.IntegerField(blank=True)
    tags = documents.ListField(documents.CharField())
    lines = documents.EmbeddedListField(Line)
    seen = documents.MapField(documents.IntegerField(), blank=True)

    class Meta:
        collection = "orders"


class Careful(Order):
    class Meta:
        optimistic_concurrency = True


class CarefulWithNames(documents.Document):
    key = documents.IntegerField(primary_key=True)
    name = documents.CharField(blank=True)
    stock = documents.IntegerField(blank=True)

    class Meta:
        collection = "orders"
        optimistic_concurrency = ["name"]


class Relaxed(documents.Document):
    key = documents.IntegerField(primary_key=True)
    tags = documents.ListField(documents.CharField(), db_field="t")
    lines = documents.EmbeddedListField(Line)

    class Meta:
        collection = "orders"
        skip_versioning = ["tags", "lines__price"]


class Stamped(documents.Document):
    key = documents.IntegerField(primary_key=True)
    name = documents.CharField(blank=True)
    note = documents.CharField(blank=True)
    changed_at = documents.DateTimeField(auto_now=True)

    class Meta:
        collection = "orders"


RAW = {
    "_id": 1,
    "name": "n",
    "stock": 5,
    "tags": ["a", "b"],
    "lines": [{"price": 1, "count": 1}, {"price": 2, "count": 1}],
    "seen": {"x": 1},
    "__v": 3,
}


def pair(cls=Order):
    """Return the same order, loaded by two editors."""
    return cls.objects.get(pk=1), cls.objects.get(pk=1)
