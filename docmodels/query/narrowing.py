"""
Say a query that is narrowed by computed values as one filter.

A write takes a filter and no stages. A value that is computed of one document
(`annotate()`, `alias()`) goes into the conditions on it, as an `$expr`; the
conditions on stored paths stay as they are, for the indexes.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError

from docmodels.fields import ANY
from docmodels.query import joining
from docmodels.query.expressions.matching import Place, match_at
from docmodels.query.query import Query
from docmodels.query.settling import Joined
from docmodels.query.steps import Compute, Match

#: Steps after which each row is still a stored document.
_KEEPING = (Compute, Match, Joined)
_JOINS = frozenset({"$and", "$or", "$nor"})


def as_plain(query: Query) -> Query | None:
    """Return a query without stages for the same documents, None where there is none."""
    if not keeps_documents(query):
        return None
    #: What is computed by key, None where a filter cannot.
    computed: dict[str, Any] = {}
    where = query.where
    try:
        for step in query.steps:
            if isinstance(step, Match):
                where = joining.join_and([where, _rewritten(step.condition, computed)])
            elif isinstance(step, Joined):
                return None
            elif type(step) is Compute:
                computed[step.key] = _of_document(step.compiled(), computed)
            else:
                computed |= dict.fromkeys([*step.adds, getattr(step, "key", "")])
    except FieldError:
        # What MongoDB has in filters only, or what is computed of other documents.
        return None
    return without_steps(query, where)


def without_steps(query: Query, where: dict[str, Any]) -> Query:
    """Return the query with this filter in place of its own and of its stages."""
    plain = query.clone()
    plain.where, plain.steps, plain.annotations = where, (), {}
    return plain


def keeps_documents(query: Query) -> bool:
    """Return whether each result is one stored document, though stages say which."""
    return (
        query.source is None
        and not query.is_staged
        and all(isinstance(step, _KEEPING) or not step.changes_rows for step in query.steps)
    )


def _rewritten(condition: dict[str, Any], computed: dict[str, Any]) -> dict[str, Any]:
    """Return a filter without the names of computed values."""
    parts: list[dict[str, Any]] = []
    for key, part in condition.items():
        if key in _JOINS:
            parts.append({key: [_rewritten(item, computed) for item in part]})
        elif key == "$expr":
            parts.append({key: _inlined(part, computed)})
        elif (name := key.partition(".")[0]) in computed:
            test = match_at(_place(key[len(name) + 1 :]), part)
            found = _known(computed, name)
            parts.append({"$expr": {"$let": {"vars": {"found": found}, "in": test}}})
        elif key.startswith("$"):
            raise FieldError(key)
        else:
            parts.append({key: part})
    return joining.join_and(parts)


def _of_document(expression: Any, computed: dict[str, Any]) -> Any:
    """Return an expression of the document alone, None where there is none."""
    try:
        return _inlined(expression, computed)
    except FieldError:
        return None


def _place(inside: str) -> Place:
    """Return the place of a path inside of a computed value, which may be anything."""
    if any(key.isdecimal() for key in inside.split(".")):
        raise FieldError(f"{inside}: an index of a list, or a key?")
    return Place("$$found." if inside else "$$found", inside, (ANY,), enters_root=True)


def _inlined(expression: Any, computed: dict[str, Any]) -> Any:
    """Return an expression with the computed values in place of their names."""
    if isinstance(expression, dict):
        if "$meta" in expression:
            # The score of a search, which no filter is told.
            raise FieldError("$meta")
        return {
            key: part if key == "$literal" else _inlined(part, computed)
            for key, part in expression.items()
        }
    if isinstance(expression, (list, tuple)):
        return [_inlined(part, computed) for part in expression]
    if not isinstance(expression, str) or not expression.startswith("$"):
        return expression
    name, _dot, rest = expression[1:].partition(".")
    if name not in computed:
        return expression
    if rest:
        raise FieldError(expression)
    return _known(computed, name)


def _known(computed: dict[str, Any], name: str) -> Any:
    if computed[name] is None:
        raise FieldError(name)
    return computed[name]
