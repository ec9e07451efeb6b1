"""A document with a key, times, lists and anything."""

from docmodels import documents


class Part(documents.EmbeddedDocument):
    name = documents.CharField()


class Item(documents.Document):
    name = documents.CharField(max_length=9)
    count = documents.IntegerField(default=0)
    tags = documents.ListField(documents.CharField())
    parts = documents.EmbeddedListField(Part)
    data = documents.AnyField(blank=True)
    created = documents.DateTimeField(auto_now_add=True)
    updated = documents.DateTimeField(auto_now=True)

    class Meta:
        collection = "items"
