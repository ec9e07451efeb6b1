"""Stages as methods, against the same pipelines written by hand."""

import dataclasses
import datetime
import decimal

import pytest
from bson import Decimal128, ObjectId
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.documents import Avg, Count, F, Max, Q, Sum
from docmodels.exceptions import DeadlineExceeded, NotSupportedError, ReadOnlyConnection
from tests.queryset.models import Author, Book

UTC = datetime.UTC
D = decimal.Decimal
ANN, BEN = ObjectId("000000000000000000000001"), ObjectId("000000000000000000000002")


class Station(documents.Document):
    """A place, and the station before it."""

    name = documents.CharField(max_length=40)
    at = documents.PointField(blank=True)
    before = documents.ReferenceField("self", blank=True, null=True)

    class Meta:
        app_label = "shelf"
        ordering = ["name"]


class Parcel(documents.Document):
    """The base of a crate, in the same collection."""

    weight = documents.IntegerField()

    class Meta:
        app_label = "shelf"


class Crate(Parcel):
    """A parcel with a lid."""

    lid = documents.BooleanField()

    class Meta:
        app_label = "shelf"


@pytest.fixture
def shelf(books, mongo):
    """Store books of two authors, one of whom is not there any more."""
    mongo.collection(Author._meta.collection).insert_many(
        [{"_id": ANN, "name": "Ann"}, {"_id": ObjectId(), "name": "Cleo"}]
    )
    return books(
        {"title": "a", "n": 10, "price": Decimal128("1.10"), "author": ANN, "tags": ["x", "y"],
         "published": True, "chapters": [{"title": "i", "p": 1, "marks": [1, 2]},
                                         {"title": "ii", "p": 9, "marks": []}]},
        {"title": "b", "n": 20, "price": Decimal128("2.20"), "author": ANN, "tags": ["x"],
         "published": True},
        {"title": "c", "n": 40, "price": Decimal128("9.90"), "author": BEN, "tags": [],
         "published": False},
        {"title": "d", "published": False},
    )  # fmt: skip


@pytest.fixture
def stations(mongo):
    """Store a line of stations, with an index of their places."""
    collection = mongo.collection(Station._meta.collection)
    collection.create_index([("at", "2dsphere")])
    keys = [ObjectId() for _number in range(4)]
    collection.insert_many(
        {
            "_id": key,
            "name": name,
            "at": {"type": "Point", "coordinates": [7.0 + number / 10, 47.0]},
            "before": keys[number - 1] if number else None,
        }
        for number, (key, name) in enumerate(
            zip(keys, ["Basel", "Bern", "Brig", "Biel"], strict=True)
        )
    )
    return Station.objects


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


class TestLookup:
    """Documents of another collection."""

    def test_equal(self, shelf):
        """Joined by equal values, they are documents of their class."""
        queryset = Book.objects.order_by("title").lookup(
            Author, as_="writers", local="author", foreign="pk"
        )

        assert queryset.pipeline() == [
            {"$sort": {"title": 1}},
            {
                "$lookup": {
                    "from": "shelf_author",
                    "localField": "author",
                    "foreignField": "_id",
                    "as": "writers",
                }
            },
        ]
        assert [[a.name for a in book.writers] for book in queryset] == [["Ann"], ["Ann"], [], []]
        assert isinstance(queryset[0].writers[0], Author)
        assert queryset[0].writers[0].pk == ANN

    def test_one(self, shelf):
        """The first one alone, or None."""
        queryset = Book.objects.lookup(
            "shelf.Author", as_="writer", local="author", many=False
        ).order_by("title")

        assert queryset.pipeline()[1:] == [
            {
                "$lookup": {
                    "from": "shelf_author",
                    "localField": "author",
                    "foreignField": "_id",
                    "pipeline": [{"$limit": 1}],
                    "as": "writer",
                }
            },
            {"$addFields": {"writer": {"$first": "$writer"}}},
        ]
        assert [book.writer and book.writer.name for book in queryset] == [
            "Ann", "Ann", None, None,
        ]  # fmt: skip

    def test_queryset(self, shelf):
        """A queryset filters, orders and cuts what is joined; fields may be left out."""
        cheap = Book.objects.filter(pages__gte=10).order_by("-pages").only("title")[:1]
        found = Author.objects.order_by("name").lookup(
            cheap, as_="best", local="pk", foreign="author"
        )

        assert found.pipeline()[1]["$lookup"]["pipeline"] == [
            {"$match": {"n": {"$gte": 10}}},
            {"$sort": {"n": -1}},
            {"$limit": 1},
            {"$project": {"__v": 1, "_id": 1, "title": 1}},
        ]
        assert [[book.title for book in author.best] for author in found] == [["b"], []]
        assert found[0].best[0].pages == 20  # loaded now

    def test_annotated(self, shelf):
        """What the queryset computes is an attribute of what is joined."""
        counted = (
            Book.objects.annotate(tagged=Count("tags")).alias(n=F("pages") * 2).filter(n__gt=20)
        )

        (ann, cleo) = Author.objects.order_by("name").lookup(
            counted, as_="books", local="pk", foreign="author"
        )

        assert [(b.title, b.tagged, b.pages) for b in ann.books] == [("b", 1, 20)]
        assert not hasattr(ann.books[0], "n")
        assert not ann.books[0].undeclared
        assert cleo.books == []

    def test_children(self, mongo):
        """Documents are of their own class, and only those of the class are joined."""
        small, large = Parcel.objects.create(weight=1), Crate.objects.create(weight=5, lid=True)

        found = Station.objects.create(name="Bern")
        parcels = Station.objects.lookup(Parcel.objects.order_by("weight"), as_="parcels", let={})
        crates = Station.objects.lookup(Crate, as_="crates", let={})

        assert parcels.get(pk=found.pk).parcels == [small, large]
        assert [type(p) for p in parcels.get(pk=found.pk).parcels] == [Parcel, Crate]
        assert crates.get(pk=found.pk).crates == [large]

    def test_let(self, shelf):
        """Without equal values the sub-query has variables."""
        shorter = Book.objects.stage({"$match": {"$expr": {"$lt": ["$n", "$$pages"]}}}).order_by(
            "title"
        )
        found = (
            Book.objects.filter(pages__gte=20)
            .order_by("title")
            .lookup(shorter, as_="shorter", let={"pages": "pages"})
        )

        assert [[b.title for b in book.shorter] for book in found] == [["a", "d"], ["a", "b", "d"]]

    def test_paths(self, shelf):
        """Conditions, order and values reach into what was joined."""
        joined = Book.objects.lookup(Author, as_="writers", local="author")

        assert joined.filter(writers__name="Ann").count() == 2
        assert joined.filter(writers=[]).count() == 2
        rows = joined.unwind("writers").values("writers__name").annotate(n=Sum("pages"))
        assert list(rows) == [{"writers__name": "Ann", "n": 30}]
        assert joined.order_by("-writers__name", "title").values_list(
            "title", "writers__name"
        ).first() == ("a", ["Ann"])

    def test_after_the_cut(self, shelf):
        """Only what the cut leaves is joined, unless the order or a filter needs it."""
        joined = Book.objects.lookup(Author, as_="writers", local="author")

        assert [*map(_name, joined.order_by("title")[:2].pipeline())] == [
            "$sort", "$limit", "$lookup",
        ]  # fmt: skip
        filtered = joined.filter(writers__name="Ann").order_by("title")[:2]
        assert [*map(_name, filtered.pipeline())] == ["$sort", "$lookup", "$match", "$limit"]
        assert [*map(_name, joined.filter(title="a").order_by("title")[:2].pipeline())] == [
            "$match", "$sort", "$limit", "$lookup",
        ]  # fmt: skip
        assert joined.query.count_pipeline() == []

    def test_other_database(self, shelf, settings):
        """A class of another database cannot be joined."""

        class Elsewhere:
            """Read authors from another alias."""

            def db_for_read(self, model, **hints):
                """Return the alias of authors."""
                return "other" if model is Author else None

        default = settings.MONGO_DATABASES["default"]
        settings.MONGO_DATABASES = {**settings.MONGO_DATABASES, "other": {**default, "NAME": "x"}}
        settings.DOCMODELS = {"ROUTERS": [Elsewhere()]}

        with pytest.raises(ValueError, match="stored in the database of 'other'"):
            Book.objects.lookup(Author, as_="x", local="author")

    def test_mistakes(self, shelf):
        """The target, paths and names are checked."""
        with pytest.raises(TypeError, match="expected a document class, its label or a queryset"):
            Book.objects.lookup(5, as_="x")
        with pytest.raises(LookupError, match=r"Did you mean '\w+\.Parcel'"):
            Book.objects.lookup("shelf.Parcl", as_="x")
        with pytest.raises(FieldError, match="Did you mean 'author'"):
            Book.objects.lookup(Author, as_="x", local="autor")
        with pytest.raises(FieldError, match="Did you mean 'name'"):
            Book.objects.lookup(Author, as_="x", local="author", foreign="nam")
        with pytest.raises(ValueError, match="conflicts with a field on the document"):
            Book.objects.lookup(Author, as_="title", local="author")
        with pytest.raises(FieldError, match=r"values\(\) inside of a join"):
            Book.objects.lookup(Author.objects.values("name"), as_="x", local="author")
        with pytest.raises(ValueError, match="a join is inside of one database"):
            Book.objects.lookup(Author.objects.using("slow"), as_="x", local="author")


def _name(stage):
    """Give the name of a stage."""
    return next(iter(stage))


class TestGraphLookup:
    """What is reached step by step."""

    def test_chain(self, stations):
        """All stations before one, with the number of steps, in the hand-written stage."""
        queryset = stations.graph_lookup(
            Station, as_="line", start_with="before", connect_from="before", depth_field="steps",
            max_depth=5,
        )  # fmt: skip

        assert queryset.pipeline() == [
            {"$sort": {"name": 1}},
            {
                "$graphLookup": {
                    "from": "shelf_station",
                    "startWith": "$before",
                    "connectFromField": "before",
                    "connectToField": "_id",
                    "as": "line",
                    "maxDepth": 5,
                    "depthField": "steps",
                }
            },
        ]
        found = queryset.get(name="Biel").line
        assert {s.name: s.undeclared["steps"] for s in found} == {"Brig": 0, "Bern": 1, "Basel": 2}

    def test_restrict(self, stations):
        """Conditions end the way; a queryset with conditions is refused."""
        queryset = stations.graph_lookup(
            Station, as_="line", start_with="before", connect_from="before",
            restrict=~Q(name="Bern"),
        )  # fmt: skip

        assert [s.name for s in queryset.get(name="Biel").line] == ["Brig"]
        with pytest.raises(FieldError, match="restrict= takes conditions"):
            stations.graph_lookup(
                Station.objects.filter(name="Bern"), as_="x", start_with="pk", connect_from="before"
            )


class TestUnionWith:
    """Results of another queryset behind these."""

    def test_rows(self, shelf):
        """They are counted, grouped and ordered together."""
        both = Book.objects.filter(title="a").union_with(Book.objects.filter(pages__gt=10))

        assert both.pipeline() == [
            {"$match": {"title": "a"}},
            {"$unionWith": {"coll": "shelf_book", "pipeline": [{"$match": {"n": {"$gt": 10}}}]}},
        ]
        assert both.count() == 3
        assert [book.title for book in both.order_by("-title")] == ["c", "b", "a"]
        assert both.filter(title__gt="a").count() == 2
        assert both.aggregate(n=Sum("pages")) == {"n": 70}


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


class TestGeoNear:
    """What is near a place comes first, with its distance."""

    def test_nearest(self, stations):
        """Distances are metres, filters are part of the stage."""
        point = {"type": "Point", "coordinates": [7.0, 47.0]}
        queryset = stations.geo_near(point, path="at", max_distance=16_000).filter(
            name__startswith="B"
        )

        (stage,) = queryset.pipeline()
        assert stage == {
            "$geoNear": {
                "near": point,
                "key": "at",
                "distanceField": "distance",
                "spherical": True,
                "maxDistance": 16_000,
                "query": queryset.query.where,
            }
        }
        assert [(s.name, round(s.distance)) for s in queryset] == [
            ("Basel", 0),
            ("Bern", pytest.approx(7592, abs=10)),
            ("Brig", pytest.approx(15184, abs=20)),
        ]
        assert queryset.count() == 3
        assert [s.name for s in queryset.filter(distance__gt=1000).order_by("-distance")] == [
            "Brig", "Bern",
        ]  # fmt: skip
        assert queryset.aggregate(far=Max("distance"))["far"] > 15_000

    def test_first(self, stations):
        """It comes first, on a path that exists."""
        with pytest.raises(FieldError, match=r"\$geoNear after other stages, expected it first"):
            stations.annotate(x=F("name")).geo_near([7, 47], path="at")
        with pytest.raises(FieldError, match="Did you mean 'at'"):
            stations.geo_near([7, 47], path="att")


class TestSearch:
    """Stages of Atlas, which other servers refuse."""

    def test_atlas_search(self, shelf):
        """The operator is handed on, the filter follows, the score has a name."""
        queryset = Book.objects.filter(published=True).atlas_search(
            {"text": {"query": "tea", "path": "title"}}, score_field="score"
        )

        assert queryset.pipeline() == [
            {"$search": {"index": "default", "text": {"query": "tea", "path": "title"}}},
            {"$match": {"published": True}},
            {"$addFields": {"score": {"$meta": "searchScore"}}},
        ]
        with pytest.raises(NotSupportedError):
            list(queryset)

    def test_vector_search(self, shelf):
        """Numbers become floats, the filter is compiled."""
        queryset = Book.objects.vector_search(
            "extra", [1, 2.5], limit=3, index="vectors", filter=Q(pages__gt=3), score_field="score"
        )

        assert queryset.pipeline() == [
            {
                "$vectorSearch": {
                    "index": "vectors",
                    "path": "extra",
                    "queryVector": [1.0, 2.5],
                    "numCandidates": 60,
                    "limit": 3,
                    "filter": {"n": {"$gt": 3}},
                }
            },
            {"$addFields": {"score": {"$meta": "vectorSearchScore"}}},
        ]
        with pytest.raises(NotSupportedError):
            list(queryset)


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
        assert str(caught.value) == "stage(): $out, expected out() for it."
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
            "values_as(): Line.published is not in the rows. Choices are: title, n."
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
