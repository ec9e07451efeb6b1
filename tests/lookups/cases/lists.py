"""Lists: their elements, their length, one element that meets several conditions."""

import operator

from django.db.models import Q
from hypothesis import strategies as st

from tests.lookups.cases.base import Case, documents_of, mostly
from tests.lookups.stored import (
    any_element,
    any_value,
    as_embedded,
    elements,
    is_equal,
    is_number,
    is_ordered,
    is_text,
    negate,
)

WORDS = st.sampled_from(["a", "b", "c", "bb"])
PARTS = documents_of(
    sku=mostly(WORDS),
    p=mostly(st.integers(0, 5) | st.lists(st.integers(0, 5), max_size=2)),
    marks=mostly(st.lists(mostly(st.integers(0, 5)), max_size=3)),
)
documents = documents_of(
    tags=mostly(st.lists(mostly(WORDS), max_size=3)),
    parts=mostly(st.lists(mostly(PARTS), max_size=3)),
    v=mostly(
        st.lists(mostly(st.dictionaries(st.sampled_from(["0", "1", "x"]), WORDS)), max_size=3)
    ),
)


def equal(path, value):
    """Return the predicate of `path=value`."""
    return any_element(path, lambda found: is_equal(found, value))


def of_length(path, test):
    """Return the predicate of a list whose length passes."""
    return any_value(path, lambda value: isinstance(value, list) and test(len(value)))


def one(path, test):
    """Return the predicate of a list with an element that passes."""
    return any_value(path, lambda value: isinstance(value, list) and any(map(test, value)))


def one_part(test):
    """Return the predicate of an embedded document in `parts` that passes."""
    return one("parts", lambda item: isinstance(item, (dict, list)) and test(as_embedded(item)))


def inside(path, test):
    """Return a test of a part: any value at the path passes."""
    return lambda part: any(map(test, elements(part, path)))


def marks_length(test):
    """Return the predicate of one part whose marks have a length."""
    return one_part(
        lambda part: any_value("marks", lambda m: isinstance(m, list) and test(len(m)))(part)
    )


def everything(*tests):
    """Return the test that all tests pass."""
    return lambda value: all(test(value) for test in tests)


CASES = [
    Case("tags", "a", {"tags": "a"}, equal("tags", "a")),
    Case("tags", ["a", "b"], {"tags": {"$eq": ["a", "b"]}}, equal("tags", ["a", "b"])),
    Case("tags__0", "a", {"tags.0": "a"}, equal("tags.0", "a")),
    Case("tags__in", ["a", "b"], {"tags": {"$in": ["a", "b"]}},
         any_element("tags", lambda v: v in ("a", "b"))),
    Case("tags__gt", "b", {"tags": {"$gt": "b"}},
         any_element("tags", lambda v: is_ordered(v, operator.gt, "b"))),
    Case("tags__range", ("b", "bz"), {"tags": {"$elemMatch": {"$gte": "b", "$lte": "bz"}}},
         one("tags", is_text(lambda v: "b" <= v <= "bz"))),
    Case("tags__all", ["a", "b"], {"tags": {"$all": ["a", "b"]}},
         lambda stored: equal("tags", "a")(stored) and equal("tags", "b")(stored)),
    Case("tags__all", [], {"tags": {"$all": []}}, lambda stored: False),
    Case("tags__size", 2, {"tags": {"$size": 2}}, of_length("tags", lambda n: n == 2)),
    Case("tags__len", "1", {"tags": {"$size": 1}}, of_length("tags", lambda n: n == 1)),
    Case("tags__len__gt", 1, {"tags": {"$type": "array"}, "tags.1": {"$exists": True}},
         of_length("tags", lambda n: n > 1)),
    Case("tags__len__gte", 1, {"tags": {"$type": "array"}, "tags.0": {"$exists": True}},
         of_length("tags", lambda n: n >= 1)),
    Case("tags__len__gte", 0, {"tags": {"$type": "array"}}, of_length("tags", lambda n: True)),
    Case("tags__len__lt", 2, {"tags": {"$type": "array"}, "tags.1": {"$exists": False}},
         of_length("tags", lambda n: n < 2)),
    Case("tags__len__lt", 0, {"$nor": [{}]}, lambda stored: False),
    Case("tags__len__lte", 1, {"tags": {"$type": "array"}, "tags.1": {"$exists": False}},
         of_length("tags", lambda n: n <= 1)),
    # Of undeclared elements, `v.1` may be the key "1" of a dict.
    Case("anything__len__gt", 1,
         {"v": {"$type": "array"}, "$nor": [{"v": {"$size": 0}}, {"v": {"$size": 1}}]},
         of_length("v", lambda n: n > 1)),
    Case("anything__len__lt", 2, {"$or": [{"v": {"$size": 0}}, {"v": {"$size": 1}}]},
         of_length("v", lambda n: n < 2)),
    Case("tags__elemmatch", Q(gte="b", lt="bb"),
         {"tags": {"$elemMatch": {"$gte": "b", "$lt": "bb"}}},
         one("tags", is_text(lambda v: "b" <= v < "bb"))),
    Case("tags__elemmatch", ~Q(gt="a"), {"tags": {"$elemMatch": {"$not": {"$gt": "a"}}}},
         one("tags", lambda v: not is_ordered(v, operator.gt, "a"))),
    Case("parts__sku", "a", {"parts.sku": "a"}, equal("parts.sku", "a")),
    Case("parts__1__sku", "a", {"parts.1.sku": "a"}, equal("parts.1.sku", "a")),
    Case("parts__price__ne", 3, {"parts.p": {"$ne": 3}}, negate(equal("parts.p", 3))),
    Case("parts__marks", 3, {"parts.marks": 3}, equal("parts.marks", 3)),
    Case("parts__marks__0", 3, {"parts.marks.0": 3}, equal("parts.marks.0", 3)),
    Case("parts__price__range", (2, 3), {"parts": {"$elemMatch": {"p": {"$gte": 2, "$lte": 3}}}},
         one_part(lambda part: inside("p", is_number(lambda n: n >= 2))(part)
                  and inside("p", is_number(lambda n: n <= 3))(part))),
    Case("parts__marks__range", (2, 3),
         {"parts.marks": {"$elemMatch": {"$gte": 2, "$lte": 3}}},
         one("parts.marks", is_number(lambda n: 2 <= n <= 3))),
    Case("parts__marks__len__lt", 2,
         {"parts": {"$elemMatch": {"marks": {"$type": "array"}, "marks.1": {"$exists": False}}}},
         marks_length(lambda n: n < 2)),
    Case("parts__elemmatch", Q(sku="a", price__gte=3),
         {"parts": {"$elemMatch": {"p": {"$gte": 3}, "sku": "a"}}},
         one_part(everything(inside("sku", lambda v: is_equal(v, "a")),
                             inside("p", is_number(lambda n: n >= 3))))),
    Case("parts__elemmatch", Q(sku="a") | ~Q(marks=1),
         {"parts": {"$elemMatch": {"$or": [{"sku": "a"}, {"marks": {"$ne": 1}}]}}},
         one_part(lambda part: inside("sku", lambda v: is_equal(v, "a"))(part)
                  or not inside("marks", lambda v: is_equal(v, 1))(part))),
]  # fmt: skip
