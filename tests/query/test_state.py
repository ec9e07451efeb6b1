"""What a query would send: projection, sort, cut, pipeline, description."""

import pytest
from django.core.exceptions import FieldError

from docmodels.documents import Avg, Count, Max, Min, Q, Sum
from tests.queryset.models import Author, Book

CUTS = [
    (slice(None, 5), (0, 5, False)),
    (slice(5, None), (5, None, False)),
    (slice(5, 10), (5, 10, False)),
    (slice(0, 0), (0, 0, True)),
    (slice(5, 3), (5, 5, True)),
]


class TestCut:
    """Slices are `skip` and `limit`, and slices of slices stay inside."""

    @pytest.mark.parametrize(("cut", "expected"), CUTS, ids=str)
    def test_one(self, cut, expected):
        """A slice that holds nothing is known to be empty."""
        query = Author.objects.all()[cut].query

        assert (query.low, query.high, query.empty) == expected

    def test_nested(self):
        """The inner slice counts from the outer one and never leaves it."""
        outer = Author.objects.all()[10:20]

        assert (outer[2:5].query.low, outer[2:5].query.high) == (12, 15)
        assert (outer[5:].query.low, outer[5:].query.high) == (15, 20)
        assert (outer[2:100].query.low, outer[2:100].query.high) == (12, 20)
        assert outer[30:].query.empty


class TestProjection:
    """What is asked of the server."""

    def test_everything(self):
        """Without hidden fields nothing is projected."""
        assert Author.objects.all().query.projection() is None

    def test_hidden(self):
        """A hidden field is left out, undeclared data is kept."""
        assert Book.objects.all().query.projection() == {"secret": 0}
        assert Book.objects.select("+secret").query.projection() is None
        assert Book.objects.defer("pages").query.projection() == {"secret": 0, "n": 0}

    def test_only(self):
        """The key and the version come along."""
        assert Book.objects.only("pages").query.projection() == {"_id": 1, "n": 1, "__v": 1}
        assert Book.objects.only("secret").query.projection() == {
            "_id": 1,
            "secret": 1,
            "__v": 1,
        }
        assert Book.objects.only("pages").select("+secret").query.projection() == {
            "_id": 1,
            "n": 1,
            "secret": 1,
            "__v": 1,
        }

    def test_values(self):
        """Only the paths are fetched; an index fetches its list."""
        assert Book.objects.values("title").query.projection() == {"_id": 0, "title": 1}
        assert Book.objects.values("pk", "chapters__pages").query.projection() == {
            "_id": 1,
            "chapters.p": 1,
        }
        assert Book.objects.values("chapters", "chapters__pages").query.projection() == {
            "_id": 0,
            "chapters": 1,
        }
        assert Book.objects.values("tags__0", "chapters__1__pages").query.projection() == {
            "_id": 0,
            "tags": 1,
            "chapters": 1,
        }

    def test_unknown(self):
        """Unknown names raise at once, with the nearest one."""
        for method in ("only", "defer", "select", "values", "values_list", "order_by"):
            with pytest.raises(FieldError) as caught:
                getattr(Book.objects, method)("titel")

            assert str(caught.value) == (
                "Book.titel: Book has no field 'titel'. Did you mean 'title'?"
            )


class TestSort:
    """`order_by` by names, `sort` by stored keys."""

    def test_pairs(self):
        """A minus is descending."""
        query = Book.objects.order_by("-pages", "pk", "cover__color").query

        assert query.sort() == [("n", -1), ("_id", 1), ("cover.color", 1)]

    def test_reverse(self):
        """Everything turns around; without an order it is the key's."""
        assert Book.objects.order_by("-pages", "pk").reverse().query.sort() == [
            ("n", 1),
            ("_id", -1),
        ]
        assert Book.objects.reverse().query.sort() == [("_id", -1)]
        assert Book.objects.reverse().reverse().query.sort() == []

    def test_random(self):
        """There is no random order."""
        with pytest.raises(FieldError) as caught:
            Author.objects.order_by("?")

        assert str(caught.value) == (
            "Author.order_by('?'): expected paths; sample(n) draws results at random."
        )


PIPELINES = {
    "documents": (
        Book.objects.filter(pages__gt=1).order_by("-pages")[5:10],
        [{"$match": {"n": {"$gt": 1}}}, {"$sort": {"n": -1}}, {"$skip": 5}, {"$limit": 5}],
    ),
    "group": (
        Book.objects.values("title").annotate(n=Count("pk"), total=Sum("pages")).order_by("-n")[:3],
        [
            {
                "$group": {
                    "_id": {"k0": {"$ifNull": ["$title", None]}},
                    "a0": {"$sum": 1},
                    "a1": {"$sum": "$n"},
                }
            },
            {"$project": {"_id": 0, "title": "$_id.k0", "n": "$a0", "total": "$a1"}},
            {"$sort": {"n": -1}},
            {"$limit": 3},
        ],
    ),
    "having": (
        Book.objects.filter(pages__gt=1).values("title").annotate(n=Count("pk")).filter(n__gte=2),
        [
            {"$match": {"n": {"$gt": 1}}},
            {"$group": {"_id": {"k0": {"$ifNull": ["$title", None]}}, "a0": {"$sum": 1}}},
            {"$project": {"_id": 0, "title": "$_id.k0", "n": "$a0"}},
            {"$match": {"n": {"$gte": 2}}},
        ],
    ),
    "unwind": (
        Book.objects.filter(chapters__pages__gt=1)
        .unwind("chapters")
        .filter(chapters__pages__gt=5)
        .values("chapters__title")
        .annotate(mean=Avg("chapters__pages")),
        [
            {"$match": {"chapters.p": {"$gt": 1}}},
            {"$unwind": "$chapters"},
            {"$match": {"chapters.p": {"$gt": 5}}},
            {
                "$group": {
                    "_id": {"k0": {"$ifNull": ["$chapters.title", None]}},
                    "a0": {"$avg": "$chapters.p"},
                }
            },
            {"$project": {"_id": 0, "chapters__title": "$_id.k0", "mean": "$a0"}},
        ],
    ),
    "inline": (
        Book.objects.annotate(longest=Max("chapters__pages")).order_by("title")[:2],
        [
            {"$sort": {"title": 1}},
            {"$limit": 2},
            {"$addFields": {"longest": {"$max": "$chapters.p"}}},
        ],
    ),
    "inline order": (
        Book.objects.annotate(n_tags=Count("tags")).order_by("-n_tags", "title")[:2],
        [
            {
                "$addFields": {
                    "n_tags": {
                        "$size": {
                            "$filter": {
                                "input": {"$cond": [{"$isArray": "$tags"}, "$tags", []]},
                                "cond": {"$gt": ["$$this", None]},
                            }
                        }
                    }
                }
            },
            {"$sort": {"n_tags": -1, "title": 1}},
            {"$limit": 2},
        ],
    ),
    "inline filter": (
        Book.objects.filter(pages=3)
        .annotate(least=Min("chapters__pages"))
        .filter(Q(least__lt=5) | Q(title="x")),
        [
            {"$match": {"n": 3}},
            {"$addFields": {"least": {"$min": "$chapters.p"}}},
            {"$match": {"$or": [{"least": {"$lt": 5}}, {"title": "x"}]}},
        ],
    ),
    "distinct rows": (
        Book.objects.values("title", "pages").distinct().order_by("title"),
        [
            {
                "$group": {
                    "_id": {
                        "k0": {"$ifNull": ["$title", None]},
                        "k1": {"$ifNull": ["$n", None]},
                    }
                }
            },
            {"$project": {"_id": 0, "title": "$_id.k0", "pages": "$_id.k1"}},
            {"$sort": {"title": 1}},
        ],
    ),
    "raw after unwind": (
        Book.objects.unwind("tags").raw_filter({"tags": {"$gt": "a"}}),
        [{"$unwind": "$tags"}, {"$match": {"tags": {"$gt": "a"}}}],
    ),
}


class TestPipeline:
    """Aggregations are plain stages, the filter first."""

    @pytest.mark.parametrize("name", PIPELINES)
    def test_stages(self, name):
        """The stages are those that one would write by hand."""
        queryset, expected = PIPELINES[name]

        assert queryset.pipeline() == expected

    def test_list_average(self):
        """A mean over lists needs their elements as rows."""
        with pytest.raises(FieldError) as caught:
            Book.objects.values("title").annotate(Avg("chapters__pages")).pipeline()

        assert str(caught.value) == (
            "Avg('chapters__pages'): the path crosses a list, expected unwind() of that list "
            "before it."
        )

    def test_list_in_list(self):
        """A sum over lists of lists would silently be 0."""
        with pytest.raises(FieldError) as caught:
            Book.objects.values("title").annotate(Sum("chapters__marks")).pipeline()

        assert str(caught.value) == (
            "Book: Sum('chapters__marks'): the path crosses 2 lists, expected unwind() of the "
            "outer one "
            "before it."
        )

    def test_index(self):
        """An index is no path of a group: the server would look for a key."""
        with pytest.raises(FieldError) as caught:
            Book.objects.values("tags__0").annotate(Count("pk")).pipeline()

        assert str(caught.value) == (
            "Book.tags__0: an index cannot be grouped or computed with, expected a path without "
            "one."
        )

    def test_no_aggregate(self):
        """Anything but an aggregate is named in the error."""
        with pytest.raises(FieldError) as caught:
            Book.objects.annotate(n=5)

        assert (
            str(caught.value)
            == "Book.annotate(n=…): 5, expected an expression such as Sum('price') or Value(5)."
        )

    def test_conflicts(self):
        """An annotation never hides a field or a grouped path."""
        with pytest.raises(ValueError) as caught:
            Book.objects.annotate(title=Count("tags"))

        assert str(caught.value) == (
            "Book: The annotation 'title' conflicts with a field on the document."
        )
        with pytest.raises(ValueError) as caught:
            Book.objects.values("title").annotate(title=Count("pk"))

        assert str(caught.value) == "Book: The annotation 'title' conflicts with a grouped path."

    def test_order_of_groups(self):
        """Rows can be ordered by what they have."""
        with pytest.raises(FieldError) as caught:
            Book.objects.values("title").annotate(n=Count("pk")).order_by("pages").pipeline()

        assert str(caught.value) == (
            "Book.order_by(): 'pages', expected a path of values() or an annotation. Choices are: "
            "title, "
            "n."
        )

    def test_values_of_groups(self):
        """Rows give what they have."""
        grouped = Book.objects.values("title").annotate(n=Count("pk"))

        assert grouped.values_list("n", flat=True).query.shape.paths == ("n",)
        with pytest.raises(FieldError) as caught:
            grouped.values("pages")

        assert str(caught.value) == (
            "Book.values(): 'pages' is not in the grouped rows. Choices are: title, n."
        )


class TestDescribe:
    """`describe()` is what one would type in mongosh."""

    def test_find(self):
        """A plain query is a find."""
        query = Book.objects.filter(pages=1).order_by("-pages")[2:5].query

        assert query.describe() == ("db.shelf_book.find({'n': 1}).sort({'n': -1}).skip(2).limit(3)")

    def test_aggregate(self):
        """Anything more is an aggregate."""
        query = Book.objects.unwind("tags").query

        assert query.describe() == "db.shelf_book.aggregate([{'$unwind': '$tags'}])"
