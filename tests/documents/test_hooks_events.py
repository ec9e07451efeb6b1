"""Every event of queries: which methods it is announced for, before and after."""

import pytest

from docmodels import documents
from docmodels.documents import Sum
from docmodels.documents.hooks import QUERY_EVENTS

SEEN = []


def announce(event):
    """Return a pair of hooks of an event."""

    @classmethod
    def before(cls, queryset):
        SEEN.append(f"pre {event}")

    @classmethod
    def after(cls, queryset, result):
        SEEN.append(f"post {event}")

    return documents.pre(event)(before), documents.post(event)(after)


class Announced(documents.Document):
    """A class with two hooks for each event."""

    name = documents.CharField(blank=True)
    count = documents.IntegerField(default=0)

    class Meta:
        collection = "watched_queries"

    for _event in QUERY_EVENTS:
        locals()[f"before_{_event}"], locals()[f"after_{_event}"] = announce(_event)


@pytest.fixture
def objects(mongo):
    """Store two documents, and give the queryset of them."""
    Announced.objects.without_hooks().bulk_create([Announced(name="a"), Announced(name="b")])
    SEEN.clear()
    return Announced.objects.filter(count=0)


CALLS = {
    "find": [
        lambda objects: list(objects),
        lambda objects: list(objects.iterator()),
        lambda objects: list(objects.values("name")),
        lambda objects: objects.in_bulk(),
        lambda objects: objects[0],
        lambda objects: objects.page(size=1),
        lambda objects: objects.page_beside({"_id": 0}, size=1),
    ],
    "find_one": [
        lambda objects: objects.get(name="a"),
        lambda objects: objects.first(),
        lambda objects: objects.last(),
    ],
    "count": [
        lambda objects: objects.count(),
        lambda objects: objects.count_up_to(1),
        lambda objects: objects.exists(),
    ],
    "distinct": [lambda objects: objects.distinct("name")],
    "aggregate": [
        lambda objects: objects.aggregate(Sum("count")),
        lambda objects: list(objects.pipeline([{"$limit": 1}])),
    ],
    "update": [lambda objects: objects.update(name="c")],
    "delete": [lambda objects: objects.delete()],
    "bulk": [
        lambda objects: Announced.objects.bulk_create([Announced(name="z")]),
    ],
    "find_one_and_update": [lambda objects: objects.find_one_and_update(name="c")],
    "find_one_and_replace": [lambda objects: objects.find_one_and_replace({"name": "c"})],
    "find_one_and_delete": [lambda objects: objects.find_one_and_delete()],
}


def test_all_are_tried():
    """There is a call for each event."""
    assert sorted(CALLS) == sorted(QUERY_EVENTS)


@pytest.mark.parametrize(
    ("event", "number"),
    [(event, number) for event, calls in CALLS.items() for number in range(len(calls))],
)
def test_announced(objects, event, number):
    """Once before and once after, and no other event inside of it."""
    CALLS[event][number](objects)

    assert [f"pre {event}", f"post {event}"] == SEEN


@pytest.mark.parametrize("event", sorted(QUERY_EVENTS))
def test_switched_off(objects, event):
    """`without_hooks()` announces nothing."""
    if event != "bulk":
        CALLS[event][0](objects.without_hooks())

    assert SEEN == []


def test_a_page_is_narrowed(mongo):
    """What a hook leaves out is on no page either, and the pages go on from each other."""

    class Open(documents.Document):
        closed = documents.BooleanField(default=False)

        class Meta:
            app_label = "events"

        @documents.pre("find")
        @classmethod
        def leave_out(cls, queryset):
            return queryset.filter(closed=False)

    Open.objects.bulk_create([Open(closed=number % 2 == 0) for number in range(6)])

    first = Open.objects.page(size=2)
    second = Open.objects.page(size=2, after=first.next)

    assert [len(first.items), len(second.items), second.next] == [2, 1, None]
    assert not any(found.closed for found in (*first.items, *second.items))
    assert Open.objects.page(size=2, before=second.previous).items == first.items
