"""Keys of maps, and the values at them."""

import operator

from django.db.models import Q
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


def any_of_map(path, test):
    """Return the predicate of a value of any map at a path; a list in a map is not entered."""
    return any_value(path, lambda value: isinstance(value, dict) and any(map(test, value.values())))


def computed(path, test):
    """Return the filter that computes whether any value of the map at a path meets a test."""
    is_map = {"$eq": [{"$type": path}, "object"]}
    entries = {"$cond": [is_map, {"$objectToArray": path}, []]}
    return {"$anyElementTrue": [{"$map": {"input": entries, "as": "entry", "in": test}}]}


IS_THREE = {"$eq": ["$$entry.v", 3]}
ABOVE = {"$and": [{"$isNumber": "$$entry.v"}, {"$gt": ["$$entry.v", 2]}]}
BELOW = {
    "$and": [{"$isNumber": "$$entry.v"}, {"$gte": ["$$entry.v", float("-inf")]},
             {"$lte": ["$$entry.v", 5]}],
}  # fmt: skip

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

CASES += [
    Case("counts__values", "3", {"$expr": computed("$counts", IS_THREE)},
         any_of_map("counts", lambda v: is_equal(v, 3))),
    Case("counts__values__ne", 3, {"$nor": [{"$expr": computed("$counts", IS_THREE)}]},
         lambda stored: not any_of_map("counts", lambda v: is_equal(v, 3))(stored)),
    Case("counts__values__gt", 2, {"$expr": computed("$counts", ABOVE)},
         any_of_map("counts", lambda v: is_ordered(v, operator.gt, 2))),
    Case("counts__values", Q(gt=2, lte=5),
         {"$expr": computed("$counts", {"$and": [ABOVE, BELOW]})},
         any_of_map("counts", lambda v: is_ordered(v, operator.gt, 2)
                    and is_ordered(v, operator.le, 5))),
    Case("counts__values__in", [3, None],
         {"$expr": computed("$counts", {"$in": [{"$ifNull": ["$$entry.v", None]},
                                                {"$literal": [3, None]}]})},
         any_of_map("counts", lambda v: v is None or is_equal(v, 3))),
    Case("counts__values__isnull", True,
         {"$expr": computed("$counts", {"$eq": [{"$ifNull": ["$$entry.v", None]}, None]})},
         any_of_map("counts", lambda v: v is None)),
]  # fmt: skip
