"""Keyset paging: no stable row twice or never, whatever is stored."""

import datetime
import decimal

import pytest
from bson import (
    Binary,
    Code,
    DatetimeMS,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from django.core.exceptions import FieldError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docmodels.documents import Count
from docmodels.exceptions import InvalidPageToken
from tests.queryset.models import Account, Author, Book, Event

MISSING = object()
UTC = datetime.UTC

#: One value of every BSON type, and some that sort alike.
VALUES = [
    MISSING,
    None,
    False,
    True,
    0,
    -1,
    7,
    Int64(7),
    7.0,
    Decimal128("7.00"),
    Decimal128("0.1"),
    Decimal128("NaN"),
    float("nan"),
    float("inf"),
    float("-inf"),
    "",
    "a",
    "B",
    "ß",
    {},
    {"a": 1},
    {"a": 2},
    [],
    [None],
    [7],
    ["a"],
    Binary(b"x", 5),
    b"",
    ObjectId("650000000000000000000001"),
    ObjectId("650000000000000000000002"),
    datetime.datetime(2026, 1, 1, tzinfo=UTC),
    DatetimeMS(2**52),
    DatetimeMS(-(2**52)),
    Timestamp(1, 1),
    Regex("a"),
    Regex("b", "i"),
    Code("x"),
    MinKey(),
    MaxKey(),
]

#: Lists that are sorted by one element upwards and by another downwards.
LONG_LISTS = [[1, 9], [None, 7], ["a", 3], [{"a": 1}, True], [0, float("nan")]]

ORDERS = [
    ("kind",),
    ("-kind",),
    ("kind", "rank"),
    ("-kind", "rank"),
    ("kind", "-rank", "-pk"),
    ("rank", "-kind"),
    (),
]


def store(events, rows):
    """Store events with their number as the key."""
    raws = []
    for number, (kind, rank) in enumerate(rows):
        raw = {"_id": ObjectId(f"{number:024x}")}
        if kind is not MISSING:
            raw["kind"] = kind
        if rank is not MISSING:
            raw["rank"] = rank
        raws.append(raw)
    events.delete_many({})
    if raws:
        events.insert_many(raws)
    return [raw["_id"] for raw in raws]


kinds = st.sampled_from(VALUES)
ranks = st.sampled_from([MISSING, None, 1, 2, 3])
rows = st.lists(st.tuples(kinds, ranks), max_size=12)


class TestProperty:
    """Any rows, any order, any size of pages."""

    @given(rows=rows, order=st.sampled_from(ORDERS), size=st.integers(1, 4))
    @settings(
        max_examples=120,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_forward_and_back(self, events, rows, order, size):
        """Forward gives the order of the whole; backward from the end the same."""
        keys = store(events, rows)
        queryset = Event.objects.order_by(*order)
        sort = queryset._mark().sort
        expected = [raw["_id"] for raw in events.find({}, {"_id": 1}).sort(sort)]

        page, forward, backward = queryset.page(size=size), [], []
        while True:
            forward += [item.pk for item in page]
            if page.next is None:
                break
            page = queryset.page(size=size, after=page.next)
        backward = [item.pk for item in page]
        while page.previous is not None:
            page = queryset.page(size=size, before=page.previous)
            backward = [item.pk for item in page] + backward

        assert forward == expected
        assert backward == expected
        assert set(forward) == set(keys)

    @given(
        rows=st.lists(
            st.tuples(st.sampled_from(VALUES + LONG_LISTS), ranks), min_size=4, max_size=12
        ),
        order=st.sampled_from(ORDERS),
        size=st.integers(1, 3),
        changes=st.lists(
            st.tuples(st.sampled_from(["insert", "delete"]), kinds, ranks, st.integers(0, 11)),
            max_size=6,
        ),
    )
    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_changes_between_pages(self, events, rows, order, size, changes):
        """Rows that stay are seen exactly once, whatever comes and goes in between."""
        stable = set(store(events, rows))
        queryset = Event.objects.order_by(*order)
        pending, seen, page = list(changes), [], queryset.page(size=size)

        while True:
            seen += [item.pk for item in page]
            if pending:
                action, kind, rank, number = pending.pop()
                if action == "insert":
                    raw = {"_id": ObjectId()}
                    raw |= {} if kind is MISSING else {"kind": kind}
                    raw |= {} if rank is MISSING else {"rank": rank}
                    events.insert_one(raw)
                else:
                    gone = ObjectId(f"{number:024x}")
                    events.delete_one({"_id": gone})
                    stable.discard(gone)
            if page.next is None:
                break
            page = queryset.page(size=size, after=page.next)

        assert len(seen) == len(set(seen))
        assert stable <= set(seen)


class TestPage:
    """The parts of a page."""

    def test_tokens(self, events):
        """The first page has no previous, the last no next; a page is a sequence of items."""
        store(events, [(None, rank) for rank in (1, 2, 3)])

        first = Event.objects.page(size=2)
        second = Event.objects.page(size=2, after=first.next)
        again = Event.objects.page(size=2, before=second.previous)

        assert [event.rank for event in first] == [1, 2]
        assert (first.previous, first.size, len(first)) == (None, 2, 2)
        assert [event.rank for event in second.items] == [3]
        assert second.next is None
        assert [event.rank for event in again] == [1, 2]
        assert again.previous is None
        assert again.next is not None

    def test_empty(self, events):
        """Nothing has no neighbours."""
        page = Event.objects.page()

        assert (page.items, page.next, page.previous, page.size) == ([], None, None, 25)
        assert Event.objects.none().page().items == []

    def test_way_back(self, events):
        """Where all that came after is gone, or all before, there is still a way back."""
        keys = store(events, [(None, rank) for rank in range(6)])
        first = Event.objects.page(size=3)
        second = Event.objects.page(size=3, after=first.next)
        events.delete_many({"_id": {"$in": keys[3:]}})

        after = Event.objects.page(size=3, after=first.next)
        again = Event.objects.page(size=2, before=after.previous)
        events.delete_many({"_id": {"$in": keys[:3]}})
        events.insert_many([{"_id": keys[rank], "rank": rank} for rank in range(3, 6)])
        before = Event.objects.page(size=3, before=second.previous)

        assert (after.items, after.next) == ([], None)
        assert [event.rank for event in again] == [1, 2]
        assert again.previous is not None
        assert (before.items, before.previous) == ([], None)
        assert [event.rank for event in Event.objects.page(after=before.next)] == [3, 4, 5]

    def test_two_commands(self, events, assert_num_commands):
        """A page is one command."""
        store(events, [(n, n) for n in range(10)])

        with assert_num_commands(1):
            page = Event.objects.page(size=3)
        with assert_num_commands(1):
            Event.objects.page(size=3, after=page.next)

    def test_shapes(self, events):
        """Pages of values, of partly loaded documents and of annotated ones."""
        store(events, [(["x"] * n, n) for n in range(5)])
        by_rank = Event.objects.order_by("-rank")

        for queryset, read in (
            (by_rank.values("kind"), lambda row: len(row["kind"])),
            (by_rank.values_list("rank", flat=True), lambda row: row),
            (by_rank.only("kind"), lambda event: len(event.kind)),
            (by_rank.defer("rank"), lambda event: event.rank),
            (by_rank.annotate(n=Count("kind")), lambda event: event.n),
        ):
            page = queryset.page(size=2)
            rest = queryset.page(size=9, after=page.next)
            back = queryset.page(size=2, before=rest.previous)

            assert [read(row) for row in page] == [4, 3]
            assert [read(row) for row in rest] == [2, 1, 0]
            assert [read(row) for row in back] == [4, 3]

    def test_deferred_sort(self, events):
        """A field that was left out of documents stays left out."""
        store(events, [(1, n) for n in range(3)])

        page = Event.objects.only("kind").order_by("rank").page(size=2)

        assert page.items[0]._source.loaded == {"id", "kind"}

    def test_filter(self, events):
        """The filter of the query holds on every page."""
        store(events, [(n % 2, n) for n in range(10)])
        odd = Event.objects.filter(kind=1)

        page = odd.page(size=2)
        rest = odd.page(size=9, after=page.next)

        assert [event.rank for event in [*page, *rest]] == [1, 3, 5, 7, 9]

    def test_reversed(self, events):
        """`reverse()` turns pages around as well."""
        store(events, [(None, rank) for rank in (1, 2, 3)])
        queryset = Event.objects.reverse()

        page = queryset.page(size=2)

        assert [event.rank for event in page] == [3, 2]
        assert [event.rank for event in queryset.page(size=2, after=page.next)] == [1]

    def test_collation(self, mongo):
        """The order of a language holds across pages."""
        for name in ("b", "A", "a", "B", "ä"):
            Account.objects.create(name=name)
        queryset = Account.objects.order_by("name").collation("de")

        page = queryset.page(size=2)
        rest = queryset.page(size=9, after=page.next)

        assert [account.name for account in [*page, *rest]] == ["a", "A", "ä", "b", "B"]

    def test_decimal(self, books):
        """Decimals are kept exact in tokens."""
        books(*({"title": str(n), "price": Decimal128(f"0.{n}")} for n in range(1, 5)))
        queryset = Book.objects.order_by("price")

        page = queryset.page(size=3)

        assert page.items[-1].price == decimal.Decimal("0.3")
        assert [book.title for book in queryset.page(after=page.next)] == ["4"]


class TestMistakes:
    """What paging refuses."""

    @pytest.mark.parametrize("token", ["", "x", "x:y", "W10:abc", "é", "\x00"])
    @pytest.mark.parametrize("way", ["after", "before"])
    def test_forged(self, token, way):
        """Anything that was not signed here is an error."""
        with pytest.raises(InvalidPageToken) as caught:
            Event.objects.page(**{way: token})

        assert str(caught.value) == "The page token is damaged or was not made here."
        assert isinstance(caught.value, ValueError)

    def test_changed(self, events):
        """One changed character is enough."""
        store(events, [(None, n) for n in range(5)])
        token = Event.objects.page(size=2).next

        for position in (0, len(token) // 2, len(token) - 1):
            letter = "A" if token[position] != "A" else "B"
            forged = token[:position] + letter + token[position + 1 :]
            with pytest.raises(InvalidPageToken):
                Event.objects.page(size=2, after=forged)

    def test_foreign(self, events):
        """A token serves its document class and order only."""
        store(events, [(None, n) for n in range(5)])
        token = Event.objects.page(size=2).next

        for queryset in (
            Event.objects.order_by("-rank"),
            Event.objects.order_by("rank", "kind"),
            Event.objects.collation("de"),
            Author.objects.order_by("pk"),
        ):
            with pytest.raises(InvalidPageToken) as caught:
                queryset.page(after=token)

            assert str(caught.value) == "The page token was made for another query or order."

    def test_arguments(self):
        """Sizes and directions that make no sense are named."""
        with pytest.raises(ValueError) as caught:
            Event.objects.page(size=0)
        assert str(caught.value) == "Event.page(): size: 0, expected 1 or more."

        with pytest.raises(ValueError) as caught:
            Event.objects.page(after="a", before="b")
        assert str(caught.value) == "Event.page(): both after and before, expected one of them."

    @pytest.mark.parametrize(
        "queryset",
        [
            Event.objects.all()[:5],
            Event.objects.values("rank").annotate(Count("pk")),
            Book.objects.unwind("tags"),
        ],
        ids=["slice", "group", "unwind"],
    )
    def test_no_plain_query(self, queryset):
        """Rows that are no documents have no key to start after."""
        with pytest.raises(FieldError) as caught:
            queryset.page()

        assert str(caught.value) == (
            f"{queryset.model.__name__}.page(): a slice, a group, unwind() or union(), expected a "
            f"plain query."
        )

    @pytest.mark.parametrize("path", ["tags", "chapters__title", "tags__0"])
    def test_lists(self, path):
        """A list has no single value to start after."""
        with pytest.raises(FieldError) as caught:
            Book.objects.order_by(path).page()

        assert str(caught.value) == (
            f"Book.page(): ordered by {path!r}, which crosses a list, expected a path with one "
            f"value."
        )
