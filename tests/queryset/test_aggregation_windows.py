"""Window functions against `$setWindowFields` written by hand."""

import datetime
import decimal

import pytest
from bson import Decimal128
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.documents import F, RowRange, Sum, ValueRange, Window
from tests.queryset.models import Book

UTC = datetime.UTC
D = decimal.Decimal


@pytest.fixture
def shelf(books):
    """Store books of two kinds, two of them equal in the order."""
    return books(
        {"title": "a", "n": 10, "price": Decimal128("1.10"), "published": True,
         "written_at": datetime.datetime(2026, 1, 1, tzinfo=UTC)},
        {"title": "b", "n": 20, "price": Decimal128("2.20"), "published": True,
         "written_at": datetime.datetime(2026, 1, 2, tzinfo=UTC)},
        {"title": "c", "n": 20, "published": True,
         "written_at": datetime.datetime(2026, 1, 3, tzinfo=UTC)},
        {"title": "d", "n": 5, "price": Decimal128("7.00"), "published": False,
         "written_at": datetime.datetime(2026, 1, 9, tzinfo=UTC)},
    )  # fmt: skip


BY_KIND = {"partitionBy": {"$ifNull": ["$published", None]}}
BY_PAGES, BY_TIME = {"sortBy": {"n": 1}}, {"sortBy": {"written_at": 1}}

#: The window, the stage's arguments, its output, the values of the books a to d.
CASES = {
    "whole": (Window(Sum("pages"), partition_by="published"),
              BY_KIND, {"$sum": "$n"}, [50, 50, 50, 5]),
    "everything": (Window(documents.Max("price")), {}, {"$max": "$price"}, [D("7.00")] * 4),
    "running": (Window(Sum("pages"), order_by="title", frame=RowRange(end=0)),
                {"sortBy": {"title": 1}},
                {"$sum": "$n", "window": {"documents": ["unbounded", "current"]}},
                [10, 30, 50, 55]),
    "around": (Window(documents.Avg("pages"), order_by="title", frame=RowRange(-1, 1)),
               {"sortBy": {"title": 1}}, {"$avg": "$n", "window": {"documents": [-1, 1]}},
               [15.0, 50 / 3, 15.0, 12.5]),
    "values": (Window(documents.Count("*"), order_by="pages", frame=ValueRange(-10, 0)),
               BY_PAGES, {"$sum": 1, "window": {"range": [-10, 0]}}, [2, 3, 3, 1]),
    "days": (Window(Sum("pages"), order_by="written_at", frame=ValueRange(-1, 0, unit="day")),
             BY_TIME, {"$sum": "$n", "window": {"range": [-1, 0], "unit": "day"}},
             [10, 30, 40, 5]),
    "several": (Window(Sum("pages"), partition_by=["published", documents.Lower("title")]),
                {"partitionBy": {"k0": {"$ifNull": ["$published", None]},
                                 "k1": {"$ifNull": [{"$toLower": "$title"}, None]}}},
                {"$sum": "$n"}, [10, 20, 20, 5]),
    "Rank": (Window(documents.Rank(), order_by="-pages"),
             {"sortBy": {"n": -1}}, {"$rank": {}}, [3, 1, 1, 4]),
    "DenseRank": (Window(documents.DenseRank(), order_by="-pages"),
                  {"sortBy": {"n": -1}}, {"$denseRank": {}}, [2, 1, 1, 3]),
    "RowNumber": (Window(documents.RowNumber(), partition_by="published", order_by=["-title"]),
                  {**BY_KIND, "sortBy": {"title": -1}}, {"$documentNumber": {}}, [3, 2, 1, 1]),
    "Lag": (Window(documents.Lag("price"), order_by="title"), {"sortBy": {"title": 1}},
            {"$shift": {"output": "$price", "by": -1}}, [None, D("1.10"), D("2.20"), None]),
    "Lead": (Window(documents.Lead("pages", 2, default=0), order_by="title"),
             {"sortBy": {"title": 1}},
             {"$shift": {"output": "$n", "by": 2, "default": 0}}, [20, 5, 0, 0]),
    "FirstValue": (Window(documents.FirstValue("title"), order_by="-title"),
                   {"sortBy": {"title": -1}}, {"$first": "$title"}, ["d"] * 4),
    "LastValue": (Window(documents.LastValue("title"), order_by="-title"),
                  {"sortBy": {"title": -1}}, {"$last": "$title"}, ["a"] * 4),
    "FillForward": (Window(documents.FillForward("price"), order_by="title"),
                    {"sortBy": {"title": 1}}, {"$locf": "$price"},
                    [D("1.10"), D("2.20"), D("2.20"), D("7.00")]),
    "FillLinear": (Window(documents.FillLinear("price"), order_by="written_at"),
                   BY_TIME, {"$linearFill": "$price"},
                   [D("1.10"), D("2.20"), pytest.approx(D("2.8857142857")), D("7.00")]),
    "ExpMovingAvg": (Window(documents.ExpMovingAvg("pages", 3), order_by="title"),
                     {"sortBy": {"title": 1}}, {"$expMovingAvg": {"input": "$n", "N": 3}},
                     [10, 15, 17.5, 11.25]),
    "ExpMovingAvg alpha": (Window(documents.ExpMovingAvg("pages", alpha=0.5), order_by="title"),
                           {"sortBy": {"title": 1}},
                           {"$expMovingAvg": {"input": "$n", "alpha": 0.5}},
                           [10, 15, 17.5, 11.25]),
    "Derivative": (Window(documents.Derivative("pages", "day"), order_by="written_at",
                          frame=RowRange(-1, 0)), BY_TIME,
                   {"$derivative": {"input": "$n", "unit": "day"},
                    "window": {"documents": [-1, "current"]}}, [None, 10.0, 0.0, -2.5]),
    "Integral": (Window(documents.Integral("pages", "day"), order_by="written_at",
                        frame=RowRange(end=0)), BY_TIME,
                 {"$integral": {"input": "$n", "unit": "day"},
                  "window": {"documents": ["unbounded", "current"]}}, [0, 15.0, 35.0, 110.0]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_window(shelf, name):
    """The stage is the hand-written one, the values are typed."""
    window, arguments, output, expected = CASES[name]

    queryset = Book.objects.annotate(found=window).order_by("title")

    assert queryset.pipeline() == [
        {"$setWindowFields": {**arguments, "output": {"found": output}}},
        {"$sort": {"title": 1}},
    ]
    assert [book.found for book in queryset] == expected


def test_finished(shelf):
    """What an aggregate makes of its value follows at once."""
    window = Window(documents.Count("pages", distinct=True), partition_by="published")
    queryset = Book.objects.annotate(found=window).order_by("title")

    assert queryset.pipeline()[1] == {
        "$addFields": {"found": {"$size": {"$setDifference": ["$found", [None]]}}}
    }
    assert [book.found for book in queryset] == [2, 2, 2, 1]


def test_before_the_cut(shelf):
    """A window sees all rows that are matched, a slice is cut afterwards."""
    queryset = Book.objects.filter(published=True).annotate(
        total=Window(Sum("pages")), part=F("pages") / F("total")
    )

    assert queryset.order_by("title")[:1].pipeline() == [
        {"$match": {"published": True}},
        {"$setWindowFields": {"output": {"total": {"$sum": "$n"}}}},
        {"$sort": {"title": 1}},
        {"$limit": 1},
        {"$addFields": {"part": {"$divide": ["$n", "$total"]}}},
    ]
    assert [(b.total, b.part) for b in queryset.order_by("title")[:1]] == [(50, 0.2)]
    assert queryset.count() == 3
    assert queryset.filter(part__gt=0.3).count() == 2


def test_of_groups(shelf):
    """Rows of groups have windows, too: the best of each, sums over sums."""
    rows = (
        Book.objects.values("published")
        .annotate(total=Sum("pages"))
        .annotate(place=Window(documents.Rank(), order_by="-total"))
        .order_by("place")
    )
    best = (
        Book.objects.alias(
            place=Window(documents.RowNumber(), partition_by="published", order_by="-title")
        )
        .filter(place=1)
        .order_by("title")
    )

    assert list(rows) == [
        {"published": True, "total": 50, "place": 1},
        {"published": False, "total": 5, "place": 2},
    ]
    assert [book.title for book in best] == ["c", "d"]
    assert not hasattr(best[0], "place")


MISTAKES = {
    "no function": (
        lambda: Window(F("pages")),
        ValueError,
        "Expression 'F('pages')' isn't compatible with OVER clauses: expected an aggregate or a "
        "window function.",
    ),
    "frame": (
        lambda: Window(Sum("pages"), frame=(-1, 0)),
        TypeError,
        "Window: frame=(-1, 0), expected RowRange() or ValueRange().",
    ),
    "inside": (
        lambda: Book.objects.annotate(x=Window(Sum("pages")) + 1),
        FieldError,
        "Book: Window(Sum('pages')): inside of an expression, expected it alone in annotate(); F() "
        "of "
        "its name computes with it.",
    ),
    "order": (
        lambda: Book.objects.annotate(x=Window(documents.Rank(), order_by="page")),
        FieldError,
        "Book.page: Book has no field 'page'. Did you mean 'pages'?",
    ),
    "decay": (
        lambda: documents.ExpMovingAvg("pages"),
        TypeError,
        "ExpMovingAvg: expected either n or alpha.",
    ),
    "offset": (
        lambda: documents.Lag("pages", 0),
        ValueError,
        "Lag: offset=0, expected 1 or more.",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name):
    """Wrong use is told at once."""
    make, kind, message = MISTAKES[name]

    with pytest.raises(kind) as caught:
        make()

    assert str(caught.value) == message
