"""
Compare whatever value a map has, under any key: `prices__values__gt=3`.

A filter names keys, so this is computed for each document (`$expr`), and no
index serves it.
"""

from __future__ import annotations

from typing import Any

from docmodels.fields import ANY, EmbeddedField, Field
from docmodels.lookups.computed import any_value, when
from docmodels.lookups.placing import is_operators
from docmodels.query.expressions.matching import Place, as_expression_of, match_at


def any_of_map(resolved: Any, base: Field[Any], condition: dict[str, Any]) -> dict[str, Any]:
    """Return the filter of maps at a path, one of whose values, of `base`, meets a condition."""
    if isinstance(base, EmbeddedField) and not is_operators_of_value(condition):
        inside = as_expression_of(
            condition, lambda path: Place("$$entry.", f"v.{path}", (base, ANY))
        )
        test = when(_is_object("$$entry.v"), inside)
    else:
        test = match_at(Place("$$entry.", "v", (base,)), condition)

    def has_value(found: str) -> Any:
        entries = {"$cond": [_is_object(found), {"$objectToArray": found}, []]}
        return {"$anyElementTrue": [{"$map": {"input": entries, "as": "entry", "in": test}}]}

    return {"$expr": any_value(resolved, has_value)}


def is_operators_of_value(condition: dict[str, Any]) -> bool:
    """Return whether a condition is about a value itself, not about paths inside of it."""
    return is_operators(condition) and not condition.keys() & {"$and", "$or", "$nor"}


def _is_object(value: str) -> dict[str, Any]:
    return {"$eq": [{"$type": value}, "object"]}
