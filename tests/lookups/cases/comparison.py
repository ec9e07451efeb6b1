"""Equality, order, membership, remainders."""

import math
import operator

from bson import Decimal128
from hypothesis import strategies as st

from tests.lookups.cases.base import Case, documents_of
from tests.lookups.stored import (
    any_element,
    bracket,
    is_equal,
    is_number,
    is_ordered,
    negate,
    values,
)

SCALARS = st.sampled_from([None, True, False, "", "a", "b", "ab", b"a", -3, 0, 1, 4, 5, 2.5, 5.0])
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["x", "y", "0"]), inner, max_size=2)
    ),
    max_leaves=5,
)
documents = documents_of(v=ANYTHING, n=ANYTHING)


def equal(path, value):
    """Return the predicate of `path=value`."""
    return any_element(path, lambda found: is_equal(found, value))


def among(path, *wanted):
    """Return the predicate of `path__in=wanted`."""
    return any_element(path, lambda found: any(is_equal(found, value) for value in wanted))


def ordered(path, compare, value):
    """Return the predicate of an order comparison."""
    return any_element(path, lambda found: is_ordered(found, compare, value))


def between(low, high):
    """Return the predicate of `anything__range`: of undeclared data, one bound each."""
    lower, upper = ordered("v", operator.ge, low), ordered("v", operator.le, high)
    return lambda stored: lower(stored) and upper(stored)


def remainder(divisor, rest):
    """Return the predicate of `anything__mod` of 64 bits; a fraction is cut off first."""
    return any_element(
        "v", is_number(lambda value: abs(value) < 2**63 and math.fmod(int(value), divisor) == rest)
    )


def of_types(*names):
    """Return the predicate of `anything__type` for kinds of values."""
    return lambda stored: (
        any(bracket(value) in names for value in values(stored, "v"))
        or any_element("v", lambda value: bracket(value) in set(names) - {"list"})(stored)
    )


CASES = [
    Case("anything", 5, {"v": 5}, equal("v", 5)),
    Case("anything__exact", "a", {"v": "a"}, equal("v", "a")),
    Case("anything", True, {"v": True}, equal("v", True)),
    Case("anything", [1, 4], {"v": {"$eq": [1, 4]}}, equal("v", [1, 4])),
    Case("anything", {"x": 1}, {"v": {"$eq": {"x": 1}}}, equal("v", {"x": 1})),
    Case("anything__x", "a", {"v.x": "a"}, equal("v.x", "a")),
    Case("anything__0", "a", {"v.0": "a"}, equal("v.0", "a")),
    Case("anything__ne", 5, {"v": {"$ne": 5}}, negate(equal("v", 5))),
    Case("anything__ne", [1], {"v": {"$ne": [1]}}, negate(equal("v", [1]))),
    Case("number", "5", {"n": 5}, equal("n", 5)),
    Case("anything__gt", 1, {"v": {"$gt": 1}}, ordered("v", operator.gt, 1)),
    Case("anything__gte", 1, {"v": {"$gte": 1}}, ordered("v", operator.ge, 1)),
    Case("anything__lt", "b", {"v": {"$lt": "b"}}, ordered("v", operator.lt, "b")),
    Case("anything__lte", b"a", {"v": {"$lte": b"a"}}, ordered("v", operator.le, b"a")),
    Case("anything__lt", True, {"v": {"$lt": True}}, ordered("v", operator.lt, True)),
    Case("anything__x__gte", 1, {"v.x": {"$gte": 1}}, ordered("v.x", operator.ge, 1)),
    Case("anything__range", (1, 4), {"v": {"$gte": 1, "$lte": 4}}, between(1, 4)),
    Case("anything__in", [5, "a"], {"v": {"$in": [5, "a"]}}, among("v", 5, "a")),
    Case("anything__in", [[1], {}], {"v": {"$in": [[1], {}]}}, among("v", [1], {})),
    Case("anything__in", [], {"v": {"$in": []}}, lambda stored: False),
    Case("anything__nin", [5, "a"], {"v": {"$nin": [5, "a"]}}, negate(among("v", 5, "a"))),
    Case("anything__nin", [], {"v": {"$nin": []}}, lambda stored: True),
    Case("anything__mod", (3, 1), {"v": {"$mod": [3, 1]}}, remainder(3, 1)),
    Case("anything__mod", (4, 0), {"v": {"$mod": [4, 0]}}, remainder(4, 0)),
    Case("anything__type", "string", {"v": {"$type": "string"}}, of_types("str")),
    Case("anything__type", "array", {"v": {"$type": "array"}}, of_types("list")),
    Case("anything__type", "object", {"v": {"$type": "object"}}, of_types("dict")),
    Case(
        "anything__type",
        ["number", "bool"],
        {"v": {"$type": ["number", "bool"]}},
        of_types("number", "bool"),
    ),
    Case("number__lt", Decimal128("3"), {"n": {"$lt": 3}}, ordered("n", operator.lt, 3)),
]
