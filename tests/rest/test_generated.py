"""The generated functions say what the careful ones say."""

import pytest

from docmodels import documents, rest
from docmodels.rest import representation


class Part(documents.EmbeddedDocument):
    name = documents.CharField(max_length=20)
    size = documents.FloatField()
    note = documents.TextField(blank=True)

    class Meta:
        app_label = "generated"


class Thing(documents.Document):
    name = documents.CharField(max_length=20)
    weight = documents.FloatField(null=True)
    price = documents.DecimalField(blank=True)
    color = documents.CharField(max_length=20, default="red")
    part = documents.EmbeddedField(Part)
    parts = documents.EmbeddedListField(Part)

    class Meta:
        app_label = "generated"


class ThingSerializer(rest.DocumentSerializer):
    class Meta:
        model = Thing
        fields = "__all__"


PART = {"name": "lid", "size": 2.5, "note": "blue"}
WHOLE = {"_id": 1, "name": "box", "weight": 1.5, "color": "green", "part": PART, "parts": [PART]}


def represent_carefully(document):
    """Show a document by the function that the generated one gives way to."""
    serializer = ThingSerializer()
    columns = [
        representation.Column(field.field_name, source, conversion.convert, conversion.raw, None)
        for field in serializer._readable_fields
        for source in [Thing._meta.by_name[field.source]]
        for conversion in [representation._conversion(field, source)]
    ]
    return representation._from_documents(columns)(document)


class TestSame:
    """Whatever is stored is shown by both in one way."""

    @pytest.mark.parametrize(
        "change",
        [
            {},
            {"name": None},
            {"name": 7},
            {"weight": None},
            {"weight": float("nan")},
            {"weight": float("inf")},
            {"price": None},
            {"part": None},
            {"part": {"name": "lid"}},
            {"part": {**PART, "size": float("nan")}},
            {"part": "no document"},
            {"parts": [{}, None, PART]},
            {"parts": "no list"},
        ],
    )
    def test_stored(self, change):
        """Values, nulls, and values of a wrong type."""
        stored = {**WHOLE, **change}

        found = ThingSerializer(Thing.from_mongo(dict(stored))).data

        assert found == represent_carefully(Thing.from_mongo(dict(stored)))

    @pytest.mark.parametrize("name", list(WHOLE))
    def test_missing(self, name):
        """A key that is missing, whether or not it may."""
        stored = {key: value for key, value in WHOLE.items() if key != name}

        found = ThingSerializer(Thing.from_mongo(dict(stored))).data

        assert found == represent_carefully(Thing.from_mongo(dict(stored)))

    def test_order(self):
        """Keys are in the order of the fields."""
        found = ThingSerializer(Thing.from_mongo(dict(WHOLE))).data

        assert list(found) == ["pk", "name", "weight", "color", "part", "parts"]
        assert found["part"] == found["parts"][0] == PART
