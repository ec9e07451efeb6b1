"""What people try first who come from Django or from MongoDB."""

import pytest
from bson import Decimal128
from django.core.exceptions import FieldError
from django.db import models

from docmodels import documents
from tests.queryset.models import Author, Book


class Depot(documents.Document):
    """A place, and another one."""

    at = documents.PointField(blank=True)

    class Meta:
        app_label = "shelf"


@pytest.fixture
def shelf(books):
    """Store three books."""
    return books(
        {"title": "a", "n": 1, "tags": ["x", "y"]},
        {"title": "b", "n": 2, "price": Decimal128("2")},
        {"title": "c", "n": 3, "published": True},
    )


def titles(queryset):
    """Return the titles of the results, sorted."""
    return "".join(sorted(book.title for book in queryset))


class TestExpressionsOfDjango:
    """`django.db.models.F` and what is made of it stand wherever ours do."""

    def test_updates_count(self, shelf):
        """`F("n") + 1` is an `$inc`, of Django's F as well."""
        Book.objects.filter(title="a").update(pages=models.F("pages") + 4)

        assert Book.objects.get(title="a").pages == 5

    def test_updates_compute(self, shelf):
        """A computed value makes a pipeline."""
        Book.objects.filter(title="b").update(pages=models.F("pages") * models.F("price"))

        assert Book.objects.get(title="b").pages == 4

    def test_annotations(self, shelf):
        """`annotate()` takes them."""
        rows = Book.objects.annotate(double=models.F("pages") * 2, one=models.Value(1))

        assert [(book.double, book.one) for book in rows.order_by("title")] == [
            (2, 1), (4, 1), (6, 1),
        ]  # fmt: skip

    def test_aggregates_of_django_are_named(self):
        """They are for SQL, ours have the same names."""
        with pytest.raises(FieldError) as caught:
            Book.objects.annotate(total=models.Sum("pages"))

        assert str(caught.value) == (
            "Book.annotate(total=…): Sum(F(pages)), expected F or another expression of documents."
        )


class TestQuerysetsTogether:
    """Querysets in conditions, and of two one."""

    def test_rows_of_one_path_in_a_condition(self, shelf):
        """`values()` and `values_list()` are subqueries without `flat`, as in Django."""
        some = Book.objects.filter(pages__gt=1)

        assert titles(Book.objects.filter(title__in=some.values("title"))) == "bc"
        assert titles(Book.objects.filter(title__in=some.values_list("title"))) == "bc"

    def test_exclusive_or(self, shelf):
        """`^` keeps what one of the two finds, and not both."""
        low, high = Book.objects.filter(pages__lt=3), Book.objects.filter(pages__gt=1)

        assert titles(low ^ high) == "ac"
        assert titles(low ^ Book.objects.none()) == "ab"
        assert titles(Book.objects.none() ^ high) == "bc"


class TestShorterForms:
    """What can be meant only one way needs no more words."""

    def test_element_match_by_a_dict(self, books):
        """The conditions are a Q, names or a dict."""
        books({"title": "a", "chapters": [{"title": "i", "p": 1}, {"title": "ii", "p": 5}]})

        part = documents.ElemMatch("chapters", {"pages__gt": 3})

        assert [c.title for c in Book.objects.only(part).get().chapters] == ["ii"]

    def test_the_only_place(self, mongo):
        """`geo_near()` finds the path where the class has one place."""
        mongo.collection(Depot._meta.collection).create_index([("at", "2dsphere")])
        Depot.objects.create(at=(7.0, 47.0))

        assert Depot.objects.geo_near((7.0, 47.0)).get().distance == 0

    def test_no_place(self):
        """Without one it says so."""
        with pytest.raises(FieldError) as caught:
            Author.objects.geo_near((7.0, 47.0))

        assert str(caught.value) == "Author.geo_near(): no path, expected one."


class TestMistakes:
    """Errors that say where to go instead."""

    def test_paths_through_references(self):
        """An order does not join."""
        with pytest.raises(FieldError) as caught:
            Book.objects.order_by("author__name")

        assert str(caught.value) == (
            "Book.author__name: 'name' is stored in Author, expected a path of this document: a "
            "reference holds a key alone. filter() and populate() follow it; to order or compute "
            "by it keep a copy here (copies=), or join by lookup()."
        )

    @pytest.mark.parametrize(
        ("call", "error", "message"),
        [
            (
                lambda: Book.objects.defer(documents.Slice("tags", 1)),
                FieldError,
                "Book: Slice('tags', 1), expected names of fields.",
            ),
            (
                lambda: Book.objects.values("title", documents.Slice("tags", 1)),
                FieldError,
                "Book.values(): Slice('tags', 1), expected paths; ArraySlice() and ArrayFilter() "
                "compute "
                "parts of lists.",
            ),
            (
                lambda: Book.objects.pipeline({"$limit": 1}),
                TypeError,
                "Book.pipeline(): {'$limit': 1}, expected a list of stages.",
            ),
            (
                lambda: Book.objects.alias(double=documents.F("pages") * 2).values("double"),
                FieldError,
                "Book: Cannot select the 'double' alias. Use annotate() to promote it.",
            ),
            (
                lambda: Book.objects.filter(tags__len__ne=1),
                FieldError,
                "Book.tags__len: 'len' is a lookup, expected it at the end. What may follow is: "
                "gt, gte, lt, lte.",
            ),
            (
                lambda: Author.objects.filter(text="tea"),
                FieldError,
                "Author.text: Author has no field 'text'. Words are found by search().",
            ),
            (
                lambda: Author.objects.filter(name__search="tea"),
                FieldError,
                "Author.name__search: 'search', expected a lookup, a CharField has no paths "
                "inside. Words are found by search().",
            ),
            (
                lambda: Book.objects.filter(tags__size__gt=1),
                FieldError,
                "Book.tags__size: 'size' is a lookup, expected it at the end.",
            ),
        ],
    )
    def test_other_values(self, call, error, message):
        """What was got and what is expected."""
        with pytest.raises(error) as caught:
            call()

        assert str(caught.value) == message
