"""The documents that the tests of lookups, queries and querysets share."""

from docmodels import documents


class Author(documents.Document):
    name = documents.CharField(max_length=60)

    class Meta:
        app_label = "shelf"


class Chapter(documents.EmbeddedDocument):
    title = documents.CharField(max_length=60)
    pages = documents.IntegerField(default=1, db_field="p")
    marks = documents.ListField(documents.IntegerField())

    class Meta:
        app_label = "shelf"


class Cover(documents.EmbeddedDocument):
    color = documents.CharField(max_length=20, blank=True)
    price = documents.DecimalField(max_digits=8, decimal_places=2, blank=True)

    class Meta:
        app_label = "shelf"


class BookQuerySet(documents.QuerySet):
    def long(self):
        """Keep the books of 300 pages or more."""
        return self.filter(pages__gte=300)

    def hint_free(self):
        """Say nothing to the manager: `queryset_only`."""
        return self

    hint_free.queryset_only = True

    def _private(self):
        return self


class PublishedManager(documents.Manager.from_queryset(BookQuerySet)):
    def get_queryset(self):
        return super().get_queryset().filter(published=True)


class Book(documents.Document):
    title = documents.CharField(max_length=60)
    pages = documents.IntegerField(blank=True, null=True, db_field="n")
    rating = documents.FloatField(blank=True, null=True)
    price = documents.DecimalField(max_digits=8, decimal_places=2, blank=True, null=True)
    published = documents.BooleanField(default=True)
    written_at = documents.DateTimeField(blank=True, null=True)
    day = documents.DateField(blank=True, null=True)
    code = documents.UUIDField(blank=True, null=True)
    tags = documents.ListField(documents.CharField(max_length=20))
    grid = documents.ListField(documents.ListField(documents.IntegerField()))
    chapters = documents.EmbeddedListField(Chapter)
    cover = documents.EmbeddedField(Cover, blank=True)
    extra = documents.AnyField(blank=True, null=True)
    counts = documents.MapField(documents.IntegerField(), blank=True)
    author = documents.ReferenceField(Author, blank=True, null=True)
    secret = documents.CharField(max_length=60, blank=True, hidden=True)
    touched_at = documents.DateTimeField(auto_now=True)

    objects = documents.Manager.from_queryset(BookQuerySet)()
    public = PublishedManager()
    plain = BookQuerySet.as_manager()

    class Meta:
        app_label = "shelf"


class Account(documents.Document):
    """A unique name, a unique email: for races and duplicates."""

    name = documents.CharField(max_length=60, unique=True)
    email = documents.CharField(max_length=60, blank=True)
    visits = documents.IntegerField(default=0)

    class Meta:
        app_label = "shelf"
        ordering = ["name"]


class Event(documents.Document):
    """Two sort keys, anything in the first."""

    kind = documents.AnyField(blank=True, null=True)
    rank = documents.IntegerField(blank=True, null=True)
    at = documents.DateTimeField(blank=True, null=True)

    class Meta:
        app_label = "shelf"
        ordering = ["rank"]
        get_latest_by = "at"
