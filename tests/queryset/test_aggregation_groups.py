"""Aggregates of groups against the same written by hand; what Django groups by."""

import datetime
import decimal
import math

import pytest
from bson import Decimal128

from docmodels import documents
from docmodels.documents import Avg, Count, F, First, Last, Max, Push, Q, Sum, Value, When
from docmodels.exceptions import NotSupportedError
from tests.queryset.models import Book

UTC = datetime.UTC
D = decimal.Decimal


@pytest.fixture
def shelf(books):
    """Store three published books and two others."""
    return books(
        {"title": "a", "n": 10, "rating": 1.0, "price": Decimal128("1.10"), "published": True,
         "written_at": datetime.datetime(2025, 3, 1, tzinfo=UTC), "tags": ["x", "y"]},
        {"title": "b", "n": 20, "rating": 2.0, "price": Decimal128("2.20"), "published": True,
         "written_at": datetime.datetime(2026, 3, 1, tzinfo=UTC), "tags": ["x"]},
        {"title": "c", "n": 40, "rating": 4.0, "published": True, "tags": []},
        {"title": "d", "n": None, "published": False,
         "written_at": datetime.datetime(2026, 5, 1, tzinfo=UTC)},
        {"title": "e", "n": 5, "published": False, "cover": {"color": "red"}},
    )  # fmt: skip


SORTED = {
    "$sortArray": {
        "input": {"$filter": {"input": "$a0", "cond": {"$isNumber": "$$this"}}},
        "sortBy": 1,
    }
}
IS_LONG = {"$and": [{"$isNumber": "$n"}, {"$gt": ["$n", 10]}]}


def at(rank):
    """Return the number at a rank of the sorted ones."""
    return {"$ifNull": [{"$arrayElemAt": ["$$sorted", rank]}, None]}


def rank_of(fraction):
    """Return the rank of a fraction."""
    above = {"$ceil": {"$round": [{"$multiply": [{"$size": "$$sorted"}, fraction]}, 9]}}
    return {"$max": [0, {"$toInt": {"$subtract": [above, 1]}}]}


#: The aggregate, its accumulator and what is made of it, the values where not published and where.
CASES = {
    "Sum": (Sum("pages"), {"$sum": "$n"}, "$a0", [5, 70]),
    "Sum expression": (Sum(F("pages") * F("rating")),
                       {"$sum": {"$multiply": ["$n", "$rating"]}}, "$a0", [0, 210.0]),
    "Sum filter": (Sum("pages", filter=Q(pages__gt=10)),
                   {"$sum": {"$cond": [IS_LONG, "$n", 0]}}, "$a0", [0, 60]),
    "Sum case": (Sum(documents.Case(When(pages__gt=10, then=1), default=0)),
                 {"$sum": {"$switch": {"branches": [{"case": IS_LONG, "then": 1}],
                                       "default": 0}}}, "$a0", [0, 2]),
    "Avg": (Avg("pages"), {"$avg": "$n"}, "$a0", [5.0, 70 / 3]),
    "Avg filter": (Avg("pages", filter=Q(pages__gt=10)),
                   {"$avg": {"$cond": [IS_LONG, "$n", None]}}, "$a0", [None, 30.0]),
    "Avg default": (Avg("rating", default=-1), {"$avg": "$rating"},
                    {"$ifNull": ["$a0", -1]}, [-1, 7 / 3]),
    "Min": (documents.Min("price"), {"$min": "$price"}, "$a0", [None, D("1.10")]),
    "Max": (Max("written_at"), {"$max": "$written_at"}, "$a0",
            [datetime.datetime(2026, 5, 1, tzinfo=UTC), datetime.datetime(2026, 3, 1, tzinfo=UTC)]),
    "Max default": (Max("price", default=0), {"$max": "$price"},
                    {"$ifNull": ["$a0", Decimal128("0")]}, [D(0), D("2.20")]),
    "Count": (Count("pages"), {"$sum": {"$cond": [{"$gt": ["$n", None]}, 1, 0]}}, "$a0", [1, 3]),
    "Count all": (Count("*", filter=Q(pages__gt=10)),
                  {"$sum": {"$cond": [IS_LONG, 1, 0]}}, "$a0", [0, 2]),
    "Count distinct": (Count("rating", distinct=True, filter=Q(pages__gt=10)),
                       {"$addToSet": {"$cond": [IS_LONG, "$rating", None]}},
                       {"$size": {"$setDifference": ["$a0", [None]]}}, [0, 2]),
    "StdDev": (documents.StdDev("rating"), {"$stdDevPop": "$rating"}, "$a0",
               [None, pytest.approx(1.2472191)]),
    "StdDev sample": (documents.StdDev("rating", sample=True), {"$stdDevSamp": "$rating"}, "$a0",
                      [None, pytest.approx(1.5275252)]),
    "Variance": (documents.Variance("rating"), {"$stdDevPop": "$rating"},
                 {"$pow": ["$a0", 2]}, [None, pytest.approx(14 / 9)]),
    "Median": (documents.Median("pages"), {"$push": "$n"},
               {"$let": {"vars": {"sorted": SORTED}, "in": at(rank_of(0.5))}}, [5, 20]),
    "Percentile": (documents.Percentile("pages", [0, 0.9]), {"$push": "$n"},
                   {"$let": {"vars": {"sorted": SORTED}, "in": [at(0), at(rank_of(0.9))]}},
                   [[5, 5], [10, 40]]),
    "First": (First("title", order_by="-title"),
              {"$top": {"sortBy": {"title": -1}, "output": "$title"}}, "$a0", ["e", "c"]),
    "First filter": (First("title", order_by="-title", filter=Q(pages__lt=30)),
                     {"$push": {"$cond": [
                         {"$and": [{"$isNumber": "$n"}, {"$gte": ["$n", float("-inf")]},
                                   {"$lt": ["$n", 30]}]},
                         {"v": "$title", "k0": "$title"}, "$$REMOVE"]}},
                     {"$first": {"$map": {
                         "input": {"$sortArray": {"input": "$a0", "sortBy": {"k0": -1}}},
                         "in": "$$this.v"}}}, ["e", "b"]),
    "Last": (Last("price", order_by="title"),
             {"$bottom": {"sortBy": {"title": 1}, "output": "$price"}}, "$a0", [None, None]),
    "Push": (Push("title", order_by="-title"), {"$push": {"v": "$title", "k0": "$title"}},
             {"$map": {"input": {"$sortArray": {"input": "$a0", "sortBy": {"k0": -1}}},
                       "in": "$$this.v"}}, [["e", "d"], ["c", "b", "a"]]),
    "TopN": (documents.TopN("price", n=2, order_by=["pages"]),
             {"$topN": {"n": 2, "sortBy": {"n": 1}, "output": "$price"}}, "$a0",
             [[None, None], [D("1.10"), D("2.20")]]),
    "BottomN": (documents.BottomN("title", n=1, order_by="pages"),
                {"$bottomN": {"n": 1, "sortBy": {"n": 1}, "output": "$title"}}, "$a0",
                [["e"], ["c"]]),
    "MinN": (documents.MinN("pages", n=2), {"$minN": {"input": "$n", "n": 2}}, "$a0",
             [[5], [10, 20]]),
    "MaxN": (documents.MaxN("pages", n=2), {"$maxN": {"input": "$n", "n": 2}}, "$a0",
             [[5], [40, 20]]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_aggregate(shelf, name):
    """Accumulator and result are those written by hand, the values are typed."""
    aggregate, accumulator, computed, expected = CASES[name]

    queryset = Book.objects.values("published").annotate(found=aggregate).order_by("published")
    project = {"_id": 0, "published": "$_id.k0", "found": computed}

    assert queryset.pipeline() == [
        {
            "$group": {
                "_id": {"k0": {"$ifNull": ["$published", None]}},
                "a0": accumulator,
            }
        },
        {"$project": project},
        {"$sort": {"published": 1}},
    ]
    assert [row["found"] for row in queryset] == expected
    assert Book.objects.filter(published=True).aggregate(found=aggregate)["found"] == expected[1]


UNORDERED = {
    "AddToSet": (documents.AddToSet("rating"), {"$addToSet": "$rating"}, [[], [1.0, 2.0, 4.0]]),
    "Push": (Push("title"), {"$push": "$title"}, [["d", "e"], ["a", "b", "c"]]),
    "FirstN": (documents.FirstN("title", n=3), {"$firstN": {"input": "$title", "n": 3}},
               [["d", "e"], ["a", "b", "c"]]),
    "LastN": (documents.LastN("title", n=3), {"$lastN": {"input": "$title", "n": 3}},
              [["d", "e"], ["a", "b", "c"]]),
}  # fmt: skip


@pytest.mark.parametrize("name", UNORDERED)
def test_unordered(shelf, name):
    """Lists without an order hold the same values."""
    aggregate, accumulator, expected = UNORDERED[name]

    queryset = Book.objects.values("published").annotate(found=aggregate).order_by("published")

    assert queryset.pipeline()[0]["$group"]["a0"] == accumulator
    assert [sorted(row["found"]) for row in queryset] == expected


class TestFirst:
    """The first and the last as they come, and in one document."""

    def test_as_they_come(self, shelf):
        """Without an order they are MongoDB's own accumulators."""
        queryset = Book.objects.values(first=First("title"), last=Last("title"))

        assert queryset.pipeline()[0] == {
            "$group": {"_id": None, "a0": {"$first": "$title"}, "a1": {"$last": "$title"}}
        }
        assert set(queryset[0]) == {"first", "last"}

    def test_inline(self, shelf):
        """Of one document they are of its list."""
        book = Book.objects.annotate(first=First("tags"), last=Last("tags")).get(title="a")

        assert (book.first, book.last) == ("x", "y")


class TestExpressions:
    """What is computed of aggregates."""

    def test_of_aggregates(self, shelf):
        """Aggregates are combined, with each other and with names of the same group."""
        queryset = (
            Book.objects.values("published")
            .annotate(
                total=Sum("pages"),
                mean=documents.Round(Sum("pages") / Count("pk"), 1),
                share=documents.Coalesce(Avg("rating"), 0.5) / F("total"),
            )
            .order_by("published")
        )

        assert queryset.pipeline()[:2] == [
            {"$group": {
                "_id": {"k0": {"$ifNull": ["$published", None]}},
                "a0": {"$sum": "$n"}, "a1": {"$sum": 1}, "a2": {"$avg": "$rating"},
            }},
            {"$project": {
                "_id": 0, "published": "$_id.k0", "total": "$a0",
                "mean": {"$round": [{"$divide": ["$a0", "$a1"]}, 1]},
                "share": {"$divide": [{"$ifNull": ["$a2", 0.5]}, "$a0"]},
            }},
        ]  # fmt: skip
        assert [(row["total"], row["mean"], row["share"]) for row in queryset] == [
            (5, 2.5, 0.1),
            (70, 23.3, pytest.approx(1 / 30)),
        ]

    def test_after_group(self, shelf):
        """What needs no documents is computed of the rows."""
        rows = (
            Book.objects.values("published")
            .annotate(total=Sum("pages"))
            .annotate(
                double=F("total") * 2, flag=documents.Case(When(published=True, then=Value("p")))
            )
            .filter(double__gt=20)
        )

        assert list(rows) == [{"published": True, "total": 70, "double": 140, "flag": "p"}]

    def test_of_groups(self, shelf):
        """aggregate() is over the rows of groups, too."""
        grouped = Book.objects.values("published").annotate(total=Sum("pages"))

        assert grouped.aggregate(Max("total"), n=Count("pk")) == {"total__max": 70, "n": 2}
        assert grouped.aggregate(x=Max("total") - documents.Min("total")) == {"x": 65}

    def test_of_annotations(self, shelf):
        """aggregate() is over annotations of documents, too."""
        counted = Book.objects.annotate(n=Count("tags"), half=F("pages") / 2)

        assert counted.aggregate(s=Sum("n"), h=Max("half")) == {"s": 3, "h": 20.0}
        assert counted.filter(n__gt=0).aggregate(s=Sum("half")) == {"s": 15.0}


class TestGrouping:
    """What rows are grouped by, as in Django."""

    def test_by_expression(self, shelf):
        """Annotations before values() are keys, computed first."""
        years = (
            Book.objects.filter(written_at__isnull=False)
            .annotate(year=documents.ExtractYear("written_at"))
            .values("year")
            .annotate(n=Count("pk"))
            .order_by("-year")
        )

        assert years.pipeline() == [
            {"$match": {"written_at": {"$ne": None}}},
            {"$addFields": {"year": {"$year": "$written_at"}}},
            {"$group": {"_id": {"k0": {"$ifNull": ["$year", None]}}, "a0": {"$sum": 1}}},
            {"$project": {"_id": 0, "year": "$_id.k0", "n": "$a0"}},
            {"$sort": {"year": -1}},
        ]
        assert list(years) == [{"year": 2026, "n": 2}, {"year": 2025, "n": 1}]
        assert list(years.filter(year__gt=2025, n__gt=1)) == [{"year": 2026, "n": 2}]

    def test_values_expression(self, shelf):
        """values() takes expressions, which are keys as well."""
        months = (
            Book.objects.filter(written_at__isnull=False)
            .values(month=documents.TruncMonth("written_at"))
            .annotate(n=Count("pk"))
            .order_by("month")
        )

        assert [(row["month"].month, row["n"]) for row in months] == [(3, 1), (3, 1), (5, 1)]

    def test_conditions(self, shelf):
        """On stored paths they come before the group, on aggregates after it."""
        rows = (
            Book.objects.values("published")
            .annotate(n=Count("pk"))
            .filter(Q(n__gte=2) & Q(published=True))
            .filter(pages__gte=10)
            .exclude(n=7)
        )

        assert rows.pipeline() == [
            {"$match": {"n": {"$gte": 10}}},
            {"$group": {"_id": {"k0": {"$ifNull": ["$published", None]}}, "a0": {"$sum": 1}}},
            {"$project": {"_id": 0, "published": "$_id.k0", "n": "$a0"}},
            {"$match": {"n": {"$gte": 2, "$ne": 7}, "published": True}},
        ]
        assert list(rows) == [{"published": True, "n": 3}]

    def test_alias(self, shelf):
        """An alias filters and orders groups, and is not in their rows."""
        rows = Book.objects.values("published").alias(n=Count("pk")).filter(n__gt=2).order_by("-n")

        assert list(rows) == [{"published": True}]
        assert list(rows.annotate(m=F("n") + 1)) == [{"published": True, "m": 4}]

    def test_documents_of_default_alias(self, shelf):
        """The name that an aggregate gives itself is a name as any other."""
        rows = Book.objects.values("published").annotate(Sum("pages")).filter(pages__sum__gt=5)

        assert list(rows) == [{"published": True, "pages__sum": 70}]

    def test_distinct(self, shelf):
        """Rows of groups are given once where only a part of them is asked for."""
        grouped = Book.objects.values("title").annotate(n=Count("pk"), kind=Max("published"))
        rows = grouped.filter(n__gte=1).values("n", "kind").distinct().order_by("kind")

        assert list(rows) == [{"n": 1, "kind": False}, {"n": 1, "kind": True}]
        assert list(rows.filter(kind=True)) == [{"n": 1, "kind": True}]
        assert list(rows.values_list("kind", flat=True)) == [False, True]
        assert len(grouped.distinct()) == 5

    def test_again(self, shelf):
        """A second annotate() joins the group, whatever was filtered in between."""
        rows = (
            Book.objects.values("published")
            .annotate(n=Count("pk"))
            .filter(n__gt=2)
            .annotate(total=Sum("pages"))
        )

        assert list(rows) == [{"published": True, "n": 3, "total": 70}]


def test_approximate(shelf, mongo):
    """The server's own percentile is asked for by name; an older server refuses it."""
    aggregate = documents.Percentile("pages", 0.5, method="approximate")
    queryset = Book.objects.values(found=aggregate)

    assert queryset.pipeline()[0]["$group"]["a0"] == {
        "$percentile": {"input": "$n", "p": [0.5], "method": "approximate"}
    }
    if tuple(mongo.client.server_info()["versionArray"]) >= (7,):
        assert queryset[0]["found"] == 10
    else:
        with pytest.raises(NotSupportedError, match=r"percentile"):
            list(queryset)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 100])
def test_ranks(books, count):
    """A percentile is the number of the nearest rank, whatever the binary fractions."""
    books(*({"title": str(number), "n": number} for number in range(count, 0, -1)))
    fractions = [0.0, 0.01, 0.1, 0.29, 0.5, 0.55, 0.7, 0.99, 1.0]

    found = Book.objects.aggregate(p=documents.Percentile("pages", fractions))["p"]

    assert found == [max(1, math.ceil(D(str(fraction)) * count)) for fraction in fractions]
