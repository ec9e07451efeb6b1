"""
Expressions: values that the server computes, as plain data.

Every expression has one method that compiles it, `compile(meta, context)`,
which returns the aggregation expression in MongoDB's form.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.exceptions import FieldError

from docmodels.fields import DecimalField, DurationField, Field, FloatField
from docmodels.query.expressions.context import DOCUMENT, Context
from docmodels.query.expressions.literals import (
    DATETIME,
    FLOAT,
    MILLISECONDS,
    NUMBERS,
    ComputedDurationField,
    cast_literal,
    is_date,
    is_number,
    quote,
)
from docmodels.query.expressions.ordering import OrderBy
from docmodels.query.expressions.paths import path_of, split_transform, variable_path
from docmodels.query.protocols import OptionsLike


class Expression:
    """
    A value that the server computes for each document, row or group.

    A subclass implements `compile` and `result_field`, and returns what it is
    made of in `sources`. With `+ - * / % **` and a minus in front expressions
    are combined; Python values beside them are cast by the field of the other
    side.
    """

    #: What stands for no value at all; only aggregates are given one.
    default: Any = None

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """
        Return the expression in MongoDB's form, literals cast and quoted.

        `meta` resolves names, of documents or of rows; `context` says whether
        values are accumulated, and which variables there are. Raise FieldError
        for a path that does not exist or cannot be computed with,
        FilterValueError for a literal that cannot be cast.
        """
        raise NotImplementedError(f"{type(self).__name__} has no compile().")

    def compile_beside(self, meta: OptionsLike, context: Context, other: Field[Any] | None) -> Any:
        """Return `compile()` beside a value of a field, by which literals are cast."""
        return self.compile(meta, context)

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field that makes the result a Python value, None where none is known."""
        return None

    def sources(self) -> tuple[Expression, ...]:
        """Return the expressions that this one is made of."""
        return ()

    def walk(self) -> Iterator[Expression]:
        """Yield the expression and all that it is made of."""
        yield self
        for source in self.sources():
            yield from source.walk()

    @property
    def paths(self) -> frozenset[str]:
        """Return the paths of names that are read, here and inside."""
        return frozenset(p for part in self.walk() for p in part.own_paths())

    def own_paths(self) -> tuple[str, ...]:
        """Return the paths that the expression itself reads."""
        return ()

    @property
    def contains_aggregate(self) -> bool:
        """Return whether many documents can make one value of it."""
        return any(part.is_aggregate for part in self.walk())

    is_aggregate: ClassVar[bool] = False
    is_window: ClassVar[bool] = False

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return hash(repr(self))

    # Orders

    def asc(self, *, nulls_first: bool | None = None, nulls_last: bool | None = None) -> OrderBy:
        """Return the value to order by, the smallest first."""
        return OrderBy(self, nulls_first=nulls_first, nulls_last=nulls_last)

    def desc(self, *, nulls_first: bool | None = None, nulls_last: bool | None = None) -> OrderBy:
        """Return the value to order by, the largest first."""
        return OrderBy(self, descending=True, nulls_first=nulls_first, nulls_last=nulls_last)

    # Arithmetic

    def __add__(self, other: Any) -> Combined:
        return Combined(self, "+", other)

    def __sub__(self, other: Any) -> Combined:
        return Combined(self, "-", other)

    def __mul__(self, other: Any) -> Combined:
        return Combined(self, "*", other)

    def __truediv__(self, other: Any) -> Combined:
        return Combined(self, "/", other)

    def __mod__(self, other: Any) -> Combined:
        return Combined(self, "%", other)

    def __pow__(self, other: Any) -> Combined:
        return Combined(self, "**", other)

    def __radd__(self, other: Any) -> Combined:
        return Combined(other, "+", self)

    def __rsub__(self, other: Any) -> Combined:
        return Combined(other, "-", self)

    def __rmul__(self, other: Any) -> Combined:
        return Combined(other, "*", self)

    def __rtruediv__(self, other: Any) -> Combined:
        return Combined(other, "/", self)

    def __rmod__(self, other: Any) -> Combined:
        return Combined(other, "%", self)

    def __rpow__(self, other: Any) -> Combined:
        return Combined(other, "**", self)

    def __neg__(self) -> Combined:
        return Combined(self, "*", -1)


class F(Expression):
    """
    The value of a path of the same document; `F("stock") - 1` computes.

    A part of a date may end the path: `F("placed_at__year")`.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def transformed(self, meta: OptionsLike) -> Expression | None:
        """Return what the last name of the path computes, None where it is a path."""
        path, transform = split_transform(meta, self.name)
        transformed: Expression | None = transform and transform(path)
        return transformed

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the path as `"$…"`, an index of a list as `$arrayElemAt`."""
        if self.name in context.names:
            return context.names[self.name].compile(meta, context)
        variable, _sep, rest = self.name.partition("__")
        if variable in context.variables:
            return variable_path(variable, context.variables[variable], rest)
        transformed = self.transformed(meta)
        if transformed is not None:
            return transformed.compile(meta, context)
        return path_of(meta, self.name)

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field at the path; of a path across lists, a list of it."""
        transformed = self.transformed(meta)
        if transformed is not None:
            return transformed.result_field(meta)
        resolved = meta.resolve(self.name)
        found: Field[Any] = resolved.field
        return found

    def own_paths(self) -> tuple[str, ...]:
        """Return the path."""
        return (self.name,)

    def __repr__(self) -> str:
        return f"F({self.name!r})"


class Value(Expression):
    """A literal; `output_field` casts it, else the field of what it stands beside."""

    def __init__(self, value: Any, *, output_field: Field[Any] | None = None) -> None:
        self.value = value
        self.output_field = output_field

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the value in BSON, quoted where it would be read as an expression."""
        return self.compile_beside(meta, context, None)

    def compile_beside(self, meta: OptionsLike, context: Context, other: Field[Any] | None) -> Any:
        """Return the value cast by its own field, else by that of the other side."""
        return quote(cast_literal(self.value, self.output_field or other))

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field that was given."""
        return self.output_field

    def __repr__(self) -> str:
        return f"Value({self.value!r})"


class Raw(Expression):
    """
    An expression in MongoDB's own form: `Raw({"$toLower": "$name"})`.

    Paths in it are stored keys, nothing is cast or checked; `output_field`
    makes the result a Python value.
    """

    def __init__(self, expression: Any, *, output_field: Field[Any] | None = None) -> None:
        self.expression = expression
        self.output_field = output_field

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return what was given."""
        return self.expression

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field that was given."""
        return self.output_field

    def __repr__(self) -> str:
        return f"Raw({self.expression!r})"


_OPERATORS = {
    "+": "$add", "-": "$subtract", "*": "$multiply", "/": "$divide", "%": "$mod", "**": "$pow",
}  # fmt: skip


class Combined(Expression):
    """Two sides, joined by an operator; a Python value is a literal."""

    def __init__(self, left: Any, operator: str, right: Any) -> None:
        self.left, self.operator, self.right = left, operator, right

    def sources(self) -> tuple[Expression, ...]:
        """Return both sides."""
        return as_literal(self.left), as_literal(self.right)

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the operator's expression; durations beside moments are milliseconds."""
        left, right = self.sources()
        fields = field_of(left, meta, context), field_of(right, meta, context)
        for side, of in zip((left, right), fields, strict=True):
            self._check(side, of, meta, context)
        sides = [
            self._side(side, own, other, meta, context)
            for side, own, other in ((left, fields[0], fields[1]), (right, fields[1], fields[0]))
        ]
        return {_OPERATORS[self.operator]: sides}

    def _check(
        self, side: Expression, of: Field[Any] | None, meta: OptionsLike, context: Context
    ) -> None:
        computable = NUMBERS | {"date"}
        if of is None or not of.bson_types or of.bson_types & computable:
            return
        hint = " Concat() joins text." if "string" in of.bson_types else ""
        raise FieldError(
            f"{meta.object_name}: {self!r}: {side!r} is {of.description}, expected a number or a "
            f"date.{hint}"
        )

    def _side(
        self,
        side: Expression,
        own: Field[Any] | None,
        other: Field[Any] | None,
        meta: OptionsLike,
        context: Context,
    ) -> Any:
        beside_date = is_date(other)
        if beside_date and isinstance(side, Value):
            if isinstance(side.value, datetime.timedelta):
                return side.value // datetime.timedelta(milliseconds=1)
            if isinstance(side.value, (int, float)):
                raise FieldError(
                    f"{meta.object_name}: {self!r}: {side.value!r} beside a date, expected a "
                    f"timedelta or another date."
                )
        if beside_date and isinstance(own, DurationField) and own.unit != "milliseconds":
            compiled = side.compile(meta, context)
            factor = {"$divide": [compiled, 1000]}
            return factor if own.unit == "microseconds" else {"$multiply": [compiled, 1000]}
        if isinstance(side, Value) and is_number(side.value):
            # A half of whole numbers is not cast to one; beside decimals it is a decimal.
            other = other if isinstance(other, DecimalField) else None
        return side.compile_beside(meta, context, other)

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field of the wider side."""
        fields = [source.result_field(meta) for source in self.sources()]
        dates = [is_date(of) for of in fields]
        if all(dates) and self.operator == "-":
            return MILLISECONDS
        if any(dates):
            return DATETIME
        decimal = next((of for of in fields if isinstance(of, DecimalField)), None)
        duration = next((of for of in fields if isinstance(of, DurationField)), None)
        if duration is not None:
            return ComputedDurationField(unit=duration.unit)
        if decimal is not None:
            return decimal
        literal_float = any(
            isinstance(s, Value) and isinstance(s.value, float) for s in self.sources()
        )
        if self.operator in "/**" and self.operator != "*":
            return FLOAT
        if literal_float or any(isinstance(of, FloatField) for of in fields):
            return FLOAT
        return next((of for of in fields if of is not None), None)

    def __repr__(self) -> str:
        return f"{self.left!r} {self.operator} {self.right!r}"


# Parts of expressions


def as_literal(value: Any) -> Expression:
    """Return an expression; anything else is a literal."""
    return value if isinstance(value, Expression) else Value(value)


def as_expression(value: Any) -> Expression:
    """Return an expression; text is a path of names, as in Django's functions."""
    return F(value) if isinstance(value, str) else as_literal(value)


def field_of(expression: Expression, meta: OptionsLike, context: Context) -> Field[Any] | None:
    """Return the field of a source, also where it is a variable or a name of the stage."""
    if isinstance(expression, F):
        if expression.name in context.names:
            return context.names[expression.name].result_field(meta)
        if expression.name in context.variables:
            return context.variables[expression.name]
        if expression.name.partition("__")[0] in context.variables:
            return None
    if context.variables and any(context.knows(path) for path in expression.paths):
        # What is computed of a variable has no declared field.
        return None
    return expression.result_field(meta)
