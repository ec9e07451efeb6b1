"""Populate over keys of every kind, subclasses, managers and layers above."""

import datetime
import uuid
from decimal import Decimal

import pytest

from docmodels import documents, rest
from docmodels.contrib.soft_delete import SoftDelete
from tests.queryset.library import Author, Book, make_authors


class Span(documents.EmbeddedDocument):
    low = documents.IntegerField()
    high = documents.IntegerField()

    class Meta:
        app_label = "kinds"


KEYS = {
    "UUID": (documents.UUIDField, uuid.UUID(int=7)),
    "Date": (documents.DateField, datetime.date(2024, 5, 6)),
    "DateTime": (documents.DateTimeField, datetime.datetime(2024, 5, 6, tzinfo=datetime.UTC)),
    "Integer": (documents.IntegerField, 1),
    "Decimal": (documents.DecimalField, Decimal("1.50")),
    "Boolean": (documents.BooleanField, True),
    "Duration": (documents.DurationField, datetime.timedelta(seconds=5)),
    "Span": (lambda **options: documents.EmbeddedField(Span, **options), Span(low=1, high=2)),
}


def make_classes(name):
    """Declare a class with a key of a kind, and one that refers to it in two ways."""
    field, _key = KEYS[name]

    class Meta:
        app_label = "kinds"

    base = (documents.Document,)
    target = type(documents.Document)(
        f"{name}Target",
        base,
        {
            "key": field(primary_key=True),
            "parts": documents.Related(f"{name}Holder", foreign_field="one"),
            "Meta": Meta,
            "__module__": __name__,
        },
    )
    holder = type(documents.Document)(
        f"{name}Holder",
        base,
        {
            "one": documents.ReferenceField(target),
            "many": documents.ListField(documents.ReferenceField(target)),
            "Meta": Meta,
            "__module__": __name__,
        },
    )
    return target, holder


CLASSES = {name: make_classes(name) for name in KEYS}


@pytest.mark.parametrize("name", KEYS)
def test_kind_of_key(name, mongo, assert_num_commands):
    """A key of whatever type is followed there and back, ahead and on access."""
    target, holder = CLASSES[name]
    key = KEYS[name][1]
    target(key=key).save()
    for _n in range(2):
        holder(one=key, many=[key, key]).save()

    first, second = holder.objects.populate("one", "many")
    with assert_num_commands(0):
        assert first.one.key == key
        assert first.one is second.one
        assert first.many == [first.one, first.one]
    loaded, _other = holder.objects.all()
    assert loaded.one.key == key
    new = holder(one=target.objects.get())
    assert new.populate("one").one.key == key
    assert len(target.objects.populate("parts").get().parts) == 2
    assert len(target.objects.get().parts) == 2


class Animal(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "kinds"


class Dog(Animal):
    owner = documents.ReferenceField(Author, blank=True)

    class Meta:
        app_label = "kinds"


class Zoo(documents.Document):
    animals = documents.ListField(documents.ReferenceField(Animal))

    class Meta:
        app_label = "kinds"


class Mail(SoftDelete):
    text = documents.CharField(blank=True)

    class Meta:
        app_label = "kinds"


class Box(documents.Document):
    mails = documents.ListField(documents.ReferenceField(Mail))
    last = documents.ReferenceField(Mail, blank=True)

    class Meta:
        app_label = "kinds"


def test_subclasses(mongo, assert_num_commands):
    """References of subclasses are followed in those that have them."""
    ann, bob = make_authors("Ann", "Bob")
    animals = [Animal(name="a"), Dog(name="d", owner=ann), Dog(name="e", owner=bob)]
    for animal in animals:
        animal.save()
    Zoo(animals=animals).save()

    with assert_num_commands(3):
        zoo = Zoo.objects.populate("animals__owner").get()

    with assert_num_commands(0):
        assert [type(animal) for animal in zoo.animals] == [Animal, Dog, Dog]
        assert [dog.owner.name for dog in zoo.animals[1:]] == ["Ann", "Bob"]
    found = list(Animal.objects.order_by("name"))
    with assert_num_commands(1):
        assert [dog.owner.name for dog in found[1:]] == ["Ann", "Bob"]


def test_softly_deleted(mongo):
    """What the default manager leaves out is missing."""
    kept, gone = Mail(text="k"), Mail(text="g")
    kept.save()
    gone.save()
    Box(mails=[gone, kept], last=gone).save()
    gone.delete()

    box = Box.objects.populate("mails", "last").get()

    assert box.mails == [kept]
    assert box.last is None
    assert box.mails_ids == [gone.pk, kept.pk]


def test_layers_above_see_keys(mongo):
    """Dicts, forms of REST and paths see the keys, whatever was populated."""

    class BookSerializer(rest.DocumentSerializer):
        class Meta:
            model = Book
            fields = ["title", "author", "editors"]

    ann, bob = make_authors("Ann", "Bob")
    Book(title="A", author=ann, editors=[bob, ann]).save()
    plain = Book.objects.get()

    book = Book.objects.populate("author", "editors").get()

    assert book.to_dict() == plain.to_dict()
    assert book.to_mongo() == plain.to_mongo()
    assert BookSerializer(book).data == BookSerializer(plain).data
    assert book.get_path("editors.0") == bob.pk
    assert not book.is_modified()
    assert not book._state.adding
    assert book.full_clean() is None
