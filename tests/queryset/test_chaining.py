"""Querysets: lazy, immutable, cached, sliced, copied."""

import copy
import pickle

import pytest

from docmodels.documents import Q
from tests.queryset.models import Author, Book, Event


@pytest.fixture
def authors():
    """Store five authors, a to e."""
    Author.objects.bulk_create([Author(name=name) for name in "abcde"])
    return Author.objects.order_by("name")


def names(result):
    """Return the names in a result, joined."""
    return "".join(author.name for author in result)


class TestLaziness:
    """Nothing is sent before a result is needed, and then once."""

    def test_chain(self, authors, assert_num_commands):
        """Chaining sends nothing."""
        with assert_num_commands(0):
            authors.filter(name="a").exclude(name="b").order_by("-name")[:5].using("default")

    def test_cache(self, authors, assert_num_commands):
        """Iterating, len, bool, in and slices of what was read share one command."""
        with assert_num_commands(1):
            assert names(authors) == "abcde"
            assert len(authors) == 5
            assert authors
            assert authors[0] in authors
            assert names(authors[1:3]) == "bc"
            assert authors.count() == 5
            assert authors.exists()
            assert authors.contains(authors[0])

    def test_copy(self, authors, assert_num_commands):
        """A copy is read anew."""
        list(authors)

        with assert_num_commands(2):
            list(authors.all())
            list(authors.filter(name="a"))

    def test_immutable(self, authors):
        """No method changes the queryset it is called on."""
        before = dict(authors.query.__dict__)

        authors.filter(name="a")
        authors.exclude(Q(name="a") | Q(name="b"))
        authors.order_by("-name").reverse()
        authors.only("name").defer("name").select("+name")
        authors.values("name").annotate()
        authors.values_list("name", flat=True).distinct()
        authors.hint("x").comment("y").max_time_ms(5).collation("de").batch_size(3)
        authors.none()
        authors.page(size=2)
        authors.first(), authors.last(), authors.get(name="a")
        _ = authors[1:2], authors[0]

        assert authors.query.__dict__ == before
        assert authors._db is None
        assert authors._result_cache is None

    def test_repr(self, authors):
        """The text shows objects, at most twenty."""
        Author.objects.bulk_create([Author(name=f"x{n}") for n in range(20)])

        text = repr(authors)

        assert text.startswith("<QuerySet [<Author: Author object (")
        assert text.endswith(", '...(remaining elements truncated)...']>")
        assert text.count("<Author: ") == 20


class TestSlices:
    """Indexes and slices."""

    def test_results(self, authors):
        """Slices of slices count from the outer one; a step gives a list."""
        assert names(authors[1:4]) == "bcd"
        assert names(authors[1:4][1:]) == "cd"
        assert names(authors[1:4][1:9]) == "cd"
        assert names(authors[3:]) == "de"
        assert names(authors[::2]) == "ace"
        assert names(authors[5:]) == ""
        assert names(authors[2:2]) == ""
        assert authors[1].name == "b"
        assert authors[1:4].count() == 3
        assert authors[3:].count() == 2
        assert authors[5:].exists() is False

    def test_mistakes(self, authors):
        """What a slice cannot do is said in Django's words."""
        with pytest.raises(IndexError):
            authors[5]
        with pytest.raises(ValueError, match=r"^Author: Negative indexing is not supported\.$"):
            authors[-1]
        with pytest.raises(ValueError, match=r"^Author: Negative indexing is not supported\.$"):
            authors[:-1]
        with pytest.raises(TypeError, match="indices must be integers or slices, not str"):
            authors["a"]
        cut = authors[:3]
        for method, message in (
            ("filter", "Author: Cannot filter a query once a slice has been taken."),
            ("exclude", "Author: Cannot filter a query once a slice has been taken."),
            ("order_by", "Author: Cannot reorder a query once a slice has been taken."),
        ):
            with pytest.raises(TypeError) as caught:
                getattr(cut, method)(**{"name": "a"} if method != "order_by" else {})
            assert str(caught.value) == message
        for method in ("reverse", "last"):
            with pytest.raises(TypeError) as caught:
                getattr(cut, method)()
            assert (
                str(caught.value) == "Author: Cannot reverse a query once a slice has been taken."
            )
        with pytest.raises(TypeError) as caught:
            cut.distinct("name")
        assert (
            str(caught.value)
            == "Author: Cannot create distinct fields once a slice has been taken."
        )


class TestCombining:
    """`&` and `|` of querysets."""

    def test_both(self, authors):
        """They join the conditions."""
        ab, bc = authors.filter(name__in="ab"), authors.filter(name__in=["b", "c"])
        ab = authors.filter(name__in=["a", "b"])

        assert names(ab & bc) == "b"
        assert names(ab | bc) == "abc"
        assert names(ab | authors) == "abcde"

    def test_none(self, authors):
        """Nothing is neutral for or, and wins for and."""
        a = authors.filter(name="a")

        assert names(a | authors.none()) == "a"
        assert names(authors.none() | a) == "a"
        assert names(a & authors.none()) == ""
        assert names(authors.none() & a) == ""
        assert names(authors.none() | authors.none()) == ""

    def test_refused(self, authors):
        """Other documents and slices are refused."""
        with pytest.raises(
            TypeError, match=r"^Author: Cannot combine querysets of two documents\.$"
        ):
            authors | Book.objects.all()
        with pytest.raises(TypeError) as caught:
            authors[:2] | authors
        assert str(caught.value) == "Author: Cannot combine queries once a slice has been taken."


class TestNone:
    """`none()` never asks the server."""

    def test_everything(self, assert_num_commands):
        """Every read of nothing is nothing."""
        nothing = Event.objects.none()

        with assert_num_commands(0):
            assert list(nothing) == []
            assert list(nothing.iterator()) == []
            assert list(nothing.filter(rank=1)) == []
            assert (nothing.count(), nothing.count_up_to(5), nothing.estimated_count()) == (0, 0, 0)
            assert nothing.exists() is False
            assert nothing.first() is None
            assert nothing.last() is None
            assert nothing.distinct("rank") == []
            assert list(nothing.raw()) == []
            assert list(nothing.pipeline([{"$match": {}}])) == []
            assert nothing.aggregate() == {}
            assert list(nothing.values("rank")) == []
            with pytest.raises(Event.DoesNotExist):
                nothing.get()


class TestCopies:
    """Pickles and deep copies carry the result."""

    def test_pickle(self, authors, assert_num_commands):
        """The result comes along; chaining on it asks anew."""
        stored = pickle.dumps(authors.filter(name__gte="c"))

        with assert_num_commands(0):
            loaded = pickle.loads(stored)
            assert names(loaded) == "cde"
        assert names(loaded.filter(name__lt="e")) == "cd"
        assert loaded.model is Author

    @pytest.mark.parametrize("named", [False, True])
    def test_rows(self, authors, named):
        """So do rows, named ones too."""
        rows = authors.values_list("pk", "name", named=named)

        loaded = pickle.loads(pickle.dumps(rows))

        assert list(loaded) == list(rows)
        if named:
            assert loaded[0].name == "a"
            assert type(loaded[0]).__name__ == "Row"

    def test_custom(self):
        """A queryset class of one's own stays that class."""
        loaded = pickle.loads(pickle.dumps(Book.objects.long()))

        assert type(loaded) is type(Book.objects.all())
        assert loaded.long().query.compile_filter() == {"$and": [{"n": {"$gte": 300}}] * 2}

    def test_deepcopy(self, authors, assert_num_commands):
        """A deep copy has the same result and is independent."""
        list(authors)

        with assert_num_commands(0):
            assert names(copy.deepcopy(authors)) == "abcde"

    def test_class_body(self, authors, assert_num_commands):
        """A queryset in the body of a class is read for each use, not once for all."""

        class View:
            queryset = authors

        with assert_num_commands(2):
            list(View().queryset)
            list(View().queryset)
        assert View.queryset is authors


class TestManagers:
    """Managers and querysets of one's own."""

    def test_from_queryset(self, books):
        """The manager has the queryset's methods; its own queryset narrows."""
        books(
            {"title": "a", "n": 400, "published": True},
            {"title": "b", "n": 400, "published": False},
            {"title": "c", "n": 10, "published": True},
        )

        def titles(queryset):
            return sorted(book.title for book in queryset)

        assert titles(Book.objects.long()) == ["a", "b"]
        assert titles(Book.public.all()) == ["a", "c"]
        assert titles(Book.public.long()) == ["a"]
        assert titles(Book.public.filter(pages=10).long()) == []
        assert titles(Book.plain.long().filter(published=True)) == ["a"]
        assert not hasattr(Book.objects, "hint_free")
        assert not hasattr(Book.objects, "_private")
        assert Book._default_manager is Book.objects
        assert str(Book.public) == "shelf.Book.public"

    def test_instances(self):
        """A manager is of the class, not of its objects."""
        with pytest.raises(AttributeError):
            _ = Book(title="a").objects

    def test_alias(self):
        """`db_manager` is bound to an alias, the manager itself is not."""
        assert Author.objects.db_manager("slow").all().db == "slow"
        assert Author.objects.all().db == "default"
