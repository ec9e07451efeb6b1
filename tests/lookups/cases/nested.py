"""Lists in lists, which MongoDB does not enter by itself."""

import operator

from django.db.models import Q
from hypothesis import strategies as st

from tests.lookups.cases.base import Case, documents_of, mostly
from tests.lookups.stored import (
    MISSING,
    any_element,
    any_inner,
    any_value,
    as_embedded,
    elements,
    is_equal,
    is_number,
    is_ordered,
    negate,
)

NUMBERS = mostly(st.integers(0, 6))
PARTS = documents_of(
    sku=mostly(st.sampled_from(["a", "b"])),
    p=NUMBERS,
    marks=mostly(st.lists(NUMBERS, max_size=2)),
)
documents = documents_of(
    grid=mostly(st.lists(mostly(st.lists(NUMBERS, max_size=3)), max_size=3)),
    matrix=mostly(st.lists(mostly(st.lists(mostly(PARTS), max_size=2)), max_size=2)),
)


def deep(condition):
    """Return a filter's condition on any element of a list in `grid`."""
    return {"grid": {"$elemMatch": {"$elemMatch": condition}}}


def deep_part(condition):
    """Return a filter's condition on any part of a list in `matrix`."""
    return {"matrix": {"$elemMatch": {"$elemMatch": condition}}}


def part(path, test):
    """Return the predicate of any part: any value at the path passes."""
    return any_inner(
        "matrix",
        lambda item: (
            isinstance(item, (dict, list)) and any(map(test, elements(as_embedded(item), path)))
        ),
    )


THREE = any_inner("grid", lambda value: is_equal(value, 3))
A = part("sku", lambda value: is_equal(value, "a"))

CASES = [
    Case("grid", 3, deep({"$eq": 3}), THREE),
    Case("grid__exact", "3", deep({"$eq": 3}), THREE),
    Case("grid__ne", 3, {"grid": {"$not": {"$elemMatch": {"$elemMatch": {"$eq": 3}}}}},
         negate(THREE)),
    Case("grid__gt", 4, deep({"$gt": 4}),
         any_inner("grid", lambda value: is_ordered(value, operator.gt, 4))),
    Case("grid__in", [3, 4], deep({"$in": [3, 4]}),
         any_inner("grid", lambda value: is_equal(value, 3) or is_equal(value, 4))),
    Case("grid__nin", [3], {"grid": {"$not": {"$elemMatch": {"$elemMatch": {"$in": [3]}}}}},
         negate(THREE)),
    Case("grid__range", (3, 4), deep({"$gte": 3, "$lte": 4}),
         any_inner("grid", is_number(lambda value: 3 <= value <= 4))),
    Case("grid__mod", (3, 0), deep({"$mod": [3, 0]}),
         any_inner("grid", is_number(lambda value: int(value) % 3 == 0))),
    Case("grid", [[1], [2]], {"grid": {"$eq": [[1], [2]]}},
         any_element("grid", lambda value: is_equal(value, [[1], [2]]))),
    Case("grid__all", [3, 4],
         {"$and": [deep({"$eq": 3}), deep({"$eq": 4})]},
         lambda stored: THREE(stored)
         and any_inner("grid", lambda value: is_equal(value, 4))(stored)),
    Case("grid__size", 2, {"grid": {"$size": 2}},
         any_value("grid", lambda value: isinstance(value, list) and len(value) == 2)),
    Case("grid__0", 3, {"grid.0": {"$elemMatch": {"$eq": 3}}},
         any_value("grid.0", lambda value: isinstance(value, list)
                   and any(is_equal(item, 3) for item in value))),
    Case("grid__1__0__lte", 2, {"grid.1.0": {"$lte": 2}},
         any_element("grid.1.0", lambda value: is_ordered(value, operator.le, 2))),
    Case("grid__isnull", True, {"grid": None},
         any_element("grid", lambda value: value is None or value is MISSING)),
    Case("grid__elemmatch", Q(gt=2, lt=5), deep({"$gt": 2, "$lt": 5}),
         any_inner("grid", is_number(lambda value: 2 < value < 5))),
    Case("grid__elemmatch", Q(size=3), {"grid": {"$elemMatch": {"$size": 3}}},
         any_value("grid", lambda value: isinstance(value, list)
                   and any(isinstance(row, list) and len(row) == 3 for row in value))),
    Case("matrix__sku", "a", deep_part({"sku": "a"}), A),
    Case("matrix__sku__ne", "a",
         {"matrix": {"$not": {"$elemMatch": {"$elemMatch": {"sku": "a"}}}}}, negate(A)),
    Case("matrix__marks", 3, deep_part({"marks": 3}), part("marks", lambda v: is_equal(v, 3))),
    Case("matrix__sku__exists", False,
         {"matrix": {"$not": {"$elemMatch": {"$elemMatch": {"sku": {"$exists": True}}}}}},
         negate(part("sku", lambda value: value is not MISSING))),
    Case("matrix__sku__isnull", True,
         {"$or": [{"matrix": None}, deep_part({"sku": None})]},
         lambda stored: any(v is None or v is MISSING for v in elements(stored, "matrix"))
         or part("sku", lambda value: value is None or value is MISSING)(stored)),
    Case("matrix__0__sku", "a", {"matrix.0.sku": "a"},
         any_element("matrix.0.sku", lambda value: is_equal(value, "a"))),
    Case("matrix__elemmatch", Q(sku="a", price__gte=3), deep_part({"p": {"$gte": 3}, "sku": "a"}),
         any_inner("matrix", lambda item: isinstance(item, (dict, list))
                   and any(is_equal(v, "a") for v in elements(as_embedded(item), "sku"))
                   and any(is_ordered(v, operator.ge, 3)
                           for v in elements(as_embedded(item), "p")))),
    Case("matrix__marks__elemmatch", Q(gt=2, lt=5),
         deep_part({"marks": {"$elemMatch": {"$gt": 2, "$lt": 5}}}),
         any_inner("matrix", lambda item: isinstance(item, (dict, list)) and any_value(
             "marks", lambda m: isinstance(m, list)
             and any(is_number(lambda n: 2 < n < 5)(n) for n in m))(as_embedded(item)))),
]  # fmt: skip
