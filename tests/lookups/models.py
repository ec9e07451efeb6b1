"""The documents that the cases of lookups are about."""

from docmodels import documents


class Part(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=20)
    price = documents.IntegerField(blank=True, db_field="p")
    at = documents.DateTimeField(blank=True)
    marks = documents.ListField(documents.IntegerField())

    class Meta:
        app_label = "lookup_cases"


class Thing(documents.Document):
    """A field of each kind, as far as lookups differ; `number` is stored as `n`."""

    anything = documents.AnyField(blank=True, null=True, db_field="v")
    number = documents.IntegerField(blank=True, null=True, db_field="n")
    other = documents.IntegerField(blank=True, null=True)
    text = documents.CharField(max_length=20, blank=True, null=True)
    at = documents.DateTimeField(blank=True, null=True)
    later = documents.DateTimeField(blank=True, null=True)
    day = documents.DateField(blank=True, null=True)
    opens = documents.TimeField(blank=True, null=True)
    spot = documents.PointField(blank=True, null=True)
    area = documents.GeometryField(blank=True, null=True)
    tags = documents.ListField(documents.CharField(max_length=20))
    dates = documents.ListField(documents.DateTimeField())
    grid = documents.ListField(documents.ListField(documents.IntegerField()))
    parts = documents.EmbeddedListField(Part)
    matrix = documents.ListField(documents.EmbeddedListField(Part))
    counts = documents.MapField(documents.IntegerField(), blank=True)
    maps = documents.ListField(documents.MapField(documents.IntegerField()))

    class Meta:
        app_label = "lookup_cases"
