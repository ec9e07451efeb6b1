"""Stages as methods, against the same pipelines written by hand."""

import dataclasses
import datetime
import decimal

import pytest
from bson import Decimal128
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.documents import Avg, Count, F, Max
from docmodels.exceptions import DeadlineExceeded, NotSupportedError, ReadOnlyConnection
from tests.queryset.models import Author, Book

UTC = datetime.UTC
D = decimal.Decimal


class TestUnwind:
    """Rows of elements, with their positions, also where there is none."""

    def test_stage(self, shelf):
        """The short form where nothing else is asked for."""
        plain = Book.objects.unwind("chapters")
        full = Book.objects.unwind("chapters", preserve_empty=True, index="position")

        assert plain.pipeline() == [{"$unwind": "$chapters"}]
        assert full.pipeline() == [
            {
                "$unwind": {
                    "path": "$chapters",
                    "includeArrayIndex": "position",
                    "preserveNullAndEmptyArrays": True,
                }
            }
        ]
        assert list(
            full.order_by("title", "position").values_list("title", "chapters__pages", "position")
        ) == [("a", 1, 0), ("a", 9, 1), ("b", None, None), ("c", None, None), ("d", None, None)]

    def test_conditions(self, shelf):
        """Lookups are of the element: a range needs no element match any more."""
        rows = Book.objects.unwind("chapters").filter(chapters__pages__range=(5, 10))

        assert rows.pipeline() == [
            {"$unwind": "$chapters"},
            {"$match": {"chapters.p": {"$gte": 5, "$lte": 10}}},
        ]
        assert list(rows.values_list("chapters__title", flat=True)) == ["ii"]
        assert rows.count() == 1

    def test_computed(self, shelf):
        """Expressions are of the element, too."""
        rows = (
            Book.objects.unwind("chapters")
            .annotate(double=F("chapters__pages") * 2)
            .filter(double__gt=2)
        )

        assert rows.values_list("chapters__title", "double").first() == ("ii", 18)
        assert Book.objects.unwind("chapters").aggregate(
            mean=Avg("chapters__pages"), kinds=Count("chapters__title", distinct=True)
        ) == {"mean": 5.0, "kinds": 2}

    def test_pushed(self, shelf):
        """What a group pushed can be unwound again."""
        rows = (
            Book.objects.values("published")
            .annotate(titles=documents.Push("title", order_by="title"))
            .unwind("titles")
            .filter(titles__gt="a")
            .order_by("titles")
        )

        assert list(rows.values_list("published", "titles")) == [
            (True, "b"), (False, "c"), (False, "d"),
        ]  # fmt: skip

    def test_unknown(self):
        """A path that does not exist raises at once."""
        with pytest.raises(FieldError) as caught:
            Book.objects.unwind("chapter")

        assert str(caught.value) == (
            "Book.chapter: Book has no field 'chapter'. Did you mean 'chapters'?"
        )


class TestBuckets:
    """Rows of ranges."""

    def test_bucket(self, shelf):
        """Boundaries are cast by the path, outputs are aggregates and what is made of them."""
        rows = Book.objects.bucket(
            "price", [0, 2, "5"], default="dearer", n=Count("*"), mean=documents.Round(Avg("pages"))
        ).order_by("-n", "mean")

        assert rows.pipeline() == [
            {
                "$bucket": {
                    "groupBy": "$price",
                    "boundaries": [Decimal128("0"), Decimal128("2"), Decimal128("5")],
                    "default": "dearer",
                    "output": {"a0": {"$sum": 1}, "a1": {"$avg": "$n"}},
                }
            },
            {"$project": {"_id": 0, "bucket": "$_id", "n": "$a0", "mean": {"$round": ["$a1", 0]}}},
            {"$sort": {"n": -1, "mean": 1}},
        ]
        assert list(rows) == [
            {"bucket": "dearer", "n": 2, "mean": 40.0},
            {"bucket": D(0), "n": 1, "mean": 10.0},
            {"bucket": D(2), "n": 1, "mean": 20.0},
        ]
        assert list(rows.filter(n__gt=1).values_list("bucket", flat=True)) == ["dearer"]
        assert rows.count() == 3

    def test_bucket_count(self, shelf):
        """Without outputs rows are counted."""
        found = Book.objects.filter(pages__gt=0).bucket(F("pages") * 2, [0, 30, 100])

        assert list(found) == [{"bucket": 0, "count": 1}, {"bucket": 30, "count": 2}]
        assert found.pipeline()[1]["$bucket"] == {
            "groupBy": {"$multiply": ["$n", 2]},
            "boundaries": [0, 30, 100],
            "output": {"a0": {"$sum": 1}},
        }

    def test_bucket_auto(self, shelf):
        """Ranges of about as many documents each."""
        rows = Book.objects.filter(pages__gt=0).bucket_auto("price", 2, most=Max("pages"))

        assert rows.pipeline()[1:] == [
            {
                "$bucketAuto": {
                    "groupBy": "$price", "buckets": 2, "output": {"a0": {"$max": "$n"}}
                }
            },
            {
                "$project": {
                    "_id": 0, "bucket_min": "$_id.min", "bucket_max": "$_id.max", "most": "$a0"
                }
            },
        ]  # fmt: skip
        assert list(rows) == [
            {"bucket_min": D("1.10"), "bucket_max": D("9.90"), "most": 20},
            {"bucket_min": D("9.90"), "bucket_max": D("9.90"), "most": 40},
        ]

    def test_granularity(self, shelf):
        """Preferred numbers are handed on."""
        rows = Book.objects.filter(pages__gt=0).bucket_auto("pages", 2, granularity="1-2-5")

        assert [(row["bucket_min"], row["bucket_max"], row["count"]) for row in rows] == [
            (5.0, 50.0, 3),
        ] or rows.count() == 2

    def test_sort_by_count(self, shelf):
        """Values, the most frequent first; of a list once it is unwound."""
        rows = Book.objects.unwind("tags").sort_by_count("tags")

        assert rows.pipeline() == [
            {"$unwind": "$tags"},
            {"$sortByCount": "$tags"},
            {"$project": {"_id": 0, "value": "$_id", "count": 1}},
        ]
        assert list(rows) == [{"value": "x", "count": 2}, {"value": "y", "count": 1}]
        assert list(rows.filter(count__lt=2).values_list("value", flat=True)) == ["y"]

    def test_mistakes(self):
        """Boundaries ascend, outputs are aggregates, names are free."""
        with pytest.raises(ValueError, match="expected two or more, ascending"):
            Book.objects.bucket("pages", [3, 1])
        with pytest.raises(FieldError, match="expected an aggregate"):
            Book.objects.bucket("pages", [1, 3], x=F("pages"))
        with pytest.raises(ValueError, match="conflicts with a name of the row"):
            Book.objects.bucket("pages", [1, 3], bucket=Count("*"))
        with pytest.raises(ValueError, match="expected 1 or more"):
            Book.objects.bucket_auto("pages", 0)


class TestFacet:
    """Several queries over the same results."""

    def test_lists(self, shelf):
        """Each gives what it would give alone: documents, rows, tuples."""
        found = Book.objects.filter(pages__gt=0).facet(
            cheap=Book.objects.filter(price__lt=5).order_by("title")[:1],
            kinds=Book.objects.values("published").annotate(n=Count("pk")).order_by("-n"),
            names=Book.objects.order_by("-title").values_list("title", flat=True),
            none=Book.objects.none(),
        )

        assert [book.title for book in found["cheap"]] == ["a"]
        assert isinstance(found["cheap"][0], Book)
        assert found["kinds"] == [{"published": True, "n": 2}, {"published": False, "n": 1}]
        assert found["names"] == ["c", "b", "a"]
        assert found["none"] == []
        assert Book.objects.none().facet(x=Book.objects.all()) == {"x": []}

    def test_mistakes(self):
        """Querysets of the same class are expected."""
        with pytest.raises(TypeError, match="expected a queryset of"):
            Book.objects.facet(x=Author.objects.all())


class TestStage:
    """Anything else, in MongoDB's own form."""

    def test_names(self, shelf):
        """What a stage adds is an annotation of the field that is given."""
        queryset = Book.objects.stage(
            {"$set": {"cost": {"$multiply": ["$price", 2]}}}, cost=documents.DecimalField()
        )

        assert queryset.filter(cost__gt="10").values_list("title", "cost").get() == (
            "c",
            D("19.80"),
        )
        assert [b.cost for b in queryset.order_by("-cost")[:2]] == [D("19.80"), D("4.40")]
        assert queryset.annotate(more=F("cost") + 1).get(title="a").more == D("3.20")

    def test_order_kept(self, shelf):
        """Conditions behind it are behind it in the pipeline."""
        queryset = Book.objects.filter(pages__gt=0).stage({"$limit": 5}).filter(title="a")

        assert queryset.pipeline() == [
            {"$match": {"n": {"$gt": 0}}},
            {"$limit": 5},
            {"$match": {"title": "a"}},
        ]

    def test_mistakes(self):
        """One stage at a time; what writes has its own methods."""
        with pytest.raises(TypeError, match="expected a dict with the name of one stage"):
            Book.objects.stage([{"$limit": 5}])
        with pytest.raises(FieldError) as caught:
            Book.objects.stage({"$out": "x"})
        assert str(caught.value) == "Book.stage(): $out, expected out() for it."
        with pytest.raises(NotSupportedError, match="Unrecognized pipeline stage"):
            list(Book.objects.stage({"$nope": {}}))


class TestWriting:
    """Results into collections, only when it is said."""

    def test_out(self, shelf, mongo):
        """The results replace a collection."""
        Book.objects.filter(pages__gt=10).values("published").annotate(n=Count("pk")).out("kinds")

        rows = mongo.collection("kinds").find({}, {"_id": 0}).sort("published")
        assert list(rows) == [{"published": False, "n": 1}, {"published": True, "n": 1}]

    def test_merge(self, shelf, mongo):
        """The results go into what is there."""
        mongo.collection("titles").insert_one({"_id": "old"})

        Book.objects.filter(title="a").merge("titles", when_matched="replace")
        Book.objects.filter(title="b").merge("titles", on="_id", when_not_matched="discard")

        assert mongo.collection("titles").count_documents({}) == 2

    def test_read_only(self, shelf):
        """An alias that does not write refuses both."""
        with pytest.raises(ReadOnlyConnection):
            Book.objects.using("slow").out("kinds")
        with pytest.raises(ReadOnlyConnection):
            Book.objects.using("slow").merge("kinds")


@dataclasses.dataclass
class Line:
    """A row of a report."""

    published: bool
    n: int
    note: str = "-"


class TestResults:
    """Dicts, tuples, named tuples, dataclasses, documents."""

    def test_dataclasses(self, shelf):
        """Fields of a dataclass are names of the rows, or paths."""
        rows = Book.objects.values("published").annotate(n=Count("pk")).order_by("published")

        assert list(rows.values_as(Line)) == [Line(False, 2), Line(True, 2)]
        assert rows.values_as(Line).filter(published=True).get() == Line(True, 2)

        @dataclasses.dataclass(frozen=True)
        class Short:
            title: str
            double: int | None

        found = Book.objects.annotate(double=F("pages") * 2).order_by("title").values_as(Short)
        assert found[0] == Short("a", 20)

    def test_dataclass_mistakes(self, shelf):
        """A field that rows do not have is named."""
        rows = Book.objects.values("title").annotate(n=Count("pk"))

        with pytest.raises(FieldError) as caught:
            rows.values_as(Line)
        assert str(caught.value) == (
            "Book.values_as(): Line.published is not in the rows. Choices are: title, n."
        )
        with pytest.raises(TypeError, match="expected a dataclass"):
            rows.values_as(dict)

    def test_named(self, shelf):
        """Named tuples, single values and dicts have the computed values."""
        doubled = Book.objects.annotate(double=F("price") * 2).order_by("title")

        assert doubled.values_list("title", "double", named=True)[0].double == D("2.20")
        assert doubled.values("title", "double")[0] == {"title": "a", "double": D("2.20")}
        assert doubled.values()[0]["double"] == D("2.20")
        assert doubled.values("title", half=F("pages") / 2)[0] == {"title": "a", "half": 5.0}
        assert list(doubled.values_list("double", flat=True)[:1]) == [D("2.20")]

    def test_slow(self, shelf):
        """The alias for analytics runs it all, with its own options."""
        rows = (
            Book.objects.using("slow")
            .values("published")
            .annotate(n=Count("pk"))
            .order_by("published")
        )

        assert list(rows) == [{"published": False, "n": 2}, {"published": True, "n": 2}]
        joined = Book.objects.using("slow").lookup(Author, as_="w", local="author").get(title="a")
        assert joined.w[0]._state.db == "slow"
        limited = rows.max_time_ms(5_000).allow_disk_use().comment("report")
        assert limited.count() == 2
        sleep = {"$function": {"body": "function() { sleep(200) }", "args": [], "lang": "js"}}
        for late in (
            lambda: list(Book.objects.annotate(x=documents.Raw(sleep)).max_time_ms(60)),
            lambda: list(Book.objects.values(n=Count(documents.Raw(sleep))).max_time_ms(60)),
            lambda: Book.objects.max_time_ms(60).facet(
                x=Book.objects.annotate(x=documents.Raw(sleep))
            ),
        ):
            with pytest.raises(DeadlineExceeded):
                late()
        assert Book.objects.allow_disk_use().max_time_ms(5_000).aggregate(n=Count("*")) == {"n": 4}
