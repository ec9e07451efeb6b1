"""Conditions as expressions: a Q where a value is computed."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.exceptions import InvalidCondition

# Filters hold expressions (`F`) and expressions hold filters (`When(Q(…))`): each of the two
# modules asks the other only while it compiles.
from docmodels.query import where
from docmodels.query.expressions.base import DOCUMENT, Context
from docmodels.query.expressions.matching import Place, as_expression_of
from docmodels.query.protocols import OptionsLike


def compile_condition(meta: OptionsLike, q: Q, context: Context = DOCUMENT) -> Any:
    """Return a Q with any lookups as an expression that is true where it matches."""
    parts = [_child(meta, child, context) for child in q.children]
    if not parts:
        return True
    if len(parts) == 1:
        joined = parts[0]
    elif q.connector == Q.XOR:
        ones = [{"$cond": [part, 1, 0]} for part in parts]
        joined = {"$eq": [{"$mod": [{"$add": ones}, 2]}, 1]}
    else:
        joined = {"$or" if q.connector == Q.OR else "$and": parts}
    return {"$not": [joined]} if q.negated else joined


def _child(meta: OptionsLike, child: Any, context: Context) -> Any:
    if isinstance(child, Q):
        return compile_condition(meta, child, context)
    if not isinstance(child, tuple):
        raise FieldError(
            f"{meta.object_name}: {child!r} in a Q, expected path__lookup=value or a Q."
        )
    compiled = where.compile_condition(meta, *child)
    resolved = meta.resolve(where.split_lookup(meta, child[0])[0])
    try:
        return as_expression_of(compiled, lambda path: Place("$", path, resolved.fields))
    except InvalidCondition as error:
        named = InvalidCondition(f"{child[0]}: {error}")
        named.name_document(meta.object_name)
        raise named from error
