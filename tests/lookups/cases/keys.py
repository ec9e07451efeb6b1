"""Keys of maps, and the values at them."""

import operator

from hypothesis import strategies as st

from tests.lookups.cases.base import Case, documents_of, mostly
from tests.lookups.stored import MISSING, any_element, any_value, is_equal, is_ordered, values

MAPS = st.dictionaries(st.sampled_from(["a", "b", "7"]), mostly(st.integers(-3, 9)), max_size=3)
documents = documents_of(
    counts=mostly(MAPS), v=mostly(MAPS), maps=mostly(st.lists(mostly(MAPS), max_size=3))
)


def has(*paths, combine=all):
    """Return the predicate of paths at which something is stored."""
    return lambda stored: combine(
        any(value is not MISSING for value in values(stored, path)) for path in paths
    )


def in_one_map(*keys):
    """Return the predicate of one map of a list that has all the keys."""
    return any_value(
        "maps",
        lambda value: (
            isinstance(value, list)
            and any(isinstance(item, dict) and item.keys() >= set(keys) for item in value)
        ),
    )


CASES = [
    Case("counts__a", "3", {"counts.a": 3}, any_element("counts.a", lambda v: is_equal(v, 3))),
    Case("counts__a__gt", 2, {"counts.a": {"$gt": 2}},
         any_element("counts.a", lambda v: is_ordered(v, operator.gt, 2))),
    Case("counts__7__lte", 2, {"counts.7": {"$lte": 2}},
         any_element("counts.7", lambda v: is_ordered(v, operator.le, 2))),
    Case("counts__has_key", "a", {"counts.a": {"$exists": True}}, has("counts.a")),
    Case("counts__has_key", 7, {"counts.7": {"$exists": True}}, has("counts.7")),
    Case("counts__has_keys", ["a", "b"],
         {"counts.a": {"$exists": True}, "counts.b": {"$exists": True}},
         has("counts.a", "counts.b")),
    Case("counts__has_keys", [], {}, lambda stored: True),
    Case("counts__has_any_keys", ["a", "b"],
         {"$or": [{"counts.a": {"$exists": True}}, {"counts.b": {"$exists": True}}]},
         has("counts.a", "counts.b", combine=any)),
    Case("counts__has_any_keys", [], {"$nor": [{}]}, lambda stored: False),
    Case("anything__has_key", "b", {"v.b": {"$exists": True}}, has("v.b")),
    Case("maps__has_key", "a", {"maps.a": {"$exists": True}}, has("maps.a")),
    Case("maps__has_keys", ["a", "b"],
         {"maps": {"$elemMatch": {"a": {"$exists": True}, "b": {"$exists": True}}}},
         in_one_map("a", "b")),
]  # fmt: skip
