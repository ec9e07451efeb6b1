"""Other collections joined, and rows of them added, against pipelines written by hand."""

import datetime

import pytest
from django.core.exceptions import FieldError

from docmodels.documents import Count, F, Q, Sum
from tests.queryset.models import Author, Book
from tests.queryset.stations import ANN, Crate, Parcel, Station

UTC = datetime.UTC


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
