"""`union`, `intersection`, `difference` and `sample`."""

import pickle

import pytest
from django.core.exceptions import FieldError

from docmodels.documents import Count, Slice
from docmodels.exceptions import InvalidPageToken, NotSupportedError
from docmodels.testing import record_commands
from tests.queryset.models import Account, Author, Book, Event


@pytest.fixture
def ranked(events):
    """Store events of rank 1 to 6, odd and even."""
    events.insert_many([{"rank": n, "kind": "odd" if n % 2 else "even"} for n in range(1, 7)])
    return Event.objects


def ranks(queryset):
    """Give the ranks of the events, sorted."""
    return sorted(event.rank for event in queryset)


class TestUnion:
    """Documents and rows of several querysets."""

    def test_distinct(self, ranked):
        """Each document once, however many find it; with `all` as often as found."""
        low, odd = ranked.filter(rank__lte=3), ranked.filter(kind="odd")

        assert ranks(low.union(odd)) == [1, 2, 3, 5]
        assert ranks(low.union(odd, all=True)) == [1, 1, 2, 3, 3, 5]
        assert ranks(low.union(odd, ranked.filter(rank=6))) == [1, 2, 3, 5, 6]
        assert ranks(low.union()) == [1, 2, 3]
        assert all(isinstance(event, Event) for event in low.union(odd))

    def test_one_command(self, ranked):
        """One aggregation, with the parts as `$unionWith`."""
        with record_commands() as commands:
            list(ranked.filter(rank=1).union(ranked.filter(rank=2), all=True))

        assert [sent.command["pipeline"] for sent in commands if sent.name == "aggregate"] == [
            [
                {"$match": {"rank": 1}},
                {"$unionWith": {"coll": "shelf_event", "pipeline": [{"$match": {"rank": 2}}]}},
            ]
        ]

    def test_order_and_cut(self, ranked):
        """The union is ordered and cut; parts that are cut keep their own order for it."""
        union = ranked.order_by("rank")[:2].union(ranked.order_by("-rank")[:2])

        assert [event.rank for event in union.order_by("-rank")] == [6, 5, 2, 1]
        assert [event.rank for event in union.order_by("rank")[1:3]] == [2, 5]
        assert [event.rank for event in union.order_by("rank").reverse()] == [6, 5, 2, 1]
        assert union.order_by("rank").first().rank == 1
        assert union.order_by("rank").last().rank == 6
        assert union.order_by("rank")[3].rank == 6
        assert not union.ordered

    def test_numbers(self, ranked):
        """It can be counted and asked."""
        union = ranked.filter(rank__lte=3).union(ranked.filter(kind="odd"))
        one = ranked.filter(rank=1).union(ranked.filter(rank=1))

        assert (union.count(), len(union), union.exists()) == (4, 4, True)
        assert (union.count_up_to(2), union.all()[1:3].count()) == (3, 2)
        assert one.get().rank == 1
        assert union.contains(ranked.get(rank=5))
        assert not union.contains(ranked.get(rank=6))
        assert union.aggregate(n=Count("*")) == {"n": 4}

    def test_nested(self, ranked):
        """A union of unions, and of what is empty."""
        union = ranked.filter(rank=1).union(ranked.filter(rank=2))

        assert ranks(union.union(ranked.filter(rank=3))) == [1, 2, 3]
        assert ranks(ranked.filter(rank=3).union(union)) == [1, 2, 3]
        assert ranks(union.union(ranked.none())) == [1, 2]
        assert ranks(ranked.none().union(union)) == [1, 2]
        assert list(ranked.none().union(ranked.none())) == []

    def test_partly_loaded(self, ranked, assert_num_commands):
        """The projection is that of the first one."""
        # The aggregation, its batch, and what was left out.
        with assert_num_commands(3):
            (event,) = ranked.only("rank").filter(rank=1).union(ranked.filter(rank=1))
            assert (event.rank, event.kind) == (1, "odd")

    def test_hidden(self, books):
        """Hidden fields stay hidden."""
        books({"title": "a", "secret": "s"})

        (book,) = Book.objects.filter(title="a").union(Book.objects.filter(title="b"))

        assert book._source.loaded is not None
        assert "secret" not in book.to_dict()

    def test_annotated(self, books):
        """Computed values come along, where all have them."""
        books({"title": "a", "tags": ["x"]}, {"title": "b", "tags": ["x", "y"]})
        counted = Book.objects.annotate(n=Count("tags"))

        union = counted.filter(title="a").union(counted.filter(n=2)).order_by("-n")

        assert [(book.title, book.n) for book in union] == [("b", 2), ("a", 1)]
        with pytest.raises(FieldError) as caught:
            counted.union(Book.objects.all())
        assert str(caught.value) == "Book.union(): other annotations, expected the same ones."

    def test_rows(self, ranked):
        """Rows of two classes, paired by their place."""
        Account.objects.create(name="even", visits=2)
        Account.objects.create(name="nobody", visits=9)
        events = ranked.filter(rank__lte=2).values("kind", "rank")

        union = events.union(Account.objects.values_list("name", "visits")).order_by("rank")

        assert list(union) == [
            {"kind": "odd", "rank": 1},
            {"kind": "even", "rank": 2},
            {"kind": "nobody", "rank": 9},
        ]
        assert events.union(Account.objects.values("name", "visits"), all=True).count() == 4
        others = events.none().union(Account.objects.values("name", "visits")).order_by("rank")
        assert others[0] == {"kind": "even", "rank": 2}

    def test_flat_rows(self, ranked):
        """Single values, of groups too; null and missing are one."""
        ranked.create(kind=None, rank=0)
        Author.objects.create(name="odd")
        kinds = ranked.values_list("kind", flat=True)

        assert set(kinds.union(Author.objects.values_list("name"))) == {"odd", "even", None}
        counts = ranked.filter(rank__gt=0).values("kind").annotate(n=Count("pk"))
        rows = counts.values_list("kind", "n").union(Author.objects.values_list("name", "name"))
        assert set(rows) == {("even", 3), ("odd", "odd"), ("odd", 3)}

    def test_later_shapes(self, ranked):
        """The documents of a union may be shaped afterwards."""
        union = ranked.filter(rank=1).union(ranked.filter(rank=2)).order_by("rank")

        assert list(union.values_list("rank", flat=True)) == [1, 2]
        assert list(union.values("kind")) == [{"kind": "odd"}, {"kind": "even"}]

    def test_pickled(self, ranked):
        """A pickled union has its result, and is still a union when it is read again."""
        union = pickle.loads(pickle.dumps(ranked.filter(rank=1).union(ranked.filter(rank=2))))

        assert ranks(union) == ranks(union.all()) == [1, 2]

    @pytest.mark.parametrize(
        ("narrow", "method"),
        [
            (lambda union: union.filter(rank=1), "filter(), exclude()"),
            (lambda union: union.exclude(rank=1), "filter(), exclude()"),
            (lambda union: union.get(rank=1), "filter(), exclude()"),
            (lambda union: union.raw_filter({}), "raw_filter()"),
            (lambda union: union.annotate(n=Count("kind")), "annotate()"),
            (lambda union: union.unwind("kind"), "unwind()"),
            (lambda union: union.only("kind"), "only()"),
            (lambda union: union.defer("kind"), "defer()"),
            (lambda union: union.select("kind"), "select()"),
            (lambda union: union.values("kind").distinct(), "distinct()"),
        ],
        ids=["filter", "exclude", "get", "raw", "annotate", "unwind", "only", "defer", "select",
             "distinct"],
    )  # fmt: skip
    def test_refused(self, ranked, narrow, method):
        """What would have to go into each part is said of each part."""
        with pytest.raises(NotSupportedError) as caught:
            narrow(ranked.all().union(ranked.all()))

        assert str(caught.value) == (
            f"Event: {method} after union(), expected it before. Order, slices, counts and "
            f"values() may follow."
        )

    @pytest.mark.parametrize(
        ("make", "error", "message"),
        [
            (lambda: Event.objects.union("x"), TypeError,
             "Event.union(): 'x', expected querysets."),
            (lambda: Event.objects.union(Event.objects.using("slow")), ValueError,
             "Event.union(): a queryset of 'slow', expected all of 'default'."),
            (lambda: Event.objects.union(Author.objects.all()), TypeError,
             "Event.union(): documents of shelf.Author and of shelf.Event, expected values() or "
             "values_list() of both."),
            (lambda: Event.objects.values("rank").union(Author.objects.all()), FieldError,
             "Event.union(): rows of other lengths, expected as many paths in each."),
            (lambda: Event.objects.union(Event.objects.all()).page(), FieldError,
             "Event.page(): a slice, a group, unwind() or union(), expected a plain query."),
            (lambda: Event.objects.union(Event.objects.all()).update(rank=1), FieldError,
             "Event: Cannot update() after values(), annotate() or unwind()."),
            (lambda: Event.objects.union(Event.objects.all()) | Event.objects.all(), FieldError,
             "Event: Cannot combine queries that group, unwind or annotate."),
            (lambda: list(Book.objects.select(Slice("tags", 1)).union(Book.objects.all())),
             FieldError,
             "Book: a part of 'tags' beside annotate(), unwind() or union(), expected one of "
             "them."),
        ],
        ids=["text", "alias", "class", "length", "page", "update", "or", "part"],
    )  # fmt: skip
    def test_mistakes(self, make, error, message):
        """What cannot be one result is named."""
        with pytest.raises(error) as caught:
            make()

        assert str(caught.value) == message


class TestSets:
    """`intersection` and `difference` stay ordinary querysets."""

    def test_intersection(self, ranked):
        """What all find."""
        found = ranked.filter(rank__lte=4).intersection(
            ranked.filter(kind="even"), ranked.filter(rank__gt=2)
        )

        assert ranks(found) == [4]
        assert ranks(found.filter(rank=4)) == [4]
        assert not found.query.is_pipeline
        assert ranks(ranked.all().intersection(ranked.none())) == []

    def test_difference(self, ranked):
        """What the others do not find, missing and null included."""
        ranked.create(rank=7)

        found = ranked.all().difference(ranked.filter(kind="even"), ranked.filter(rank=1))

        assert ranks(found) == [3, 5, 7]
        assert ranks(found.exclude(rank=7)) == [3, 5]
        assert ranks(ranked.all().difference(ranked.none())) == [1, 2, 3, 4, 5, 6, 7]
        assert ranks(ranked.all().difference(ranked.all())) == []

    def test_cut(self, ranked):
        """A slice has no filter that says it."""
        with pytest.raises(TypeError) as caught:
            ranked.all().difference(ranked.all()[:2])

        assert str(caught.value) == "Event: Cannot combine queries once a slice has been taken."


class TestSample:
    """`sample`."""

    def test_some(self, ranked):
        """So many of those that match, each once."""
        found = ranked.filter(kind="odd").sample(2)

        assert len(found) == 2
        assert set(ranks(found)) <= {1, 3, 5}
        assert len(set(ranks(found))) == 2
        assert len(ranked.sample(50)) == 6

    def test_others_each_time(self, ranked):
        """Every evaluation draws anew."""
        sample = ranked.sample(3)

        drawn = {tuple(ranks(sample.all())) for _number in range(40)}

        assert len(drawn) > 1
        assert ranks(sample) == ranks(sample)

    def test_ordered_and_shaped(self, ranked):
        """What was drawn can be ordered, shaped and counted."""
        sample = ranked.only("rank").sample(6)

        assert [event.rank for event in sample.order_by("-rank")] == [6, 5, 4, 3, 2, 1]
        assert sorted(sample.values_list("rank", flat=True)) == [1, 2, 3, 4, 5, 6]
        assert sample.count() == 6
        assert sample.pipeline() == [
            {"$project": {"_id": 1, "rank": 1, "__v": 1}},
            {"$sample": {"size": 6}},
        ]

    def test_of_a_slice(self, ranked):
        """Drawn from the first ones of an order."""
        assert set(ranks(ranked.order_by("-rank")[:2].sample(2))) == {5, 6}

    def test_mistakes(self, ranked):
        """A sample of nothing, and narrowing what was drawn."""
        with pytest.raises(ValueError) as caught:
            ranked.sample(0)
        assert str(caught.value) == "Event.sample(): 0, expected 1 or more."
        with pytest.raises(NotSupportedError):
            ranked.sample(1).filter(rank=1)
        assert list(ranked.none().sample(2)) == []


class TestTokens:
    """Pages of ordinary querysets that came of sets."""

    def test_bound(self, ranked):
        """A token of one set is none of another."""
        token = ranked.all().difference(ranked.filter(rank=1)).page(size=2).next

        with pytest.raises(InvalidPageToken):
            ranked.all().difference(ranked.filter(rank=2)).page(size=2, after=token)
