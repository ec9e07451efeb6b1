"""Reads behave alike over both APIs; see `apis`."""

import pytest
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.exceptions import (
    DeadlineExceeded,
    FilterValueError,
    InvalidPageToken,
    ReadOnlyConnection,
)
from docmodels.testing.commands import assert_num_commands
from tests.aio.models import Author, Book


class TestOne:
    """One object, or a number."""

    def test_get(self, api, shelf):
        """The only match is returned, by its key or by conditions."""
        found = api.call(Book.objects, "get", title="b")

        assert (found.title, found.pages) == ("b", 20)
        assert api.call(shelf, "get", pk=found.pk) == found
        assert api.call(shelf, "get", pages__gt=30).title == "c"

    def test_none_and_many(self, api, shelf):
        """No match and several raise the exceptions of the class."""
        with pytest.raises(Book.DoesNotExist):
            api.call(shelf, "get", title="z")
        with pytest.raises(Book.MultipleObjectsReturned):
            api.call(shelf, "get", pages__gt=10)

    def test_mistakes(self, api, shelf):
        """Wrong names and values raise as they are given."""
        with pytest.raises(FieldError, match="Did you mean 'title'"):
            api.call(shelf, "get", titel="a")
        with pytest.raises(FilterValueError):
            api.call(shelf, "get", pages="many")

    def test_ends(self, api, shelf):
        """First, last, earliest and latest."""
        names = ["first", "last", "earliest", "latest"]

        assert [api.call(shelf, name).title for name in names] == ["a", "c", "a", "c"]
        assert api.call(shelf.filter(title="z"), "first") is None

    def test_numbers(self, api, shelf):
        """Counts of all kinds, and whether there is any."""
        assert api.call(shelf, "count") == 3
        assert api.call(shelf[1:], "count") == 2
        assert api.call(shelf, "count_up_to", 1) == 2
        assert api.call(Book.objects, "estimated_count") == 3
        assert api.call(shelf, "exists") is True
        assert api.call(shelf.filter(title="z"), "exists") is False
        assert api.call(shelf, "contains", Book.objects.get(title="a")) is True


class TestMany:
    """Several objects, in every shape."""

    def test_iteration(self, api, shelf):
        """A queryset gives its documents, and keeps them."""
        with assert_num_commands(1):
            found = api.list(shelf)
            again = api.list(shelf)

        assert [book.title for book in found] == ["a", "b", "c"]
        assert found[0] is again[0]

    def test_shapes(self, api, shelf):
        """Dicts, tuples and single values."""
        assert api.list(shelf.values("title", "pages"))[0] == {"title": "a", "pages": 10}
        assert api.list(shelf.values_list("title", "pages"))[1] == ("b", 20)
        assert api.list(shelf.values_list("pages", flat=True)) == [10, 20, 40]

    def test_many_batches(self, api, mongo):
        """A result of several batches is read to its end."""
        mongo.collection("aio_author").insert_many({"name": f"{n}"} for n in range(700))

        assert len(api.list(Author.objects.all())) == 700
        assert len(api.rows(Author.objects, "iterator", chunk_size=50)) == 700
        assert len(api.rows(Author.objects.batch_size(60), "raw")) == 700
        assert len(api.rows(Author.objects.batch_size(60), "pipeline", [{"$skip": 1}])) == 699
        assert len(api.list(Author.objects.all()[:90])) == 90

    def test_rows(self, api, shelf):
        """Stored dicts, of a query and of a pipeline."""
        assert [row["title"] for row in api.rows(shelf, "raw")] == ["a", "b", "c"]
        assert api.rows(
            shelf, "pipeline", [{"$group": {"_id": None, "n": {"$sum": "$pages"}}}]
        ) == [{"_id": None, "n": 70}]

    def test_values_of_a_path(self, api, shelf):
        """Distinct values, and documents by key."""
        assert sorted(api.call(shelf, "distinct", "tags")) == ["x", "y"]
        keys = [book.pk for book in shelf]
        assert list(api.call(Book.objects, "in_bulk", keys[:2])) == keys[:2]

    def test_aggregates(self, api, shelf):
        """Computed values over all, by group and in facets."""
        groups = shelf.order_by().values("author").annotate(n=documents.Count("pk")).order_by("n")

        assert api.call(shelf, "aggregate", n=documents.Sum("pages")) == {"n": 70}
        assert [row["n"] for row in api.list(groups)] == [1, 2]
        assert api.call(
            Book.objects, "facet", long=Book.objects.filter(pages__gt=15).values("title")
        )["long"] == [{"title": "b"}, {"title": "c"}]

    def test_pages(self, api, shelf):
        """A page leads to the next one and back."""
        first = api.call(shelf, "page", size=2)
        second = api.call(shelf, "page", size=2, after=first.next)
        back = api.call(shelf, "page", size=2, before=second.previous)

        assert [[book.title for book in page] for page in (first, second, back)] == [
            ["a", "b"], ["c"], ["a", "b"],
        ]  # fmt: skip
        with pytest.raises(InvalidPageToken):
            api.call(shelf, "page", after="no token")

    def test_plans(self, api, shelf):
        """The server tells its plan."""
        assert api.call(Book.objects.filter(title="a"), "plan").index == "title_1"
        assert "queryPlanner" in api.call(shelf, "explain")


class TestLoading:
    """References, reverse relations and fields that were left out."""

    def test_populate(self, api, shelf):
        """One more query loads what all the references lead to."""
        with assert_num_commands(2):
            books = api.list(shelf.populate("author"))

        assert [book.author.name for book in books] == ["Ann", "Ann", "Ben"]

    def test_populate_of_documents(self, api, shelf):
        """Documents that are there already are populated, one or several."""
        books = api.list(shelf)
        one = api.call(shelf, "get", title="c")

        api.call(documents, "populate", books, "author")

        assert [book.author.name for book in books] == ["Ann", "Ann", "Ben"]
        assert api.call(one, "populate", "author").author.name == "Ben"

    def test_populate_with_numbers(self, api, shelf):
        """The server counts what would be loaded."""
        wanted = documents.Populate("books", match={"title__lt": "c"}, count=True)
        authors = api.list(Author.objects.order_by("name").populate(wanted))

        assert [author.books for author in authors] == [2, 0]

    def test_populate_in_reverse(self, api, shelf):
        """Those that refer to a document, and their number."""
        authors = api.list(Author.objects.order_by("name").populate("books", "book_count"))

        assert [[book.title for book in author.books] for author in authors] == [["a", "b"], ["c"]]
        assert [author.book_count for author in authors] == [2, 1]

    def test_filters_across_references(self, api, shelf):
        """A condition on what a reference leads to."""
        found = shelf.filter(author__name="Ann")

        assert [book.title for book in api.list(found)] == ["a", "b"]
        assert api.call(found, "count") == 2

    def test_refresh(self, api, shelf):
        """A document is read again."""
        book = api.call(shelf, "get", title="a")
        Book.objects.filter(title="a").update(pages=11)

        api.call(book, "refresh_from_db")

        assert book.pages == 11


class TestAliases:
    """Read-only aliases and deadlines."""

    def test_reads_through_another_alias(self, api, shelf):
        """An alias is chosen by `using()`."""
        assert api.call(shelf.using("slow"), "count") == 3

    def test_read_only(self, api, slow, shelf):
        """Every write through a read-only alias is refused."""
        book = Book.objects.get(title="a")
        book.pages = 3
        books = Book.objects.using("slow")
        writes = [
            (books, "create", {"title": "d"}),
            (books.filter(title="a"), "update", {"pages": 1}),
            (books.filter(title="a"), "delete", {}),
            (book, "save", {"using": "slow"}),
            (book, "delete", {"using": "slow"}),
        ]

        for target, name, options in writes:
            with pytest.raises(ReadOnlyConnection):
                api.call(target, name, **options)
        with pytest.raises(ReadOnlyConnection):
            api.rows(books, "pipeline", [{"$out": "elsewhere"}])
        assert api.call(Book.objects, "count") == 3

    def test_a_deadline(self, api, shelf):
        """A query that takes too long ends by its deadline."""
        sleeping = Book.objects.raw_filter({"$where": "sleep(300) || true"})

        with pytest.raises(DeadlineExceeded):
            api.list(sleeping.max_time_ms(50))
