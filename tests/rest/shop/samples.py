"""A document with a field of every type."""

from docmodels import documents
from tests.rest.shop.models import Customer, Line


class Sample(documents.Document):
    code = documents.CharField(primary_key=True, max_length=12)
    any = documents.AnyField(blank=True)
    binary = documents.BinaryField(blank=True, max_length=100)
    boolean = documents.BooleanField(blank=True)
    char = documents.CharField(blank=True, max_length=10, min_length=2)
    date = documents.DateField(blank=True)
    moment = documents.DateTimeField(blank=True)
    decimal = documents.DecimalField(blank=True, max_digits=6, decimal_places=2, min_value=0)
    email = documents.EmailField(blank=True)
    floating = documents.FloatField(blank=True, allow_nan=True)
    integer = documents.IntegerField(blank=True, max_value=100)
    long = documents.Int64Field(blank=True)
    object_id = documents.ObjectIdField(blank=True)
    point = documents.PointField(blank=True)
    reference = documents.ReferenceField(Customer, on_delete=documents.DO_NOTHING, blank=True)
    references = documents.ListField(
        documents.ReferenceField(Customer, on_delete=documents.DO_NOTHING), blank=True
    )
    slug = documents.SlugField(blank=True)
    text = documents.TextField(blank=True, null=True)
    url = documents.URLField(blank=True)
    uuid = documents.UUIDField(blank=True)
    numbers = documents.ListField(documents.IntegerField(), blank=True, max_items=3)
    counts = documents.MapField(documents.IntegerField(), blank=True)
    line = documents.EmbeddedField(Line, blank=True, null=True)
    lines = documents.EmbeddedListField(Line, blank=True)
    lines_by_name = documents.MapField(documents.EmbeddedField(Line), blank=True)
