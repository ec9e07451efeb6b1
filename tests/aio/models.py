"""The documents that the tests of the asynchronous side share."""

from docmodels import documents
from docmodels.contrib.soft_delete import SoftDelete

#: What hooks noted, in order.
NOTES = []


class Author(documents.Document):
    name = documents.CharField(max_length=40)
    books = documents.Related("aio.Book", foreign_field="author", order_by=["title"])
    book_count = documents.RelatedCount("aio.Book", foreign_field="author")

    class Meta:
        app_label = "aio"


class Chapter(documents.EmbeddedDocument):
    title = documents.CharField(max_length=40)
    editor = documents.ReferenceField(Author, on_delete=documents.PROTECT, blank=True)

    class Meta:
        app_label = "aio"


class Book(documents.Document):
    title = documents.CharField(max_length=40)
    pages = documents.IntegerField(default=1)
    author = documents.ReferenceField(Author, on_delete=documents.CASCADE, blank=True)
    tags = documents.ListField(documents.CharField(max_length=20))
    chapters = documents.EmbeddedListField(Chapter)
    cover = documents.FileField(blank=True)

    class Meta:
        app_label = "aio"
        get_latest_by = "pages"
        indexes = [documents.Index(fields=["title"], unique=True)]


class Noted(documents.Document):
    """A document whose hooks call the synchronous API."""

    name = documents.CharField(max_length=40)

    class Meta:
        app_label = "aio"

    @documents.pre("save")
    def note_before(self):
        NOTES.append(("pre", self.name, Noted.objects.count()))

    @documents.post("save")
    def note_after(self):
        NOTES.append(("post", self.name, Noted.objects.count()))

    @documents.on_error("save")
    def note_error(self, error):
        NOTES.append(("error", self.name, type(error).__name__))

    @documents.post("count")
    @classmethod
    def note_count(cls, queryset, result):
        return result + 100


class Awaiting(documents.Document):
    """A document whose hooks are coroutine functions."""

    name = documents.CharField(max_length=40)

    class Meta:
        app_label = "aio"

    @documents.pre("save")
    async def note_before(self):
        NOTES.append(("pre", self.name, await Author.objects.acount()))

    @documents.post("delete")
    async def note_after(self):
        NOTES.append(("deleted", self.name, await Author.objects.acount()))

    @documents.pre("count")
    @classmethod
    async def narrow(cls, queryset):
        return queryset.exclude(name="hidden")


class Kept(SoftDelete):
    name = documents.CharField(max_length=40)

    class Meta:
        app_label = "aio"


class Numbered(documents.Document):
    number = documents.SequenceField()

    class Meta:
        app_label = "aio"
