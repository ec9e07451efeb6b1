"""
Compare a path with an expression: `filter(stock__lt=F("reserved"))`.

The server computes it for each document (`$expr`), no index serves it. As
with plain values only values of one kind are compared, and nothing compares
with null or with what is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import expressions as django_expressions

from docmodels.fields import Field
from docmodels.lookups.comparison import In, Ordering
from docmodels.lookups.computed import any_value, when
from docmodels.lookups.placing import entered_lists
from docmodels.query.expressions.base import DOCUMENT, Combined, Expression, F, Value
from docmodels.query.expressions.literals import NUMBERS, is_date, quote
from docmodels.query.protocols import OptionsLike

#: Lookups that take expressions, with the comparison that each is.
OPERATORS = {
    "exact": "$eq", "ne": "$eq", "gt": "$gt", "gte": "$gte", "lt": "$lt", "lte": "$lte",
    "in": "$eq", "nin": "$eq", "range": "",
}  # fmt: skip

#: Classes of expressions: ours, and Django's own, as far as they say the same.
EXPRESSIONS = (Expression, django_expressions.Combinable)

_CONNECTORS = {"+": "+", "-": "-", "*": "*", "/": "/", "%%": "%", "^": "**"}


def has_expression(lookup_name: str, value: Any) -> bool:
    """Return whether a value of `in`, `nin` or `range` has an expression among others."""
    return (
        lookup_name in {"in", "nin", "range"}
        and isinstance(value, (list, tuple))
        and any(isinstance(item, EXPRESSIONS) for item in value)
    )


def compare(
    meta: OptionsLike, resolved: Any, lookup_name: str, value: Any, key: str
) -> dict[str, Any]:
    """Compile the comparison of a resolved path with an expression, or several."""
    if lookup_name not in OPERATORS:
        raise FieldError(
            f"{key}: {value!r}, expected a value. Lookups that take an expression are: "
            f"{', '.join(OPERATORS)}."
        )
    if lookup_name == "range":
        if len(value) != 2:
            raise FieldError(f"{key}: {value!r}, expected a pair (low, high).")
        low, high = (
            _test_of(meta, resolved.field, operator, operand, key)
            for operator, operand in zip(("$gte", "$lte"), value, strict=True)
        )
        return {"$expr": any_value(resolved, lambda found: {"$and": [low(found), high(found)]})}
    operands = list(value) if lookup_name in {"in", "nin"} else [value]
    literals = [item for item in operands if not isinstance(item, EXPRESSIONS)]
    found = [In(resolved.field, literals, key).compile(resolved)] if literals else []
    for operand in operands:
        if isinstance(operand, EXPRESSIONS):
            test = _test_of(meta, resolved.field, OPERATORS[lookup_name], operand, key)
            found.append({"$expr": any_value(resolved, test)})
    if lookup_name in {"ne", "nin"}:
        return {"$nor": found}
    return found[0] if len(found) == 1 else {"$or": found}


def _test_of(
    meta: OptionsLike, field: Field[Any], operator: str, operand: Any, key: str
) -> Callable[[str], Any]:
    """Return what makes the test of one value of the path."""
    guards: list[Any] = []
    kind: Field[Any] | None = field
    if isinstance(operand, EXPRESSIONS):
        expression = to_expression(operand, key)
        _check_paths(meta, expression, key)
        other = expression.compile_beside(meta, DOCUMENT, field)
        guards = _guards(meta, expression)
        kind = expression.result_field(meta)
    else:
        other = quote(Ordering(field, operand, key).value)
    numbers = _is_number(field) and _is_number(kind)

    def test(found: str) -> Any:
        if isinstance(other, str):
            made = _bracketed(found, operator, other, numbers=numbers)
        else:
            made = _bracketed(found, operator, "$$other", numbers=numbers)
            made = {"$let": {"vars": {"other": other}, "in": made}}
        return when({"$and": guards} if len(guards) > 1 else guards[0], made) if guards else made

    return test


def _bracketed(left: str, operator: str, right: str, *, numbers: bool) -> dict[str, Any]:
    """Return a comparison of values of one kind, as MongoDB's filters have it."""
    comparison = {operator: [left, right]}
    if numbers:
        return {"$and": [{"$isNumber": left}, {"$isNumber": right}, comparison]}
    kinds = [{"$cond": [{"$isNumber": v}, "number", {"$type": v}]} for v in (left, right)]
    return {"$and": [{"$gt": [left, None]}, {"$eq": kinds}, comparison]}


def _guards(meta: OptionsLike, expression: Expression) -> list[Any]:
    """Return what must be true of the document, else the server fails to compute."""
    parts = list(expression.walk())
    if not any(isinstance(part, Combined) for part in parts):
        return []
    guards: list[Any] = []
    for part in parts:
        if isinstance(part, F):
            found = part.compile(meta)
            date = is_date(meta.resolve(part.name).field)
            guard = {"$eq": [{"$type": found}, "date"]} if date else {"$isNumber": found}
            if guard not in guards:
                guards.append(guard)
    for part in parts:
        if isinstance(part, Combined) and part.operator in {"/", "%"}:
            divisor = part.sources()[1]
            if not isinstance(divisor, Value):
                guards.append({"$ne": [divisor.compile(meta), 0]})
    return guards


def _check_paths(meta: OptionsLike, expression: Expression, key: str) -> None:
    for part in expression.walk():
        if isinstance(part, F) and entered_lists(meta.resolve(part.name)):
            raise FieldError(
                f"{key}: {part!r} crosses a list, expected a path with one value, an index, or "
                f"an aggregate such as Max({part.name!r})."
            )


def to_expression(value: Any, key: str) -> Expression:
    """Return an expression of ours for one of Django's; raise FieldError where there is none."""
    if isinstance(value, Expression):
        return value
    django: Any = value
    if isinstance(django, django_expressions.F):
        return F(django.name)
    if isinstance(django, django_expressions.Value):
        return Value(django.value)
    if isinstance(django, django_expressions.CombinedExpression):
        connector = _CONNECTORS.get(django.connector)
        if connector is not None:
            sides = [to_expression(side, key) for side in (django.lhs, django.rhs)]
            return Combined(sides[0], connector, sides[1])
    raise FieldError(f"{key}: {value!r}, expected F or another expression of documents.")


def _is_number(field: Field[Any] | None) -> bool:
    return field is not None and bool(field.bson_types) and field.bson_types <= NUMBERS
