"""Documents that refer to each other in every way, for the tests of populate."""

from docmodels import documents


class Publisher(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "library_of_refs"


class Author(documents.Document):
    name = documents.CharField()
    rank = documents.IntegerField(default=0)
    publisher = documents.ReferenceField(Publisher, blank=True)
    friends = documents.ListField(documents.ReferenceField("self"))

    class Meta:
        app_label = "library_of_refs"
        ordering = ["name"]


class Country(documents.Document):
    code = documents.CharField(unique=True)
    name = documents.CharField()

    class Meta:
        app_label = "library_of_refs"
        db_alias = "reports"


class Note(documents.EmbeddedDocument):
    text = documents.CharField(blank=True)
    by = documents.ReferenceField(Author, blank=True)
    seen_by = documents.ListField(documents.ReferenceField(Author))

    class Meta:
        app_label = "library_of_refs"


class Cover(documents.EmbeddedDocument):
    artist = documents.ReferenceField(Author, blank=True)
    notes = documents.EmbeddedListField(Note)

    class Meta:
        app_label = "library_of_refs"


class Book(documents.Document):
    title = documents.CharField()
    author = documents.ReferenceField(Author, blank=True, null=True)
    editors = documents.ListField(documents.ReferenceField(Author))
    roles = documents.MapField(documents.ReferenceField(Author), blank=True)
    grid = documents.ListField(documents.ListField(documents.ReferenceField(Author)))
    country = documents.ReferenceField(Country, to_field="code", blank=True)
    notes = documents.EmbeddedListField(Note)
    cover = documents.EmbeddedField(Cover, blank=True)
    by_place = documents.MapField(documents.EmbeddedField(Note), blank=True)
    next = documents.ReferenceField("self", blank=True)

    class Meta:
        app_label = "library_of_refs"
        ordering = ["title"]


def make_authors(*names, **values):
    """Store authors of these names and return them."""
    authors = [Author(name=name, rank=rank, **values) for rank, name in enumerate(names)]
    Author.objects.bulk_create(authors)
    return authors
