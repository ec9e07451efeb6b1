"""Documents with references, for a process that is killed."""

from docmodels import documents


class Writer(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "shelf"
        collection = "shelf_writers"


class Volume(documents.Document):
    writers = documents.ListField(
        documents.ReferenceField(Writer, on_delete=documents.PULL), blank=True
    )

    class Meta:
        app_label = "shelf"
        collection = "shelf_volumes"
