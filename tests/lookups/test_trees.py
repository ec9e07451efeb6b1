"""Trees of conditions, of any depth, against the same in Python."""

import pytest
from django.db.models import Q as DjangoQ
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docmodels.documents import Count, F, Q
from tests.lookups.cases import bits, comparison, expressions, lists, nothing, text
from tests.lookups.models import Thing
from tests.lookups.test_cases import found, q_of, stored

__all__ = ["stored"]

#: Families whose documents have the same paths, more or less.
FAMILIES = [bits, comparison, expressions, lists, nothing, text]

LEAVES = st.sampled_from([case for family in FAMILIES for case in family.CASES]).map(
    lambda case: (q_of(case), case.matches)
)


def negated(node):
    """Return the opposite of a condition, in both forms."""
    q, matches = node
    return ~q, lambda raw: not matches(raw)


def joined(kind, nodes):
    """Return conditions joined by an operator, in both forms."""
    # Not `^`: Django's drops an operand that is there already.
    q = Q(*[q for q, _matches in nodes], _connector=kind)

    def matches(raw):
        results = [bool(each(raw)) for _q, each in nodes]
        return {Q.AND: all(results), Q.OR: any(results), Q.XOR: sum(results) % 2 == 1}[kind]

    return q, matches


TREES = st.recursive(
    LEAVES,
    lambda inner: (
        inner.map(negated)
        | st.builds(
            joined, st.sampled_from([Q.AND, Q.OR, Q.XOR]), st.lists(inner, min_size=2, max_size=3)
        )
    ),
    max_leaves=6,
)
DOCUMENTS = st.one_of([family.documents for family in FAMILIES])


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tree=TREES, raws=st.lists(DOCUMENTS, min_size=1, max_size=8))
def test_equals_predicate(tree, raws, stored):
    """A tree finds what it says, exclude() and a negation the others, a double one the same."""
    q, matches = tree
    stored(raws)
    expected = {i for i, raw in enumerate(raws) if matches(raw)}
    others = set(range(len(raws))) - expected

    assert found(Thing.objects.filter(q)) == expected
    assert found(Thing.objects.exclude(q)) == others
    assert found(Thing.objects.filter(~q)) == others
    assert found(Thing.objects.exclude(~q)) == expected
    assert found(Thing.objects.filter(q).exclude(q)) == set()


class TestBorders:
    """The empty ones."""

    @pytest.mark.parametrize(
        ("q", "number"),
        [
            (Q(), 2),
            (~Q(), 0),
            (~~Q(), 2),
            (Q() | Q(text="a"), 1),
            (Q(pk__in=[]), 0),
            (~Q(pk__in=[]), 2),
            (Q(pk__in=[]) | Q(text="a"), 1),
            (Q(pk__in=[]) & Q(text="a"), 0),
            (Q(pk__in=[]) ^ Q(text="a"), 1),
            (Q(text="a") ^ Q(text="a"), 0),
            (DjangoQ(text="a") | ~DjangoQ(text="a"), 2),
        ],
        ids=range(11),
    )
    def test_number(self, q, number, stored):
        """Nothing joined by and is everything, no key at all is nothing."""
        stored([{"text": "a"}, {}])

        assert Thing.objects.filter(q).count() == number
        assert Thing.objects.exclude(q).count() == 2 - number

    def test_computed_names(self, stored):
        """Computed values are compared with paths and with one another."""
        stored([{"n": 1, "tags": ["a", "b"]}, {"n": 2, "tags": ["a", "b"]}, {"tags": ["a"]}])
        queryset = Thing.objects.annotate(size=Count("tags"))

        assert found(queryset.filter(size__gt=F("number"))) == {0}
        assert found(queryset.filter(size__gt=1)) == {0, 1}
        assert found(queryset.exclude(size__gt=F("number"))) == {1, 2}
