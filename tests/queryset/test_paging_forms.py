"""Keyset paging of nested paths, collations, partly loaded documents, rows and computed values."""

import datetime

import pytest
from bson import Decimal128, ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docmodels import documents
from docmodels.documents import Count, Slice
from docmodels.exceptions import InvalidPageToken
from tests.queryset.models import Book, Event

MISSING = object()
UTC = datetime.UTC
DAY = datetime.timedelta(days=1)


class Sign(documents.EmbeddedDocument):
    color = documents.AnyField(blank=True, null=True, db_field="c")

    class Meta:
        app_label = "shelf"


class Post(documents.Document):
    """Something to sort by inside of something else."""

    sign = documents.EmbeddedField(Sign, blank=True, null=True)
    rank = documents.IntegerField(blank=True, null=True)
    name = documents.AnyField(blank=True, null=True)
    tags = documents.ListField(documents.CharField())

    class Meta:
        app_label = "shelf"


COLORS = [
    MISSING, None, "", "a", "A", "ä", "b", "B", 1, 1.5, Decimal128("1"), True, {}, [], ["a"],
    datetime.datetime(2026, 1, 1, tzinfo=UTC), ObjectId("650000000000000000000001"),
]  # fmt: skip
#: What may be stored in place of the embedded document.
PARENTS = [MISSING, None, 5, "text", {}]

FORMS = {
    "nested": Post.objects.order_by("sign__color"),
    "nested, downwards": Post.objects.order_by("-sign__color", "rank"),
    "nested, behind another": Post.objects.order_by("rank", "-sign__color"),
    "mixed ways": Post.objects.order_by("-rank", "name", "-pk"),
    "collation": Post.objects.order_by("name").collation({"locale": "de", "strength": 1}),
    "collation, downwards": Post.objects.order_by("-name", "rank").collation("de"),
    "only": Post.objects.order_by("name", "-rank").only("tags"),
    "deferred": Post.objects.order_by("name").defer("name"),
    "part of a list": Post.objects.order_by("name").select(Slice("tags", 1)),
    "lazy": Post.objects.order_by("-name").lazy(),
    "annotated": Post.objects.annotate(n=Count("tags")).order_by("name"),
    "filtered by what is computed": (
        Post.objects.annotate(n=Count("tags")).filter(n__gte=1).order_by("-name")
    ),
    "rows": Post.objects.order_by("sign__color", "rank").values("pk", "name"),
    "one of several": Post.objects.filter(rank__in=[1, 2]).order_by("-sign__color"),
    "several conditions": (
        Post.objects.filter(tags__in=["x", "y"]).exclude(rank=1).order_by("name", "rank")
    ),
    "without an order": Post.objects.order_by(),
}


def key_of(item):
    """Give the key of a document or of a row."""
    return item["pk"] if isinstance(item, dict) else item.pk


@st.composite
def raws(draw):
    """Draw a stored post without its key."""
    raw = {"tags": draw(st.sampled_from([[], ["x"], ["x", "y"]]))}
    color = draw(st.sampled_from(COLORS))
    sign = draw(st.sampled_from(PARENTS)) if color is MISSING else {"c": color}
    for name, value in (
        ("sign", sign),
        ("rank", draw(st.sampled_from([MISSING, None, 1, 2]))),
        ("name", draw(st.sampled_from(COLORS))),
    ):
        if value is not MISSING:
            raw[name] = value
    return raw


def walk(queryset, collection, size, changes, stable):
    """
    Turn all pages, forwards and back, with one of the changes after each of the first.

    Return the keys that were seen, of which none comes twice and none of
    `stable` never; a row that a change deletes is taken from there.
    """
    pending = list(changes)
    forward, page = [], queryset.page(size=size)
    while True:
        forward += map(key_of, page)
        if pending:
            change = pending.pop()
            if isinstance(change, int):
                collection.delete_one({"_id": ObjectId(f"{change:024x}")})
                stable.discard(ObjectId(f"{change:024x}"))
            else:
                collection.insert_one({"_id": ObjectId(), **change})
        following = page.next and queryset.page(size=size, after=page.next)
        if not following:
            # The end, or all that came after is gone.
            break
        page = following
    backward = [key_of(item) for item in page]
    while page.previous is not None:
        page = queryset.page(size=size, before=page.previous)
        backward = [*map(key_of, page), *backward]

    for seen in (forward, backward):
        assert len(seen) == len(set(seen))
        assert stable <= set(seen)
    return forward, backward


@pytest.mark.parametrize("form", FORMS)
@given(
    stored=st.lists(raws(), max_size=10),
    size=st.integers(1, 3),
    changes=st.lists(st.one_of(raws(), st.integers(0, 9)), max_size=4),
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_stable_row_once(mongo, form, stored, size, changes):
    """Forward and back, while documents come and go between the pages."""
    queryset = FORMS[form]
    collection = mongo.collection(Post._meta.collection)
    collection.delete_many({})
    keys = [ObjectId(f"{number:024x}") for number in range(len(stored))]
    if stored:
        collection.insert_many([{"_id": key, **raw} for key, raw in zip(keys, stored, strict=True)])
    whole = [key_of(item) for item in queryset.all()]
    stable = set(whole)
    forward, backward = walk(queryset, collection, size, changes, stable)

    # Without changes it is the order of the whole, made total by the key.
    if not changes:
        sort = queryset._mark().sort
        where = queryset.query.compile_filter()
        raw = collection.find(where, {"_id": 1}, collation=queryset.query.options.get("collation"))
        expected = [found["_id"] for found in raw.sort(sort) if found["_id"] in stable]
        assert forward == backward == expected


class TestBound:
    """A token serves its query only."""

    @pytest.fixture
    def token(self, events):
        """Give the token of a page of some events."""
        events.insert_many([{"rank": n, "kind": "x", "at": DAY * n + NOW} for n in range(6)])
        return events_of("x").page(size=2).next

    @pytest.mark.parametrize(
        "other",
        [
            lambda: Event.objects.filter(kind="y"),
            lambda: Event.objects.all(),
            lambda: Event.objects.exclude(kind="x"),
            lambda: events_of("x").filter(rank__gt=1),
            lambda: events_of("x").collation("de"),
            lambda: events_of("x").order_by("-rank"),
            lambda: events_of("x").reverse(),
            lambda: events_of("x").raw_filter({"rank": 1}),
        ],
        ids=["value", "none", "exclude", "more", "collation", "order", "reverse", "raw"],
    )
    def test_changed(self, token, other):
        """Another filter, order or collation is another query."""
        with pytest.raises(InvalidPageToken) as caught:
            other().page(after=token)

        assert str(caught.value) == "The page token was made for another query or order."

    def test_same(self, token):
        """Size, projection, options and the way it was put together do not count."""
        for queryset in (
            events_of("x").only("rank"),
            events_of("x").comment("why").max_time_ms(5000),
            events_of("x").values("rank"),
            Event.objects.complex_filter({"kind": "x"}),
        ):
            assert len(queryset.page(size=3, after=token)) == 3
        one = Event.objects.filter(kind="x").filter(rank__gte=0)
        other = Event.objects.filter(rank__gte=0).filter(kind="x")
        assert other.page(size=2, after=one.page(size=2).next)

    def test_times_move_on(self, events, token):
        """A condition on the present is the same a moment later."""
        first = Event.objects.filter(at__lte=NOW + 3 * DAY)
        later = Event.objects.filter(at__lte=NOW + 4 * DAY)

        page = later.page(size=9, after=first.page(size=2).next)

        assert [event.rank for event in page] == [2, 3, 4]

    def test_beside(self, events, token):
        """What is beside a stored document, whether or not the filter finds it."""
        (raw,) = events.find({"rank": 2})
        odd = Event.objects.filter(rank__in=[1, 3, 5])

        after, before = odd.page_beside(raw), odd.page_beside(raw, back=True)

        assert [event.rank for event in after] == [3]
        assert [event.rank for event in before] == [1]
        assert [event.rank for event in odd.page(after=after.next)] == [5]

    def test_hidden_values(self, books, settings):
        """Sort values are in the token for all to read: a token is signed, not secret."""
        books({"title": "a"}, {"title": "b"})
        token = Book.objects.order_by("title").page(size=1).next

        settings.SECRET_KEY = "another"

        with pytest.raises(InvalidPageToken):
            Book.objects.order_by("title").page(size=1, after=token)


NOW = datetime.datetime(2026, 1, 1, tzinfo=UTC)


def events_of(kind):
    """Give the events of a kind, in the order of the class."""
    return Event.objects.filter(kind=kind)
