"""A document with lists of each kind."""

from bson import ObjectId

from docmodels import documents

ONE, TWO = ObjectId("64b000000000000000000001"), ObjectId("64b000000000000000000002")


class Line(documents.EmbeddedDocument):
    key = documents.ObjectIdField(db_field="_id", blank=True)
    sku = documents.CharField()
    sizes = documents.ListField(documents.IntegerField(), blank=True)


class Stop(documents.EmbeddedDocument):
    name = documents.CharField()
    number = documents.IntegerField(blank=True, db_field="n")


class Tour(documents.Document):
    key = documents.IntegerField(primary_key=True)
    tags = documents.ListField(documents.CharField())
    lines = documents.EmbeddedListField(Line)
    stops = documents.EmbeddedListField(Stop)

    class Meta:
        collection = "tours"


RAW = {
    "_id": 1,
    "tags": ["a", "b", "c"],
    "lines": [{"_id": ONE, "sku": "x", "sizes": [1, 2]}, {"_id": TWO, "sku": "y", "sizes": []}],
    "stops": [{"name": "Bonn", "n": 1}, {"name": "Köln", "n": 2}, {"name": "Bonn", "n": 3}],
    "__v": 3,
}
