"""Conditions on computed values are the same said as a filter as in stages."""

import pytest
from bson import Decimal128, Int64
from django.core.exceptions import FieldError
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docmodels.documents import F
from docmodels.query.narrowing import as_plain
from tests.lookups.cases import comparison, keys, lists, nested, nothing, text, times
from tests.lookups.models import Thing
from tests.lookups.test_cases import found, name_of, stored

__all__ = ["stored"]

FAMILIES = [comparison, keys, lists, nested, nothing, text, times]


def narrowed(case):
    """Return queries for a case whose first name is a computed value, as it can be said."""
    name, _separator, rest = case.key.partition("__")
    queryset = Thing.objects.annotate(computed=F(name))
    try:
        return [
            queryset.filter(**{f"computed__{rest}" if rest else "computed": case.value}),
            queryset.exclude(**{f"computed__{rest}" if rest else "computed": case.value}),
        ]
    except FieldError:
        return []


@pytest.mark.parametrize("family", FAMILIES, ids=name_of)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_same(family, data, stored):
    """A filter finds what the stages find."""
    stored(data.draw(st.lists(family.documents, min_size=1, max_size=8)))
    compared = 0

    for case in family.CASES:
        for queryset in narrowed(case) if case.key else ():
            plain = as_plain(queryset.query)
            if plain is not None:
                compared += 1
                sent = Thing.objects.raw_filter(plain.where)
                assert found(sent) == found(queryset), (case, plain.where)

    assert compared


@pytest.mark.parametrize("lookup", ["exact", "ne", "gt", "gte", "lt", "lte"])
@pytest.mark.parametrize("value", [0, -1.5, float("inf"), float("-inf")])
def test_numbers(lookup, value, stored):
    """Numbers of all types are compared, NaN is neither less nor greater than any."""
    numbers = [float("nan"), float("inf"), float("-inf"), 0, 0.0, Int64(-2), Decimal128("-1.5")]
    stored([{"v": v} for v in [*numbers, Decimal128("NaN"), True, None, "0", [1, 0], [[0]]]])
    queryset = Thing.objects.annotate(computed=F("anything"))

    narrow = queryset.filter(**{f"computed__{lookup}": value})

    assert found(Thing.objects.raw_filter(as_plain(narrow.query).where)) == found(narrow)


def test_compiled():
    """Conditions on stored paths stay filters; the others are computed."""
    queryset = Thing.objects.annotate(twice=F("number") * 2).filter(twice__gt=4, text="a")

    found = as_plain(queryset.query).where

    assert found.keys() == {"text", "$expr"}
    assert found["text"] == "a"
    assert found["$expr"]["$let"]["vars"] == {"found": {"$multiply": ["$n", 2]}}


def test_computed_of_computed():
    """A computed value may be made of another, under an or, in an expression."""
    queryset = Thing.objects.alias(a=F("number") + 1).annotate(b=F("a") * 2)

    narrow = queryset.filter(Q(b__gt=4) | Q(text="x"), other__lt=F("b"))

    sent = str(as_plain(narrow.query).where)
    assert "'$n'" in sent
    assert "'$a'" not in sent
    assert "'$b'" not in sent
