"""Expressions of one document against the same written by hand, with their rows."""

import datetime
import decimal
import zoneinfo

import pytest
from bson import Decimal128
from django.utils import timezone

from docmodels import documents
from docmodels.documents import F, Q, Value, When
from docmodels.exceptions import OperationFailed
from tests.queryset.models import Book

UTC = datetime.UTC
BERN = zoneinfo.ZoneInfo("Europe/Zurich")
D = decimal.Decimal
WRITTEN = datetime.datetime(2026, 5, 31, 22, 30, 15, 250_000, tzinfo=UTC)


@pytest.fixture
def shelf(books):
    """Store a full book, and one with nothing but a title."""
    return books(
        {"title": "Tea", "n": 10, "rating": 2.75, "price": Decimal128("1.10"), "published": True,
         "written_at": WRITTEN, "day": datetime.datetime(2026, 5, 31, tzinfo=UTC),
         "tags": ["x", "y"], "cover": {"color": " red "}, "extra": "7",
         "chapters": [{"title": "i", "p": 3}, {"title": "ii", "p": 9}]},
        {"title": "Zen"},
    )  # fmt: skip


def a_list(path):
    """Return a path as a list, an empty one where there is none."""
    return {"$cond": [{"$isArray": [path]}, path, []]}


DATE, ZONED = {"date": "$written_at"}, {"date": "$written_at", "timezone": "Europe/Zurich"}

#: The expression, the same by hand, the values of the two books.
CASES = {
    "F": (F("pages"), "$n", [10, None]),
    "F index": (F("chapters__0__pages"), {"$let": {
        "vars": {"found": {"$arrayElemAt": ["$chapters", 0]}}, "in": "$$found.p"}}, [3, None]),
    "F list": (F("chapters__pages"), "$chapters.p", [[3, 9], None]),
    "Value": (Value("$x"), {"$literal": "$x"}, ["$x", "$x"]),
    "Value list": (Value([1, "$n"]), {"$literal": [1, "$n"]}, [[1, "$n"], [1, "$n"]]),
    "Value cast": (Value("2", output_field=documents.IntegerField()), 2, [2, 2]),
    "Raw": (documents.Raw({"$type": "$n"}), {"$type": "$n"}, ["int", "missing"]),
    "+": (F("pages") + 5, {"$add": ["$n", 5]}, [15, None]),
    "reversed -": (1 - F("pages"), {"$subtract": [1, "$n"]}, [-9, None]),
    "* decimal": (F("price") * 2, {"$multiply": ["$price", Decimal128("2")]}, [D("2.20"), None]),
    "* float": (F("pages") * 0.5, {"$multiply": ["$n", 0.5]}, [5.0, None]),
    "/": (F("pages") / 4, {"$divide": ["$n", 4]}, [2.5, None]),
    "%": (F("pages") % 4, {"$mod": ["$n", 4]}, [2, None]),
    "**": (F("pages") ** 2, {"$pow": ["$n", 2]}, [100, None]),
    "minus": (-F("pages"), {"$multiply": ["$n", -1]}, [-10, None]),
    "nested": ((F("pages") + 2) * (F("rating") + 1),
               {"$multiply": [{"$add": ["$n", 2]}, {"$add": ["$rating", 1]}]}, [45.0, None]),
    "date + timedelta": (F("written_at") + datetime.timedelta(hours=1),
                         {"$add": ["$written_at", 3_600_000]},
                         [WRITTEN + datetime.timedelta(hours=1), None]),
    "date - date": (F("written_at") - F("day"), {"$subtract": ["$written_at", "$day"]},
                    [datetime.timedelta(seconds=81_015.25), None]),
    "Abs": (documents.Abs(-F("pages")), {"$abs": {"$multiply": ["$n", -1]}}, [10, None]),
    "Ceil": (documents.Ceil("rating"), {"$ceil": "$rating"}, [3.0, None]),
    "Floor": (documents.Floor("rating"), {"$floor": "$rating"}, [2.0, None]),
    "Round": (documents.Round("rating", 1), {"$round": ["$rating", 1]}, [2.8, None]),
    "Truncate": (documents.Truncate("rating", 1), {"$trunc": ["$rating", 1]}, [2.7, None]),
    "Sqrt": (documents.Sqrt(Value(9)), {"$sqrt": 9}, [3.0, 3.0]),
    "Exp": (documents.Exp(Value(0)), {"$exp": 0}, [1.0, 1.0]),
    "Ln": (documents.Ln(Value(1)), {"$ln": 1}, [0.0, 0.0]),
    "Log": (documents.Log(Value(10), "pages"), {"$log": ["$n", 10]}, [1.0, None]),
    "Power": (documents.Power("pages", 2), {"$pow": ["$n", 2]}, [100, None]),
    "Mod": (documents.Mod("pages", 3), {"$mod": ["$n", 3]}, [1, None]),
    "Lower": (documents.Lower("title"), {"$toLower": "$title"}, ["tea", "zen"]),
    "Upper": (documents.Upper("title"), {"$toUpper": "$title"}, ["TEA", "ZEN"]),
    "Concat": (documents.Concat("title", Value(" $"), "cover__color", "pages"),
               {"$concat": [{"$ifNull": ["$title", ""]}, " $",
                            {"$ifNull": ["$cover.color", ""]},
                            {"$ifNull": [{"$toString": "$n"}, ""]}]}, ["Tea $ red 10", "Zen $"]),
    "Length": (documents.Length("cover__color"),
               {"$cond": [{"$eq": [{"$type": "$cover.color"}, "string"]},
                          {"$strLenCP": "$cover.color"}, None]}, [5, None]),
    "Substr": (documents.Substr("title", 2, 1), {"$substrCP": ["$title", 1, 1]}, ["e", "e"]),
    "Substr end": (documents.Substr("title", 2),
                   {"$substrCP": ["$title", 1, 2**31 - 3]}, ["ea", "en"]),
    "Left": (documents.Left("title", 2), {"$substrCP": ["$title", 0, 2]}, ["Te", "Ze"]),
    "Right": (documents.Right("title", 2),
              {"$let": {"vars": {"text": {"$ifNull": ["$title", ""]}},
                        "in": {"$substrCP": ["$$text", {"$max": [0, {"$subtract": [
                            {"$strLenCP": "$$text"}, 2]}]}, 2]}}}, ["ea", "en"]),
    "Trim": (documents.Trim("cover__color"), {"$trim": {"input": "$cover.color"}}, ["red", None]),
    "LTrim": (documents.LTrim("title", "T$"),
              {"$ltrim": {"input": "$title", "chars": "T$"}}, ["ea", "Zen"]),
    "RTrim": (documents.RTrim("cover__color"),
              {"$rtrim": {"input": "$cover.color"}}, [" red", None]),
    "Replace": (documents.Replace("title", "e", "$"),
                {"$replaceAll": {"input": "$title", "find": "e", "replacement": {"$literal": "$"}}},
                ["T$a", "Z$n"]),
    "StrIndex": (documents.StrIndex("title", "n"),
                 {"$add": [{"$indexOfCP": ["$title", "n"]}, 1]}, [0, 3]),
    "Split": (documents.Split("title", "e"), {"$split": ["$title", "e"]}, [["T", "a"], ["Z", "n"]]),
    "Coalesce": (documents.Coalesce("pages", "rating", 0),
                 {"$ifNull": ["$n", "$rating", 0]}, [10, 0]),
    "NullIf": (documents.NullIf("title", Value("Zen")),
               {"$cond": [{"$eq": ["$title", "Zen"]}, None, "$title"]}, ["Tea", None]),
    "Greatest": (documents.Greatest("pages", "rating"), {"$max": ["$n", "$rating"]}, [10, None]),
    "Least": (documents.Least("pages", "rating"), {"$min": ["$n", "$rating"]}, [2.75, None]),
    "Cast": (documents.Cast("pages", documents.CharField()),
             {"$convert": {"input": "$n", "to": "string", "onNull": None}}, ["10", None]),
    "Cast on_error": (documents.Cast("title", documents.DecimalField(), on_error=-1, on_null=0),
                      {"$convert": {"input": "$title", "to": "decimal",
                                    "onNull": Decimal128("0"), "onError": Decimal128("-1")}},
                      [D(-1), D(-1)]),
    "Case": (documents.Case(When(pages__gt=5, then=Value("long")), When(title="Zen", then="title"),
                            default=Value("?")),
             {"$switch": {"branches": [
                 {"case": {"$and": [{"$isNumber": "$n"}, {"$gt": ["$n", 5]}]}, "then": "long"},
                 {"case": {"$eq": ["$title", "Zen"]}, "then": "$title"}], "default": "?"}},
             ["long", "Zen"]),
    "Case cast": (documents.Case(When(Q(pages=10), then=F("price")), default=0),
                  {"$switch": {"branches": [{"case": {"$eq": ["$n", 10]}, "then": "$price"}],
                               "default": Decimal128("0")}}, [D("1.10"), D(0)]),
    "Condition": (documents.Condition(pages=10), {"$eq": ["$n", 10]}, [True, False]),
    "Extract": (documents.Extract("written_at", "day_of_year"),
                {"$dayOfYear": "$written_at"}, [151, None]),
    "ExtractYear": (documents.ExtractYear("written_at"), {"$year": "$written_at"}, [2026, None]),
    "ExtractIsoYear": (documents.ExtractIsoYear("written_at"),
                       {"$isoWeekYear": "$written_at"}, [2026, None]),
    "ExtractQuarter": (documents.ExtractQuarter("written_at"),
                       {"$toInt": {"$ceil": {"$divide": [{"$month": "$written_at"}, 3]}}},
                       [2, None]),
    "ExtractMonth zone": (documents.ExtractMonth("written_at", tzinfo=BERN),
                          {"$month": ZONED}, [6, None]),
    "ExtractWeek": (documents.ExtractWeek("written_at"), {"$isoWeek": "$written_at"}, [22, None]),
    "ExtractDay": (documents.ExtractDay("written_at"), {"$dayOfMonth": "$written_at"}, [31, None]),
    "ExtractWeekDay": (documents.ExtractWeekDay("written_at"),
                       {"$dayOfWeek": "$written_at"}, [1, None]),
    "ExtractIsoWeekDay": (documents.ExtractIsoWeekDay("written_at"),
                          {"$isoDayOfWeek": "$written_at"}, [7, None]),
    "ExtractHour": (documents.ExtractHour("written_at"), {"$hour": "$written_at"}, [22, None]),
    "ExtractMinute": (documents.ExtractMinute("written_at"),
                      {"$minute": "$written_at"}, [30, None]),
    "ExtractSecond": (documents.ExtractSecond("written_at"),
                      {"$second": "$written_at"}, [15, None]),
    "Trunc": (documents.Trunc("written_at", "month"),
              {"$dateTrunc": {**DATE, "unit": "month"}},
              [datetime.datetime(2026, 5, 1, tzinfo=UTC), None]),
    "TruncMonth zone": (documents.TruncMonth("written_at", tzinfo=BERN),
                        {"$dateTrunc": {**ZONED, "unit": "month"}},
                        [datetime.datetime(2026, 6, 1, tzinfo=BERN), None]),
    "TruncYear": (documents.TruncYear("written_at"), {"$dateTrunc": {**DATE, "unit": "year"}},
                  [datetime.datetime(2026, 1, 1, tzinfo=UTC), None]),
    "TruncQuarter": (documents.TruncQuarter("written_at"),
                     {"$dateTrunc": {**DATE, "unit": "quarter"}},
                     [datetime.datetime(2026, 4, 1, tzinfo=UTC), None]),
    "TruncWeek": (documents.TruncWeek("written_at"),
                  {"$dateTrunc": {**DATE, "unit": "week", "startOfWeek": "monday"}},
                  [datetime.datetime(2026, 5, 25, tzinfo=UTC), None]),
    "TruncDay": (documents.TruncDay("written_at"), {"$dateTrunc": {**DATE, "unit": "day"}},
                 [datetime.datetime(2026, 5, 31, tzinfo=UTC), None]),
    "TruncHour": (documents.TruncHour("written_at"), {"$dateTrunc": {**DATE, "unit": "hour"}},
                  [datetime.datetime(2026, 5, 31, 22, tzinfo=UTC), None]),
    "TruncMinute": (documents.TruncMinute("written_at"),
                    {"$dateTrunc": {**DATE, "unit": "minute"}},
                    [datetime.datetime(2026, 5, 31, 22, 30, tzinfo=UTC), None]),
    "TruncSecond": (documents.TruncSecond("written_at"),
                    {"$dateTrunc": {**DATE, "unit": "second"}},
                    [WRITTEN.replace(microsecond=0), None]),
    "TruncMonth of days": (documents.TruncMonth("day", tzinfo=BERN),
                           {"$dateTrunc": {"date": "$day", "unit": "month"}},
                           [datetime.date(2026, 5, 1), None]),
    "TruncDate": (documents.TruncDate("written_at", tzinfo=BERN),
                  {"$dateFromString": {"dateString": {
                      "$dateToString": {**ZONED, "format": "%Y-%m-%d"}}}},
                  [datetime.date(2026, 6, 1), None]),
    "TruncTime": (documents.TruncTime("written_at", tzinfo=BERN),
                  {"$dateToString": {**ZONED, "format": "%H:%M:%S.%L"}},
                  [WRITTEN.astimezone(BERN).time(), None]),
    "DateFormat": (documents.DateFormat("written_at", "%Y/%m"),
                   {"$dateToString": {**DATE, "format": "%Y/%m"}}, ["2026/05", None]),
    "ArraySize": (documents.ArraySize("tags"), {"$size": a_list("$tags")}, [2, 0]),
    "ArrayElement": (documents.ArrayElement("tags", -1),
                     {"$arrayElemAt": [a_list("$tags"), -1]}, ["y", None]),
    "ArraySlice": (documents.ArraySlice("tags", 1, 5),
                   {"$slice": [a_list("$tags"), 1, 5]}, [["y"], []]),
    "ArrayConcat": (documents.ArrayConcat("tags", Value(["z"])),
                    {"$concatArrays": [a_list("$tags"), a_list({"$literal": ["z"]})]},
                    [["x", "y", "z"], ["z"]]),
    "ArrayContains": (documents.ArrayContains("tags", "x"),
                      {"$in": ["x", a_list("$tags")]}, [True, False]),
    "ArrayFilter": (
        documents.ArraySize(documents.ArrayFilter("chapters", Q(pages__gt=3))),
        {"$size": {"$filter": {
            "input": a_list("$chapters"),
            "cond": {"$and": [{"$isNumber": "$$this.p"}, {"$gt": ["$$this.p", 3]}]}}}},
        [1, 0]),
    "ArrayFilter scalars": (documents.ArrayFilter("tags", Q(gt="x")),
                            {"$filter": {"input": a_list("$tags"), "cond": {"$and": [
                                {"$eq": [{"$type": "$$this"}, "string"]},
                                {"$gt": ["$$this", "x"]}]}}}, [["y"], []]),
    "ArrayMap": (documents.ArrayMap("chapters", F("this__pages") * 2),
                 {"$map": {"input": a_list("$chapters"), "in": {"$multiply": ["$$this.p", 2]}}},
                 [[6, 18], []]),
    "ArrayReduce": (documents.ArrayReduce("chapters", F("value") + F("this__pages"), initial=0),
                    {"$reduce": {"input": a_list("$chapters"), "initialValue": 0,
                                 "in": {"$add": ["$$value", "$$this.p"]}}}, [12, 0]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_expression(shelf, name):
    """It compiles to the hand-written form, and gives the same values, typed."""
    expression, by_hand, expected = CASES[name]

    queryset = Book.objects.annotate(found=expression).order_by("title")
    raw = Book.objects.pipeline([{"$addFields": {"found": by_hand}}, {"$sort": {"title": 1}}])

    assert expression.compile(Book._meta) == by_hand
    assert [book.found for book in queryset] == expected
    assert list(queryset.values_list("found", flat=True)) == expected
    plain = expression.result_field(Book._meta)
    if plain is None:
        assert [row.get("found") for row in raw] == expected


def test_now(shelf):
    """The server's time is one and the same."""
    found = Book.objects.annotate(now=documents.Now())

    assert documents.Now().compile(Book._meta) == "$$NOW"
    assert len({book.now for book in found}) == 1
    assert abs(found[0].now - timezone.now()) < datetime.timedelta(minutes=1)


def test_current_zone(shelf):
    """Parts and truncations are in Django's current time zone, as the results are."""
    queryset = Book.objects.filter(title="Tea").annotate(
        month=documents.TruncMonth("written_at"), hour=documents.ExtractHour("written_at")
    )

    with timezone.override(BERN):
        found = queryset.get()

    assert (found.month.month, found.month.tzinfo, found.hour) == (6, BERN, 0)
    with timezone.override(timezone.get_fixed_timezone(-90)):
        assert queryset.all().get().hour == 21


def test_filter_and_order(shelf):
    """Any expression filters and orders, cast by its field."""
    doubled = Book.objects.annotate(half=F("pages") / 4, size=documents.Length("title"))

    assert [book.title for book in doubled.filter(half__gt="2.4")] == ["Tea"]
    assert [book.title for book in doubled.filter(size=3).order_by("-half")] == ["Tea", "Zen"]
    assert [b.title for b in doubled.exclude(half__isnull=True)] == ["Tea"]


def test_of_annotations(shelf):
    """Expressions are over annotations as over paths; each stage adds what it can."""
    queryset = Book.objects.annotate(a=F("pages") + 1, b=F("rating") * 2, c=F("a") * 2)

    assert queryset.pipeline() == [
        {"$addFields": {"a": {"$add": ["$n", 1]}, "b": {"$multiply": ["$rating", 2]}}},
        {"$addFields": {"c": {"$multiply": ["$a", 2]}}},
    ]
    assert [(book.a, book.b, book.c) for book in queryset.order_by("title")] == [
        (11, 5.5, 22),
        (None, None, None),
    ]


def test_never_saved(shelf):
    """An annotated document is saved without what was computed."""
    book = Book.objects.annotate(double=F("pages") * 2).get(title="Tea")
    book.pages = 11
    book.save()

    stored = next(Book.objects.filter(title="Tea").raw())
    assert stored["n"] == 11
    assert "double" not in stored


def test_wrong_stored_type(books):
    """What the server cannot compute is its error; Cast() goes around it."""
    books({"title": "a", "n": "wrong"}, {"title": "b", "n": 3})

    with pytest.raises(OperationFailed):
        list(Book.objects.annotate(x=F("pages") + 1))
    safe = documents.Cast("pages", documents.IntegerField(), on_error=0) + 1
    assert list(Book.objects.annotate(x=safe).order_by("title").values_list("x", flat=True)) == [
        1,
        4,
    ]


class Run(documents.Document):
    """A length of time, by its microseconds and by its seconds."""

    took = documents.DurationField(blank=True)
    pause = documents.DurationField(blank=True, unit="seconds")
    began_at = documents.DateTimeField(blank=True)

    class Meta:
        app_label = "shelf"


def test_durations(mongo):
    """Durations are added to moments, and stay durations when they are computed with."""
    second = datetime.timedelta(seconds=1)
    Run.objects.create(took=2 * second, pause=60 * second, began_at=WRITTEN)
    Run.objects.create(took=3 * second)

    found = Run.objects.order_by("took").annotate(
        ended=F("began_at") + F("took"),
        resumed=F("began_at") + F("pause"),
        half=F("took") / 2,
        longer=F("took") + second,
    )[0]

    assert (found.ended, found.resumed) == (WRITTEN + 2 * second, WRITTEN + 60 * second)
    assert (found.half, found.longer) == (second, 3 * second)
    assert Run.objects.aggregate(mean=documents.Avg("took"), total=documents.Sum("took")) == {
        "mean": 2.5 * second,
        "total": 5 * second,
    }
