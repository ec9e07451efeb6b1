"""The documents that the rows are about."""

from docmodels import documents


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=20)
    price = documents.DecimalField(max_digits=8, decimal_places=2, blank=True)

    class Meta:
        app_label = "coming"


class Author(documents.Document):
    name = documents.CharField(max_length=80, unique=True)
    bio = documents.TextField(blank=True, hidden=True)
    books = documents.Related("coming.Order", foreign_field="author")
    first = documents.Related("coming.Order", foreign_field="author", many=False)
    book_count = documents.RelatedCount("coming.Order", foreign_field="author")

    class Meta:
        app_label = "coming"


class Picky(documents.QuerySet):
    def scarce(self):
        """Keep what is short."""
        return self.filter(stock__lt=3)


class Order(documents.Document):
    number = documents.CharField(max_length=20, unique=True)
    author = documents.ReferenceField(Author, on_delete=documents.PROTECT, blank=True, null=True)
    readers = documents.ListField(documents.ReferenceField(Author, on_delete=documents.PULL))
    kind = documents.CharField(max_length=40, blank=True)
    about = documents.ReferenceField(documents.by_field("kind"), blank=True)
    lines = documents.EmbeddedListField(Line)
    cover = documents.EmbeddedField(Line, blank=True)
    tags = documents.ListField(documents.CharField(max_length=20))
    data = documents.MapField(documents.AnyField(), blank=True)
    stock = documents.IntegerField(default=0)
    note = documents.TextField(blank=True, null=True)
    at = documents.DateTimeField(blank=True)
    place = documents.PointField(blank=True)
    label = documents.CharField(blank=True, set="lowercase", db_field="l", max_length=20)
    serial = documents.IntegerField(default=lambda order: order.stock + 1, immutable=True)

    objects = documents.Manager.from_queryset(Picky)()

    class Meta:
        app_label = "coming"
        timestamps = True
        indexes = [
            documents.Index(fields=["number:text"]),
            documents.Index(fields=["place:2dsphere"]),
            documents.Index(fields=["stock", "-number"]),
        ]
