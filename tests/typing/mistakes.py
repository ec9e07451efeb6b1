"""What a type checker refuses: each line that is marked, and no other."""

from docmodels import documents


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=32)


class Order(documents.Document):
    number = documents.CharField(max_length=20)
    amount = documents.IntegerField(null=True)
    placed_at = documents.DateTimeField()
    note = documents.TextField(blank=True)
    line = documents.EmbeddedField(Line)
    misspelt = documents.CharField(max_lenght=20)  # error
    not_text = documents.CharField(max_length="20")  # error
    not_a_class = documents.EmbeddedField("Line")  # error
    not_a_field = documents.ListField(Line)  # error


order = Order()
order.number = ["1"]  # error
order.number = None  # error
order.amount = None
order.amount = Line()  # error
order.placed_at = Line()  # error
order.placed_at = "2026-01-01"
order.line = "tea"  # error
order.note.upper()  # error
order.number.upper()
