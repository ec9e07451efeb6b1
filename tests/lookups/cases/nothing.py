"""Missing, null and empty: `isnull`, `exists`, `type`, and equality with nothing."""

from hypothesis import strategies as st

from tests.lookups.cases.base import Case, documents_of
from tests.lookups.stored import MISSING, any_element, any_value, is_equal, negate

VALUES = st.sampled_from(
    [None, "", [], {}, "a", 0, False, [None], [[]], [""], [{}], {"x": None}, {"x": ""}, {"x": []},
     [{"x": None}, {"x": 1}], [{}, 1], [[None]]]
)  # fmt: skip
documents = documents_of(v=VALUES, text=VALUES, tags=VALUES)


def is_null(path):
    """Return the predicate of null or missing; an element that is null counts."""
    return any_element(path, lambda value: value is MISSING or value is None)


def is_stored(path):
    """Return the predicate of anything at all."""
    return any_value(path, lambda value: value is not MISSING)


def equal(path, value):
    """Return the predicate of `path=value`."""
    return any_element(path, lambda found: is_equal(found, value))


CASES = [
    Case("text", None, {"text": None}, is_null("text")),
    Case("text__isnull", True, {"text": None}, is_null("text")),
    Case("text__isnull", False, {"text": {"$ne": None}}, negate(is_null("text"))),
    Case("text__ne", None, {"text": {"$ne": None}}, negate(is_null("text"))),
    Case("text__exists", True, {"text": {"$exists": True}}, is_stored("text")),
    Case("text__exists", False, {"text": {"$exists": False}}, negate(is_stored("text"))),
    Case("text__in", [None, ""], {"text": {"$in": [None, ""]}},
         lambda stored: is_null("text")(stored) or equal("text", "")(stored)),
    Case("text", "", {"text": ""}, equal("text", "")),
    Case("anything__isnull", True, {"v": None}, is_null("v")),
    Case("anything__x__isnull", True, {"v.x": None}, is_null("v.x")),
    Case("anything__x__isnull", False, {"v.x": {"$ne": None}}, negate(is_null("v.x"))),
    Case("anything__x__exists", True, {"v.x": {"$exists": True}}, is_stored("v.x")),
    Case("anything__x__exists", False, {"v.x": {"$exists": False}}, negate(is_stored("v.x"))),
    Case("anything__type", "null", {"v": {"$type": "null"}},
         any_element("v", lambda value: value is None)),
    Case("anything", [], {"v": {"$eq": []}}, equal("v", [])),
    Case("anything", {}, {"v": {"$eq": {}}}, equal("v", {})),
    Case("anything__ne", "", {"v": {"$ne": ""}}, negate(equal("v", ""))),
    Case("tags__isnull", True, {"tags": None}, is_null("tags")),
    Case("tags__exists", False, {"tags": {"$exists": False}}, negate(is_stored("tags"))),
    Case("tags__size", 0, {"tags": {"$size": 0}}, any_value("tags", lambda value: value == [])),
]  # fmt: skip
