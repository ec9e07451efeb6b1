"""Which lookups find their place in an index, and which look at every key or document."""

import datetime

import pytest

from docmodels.connections import connections
from docmodels.documents import Box, Circle, Q
from docmodels.query.where import compile_q
from tests.lookups.models import Thing

#: How many documents there are; each condition is met by few.
NUMBER = 60

#: A condition that an index serves, and the most keys that may be looked at.
SERVED = [
    (Q(number=7), 1),
    (Q(number__in=[7, 8]), 4),
    (Q(number__gte=58), 2),
    (Q(number__range=(7, 9)), 4),
    (Q(number=7) | Q(text="word 08"), 2),
    (Q(text__startswith="word 0"), 12),
    (Q(tags="tag 7"), 1),
    (Q(tags__range=("tag 58", "tag 59")), 3),
    (Q(parts__sku="sku 7"), 1),
    (Q(parts__elemmatch=Q(sku="sku 7", price__gte=0)), 1),
    (Q(at__year=2007), 2),
    (Q(at__date__gte="2058-01-01"), 2),
    (Q(at__year=2007, at__month=6), 2),
    (Q(spot__within=Circle((7, 0), 1000)), 20),
    (Q(spot__intersects=(7, 0)), 5),
]

#: A condition for which every key of the index, or every document, is looked at.
NOT_SERVED = [
    Q(text__istartswith="word 07"),
    Q(text__icontains="07"),
    Q(text__iexact="word 07"),
    Q(text__endswith="07"),
    Q(number__mod=(60, 7)),
    Q(number__bits_all_set=63 - 8),
    Q(at__month=7),
    Q(spot__within=Box(6.5, -1, 7.5, 1)),
]


@pytest.fixture(scope="module")
def things(mongo_databases):
    """Store documents that differ in all paths, with an index on each."""
    collection = connections["default"].collection(Thing._meta.collection)
    collection.drop()
    for key in ("n", "text", "tags", "parts.sku", "at"):
        collection.create_index(key)
    collection.create_index([("spot", "2dsphere")])
    collection.insert_many(
        [
            {
                "n": i,
                "text": f"word {i:02}",
                "tags": [f"tag {i}"],
                "parts": [{"sku": f"sku {i}", "p": i}],
                "at": datetime.datetime(2000 + i, 6, 1, tzinfo=datetime.UTC),
                "spot": {"type": "Point", "coordinates": [float(i), 0.0]},
            }
            for i in range(NUMBER)
        ]
    )
    yield Thing.objects
    collection.drop()


def examined(queryset):
    """Return how many keys and documents the server looked at."""
    stats = queryset.explain("executionStats")["executionStats"]
    return stats["totalKeysExamined"], stats["totalDocsExamined"]


@pytest.mark.keep_documents
@pytest.mark.parametrize(("q", "most"), SERVED, ids=[repr(q) for q, _ in SERVED])
def test_served(q, most, things):
    """A few keys are looked at, and as few documents."""
    queryset = things.filter(q)

    keys, documents = examined(queryset)

    assert 0 < len(list(queryset.raw())) <= documents <= keys <= most


@pytest.mark.keep_documents
@pytest.mark.parametrize("q", NOT_SERVED, ids=repr)
def test_not_served(q, things):
    """The documentation says what these cost."""
    assert max(examined(things.filter(q))) == NUMBER


def test_many_joined_by_xor():
    """A filter of many operands stays small enough to be sent."""
    q = Q(*[Q(number=i) for i in range(16)], _connector=Q.XOR)

    assert len(repr(compile_q(Thing._meta, q))) < 20_000
