"""Comparisons with what another path of the same document stores."""

import operator

from django.db import models
from django.db.models import Q
from hypothesis import strategies as st

from docmodels.documents import F, json_schema, trusted
from tests.lookups.cases.base import Case, documents_of, mostly
from tests.lookups.stored import bracket, elements, is_equal, negate, sort_key

NUMBERS = mostly(st.sampled_from([-2, 0, 1, 2, 3, 2.0, 2.5]))
documents = documents_of(
    n=NUMBERS,
    other=NUMBERS,
    text=mostly(st.sampled_from(["a", "b", "x"])),
    v=mostly(st.sampled_from(["a", "b", 2, 3, True, {"a": 1}])),
    parts=mostly(st.lists(mostly(documents_of(p=NUMBERS)), max_size=2)),
)


def number(stored, path):
    """Return the number at a path, None for anything else."""
    value = stored.get(path)
    return value if bracket(value) == "number" else None


def compared(compare, other):
    """Return the predicate of `n` and what `other` gives, both numbers."""

    def matches(stored):
        left, right = number(stored, "n"), other(stored)
        return left is not None and right is not None and compare(left, right)

    return matches


def other_number(stored):
    """Return the other number."""
    return number(stored, "other")


def any_compare(left, compare, right):
    """Return the predicate of two paths of any kind, both of the same one."""

    def matches(stored):
        one, other = stored.get(left), stored.get(right)
        if bracket(one) != bracket(other) or bracket(one) == "nothing":
            return False
        return compare(sort_key(one), sort_key(other))

    return matches


def total(stored):
    """Return `other + n * 2`, None where one of them is no number."""
    n, other = number(stored, "n"), number(stored, "other")
    return None if n is None or other is None else other + n * 2


def quotient(stored):
    """Return `n / other`, None where there is none."""
    n, other = number(stored, "n"), number(stored, "other")
    return None if n is None or not other else n / other


def numbers(comparison, left="$n", right="$other"):
    """Return the filter of a comparison of two numbers."""
    return {"$and": [{"$isNumber": left}, {"$isNumber": right}, {comparison: [left, right]}]}


def same_kind(comparison, left, right):
    """Return the test of a comparison of two values of one kind."""
    kinds = [{"$cond": [{"$isNumber": v}, "number", {"$type": v}]} for v in (left, right)]
    return {"$and": [{"$gt": [left, None]}, {"$eq": kinds}, {comparison: [left, right]}]}


def computed(comparison, expression, *guards):
    """Return the filter of a comparison of `n` with what is computed."""
    made = {"$let": {"vars": {"other": expression}, "in": numbers(comparison, "$n", "$$other")}}
    for guard in reversed(guards):
        made = {"$cond": [guard, made, False]}
    return {"$expr": made}


BOTH = {"$and": [{"$isNumber": "$other"}, {"$isNumber": "$n"}]}
REVERSED = {"$and": [{"$isNumber": "$n"}, {"$isNumber": "$other"}]}
SUM = {"$add": ["$other", {"$multiply": ["$n", 2]}]}

#: A part's price above the other number.
PRICE = {
    "$expr": {
        "$anyElementTrue": [
            {
                "$map": {
                    "input": {"$cond": [{"$isArray": ["$parts"]}, "$parts", ["$parts"]]},
                    "as": "e1",
                    "in": numbers("$gt", "$$e1.p"),
                }
            }
        ]
    }
}


def any_price(stored):
    """Return whether a part has a price above the other number."""
    parts, other = stored.get("parts"), other_number(stored)
    prices = [
        number(part, "p")
        for part in (parts if isinstance(parts, list) else [parts])
        if isinstance(part, dict)
    ]
    return other is not None and any(price is not None and price > other for price in prices)


SCHEMA = {"properties": {"n": {"bsonType": "int"}}, "required": ["n"]}


def fits(stored):
    """Return whether a document fits the schema."""
    return "n" in stored and type(stored["n"]) is int


CASES = [
    Case("number", F("other"), {"$expr": numbers("$eq")}, compared(operator.eq, other_number)),
    Case("number__lt", F("other"), {"$expr": numbers("$lt")}, compared(operator.lt, other_number)),
    Case("number__gte", F("other"), {"$expr": numbers("$gte")},
         compared(operator.ge, other_number)),
    Case("number__ne", F("other"), {"$nor": [{"$expr": numbers("$eq")}]},
         negate(compared(operator.eq, other_number))),
    Case("number__lte", models.F("other"), {"$expr": numbers("$lte")},
         compared(operator.le, other_number)),
    Case("text", F("anything"), {"$expr": same_kind("$eq", "$text", "$v")},
         any_compare("text", operator.eq, "v")),
    Case("anything__gt", F("text"), {"$expr": same_kind("$gt", "$v", "$text")},
         any_compare("v", operator.gt, "text")),
    Case("number__gt", F("other") + F("number") * 2, computed("$gt", SUM, BOTH),
         compared(operator.gt, total)),
    Case("number__gt", models.F("other") + models.F("number") * 2, computed("$gt", SUM, BOTH),
         compared(operator.gt, total)),
    Case("number__gt", F("number") / F("other"),
         computed("$gt", {"$divide": ["$n", "$other"]}, REVERSED, {"$ne": ["$other", 0]}),
         compared(operator.gt, quotient)),
    Case("number__range", (0, F("other")),
         {"$expr": {"$and": [
             {"$let": {"vars": {"other": 0}, "in": numbers("$gte", "$n", "$$other")}},
             numbers("$lte")]}},
         compared(lambda n, other: 0 <= n <= other, other_number)),
    Case("number__in", [F("other"), 1], {"$or": [{"n": {"$in": [1]}}, {"$expr": numbers("$eq")}]},
         lambda stored: compared(operator.eq, other_number)(stored)
         or any(is_equal(value, 1) for value in elements(stored, "n"))),
    Case("number__nin", [F("other")], {"$nor": [{"$expr": numbers("$eq")}]},
         negate(compared(operator.eq, other_number))),
    Case("parts__price__gt", F("other"), PRICE, any_price),
    # What the code vouches for
    Case("number", trusted({"$gt": 1}), {"n": {"$gt": 1}},
         lambda stored: any(bracket(v) == "number" and v > 1 for v in elements(stored, "n"))),
    Case("", Q(trusted({"$where": "this.n === 2"})), {"$where": "this.n === 2"},
         lambda stored: is_equal(stored.get("n"), 2)),
    Case("", Q(trusted({"n": 2})) | Q(text="a"), {"$or": [{"n": 2}, {"text": "a"}]},
         lambda stored: any(is_equal(v, 2) for v in elements(stored, "n"))
         or any(is_equal(v, "a") for v in elements(stored, "text"))),
    Case("", json_schema(SCHEMA), {"$jsonSchema": SCHEMA}, fits),
    Case("", ~json_schema(SCHEMA) & Q(text="a"), {"$nor": [{"$jsonSchema": SCHEMA}], "text": "a"},
         lambda stored: not fits(stored)
         and any(is_equal(v, "a") for v in elements(stored, "text"))),
]  # fmt: skip
