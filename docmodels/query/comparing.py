"""
Compare a path with an expression: `filter(stock__lt=F("reserved"))`.

The server computes it for each document (`$expr`), no index serves it. As
with plain values only values of one kind are compared, and nothing compares
with null or with what is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import expressions as django_expressions

from docmodels.exceptions import InvalidCondition
from docmodels.lookups.computed import any_value, when
from docmodels.lookups.placing import entered_lists
from docmodels.query.expressions.base import DOCUMENT, Combined, Expression, F, Value
from docmodels.query.expressions.dates import Dated
from docmodels.query.expressions.literals import is_date
from docmodels.query.protocols import OptionsLike
from docmodels.query.sides import PartSide, Side, ValueSide

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
        lookup_name.rpartition("__")[2] in {"in", "nin", "range"}
        and isinstance(value, (list, tuple))
        and any(issubclass(cls, EXPRESSIONS) for cls in set(map(type, value)))
    )


def compare(
    meta: OptionsLike, resolved: Any, lookup_name: str, value: Any, key: str
) -> dict[str, Any]:
    """Compile the comparison of a resolved path with an expression, or several."""
    side = _side_of(meta, resolved, lookup_name, value, key)
    if side.comparison == "range":
        if len(value) != 2:
            raise InvalidCondition(f"{key}: {value!r}, expected a pair (low, high).")
        low, high = (
            _test_of(meta, side, operator, operand)
            for operator, operand in zip(("$gte", "$lte"), value, strict=True)
        )
        return {"$expr": any_value(resolved, lambda found: {"$and": [low(found), high(found)]})}
    operands = list(value) if side.comparison in {"in", "nin"} else [value]
    literals = [item for item in operands if not isinstance(item, EXPRESSIONS)]
    found = [side.among(literals).compile(resolved)] if literals else []
    for operand in operands:
        if isinstance(operand, EXPRESSIONS):
            test = _test_of(meta, side, OPERATORS[side.comparison], operand)
            found.append({"$expr": any_value(resolved, test)})
    if side.comparison in {"ne", "nin"}:
        return {"$nor": found}
    return found[0] if len(found) == 1 else {"$or": found}


def _side_of(meta: OptionsLike, resolved: Any, lookup_name: str, value: Any, key: str) -> Side:
    side = PartSide.find(meta, resolved.field, lookup_name, key)
    if side is not None:
        return side
    if lookup_name not in OPERATORS:
        raise InvalidCondition(
            f"{key}: {value!r}, expected a value. Lookups that take an "
            f"expression are: {', '.join(OPERATORS)}, and parts of dates."
        )
    return ValueSide(resolved.field, lookup_name, key)


def _test_of(meta: OptionsLike, side: Side, operator: str, operand: Any) -> Callable[[str], Any]:
    """Return what makes the test of one value of the path."""
    guards: list[Any] = []
    kind = side.field
    if isinstance(operand, EXPRESSIONS):
        expression = to_expression(operand, side.key)
        _check_paths(meta, expression, side.key)
        other = expression.compile_beside(meta, DOCUMENT, side.field)
        guards = _guards(meta, expression)
        if not isinstance(expression, Value) or expression.output_field is not None:
            kind = side.accept(expression, expression.result_field(meta))
    else:
        other = side.literal(operand)

    def test(found: str) -> Any:
        if isinstance(other, str):
            made = side.compare(found, operator, other, kind)
        else:
            made = side.compare(found, operator, "$$other", kind)
            made = {"$let": {"vars": {"other": other}, "in": made}}
        for guard in reversed(guards):
            made = when(guard, made)
        return made

    return test


def _guards(meta: OptionsLike, expression: Expression) -> list[Any]:
    """
    Return what must be true of the document, else the server fails to compute.

    Each is computed only where those before it are true.
    """
    dates = list(dict.fromkeys(_dates(meta, expression)))
    guards: list[Any] = [{"$eq": [{"$type": date.compile(meta)}, "date"]} for date in dates]
    if not isinstance(expression, Combined):
        return guards
    kinds: list[Any] = []
    for operand in _operands(expression):
        if isinstance(operand, Value):
            continue
        found = operand.compile(meta)
        date = is_date(operand.result_field(meta))
        guard = {"$eq": [{"$type": found}, "date"]} if date else {"$isNumber": found}
        if guard not in kinds:
            kinds.append(guard)
    divisors = [{"$ne": [divisor.compile(meta), 0]} for divisor in _divisors(expression)]
    if kinds:
        guards.append({"$and": kinds} if len(kinds) > 1 else kinds[0])
    return [*guards, *divisors]


def _dates(meta: OptionsLike, expression: Expression) -> Iterator[Expression]:
    """Yield what parts are taken of, inner ones first."""
    for operand in _operands(expression):
        part = operand.transformed(meta) if isinstance(operand, F) else operand
        if isinstance(part, Dated):
            (date,) = part.sources()
            yield from _dates(meta, date)
            yield date


def _operands(expression: Expression) -> Iterator[Expression]:
    """Yield what the arithmetic of an expression is about."""
    if not isinstance(expression, Combined):
        yield expression
        return
    for side in expression.sources():
        yield from _operands(side)


def _divisors(expression: Expression) -> Iterator[Expression]:
    """Yield what is divided by, inner ones first, unless it is a literal."""
    if isinstance(expression, Combined):
        for side in expression.sources():
            yield from _divisors(side)
        divisor = expression.sources()[1]
        if expression.operator in {"/", "%"} and not isinstance(divisor, Value):
            yield divisor


def _check_paths(meta: OptionsLike, expression: Expression, key: str) -> None:
    for operand in _operands(expression):
        if not isinstance(operand, F) or operand.transformed(meta) is not None:
            continue
        if entered_lists(meta.resolve(operand.name)):
            raise InvalidCondition(
                f"{key}: {operand!r} crosses a list, expected a path with one value, an index, or "
                f"an aggregate such as Max({operand.name!r})."
            )


def to_expression(value: Any, key: str) -> Expression:
    """Return an expression of ours for one of Django's; raise FieldError where there is none."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, django_expressions.F):
        return F(value.name)  # type: ignore[attr-defined]
    if isinstance(value, django_expressions.Value):
        return Value(value.value)
    if isinstance(value, django_expressions.CombinedExpression):
        connector = _CONNECTORS.get(value.connector)
        if connector is not None:
            return Combined(_side(value.lhs, key), connector, _side(value.rhs, key))
    raise InvalidCondition(f"{key}: {value!r}, expected F or another expression of documents.")


def _side(value: Any, key: str) -> Any:
    # A number beside a path is `$inc` in an update.
    is_value = isinstance(value, django_expressions.Value)
    return value.value if is_value else to_expression(value, key)
