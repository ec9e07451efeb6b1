"""The generated functions say what the careful ones say."""

import datetime

import pytest
from bson import Decimal128
from bson.tz_util import utc

from docmodels import documents, rest
from docmodels.rest import representation


class Part(documents.EmbeddedDocument):
    name = documents.CharField(max_length=20)
    size = documents.FloatField()
    note = documents.TextField(blank=True)
    color = documents.CharField(max_length=20, default="red")

    class Meta:
        app_label = "generated"


class Thing(documents.Document):
    name = documents.CharField(max_length=20)
    weight = documents.FloatField(null=True)
    price = documents.DecimalField(blank=True)
    color = documents.CharField(max_length=20, default="red")
    at = documents.DateTimeField(blank=True)
    tags = documents.ListField(documents.CharField(max_length=20), blank=True)
    labels = documents.ListField(documents.CharField(max_length=20), blank=True, get=sorted)
    part = documents.EmbeddedField(Part)
    parts = documents.EmbeddedListField(Part)

    class Meta:
        app_label = "generated"


class ThingSerializer(rest.DocumentSerializer):
    class Meta:
        model = Thing
        fields = "__all__"


PART = {"name": "lid", "size": 2.5, "note": "new", "color": "blue"}
WHOLE = {
    "_id": 1,
    "name": "box",
    "weight": 1.5,
    "color": "green",
    "tags": ["a", "b"],
    "part": PART,
    "parts": [PART],
}


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
            {"price": Decimal128("1.50")},
            {"price": Decimal128("-2.5")},
            {"price": Decimal128("NaN")},
            {"price": 3},
            {"at": datetime.datetime(2024, 2, 29, 23, 59, 58, 7_000, utc)},
            {"at": datetime.datetime(1789, 7, 14, tzinfo=utc)},
            {"at": "yesterday"},
            {"tags": ["a", None, 3, ["b"]]},
            {"tags": None},
            {"tags": "a"},
            {"part": None},
            {"part": {"name": "lid"}},
            {"part": {**PART, "size": float("nan")}},
            {"part": {"name": "lid", "size": 1.0, "color": "blue"}},
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

    def test_getters(self):
        """A list goes through the functions of its option `get`."""
        found = ThingSerializer(Thing.from_mongo({**WHOLE, "labels": ["b", "a"]})).data

        assert found["labels"] == ["a", "b"]

    def test_touched(self):
        """Values that were read, and so converted, are shown as those that were not."""
        stored = {**WHOLE, "price": Decimal128("1.50"), "parts": [PART, {"name": "lid"}]}
        touched = Thing.from_mongo(dict(stored))
        assert [touched.price, touched.tags[0], touched.part.name, touched.parts[1].color]

        found = ThingSerializer([touched, Thing.from_mongo(dict(stored))], many=True).data

        assert found[0] == found[1] == represent_carefully(Thing.from_mongo(dict(stored)))

    def test_unsaved(self):
        """A new object shows its values and defaults."""
        thing = Thing(name="box", part=Part(name="lid"))

        assert ThingSerializer(thing).data == represent_carefully(thing)

    def test_order(self):
        """Keys are in the order of the fields."""
        found = ThingSerializer(Thing.from_mongo(dict(WHOLE))).data

        assert list(found) == ["pk", "name", "weight", "color", "tags", "labels", "part", "parts"]
        assert found["part"] == found["parts"][0] == PART
