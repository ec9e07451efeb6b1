"""A document of every kind of field, and some to refer to."""

from docmodels import documents


class Author(documents.Document):
    name = documents.CharField(max_length=80)
    email = documents.EmailField(blank=True)

    class Meta:
        collection = "library_authors"
        ordering = ["name"]

    def __str__(self):
        return self.name


class Address(documents.EmbeddedDocument):
    street = documents.CharField(max_length=80, blank=True)
    city = documents.CharField(max_length=80)


class Publisher(documents.EmbeddedDocument):
    name = documents.CharField(max_length=80)
    address = documents.EmbeddedField(Address, blank=True)

    def __str__(self):
        return self.name


class Chapter(documents.EmbeddedDocument):
    title = documents.CharField(max_length=80)
    pages = documents.IntegerField(min_value=1)
    topics = documents.ListField(documents.CharField(max_length=20), blank=True)


class Book(documents.Document):
    title = documents.CharField(max_length=120)
    isbn = documents.CharField(max_length=20, blank=True, db_field="isbn_13")
    author = documents.ReferenceField(Author, on_delete=documents.PROTECT, blank=True)
    genre = documents.CharField(
        max_length=10, blank=True, choices={"novel": "Novel", "poems": "Poems", "essay": "Essay"}
    )
    language = documents.CharField(max_length=5, blank=True)
    price = documents.DecimalField(max_digits=8, decimal_places=2, blank=True, null=True)
    pages = documents.IntegerField(blank=True, null=True)
    rating = documents.FloatField(blank=True)
    available = documents.BooleanField(blank=True, null=True)
    published = documents.DateField(blank=True)
    added_at = documents.DateTimeField(blank=True)
    homepage = documents.URLField(blank=True)
    contact = documents.EmailField(blank=True)
    tags = documents.ListField(documents.CharField(max_length=20), blank=True)
    publisher = documents.EmbeddedField(Publisher, blank=True)
    chapters = documents.EmbeddedListField(Chapter, blank=True)
    translators = documents.ListField(
        documents.ReferenceField(Author, on_delete=documents.DO_NOTHING), blank=True
    )
    shop = documents.PointField(blank=True)
    token = documents.UUIDField(blank=True)
    extra = documents.AnyField(blank=True)
    secret = documents.CharField(max_length=40, blank=True, hidden=True)

    class Meta:
        collection = "library_books"
        ordering = ["title"]
        indexes = [documents.Index(fields=["title"]), documents.Index(fields=["-added_at"])]

    def __str__(self):
        return self.title


class Shelf(documents.Document):
    """Its keys are of any type, as in a collection that others write to."""

    key = documents.AnyField(primary_key=True)
    label = documents.CharField(max_length=40, blank=True)

    class Meta:
        collection = "library_shelves"
        verbose_name_plural = "shelves"

    def __str__(self):
        return self.label or "shelf"


class Poster(documents.Document):
    name = documents.CharField(max_length=20, unique=True)
    photo = documents.ImageField(blank=True, null=True, bucket="posters", max_size=5_000)
    paper = documents.FileField(blank=True, max_size=1_000)
    plan = documents.FileField(blank=True, hidden=True)
    words = documents.TextField(blank=True)

    class Meta:
        collection = "library_posters"

    def __str__(self):
        return self.name


class Remark(documents.Document):
    """On a document of a class that it tells itself."""

    text = documents.CharField(max_length=20)
    kind = documents.CharField(max_length=20, blank=True)
    about = documents.ReferenceField(documents.by_field("kind"), blank=True)
    others = documents.ListField(documents.ReferenceField(documents.by_field("kind")))

    class Meta:
        collection = "library_remarks"
        ordering = ["text"]

    def __str__(self):
        return self.text
