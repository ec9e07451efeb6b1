"""Remarks on things of several classes, for the tests of dynamic references."""

import enum

from docmodels import documents
from docmodels.documents import by_field


class Place(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "remarks"
        ordering = ["name"]


class City(Place):
    """A kind of place."""

    mayor = documents.ReferenceField("Person", blank=True)

    class Meta:
        app_label = "remarks"


class Person(documents.Document):
    name = documents.CharField()
    home = documents.ReferenceField(Place, blank=True)

    class Meta:
        app_label = "remarks"


class Word(documents.Document):
    """A class whose keys are texts."""

    word = documents.CharField(primary_key=True)

    class Meta:
        app_label = "remarks"


class Far(documents.Document):
    """A class of another database."""

    name = documents.CharField()

    class Meta:
        app_label = "remarks"
        db_alias = "reports"


class Part(documents.EmbeddedDocument):
    kind = documents.CharField(blank=True)
    about = documents.ReferenceField(by_field("kind"), blank=True)

    class Meta:
        app_label = "remarks"


def about_whom(remark):
    """Tell the class by the text."""
    return Person if remark.text.startswith("who") else "remarks.Place"


class Remark(documents.Document):
    text = documents.CharField(blank=True)
    kind = documents.CharField(blank=True)
    about = documents.ReferenceField(by_field("kind"), blank=True, null=True)
    others = documents.ListField(documents.ReferenceField(by_field("kind")))
    named = documents.MapField(documents.ReferenceField(by_field("kind")), blank=True)
    parts = documents.EmbeddedListField(Part)
    whom = documents.ReferenceField(about_whom, blank=True)

    class Meta:
        app_label = "remarks"
        ordering = ["text"]


class Kind(enum.Enum):
    PLACE = "p"
    WORD = "w"


class Vote(documents.Document):
    """Few classes, under short names."""

    kind = documents.EnumField(Kind, blank=True)
    on = documents.ReferenceField(
        by_field("kind"), targets={"p": Place, "w": "remarks.Word"}, blank=True
    )

    class Meta:
        app_label = "remarks"


class Like(documents.Document):
    kind = documents.CharField(blank=True)
    on = documents.ReferenceField(by_field("kind"), targets=[Place, "Person"], blank=True)

    class Meta:
        app_label = "remarks"
