"""Abstract bases, and what their children take over."""

from docmodels import documents


class Named(documents.Document):
    name = documents.CharField(max_length=10)
    note = documents.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["name"]
        strict = False


class Stamped(documents.Document):
    created = documents.DateTimeField(auto_now_add=True)
    name = documents.CharField(max_length=99)

    class Meta:
        abstract = True


class Tool(Named, Stamped):
    weight = documents.IntegerField(default=1)


class Short(Named):
    name = documents.CharField(max_length=3)
    note = None


class Money(documents.EmbeddedDocument):
    amount = documents.IntegerField()

    class Meta:
        abstract = True


class Price(Money):
    currency = documents.CharField(default="EUR")


class TestInheritance:
    """Fields and options of the bases."""

    def test_fields(self):
        """A child has the fields of all bases; the first base wins."""
        assert {field.name for field in Tool._meta.fields} == {
            "id",
            "created",
            "name",
            "note",
            "weight",
        }
        assert Tool._meta.get_field("name").max_length == 10

    def test_fields_are_copies(self):
        """Each child has fields of its own."""
        assert Tool._meta.get_field("note") is not Named._meta.get_field("note")
        assert Tool._meta.get_field("note").model is Tool

    def test_replaced_and_removed(self):
        """A child may declare a field anew, or take it away."""
        assert Short._meta.get_field("name").max_length == 3
        assert [field.name for field in Short._meta.fields] == ["id", "name"]

    def test_options(self):
        """Options of an abstract base are inherited, but not that it is abstract."""
        assert Tool._meta.ordering == ["name"]
        assert Tool._meta.strict is False
        assert not Tool._meta.abstract

    def test_embedded_documents_inherit(self):
        """Embedded documents have abstract bases, too."""
        assert Price(amount=5).to_mongo() == {"amount": 5, "currency": "EUR"}

    def test_saved(self, mongo):
        """A child is stored in a collection of its own."""
        Tool(name="saw").save()

        assert Tool.objects.get().name == "saw"
        assert mongo.collection("test_abstract_tool").count_documents({}) == 1
