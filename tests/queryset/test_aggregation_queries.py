"""Annotated querysets are querysets: they filter, page, pickle, and use indexes."""

import pickle

import pytest
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.documents import Count, F, Q, Sum, Value, Window
from docmodels.exceptions import FilterValueError
from tests.queryset.models import Author, Book


@pytest.fixture
def shelf(books):
    """Store three books."""
    return books(
        {"title": "a", "n": 1, "tags": ["x", "y"], "secret": "s"},
        {"title": "b", "n": 5, "tags": ["x"], "chapters": [{"title": "i", "p": 1}]},
        {"title": "c", "tags": []},
    )


def titles(queryset):
    """Give the titles of books, as they come."""
    return [book.title for book in queryset]


def counted():
    """Give the books with the number of their tags."""
    return Book.objects.order_by("title").annotate(tagged=Count("tags"))


class TestReads:
    """What any queryset can do."""

    def test_conditions(self, shelf):
        """Annotations are compared with paths, both ways; raw filters know them."""
        assert titles(counted().filter(pages__gt=F("tagged"))) == ["b"]
        assert titles(counted().filter(tagged__gt=F("pages"))) == ["a"]
        assert titles(counted().filter(Q(tagged=0) | Q(title="a"))) == ["a", "c"]
        assert titles(counted().exclude(Q(tagged=0) | Q(title="a"))) == ["b"]
        assert titles(counted().raw_filter({"tagged": {"$gt": 0}})) == ["a", "b"]
        assert titles(counted().raw_filter({"$expr": {"$gt": ["$tagged", 1]}})) == ["a"]
        assert titles(counted().raw_filter({"n": 5})) == ["b"]

    def test_methods(self, shelf):
        """Single objects, pages, slices, numbers, distinct rows."""
        assert counted().get(title="a").tagged == 2
        assert (counted().first().tagged, counted().last().tagged) == (2, 0)
        assert (counted().count(), counted().exists(), len(counted()[1:])) == (3, True, 2)
        assert {b.title: b.tagged for b in counted().in_bulk().values()} == {"a": 2, "b": 1, "c": 0}
        page = counted().page(size=2)
        assert [b.tagged for b in page.items] == [2, 1]
        assert [b.tagged for b in counted().page(size=2, after=page.next).items] == [0]
        assert [b.tagged for b in counted().iterator()] == [2, 1, 0]
        assert [row["tagged"] for row in counted().raw()] == [2, 1, 0]
        kinds = counted().filter(tagged__gt=0).values("tagged").distinct().order_by("tagged")
        assert list(kinds) == [{"tagged": 1}, {"tagged": 2}]

    def test_left_out(self, shelf):
        """Fields that are left out are loaded when they are read, hidden ones too."""
        book = counted().only("title").get(title="a")

        assert (book.tagged, book.pages, book.secret) == (2, 1, "s")
        assert "tagged" not in book.undeclared

    def test_pickle(self, shelf):
        """Querysets and their results can be pickled."""
        querysets = [
            counted(),
            counted().values("title", "tagged"),
            Book.objects.values("title").annotate(n=Count("pk")).filter(n=1),
            Book.objects.annotate(place=Window(documents.Rank(), order_by="pages")),
            Book.objects.lookup(Author, as_="writers", local="author"),
            Book.objects.unwind("chapters").filter(chapters__title="i"),
        ]

        for queryset in querysets:
            again = pickle.loads(pickle.dumps(queryset))
            assert list(again) == list(queryset)
            assert again.all().query.pipeline() == queryset.query.pipeline()

    def test_alias(self, shelf):
        """An alias filters and orders, and is no attribute."""
        (book,) = Book.objects.alias(tagged=Count("tags")).filter(tagged=2)

        assert not hasattr(book, "tagged")
        assert "tagged" not in book.undeclared
        assert (
            Book.objects.alias(tagged=Count("tags"))
            .annotate(more=F("tagged") + 1)
            .get(title="a")
            .more
            == 3
        )

    def test_no_writes(self, shelf):
        """Rows of groups cannot be updated as such."""
        with pytest.raises(FieldError):
            Book.objects.values("title").annotate(n=Count("pk")).filter(n=1).update(pages=1)


class TestNames:
    """An annotation never stands in the way of what is stored."""

    def test_stored_key(self, shelf):
        """A name that is the stored key of a field gets another key."""
        queryset = Book.objects.annotate(n=Count("tags")).filter(n__gt=0).order_by("-n")

        assert queryset.pipeline()[2:] == [{"$sort": {"n__computed": -1}}]
        assert [(book.n, book.pages) for book in queryset] == [(2, 1), (1, 5)]
        assert list(queryset.values_list("n", "pages")) == [(2, 1), (1, 5)]
        assert queryset.filter(pages=5).get().n == 1
        assert titles(queryset.raw_filter({"n": 5})) == ["b"]
        assert titles(queryset.annotate(m=F("n") * 2).filter(m=4)) == ["a"]
        assert queryset.aggregate(n=Sum("n"), pages=Sum("pages")) == {"n": 3, "pages": 6}
        assert list(queryset.values("n").annotate(k=Count("pk")).order_by("n")) == [
            {"n": 1, "k": 1},
            {"n": 2, "k": 1},
        ]
        assert titles(Book.objects.alias(n=Count("tags")).filter(n=2)) == ["a"]
        joined = Book.objects.lookup(Author, as_="n", local="author").get(title="b")
        assert (joined.n, joined.pages) == ([], 5)
        unwound = Book.objects.unwind("tags", index="n").order_by("title", "n")
        assert [(row.n, row.pages) for row in unwound] == [(0, 1), (1, 1), (0, 5)]

    def test_attribute(self, shelf):
        """The name of a method is no annotation of documents, but of rows."""
        with pytest.raises(ValueError) as caught:
            Book.objects.annotate(save=Count("tags"))

        assert str(caught.value) == (
            "Book: The annotation 'save' conflicts with an attribute of the document."
        )
        assert Book.objects.order_by("title").values(save=F("pages"))[0] == {"save": 1}

    def test_near(self):
        """A name that is nearly an annotation is told so."""
        for narrow in (lambda qs: qs.filter(taged=1), lambda qs: qs.order_by("taged")):
            with pytest.raises(FieldError) as caught:
                narrow(Book.objects.annotate(tagged=Count("tags")))

            assert str(caught.value) == (
                "Book.taged: 'taged', expected a field or an annotation. Did you mean 'tagged'?"
            )

    def test_inside(self, books):
        """Paths lead into annotations, of documents and of groups."""
        books({"title": "a", "cover": {"color": "red"}, "chapters": [{"title": "i", "p": 1}]})

        inner = Book.objects.annotate(front=F("cover"), parts=F("chapters"))
        assert inner.values_list("front__color", "parts__pages")[0] == ("red", [1])
        assert inner.filter(parts__pages__gte=1, front__color="red").exists()
        grouped = Book.objects.values("title").annotate(front=documents.First("cover"))
        assert grouped.values_list("title", "front__color")[0] == ("a", "red")
        assert grouped.filter(front__color="blue").count() == 0
        with pytest.raises(FieldError) as caught:
            inner.annotate(size=Count("tags")).filter(size__nope=1)
        assert str(caught.value) == (
            "Book.size__nope: 'nope', 'size' is a whole number and has no paths inside."
        )

    def test_columns(self, shelf):
        """values_list() takes expressions among the paths, in their order."""
        rows = Book.objects.order_by("title")

        assert list(rows.values_list(documents.Upper("title"), "pages")[:2]) == [("A", 1), ("B", 5)]
        assert rows.values_list("title", F("pages") + 1, named=True)[0].combined2 == 2
        assert list(rows.values_list(documents.Upper("title"), flat=True)) == ["A", "B", "C"]

    @pytest.mark.parametrize("name", ["pk", "id", "title"])
    def test_taken(self, name):
        """The name of a field is no annotation."""
        with pytest.raises(ValueError, match="conflicts with a field on the document"):
            Book.objects.annotate(**{name: Count("tags")})


class TestSlices:
    """What makes other rows comes before the cut, so it cannot follow one."""

    @pytest.mark.parametrize(
        "make",
        [
            lambda cut: cut.unwind("tags"),
            lambda cut: cut.values("title").annotate(n=Count("pk")),
            lambda cut: cut.annotate(x=Window(documents.Rank(), order_by="title")),
            lambda cut: cut.bucket("pages", [0, 5]),
            lambda cut: cut.sort_by_count("title"),
            lambda cut: cut.stage({"$limit": 5}),
            lambda cut: cut.union_with(Book.objects.all()),
        ],
        ids=["unwind", "group", "window", "bucket", "sort_by_count", "stage", "union_with"],
    )
    def test_refused(self, make):
        """As Django refuses to filter a slice."""
        with pytest.raises(TypeError, match="once a slice has been taken"):
            make(Book.objects.order_by("title")[:2])

    def test_allowed(self, shelf):
        """Values of each document may follow, and are computed after the cut."""
        cut = Book.objects.order_by("title")[:2]

        assert [book.double for book in cut.annotate(double=F("pages") * 2)] == [2, 10]
        assert len(cut.lookup(Author, as_="w", local="author")[1].w) == 0
        assert cut.aggregate(n=Sum("pages")) == {"n": 6}


class TestIndexes:
    """What is computed never stands between an index and its sort or filter."""

    @pytest.fixture
    def indexed(self, shelf, mongo):
        """Give the collection indexes of titles and pages."""
        collection = mongo.collection(Book._meta.collection)
        collection.create_index("title")
        collection.create_index("n")

    @pytest.mark.parametrize(
        ("queryset", "index"),
        [
            (counted()[:2], "title_1"),
            (counted().filter(tagged__gte=0)[:2], "title_1"),
            (counted().order_by().filter(pages__gt=1), "n_1"),
            (Book.objects.filter(pages=5).values("title").annotate(n=Count("pk")), "n_1"),
            (Book.objects.lookup(Author, as_="w", local="author").order_by("title")[:2], "title_1"),
            (Book.objects.filter(pages=5).unwind("chapters").values("chapters__title"), "n_1"),
        ],
        ids=["sort", "computed filter", "filter", "group", "lookup", "unwind"],
    )
    def test_used(self, indexed, queryset, index):
        """The plan begins with the index, and sorts nothing in memory."""
        plan = queryset.plan()

        assert plan.index == index
        assert not plan.is_collscan

    def test_no_sort(self, indexed):
        """A sort on a stored path behind a computed value is the index's."""
        plan = counted()[:2].plan()

        assert not plan.sorts_in_memory


def test_literals_stay_literals(shelf):
    """A value that looks like an expression or a path is text."""
    hostile = "$secret"

    found = Book.objects.annotate(
        value=Value(hostile),
        joined=documents.Concat(Value(hostile), "title"),
        case=documents.Case(documents.When(title=hostile, then=Value(1)), default=Value(hostile)),
        first=documents.Coalesce("extra", Value([{"a": "$secret"}])),
    ).get(title="a")

    assert (found.value, found.case) == (hostile, hostile)
    assert found.joined == "$secreta"
    assert found.first == [{"a": "$secret"}]
    with pytest.raises(FilterValueError, match="cannot be stored"):
        Book.objects.annotate(x=Value({"$toUpper": "$secret"}))
    assert Book.objects.values(x=Sum("pages", default=0))[0] == {"x": 6}
