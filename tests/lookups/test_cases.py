"""The table of all lookups, run three ways: compiled, on a server, and by a plain predicate."""

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docmodels.query.where import compile_q
from tests.lookups.cases import FAMILIES
from tests.lookups.models import Thing

CASES = [case for family in FAMILIES for case in family.CASES]


def name_of(part):
    """Return the last name of a module, a line of a case."""
    if hasattr(part, "CASES"):
        return part.__name__.rpartition(".")[2]
    return f"{part.key}={part.value!r}"[:60] if part.key else f"{part.value!r}"[:60]


def q_of(case):
    """Return the condition of a case."""
    return Q(**{case.key: case.value}) if case.key else case.value


@pytest.fixture
def stored(mongo):
    """Give a function that stores raw documents in place of those before, numbered."""
    collection = mongo.collection(Thing._meta.collection)

    def store(documents):
        collection.delete_many({})
        collection.insert_many([{**raw, "_id": i} for i, raw in enumerate(documents)])

    return store


def found(queryset):
    """Return the numbers of the documents in a result; each is there once."""
    numbers = [raw["_id"] for raw in queryset.raw()]

    assert len(numbers) == len(set(numbers))
    return set(numbers)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_compiled(case):
    """A condition becomes the filter that the table says."""
    assert compile_q(Thing._meta, q_of(case)) == case.compiled


@pytest.mark.parametrize("family", FAMILIES, ids=name_of)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_equals_predicate(family, data, stored):
    """The server finds what the predicate says; exclude() finds exactly the others."""
    documents = data.draw(st.lists(family.documents, min_size=1, max_size=10))
    stored(documents)
    everything = set(range(len(documents)))

    for case in family.CASES:
        expected = {i for i, raw in enumerate(documents) if case.matches(raw)}
        q = q_of(case)

        assert found(Thing.objects.filter(q)) == expected, case
        assert found(Thing.objects.exclude(q)) == everything - expected, case
        assert found(Thing.objects.filter(~q)) == everything - expected, case
