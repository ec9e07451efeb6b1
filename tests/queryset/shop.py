"""Documents for updates: times, versions, defaults, references, classes."""

import uuid

from docmodels import documents
from docmodels.contrib.soft_delete import SoftDelete


class Box(documents.EmbeddedDocument):
    size = documents.IntegerField(default=1)
    color = documents.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "updates"


class Item(documents.Document):
    """Times of both kinds, a default of each kind, a unique name."""

    name = documents.CharField(max_length=20, unique=True)
    stock = documents.IntegerField(default=5, db_field="s")
    reserved = documents.IntegerField(default=0)
    price = documents.DecimalField(max_digits=8, decimal_places=2, blank=True, null=True)
    total = documents.FloatField(blank=True)
    label = documents.CharField(max_length=40, default=lambda: "new")
    tags = documents.ListField(documents.CharField(max_length=10))
    box = documents.EmbeddedField(Box, blank=True)
    serial = documents.IntegerField(blank=True, immutable=True)
    secret = documents.CharField(max_length=20, blank=True, hidden=True)
    day = documents.DateField(blank=True)
    at = documents.DateTimeField(blank=True)

    class Meta:
        app_label = "updates"
        ordering = ["name"]
        timestamps = True


class SpecialItem(Item):
    grade = documents.IntegerField(blank=True)

    class Meta:
        app_label = "updates"


class Tin(documents.EmbeddedDocument):
    side = documents.IntegerField(default=2)
    area = documents.IntegerField(default=lambda tin: tin.side**2)

    class Meta:
        app_label = "updates"


class Derived(documents.Document):
    """Defaults that are made of other values."""

    first = documents.CharField(max_length=20)
    last = documents.CharField(max_length=20, default="Doe")
    full = documents.CharField(
        max_length=40, default=lambda person: f"{person.first} {person.last}"
    )
    tin = documents.EmbeddedField(Tin, blank=True)

    class Meta:
        app_label = "updates"


class Coded(documents.Document):
    """A key of its own kind, made by a default."""

    code = documents.UUIDField(primary_key=True, default=uuid.uuid4)
    name = documents.CharField(max_length=20)

    class Meta:
        app_label = "updates"


class Keyed(documents.Document):
    """A key that somebody has to give."""

    code = documents.CharField(max_length=10, primary_key=True)
    count = documents.IntegerField(default=0)

    class Meta:
        app_label = "updates"


class Owner(documents.Document):
    name = documents.CharField(max_length=20)

    class Meta:
        app_label = "updates"


class Owned(documents.Document):
    owner = documents.ReferenceField(Owner, on_delete=documents.CASCADE)

    class Meta:
        app_label = "updates"


class Kept(documents.Document):
    owner = documents.ReferenceField(Owner, on_delete=documents.PROTECT)

    class Meta:
        app_label = "updates"


class Letter(SoftDelete):
    text = documents.CharField(max_length=20)

    class Meta:
        app_label = "updates"


class Strict(documents.Document):
    """Every change checks and counts the version."""

    name = documents.CharField(max_length=20, unique=True)
    count = documents.IntegerField(default=0)
    tags = documents.ListField(documents.CharField(max_length=10))

    class Meta:
        app_label = "updates"
        optimistic_concurrency = True


class Watched(documents.Document):
    """Its hooks note what queries do."""

    name = documents.CharField(max_length=20)
    count = documents.IntegerField(default=0)

    #: (event, what was returned)
    seen = []

    class Meta:
        app_label = "updates"

    @documents.post("update")
    @classmethod
    def note_update(cls, queryset, result):
        cls.seen.append(("update", result))

    @documents.post("delete")
    @classmethod
    def note_delete(cls, queryset, result):
        cls.seen.append(("delete", result))

    @documents.post("bulk")
    @classmethod
    def note_bulk(cls, queryset, result):
        cls.seen.append(("bulk", result))

    @documents.post("find_one_and_update")
    @classmethod
    def note_find_update(cls, queryset, result):
        cls.seen.append(("find_one_and_update", result))

    @documents.post("find_one_and_replace")
    @classmethod
    def note_replace(cls, queryset, result):
        cls.seen.append(("find_one_and_replace", result))

    @documents.post("find_one_and_delete")
    @classmethod
    def note_find_delete(cls, queryset, result):
        cls.seen.append(("find_one_and_delete", result))
