"""Aggregates against pipelines written by hand, and `unwind`."""

import datetime
import decimal

import pytest
from bson import Decimal128

from docmodels.documents import Avg, Count, Max, Min, Q, Sum
from tests.queryset.models import Book

UTC = datetime.UTC


@pytest.fixture
def shelf(books):
    """Store books with chapters, prices of several types, gaps."""
    return books(
        {"title": "a", "n": 10, "price": Decimal128("1.10"), "tags": ["x", "y"], "published": True,
         "written_at": datetime.datetime(2026, 1, 1, tzinfo=UTC),
         "chapters": [{"title": "i", "p": 1, "marks": [1, 2]}, {"title": "ii", "p": 9}]},
        {"title": "b", "n": 20, "price": Decimal128("2.20"), "tags": ["x"], "published": True,
         "chapters": [{"title": "i", "p": 4}]},
        {"title": "c", "n": None, "tags": [], "published": False},
        {"title": "d", "price": Decimal128("0.10"), "published": False, "cover": {"color": "red"}},
        {"title": "e", "n": "wrong", "tags": ["y", None], "cover": {"color": None}},
    )  # fmt: skip


def by_hand(*stages):
    """Return what a pipeline on all books gives."""
    return list(Book.objects.pipeline(list(stages)))


class TestAggregate:
    """`aggregate()` over the whole result."""

    def test_numbers(self, shelf):
        """Every aggregate equals its accumulator; types are the field's."""
        (hand,) = by_hand(
            {"$group": {"_id": None, "sum": {"$sum": "$n"}, "avg": {"$avg": "$n"},
                        "min": {"$min": "$price"}, "max": {"$max": "$price"}}}
        )  # fmt: skip

        found = Book.objects.aggregate(Sum("pages"), Avg("pages"), Min("price"), Max("price"))

        assert found == {
            "pages__sum": hand["sum"],
            "pages__avg": hand["avg"],
            "price__min": decimal.Decimal("0.10"),
            "price__max": decimal.Decimal("2.20"),
        }
        assert (found["pages__sum"], found["pages__avg"]) == (30, 15.0)
        assert hand["min"].to_decimal() == found["price__min"]

    def test_lists(self, shelf):
        """Sums, extremes and counts reach into lists of documents."""
        assert Book.objects.aggregate(
            total=Sum("chapters__pages"),
            least=Min("chapters__pages"),
            most=Max("chapters__pages"),
            chapters=Count("chapters"),
            tags=Count("tags"),
        ) == {"total": 14, "least": 1, "most": 9, "chapters": 3, "tags": 4}

    def test_counts(self, shelf):
        """Counts of documents, of values and of distinct values."""
        assert Book.objects.aggregate(
            Count("*"), n=Count("pk"), paged=Count("pages"), kinds=Count("published", distinct=True)
        ) == {"count": 5, "n": 5, "paged": 3, "kinds": 2}

    def test_nothing(self, books):
        """Of nothing a sum is 0, everything else None, unless a default is given."""
        expected = {"s": 0, "a": None, "m": None, "c": 0, "d": -1}
        aggregates = {
            "s": Sum("pages"),
            "a": Avg("pages"),
            "m": Max("pages"),
            "c": Count("pk"),
            "d": Min("pages", default=-1),
        }

        assert Book.objects.aggregate(**aggregates) == expected
        assert Book.objects.none().aggregate(**aggregates) == expected

    def test_slice(self, shelf):
        """A slice is cut before it is summed."""
        assert shelf.order_by("title")[:1].aggregate(n=Sum("pages")) == {"n": 10}

    def test_filter(self, shelf):
        """Filters come first."""
        assert Book.objects.filter(published=True).aggregate(n=Count("pk")) == {"n": 2}


class TestGroups:
    """`values().annotate()`."""

    def test_against_pipeline(self, shelf):
        """The rows are those of a `$group` by hand."""
        hand = by_hand(
            {"$group": {"_id": "$published", "n": {"$sum": 1}, "total": {"$sum": "$n"}}},
            {"$sort": {"_id": 1}},
        )

        rows = (
            Book.objects.values("published")
            .annotate(n=Count("pk"), total=Sum("pages"))
            .order_by("published")
        )

        assert list(rows) == [
            {"published": row["_id"], "n": row["n"], "total": row["total"]} for row in hand
        ]
        assert [row["published"] for row in rows] == [None, False, True]

    def test_null_and_missing(self, shelf):
        """They are one group, as their rows would look the same."""
        rows = Book.objects.values("cover__color").annotate(n=Count("pk")).order_by("-n")

        assert list(rows) == [
            {"cover__color": None, "n": 4},
            {"cover__color": "red", "n": 1},
        ]

    def test_shapes(self, shelf):
        """Tuples, single values, slices, counts and having."""
        rows = (
            Book.objects.values_list("published")
            .annotate(n=Count("pk"))
            .order_by("-n", "published")
        )

        assert list(rows) == [(False, 2), (True, 2), (None, 1)]
        assert list(rows[:1]) == [(False, 2)]
        assert rows.first() == (False, 2)
        assert rows.count() == 3
        assert list(rows.filter(n__gt=1)) == [(False, 2), (True, 2)]
        assert list(rows.exclude(n__gt=1)) == [(None, 1)]
        assert list(rows.filter(Q(n=1) | Q(published=True)).values_list("n", flat=True)) == [2, 1]
        assert list(Book.objects.values("published", n=Count("pk")).filter(n=1)) == [
            {"published": None, "n": 1}
        ]
        assert list(Book.objects.values(n=Count("pk"))) == [{"n": 5}]


class TestInline:
    """`annotate()` of documents computes over what each holds."""

    def test_values(self, shelf):
        """The values are attributes of the instances."""
        found = Book.objects.annotate(n=Count("tags"), longest=Max("chapters__pages")).order_by(
            "title"
        )

        assert [(book.title, book.n, book.longest) for book in found] == [
            ("a", 2, 9),
            ("b", 1, 4),
            ("c", 0, None),
            ("d", 0, None),
            ("e", 1, None),
        ]
        assert found.count() == 5
        assert not found[0].is_modified()
        assert "n" not in found[0].undeclared

    def test_order_and_filter(self, shelf):
        """Computed values order and filter."""
        counted = Book.objects.annotate(n=Count("tags"))

        assert [b.title for b in counted.order_by("-n", "title")] == ["a", "b", "e", "c", "d"]
        assert [b.title for b in counted.filter(n__gte=1).order_by("title")] == ["a", "b", "e"]
        assert counted.filter(n__gte=1).count() == 3
        assert counted.exclude(n__gte=1).count() == 2
        assert [b.title for b in counted.filter(n=1, published=True)] == ["b"]
        assert counted.order_by("-n").values_list("title", "n").first() == ("a", 2)

    def test_average(self, shelf):
        """A mean of one document's own list needs no unwind."""
        found = Book.objects.annotate(mean=Avg("chapters__pages")).get(title="a")

        assert found.mean == 5.0


class TestUnwind:
    """Filters before it are on documents, after it on elements."""

    def test_rows(self, shelf):
        """One row for each element."""
        rows = Book.objects.unwind("chapters").values("title", "chapters__title").order_by("pk")

        assert list(rows) == [
            {"title": "a", "chapters__title": "i"},
            {"title": "a", "chapters__title": "ii"},
            {"title": "b", "chapters__title": "i"},
        ]
        assert rows.count() == 3

    def test_filters(self, shelf):
        """The same condition means two things."""
        before = Book.objects.filter(chapters__title="i").unwind("chapters")
        after = Book.objects.unwind("chapters").filter(chapters__title="i")
        without = Book.objects.unwind("chapters").exclude(chapters__title="i")
        pages = {"n": Sum("chapters__pages")}

        assert before.aggregate(**pages) == {"n": 14}
        assert after.aggregate(**pages) == {"n": 5}
        assert without.aggregate(**pages) == {"n": 9}
        assert Book.objects.unwind("tags").raw_filter({"tags": "y"}).count() == 2

    def test_groups(self, shelf):
        """Elements are grouped and averaged; lists of lists one level after the other."""
        rows = (
            Book.objects.unwind("chapters")
            .values("chapters__title")
            .annotate(n=Count("pk"), mean=Avg("chapters__pages"))
            .order_by("-n")
        )
        marks = Book.objects.unwind("chapters").aggregate(n=Sum("chapters__marks"))
        each = Book.objects.unwind("chapters").unwind("chapters__marks")

        assert list(rows) == [
            {"chapters__title": "i", "n": 2, "mean": 2.5},
            {"chapters__title": "ii", "n": 1, "mean": 9.0},
        ]
        assert marks == {"n": 3}
        assert list(each.values_list("chapters__marks", flat=True)) == [1, 2]


class TestPipeline:
    """`pipeline()` in MongoDB's own words."""

    def test_rows(self, shelf):
        """It goes on where the queryset ends, and gives dicts."""
        queryset = Book.objects.filter(published=True).order_by("-title")[:1]

        assert list(queryset.pipeline([{"$project": {"_id": 0, "title": 1}}])) == [{"title": "b"}]
        assert queryset.pipeline() == [
            {"$match": {"published": True}},
            {"$sort": {"title": -1}},
            {"$limit": 1},
        ]

    def test_empty(self):
        """An empty queryset sends nothing."""
        assert list(Book.objects.none().pipeline([{"$count": "n"}])) == []
