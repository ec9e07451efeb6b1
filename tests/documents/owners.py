"""Owners of parts, and what relates them in both directions."""

from docmodels import documents
from docmodels.documents import Q


class Base(documents.Document):
    parts = documents.Related("Part", foreign_field="owner")

    class Meta:
        abstract = True
        app_label = "related"


class Line(documents.EmbeddedDocument):
    owner = documents.ReferenceField("Owner", blank=True)

    class Meta:
        app_label = "related"


class Part(documents.Document):
    name = documents.CharField()
    rank = documents.IntegerField(default=0)
    owner = documents.ReferenceField("Owner", blank=True)
    helpers = documents.ListField(documents.ReferenceField("Owner"))
    lines = documents.EmbeddedListField(Line)
    code = documents.CharField(blank=True)

    class Meta:
        app_label = "related"
        ordering = ["name"]


class Passport(documents.Document):
    holder = documents.ReferenceField("Owner", unique=True)

    class Meta:
        app_label = "related"


class Owner(Base):
    name = documents.CharField()
    code = documents.CharField(blank=True)
    best = documents.Related(Part, foreign_field="owner", order_by="-rank", limit=2)
    top = documents.Related(Part, foreign_field="owner", order_by=["-rank"], many=False)
    helped = documents.Related("related.Part", foreign_field="helpers")
    lined = documents.Related("Part", foreign_field="lines__owner", match=Q(rank__gt=0))
    coded = documents.Related("Part", foreign_field="code", local_field="code")
    passport = documents.Related("Passport", foreign_field="holder", many=False)
    part_count = documents.RelatedCount("Part", foreign_field="owner")
    help_count = documents.RelatedCount("Part", foreign_field="helpers", match={"rank__gt": 0})

    class Meta:
        app_label = "related"
        ordering = ["name"]


def store_owners():
    """Store and give three owners; the first has four parts, the second one, the third none."""
    ann, bob, cid = owners = [Owner(name=name, code=name[0]) for name in ("Ann", "Bob", "Cid")]
    Owner.objects.bulk_create(owners)
    Part.objects.bulk_create(
        [
            *(Part(name=f"p{n}", rank=n, owner=ann, helpers=[bob, bob]) for n in range(4)),
            Part(name="q", owner=bob, helpers=[ann, bob], code="C"),
            Part(name="r", rank=5, lines=[{"owner": ann}, {"owner": cid}, {"owner": ann}]),
        ]
    )
    Passport(holder=ann).save()
    return owners
