"""Documents of the tests of stages."""

from bson import ObjectId

from docmodels import documents

ANN, BEN = ObjectId("000000000000000000000001"), ObjectId("000000000000000000000002")


class Station(documents.Document):
    """A place, and the station before it."""

    name = documents.CharField(max_length=40)
    at = documents.PointField(blank=True)
    before = documents.ReferenceField("self", blank=True, null=True)

    class Meta:
        app_label = "shelf"
        ordering = ["name"]


class Parcel(documents.Document):
    """The base of a crate, in the same collection."""

    weight = documents.IntegerField()

    class Meta:
        app_label = "shelf"


class Crate(Parcel):
    """A parcel with a lid."""

    lid = documents.BooleanField()

    class Meta:
        app_label = "shelf"
