"""Reads that end a chain, partly loaded documents, rows, cursors."""

import datetime
import decimal

import pytest
from bson import Decimal128, Int64, ObjectId
from django.core.exceptions import FieldError

from docmodels.documents import Count
from docmodels.exceptions import DeadlineExceeded
from docmodels.testing import record_commands
from tests.queryset.models import Account, Author, Book, Event

UTC = datetime.UTC


@pytest.fixture
def ranked(events):
    """Store events of rank 1 to 5, each a day later."""
    events.insert_many(
        [
            {"rank": rank, "kind": "odd" if rank % 2 else "even",
             "at": datetime.datetime(2026, 1, rank, tzinfo=UTC)}
            for rank in (3, 1, 2, 5, 4)
        ]
    )  # fmt: skip
    return Event.objects


class TestOne:
    """`get`, `first`, `last`, `earliest`, `latest`."""

    def test_get(self, ranked, assert_num_commands):
        """The only match, in one command that fetches two at most."""
        with assert_num_commands(1) as commands:
            assert ranked.get(rank=3).rank == 3

        assert commands[0].command["limit"] == 2
        with pytest.raises(Event.DoesNotExist) as caught:
            ranked.get(rank=9)
        assert str(caught.value) == "Event matching query does not exist."
        with pytest.raises(Event.MultipleObjectsReturned) as caught:
            ranked.get(kind="odd")
        assert str(caught.value) == "get() returned more than one Event."

    def test_first_and_last(self, ranked):
        """By the order, or by the key where there is none."""
        assert ranked.first().rank == 1
        assert ranked.last().rank == 5
        assert ranked.order_by("-at").first().rank == 5
        assert ranked.order_by().first() == ranked.order_by("pk").first()
        assert ranked.order_by().last() == ranked.order_by("-pk").first()
        assert ranked.filter(rank=9).first() is None
        assert ranked.filter(rank=9).last() is None
        assert ranked.all()[1:3].first().rank == 2

    def test_extremes(self, ranked):
        """By the names given, or by `get_latest_by`."""
        assert ranked.latest().rank == 5
        assert ranked.earliest().rank == 1
        assert ranked.latest("kind", "-rank").rank == 1
        with pytest.raises(Event.DoesNotExist):
            ranked.filter(rank=9).latest()
        with pytest.raises(ValueError) as caught:
            Author.objects.latest()
        assert str(caught.value) == (
            "Author.earliest() and latest() require either fields as positional arguments or "
            "'get_latest_by' in the document's Meta."
        )


class TestNumbers:
    """Counts of all kinds."""

    def test_counts(self, ranked):
        """Exact, bounded, estimated, and of slices and rows."""
        assert ranked.count() == 5
        assert ranked.filter(kind="odd").count() == 3
        assert ranked.all()[1:3].count() == 2
        assert ranked.all()[4:9].count() == 1
        assert ranked.count_up_to(3) == 4
        assert ranked.count_up_to(5) == 5
        assert ranked.all()[:2].count_up_to(3) == 2
        assert ranked.estimated_count() == 5
        assert ranked.exists() is True
        assert ranked.filter(rank=9).exists() is False
        assert ranked.values("kind").distinct().count() == 2

    def test_estimate(self, ranked):
        """An estimate knows the whole collection only."""
        with pytest.raises(FieldError) as caught:
            ranked.filter(rank=1).estimated_count()

        assert str(caught.value) == (
            "Event.estimated_count() knows the whole collection only, use count() or count_up_to()."
        )

    def test_contains(self, ranked):
        """Whether a document is in the result, also in a slice."""
        first = ranked.first()

        assert ranked.contains(first)
        assert ranked.all()[:1].contains(first)
        assert not ranked.all()[1:].contains(first)
        assert not ranked.filter(kind="even").contains(first)
        assert not ranked.contains(Author(name="a"))


class TestBulk:
    """`in_bulk` and `distinct`."""

    def test_in_bulk(self):
        """Documents by key, or by another unique field."""
        a, b = Account.objects.create(name="a"), Account.objects.create(name="b")

        assert Account.objects.in_bulk() == {a.pk: a, b.pk: b}
        assert Account.objects.in_bulk([str(a.pk), ObjectId()]) == {a.pk: a}
        assert Account.objects.in_bulk([]) == {}
        assert Account.objects.in_bulk(["b", "x"], field_name="name") == {"b": b}
        with pytest.raises(ValueError) as caught:
            Account.objects.in_bulk(field_name="visits")
        assert str(caught.value) == (
            "Account.in_bulk()'s field_name must be a unique field but 'visits' isn't."
        )

    def test_distinct(self, books):
        """Distinct values at a path, of lists each element, as Python values."""
        books(
            {"title": "a", "tags": ["x", "y"], "price": Decimal128("1.5"),
             "day": datetime.datetime(2026, 1, 1, tzinfo=UTC), "chapters": [{"p": 1}, {"p": 2}]},
            {"title": "b", "tags": ["y"], "price": Decimal128("1.5"), "chapters": [{"p": 2}]},
        )  # fmt: skip

        assert Book.objects.distinct("tags") == ["x", "y"]
        assert Book.objects.distinct("price") == [decimal.Decimal("1.5")]
        assert Book.objects.distinct("day") == [datetime.date(2026, 1, 1)]
        assert Book.objects.distinct("chapters__pages") == [1, 2]
        assert Book.objects.filter(title="b").distinct("tags") == ["y"]
        assert sorted(Book.objects.values_list("price", flat=True).distinct()) == [
            decimal.Decimal("1.5")
        ]


class TestLoading:
    """`only`, `defer`, hidden fields."""

    @pytest.fixture
    def book(self):
        """Store a book with every kind of field."""
        return Book.objects.create(title="a", pages=3, tags=["x"], secret="s")

    def test_only(self, book, assert_num_commands):
        """What was left out is loaded in one command when it is read, then kept."""
        with assert_num_commands(1):
            loaded = Book.objects.only("title").get()
            assert (loaded.title, loaded.pk) == ("a", book.pk)

        with assert_num_commands(1):
            assert loaded.pages == 3
            assert loaded.pages == 3
        with assert_num_commands(1):
            assert loaded.tags == ["x"]

    def test_defer(self, book, assert_num_commands):
        """Deferring adds up, and `None` takes it back."""
        with assert_num_commands(2):
            loaded = Book.objects.defer("pages").defer("tags").get()
            assert (loaded.title, loaded.pages) == ("a", 3)
        with assert_num_commands(1):
            assert Book.objects.defer("pages").defer(None).get().pages == 3
        with assert_num_commands(2):
            assert Book.objects.only("title", "pages").defer("pages").get().pages == 3

    def test_saved(self, book, mongo):
        """Saving a partly loaded document writes what was changed, and nothing else."""
        loaded = Book.objects.only("title").get()
        loaded.title = "b"

        with record_commands() as commands:
            loaded.save()

        (update,) = commands[0].command["updates"]
        assert update["u"]["$set"].keys() == {"title", "touched_at"}
        assert Book.objects.get().pages == 3

    def test_hidden(self, book, assert_num_commands):
        """A hidden field is loaded when it is asked for, ahead or on access."""
        with assert_num_commands(1):
            assert Book.objects.select("+secret").get().secret == "s"
        with assert_num_commands(1):
            assert Book.objects.only("secret").get().secret == "s"
        with assert_num_commands(2):
            assert Book.objects.get().secret == "s"
        assert "secret" not in Book.objects.values()[0]
        assert Book.objects.values("secret")[0] == {"secret": "s"}


class TestRows:
    """`values` and `values_list`."""

    def test_shapes(self, books):
        """Dicts, tuples, single values, named tuples, of nested paths too."""
        books(
            {"title": "a", "n": 1, "cover": {"color": "red"}, "tags": ["x", "y"],
             "chapters": [{"title": "t", "p": 3}, {"title": "u"}], "counts": {"k": 5}},
            {"title": "b"},
        )  # fmt: skip
        queryset = Book.objects.order_by("title")

        assert list(queryset.values("title", "pages")) == [
            {"title": "a", "pages": 1},
            {"title": "b", "pages": None},
        ]
        assert list(queryset.values_list("title", "cover__color")) == [("a", "red"), ("b", None)]
        assert list(queryset.values_list("chapters__pages", flat=True)) == [[3], None]
        assert list(queryset.values_list("chapters__0__title", flat=True)) == ["t", None]
        assert list(queryset.values_list("tags__1", flat=True)) == ["y", None]
        assert list(queryset.values_list("counts__k", flat=True)) == [5, None]
        row = queryset.values_list("title", "cover__color", named=True)[0]
        assert (row.title, row.cover__color) == ("a", "red")
        assert queryset.values("pk").first() == {"pk": queryset.first().pk}
        assert queryset.values("title").get(title="b") == {"title": "b"}

    def test_mistakes(self):
        """Flat is for one path."""
        with pytest.raises(TypeError) as caught:
            Book.objects.values_list("title", "pages", flat=True)
        assert str(caught.value) == (
            "Book: 'flat' is not valid when values_list is called with more than one field."
        )
        with pytest.raises(TypeError) as caught:
            Book.objects.values_list("title", flat=True, named=True)
        assert str(caught.value) == "Book: 'flat' and 'named' can't be used together."

    def test_raw(self, books):
        """`raw()` gives what is stored, every BSON type kept."""
        books({"title": "a", "n": Int64(5), "price": Decimal128("1.50"), "zzz": [1, 2.0]})

        (raw,) = Book.objects.filter(title="a").raw()

        assert type(raw["n"]) is Int64
        assert raw["price"] == Decimal128("1.50")
        assert raw["zzz"] == [1, 2.0]

    def test_raw_filter(self, books):
        """A filter in MongoDB's own form joins the others."""
        books({"title": "a", "zzz": 1}, {"title": "b", "zzz": 1}, {"title": "c"})

        queryset = Book.objects.raw_filter({"zzz": {"$gt": 0}}).exclude(title="a")

        assert [book.title for book in queryset] == ["b"]
        assert Book.objects.raw_filter({"zzz": 1}).update(title="x") == 2


class TestCursors:
    """Cursors end with those who read them."""

    def test_batches(self, ranked, assert_num_commands):
        """`iterator` fetches so many at a time and keeps nothing."""
        queryset = ranked.all()

        with assert_num_commands(3):
            assert len(list(queryset.iterator(chunk_size=2))) == 5
        assert queryset._result_cache is None
        with pytest.raises(ValueError, match=r"^Event: Chunk size must be strictly positive\.$"):
            list(queryset.iterator(chunk_size=0))

    @pytest.mark.parametrize(
        "read",
        [
            list,
            lambda queryset: queryset[:3].get(),
            lambda queryset: queryset.count(),
            lambda queryset: queryset.exists(),
            lambda queryset: queryset.distinct("rank"),
            lambda queryset: queryset.aggregate(Count("*")),
            lambda queryset: list(queryset.raw()),
            lambda queryset: list(queryset.pipeline([{"$match": {}}])),
        ],
        ids=["list", "get", "count", "exists", "distinct", "aggregate", "raw", "pipeline"],
    )
    def test_deadline(self, ranked, read):
        """A query that takes longer than `max_time_ms` is ended."""
        body = "function() { sleep(200); return true }"
        sleep = {"$function": {"body": body, "args": [], "lang": "js"}}
        slow = ranked.raw_filter({"$expr": sleep}).max_time_ms(60)

        with pytest.raises(DeadlineExceeded):
            read(slow)


@pytest.mark.parametrize("given", ["x", None, [("a", 1)]])
def test_raw_filter_takes_a_dict(given):
    """Anything else is told so."""
    with pytest.raises(TypeError) as caught:
        Book.objects.raw_filter(given)

    assert str(caught.value) == f"Book.raw_filter(): {given!r}, expected a dict in MongoDB's form."
