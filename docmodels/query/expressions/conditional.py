"""Values that depend on conditions, and casts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.fields import (
    BooleanField,
    DateTimeField,
    DecimalField,
    Field,
    FloatField,
    Int32Field,
    IntegerField,
    ObjectIdField,
    TextField,
)
from docmodels.query.expressions.base import (
    DOCUMENT,
    Context,
    Expression,
    as_expression,
    as_literal,
    field_of,
)
from docmodels.query.expressions.conditions import compile_condition
from docmodels.query.expressions.functions import Function
from docmodels.query.expressions.literals import BOOLEAN
from docmodels.query.protocols import OptionsLike
from docmodels.query.trees import keys_of


class Condition(Expression):
    """Whether a Q matches: true or false."""

    def __init__(self, condition: Q | None = None, /, **lookups: Any) -> None:
        self.condition = _as_q("Condition", condition, lookups)

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the condition as an expression."""
        return compile_condition(meta, self.condition, context)

    def own_paths(self) -> tuple[str, ...]:
        """Return the keys of the condition, which begin with paths."""
        return tuple(keys_of(self.condition))

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field of booleans."""
        return BOOLEAN

    def __repr__(self) -> str:
        return f"Condition({self.condition!r})"


class When(Expression):
    """One case: `When(stock__gt=0, then=Value("there"))`; text is a path of names."""

    def __init__(self, condition: Q | None = None, /, then: Any = None, **lookups: Any) -> None:
        self.condition = Condition(_as_q("When", condition, lookups))
        self.then = as_expression(then)

    def sources(self) -> tuple[Expression, ...]:
        """Return the condition and the value."""
        return self.condition, self.then

    def __repr__(self) -> str:
        return f"When({self.condition.condition!r}, then={self.then!r})"


class Case(Expression):
    """The value of the first case that matches, else `default`."""

    def __init__(
        self, *cases: When, default: Any = None, output_field: Field[Any] | None = None
    ) -> None:
        for case in cases:
            if not isinstance(case, When):
                raise TypeError(f"Case: {case!r}, expected When objects.")
        self.cases = cases
        self.otherwise = as_expression(default)
        self.output_field = output_field

    def sources(self) -> tuple[Expression, ...]:
        """Return the cases and the default."""
        return *self.cases, self.otherwise

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return a `$switch`; the values are cast by one field."""
        of = self.result_field(meta)
        otherwise = self.otherwise.compile_beside(meta, context, of)
        if not self.cases:
            return otherwise
        branches = [
            {
                "case": case.condition.compile(meta, context),
                "then": case.then.compile_beside(meta, context, of),
            }
            for case in self.cases
        ]
        return {"$switch": {"branches": branches, "default": otherwise}}

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field that was given, else the first that a value has."""
        if self.output_field is not None:
            return self.output_field
        values = (*(case.then for case in self.cases), self.otherwise)
        return next((of for v in values if (of := field_of(v, meta, DOCUMENT)) is not None), None)

    def __repr__(self) -> str:
        return f"Case({', '.join(map(repr, self.cases))}, default={self.otherwise!r})"


class Coalesce(Function):
    """The first value that is neither null nor missing."""

    operator, arity = "$ifNull", None

    def __init__(self, *sources: Any, output_field: Field[Any] | None = None) -> None:
        if len(sources) < 2:
            raise ValueError("Coalesce must take at least two expressions")
        super().__init__(*sources, output_field=output_field)


class NullIf(Function):
    """The first value, null where it equals the second one."""

    arity = 2

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return a condition on the two."""
        first, second = self.compiled_sources(meta, context)
        return {"$cond": [{"$eq": [first, second]}, None, first]}


class Greatest(Function):
    """The largest of several values, null and missing left out."""

    operator, arity = "$max", None


class Least(Function):
    """The smallest of several values, null and missing left out."""

    operator, arity = "$min", None


class Cast(Expression):
    """
    The value as the BSON type that `output_field` stores.

    `on_error` is what a value becomes that cannot be converted, `on_null` what
    null and missing become; without `on_error` the server refuses the query.
    """

    #: The types of MongoDB's `$convert` by field, subclasses before their bases.
    types: ClassVar[tuple[tuple[type, str], ...]] = (
        (Int32Field, "int"),
        (IntegerField, "long"),
        (FloatField, "double"),
        (DecimalField, "decimal"),
        (BooleanField, "bool"),
        (DateTimeField, "date"),
        (ObjectIdField, "objectId"),
        (TextField, "string"),
    )
    _not_given = object()

    def __init__(
        self,
        expression: Any,
        output_field: Field[Any],
        *,
        on_error: Any = _not_given,
        on_null: Any = None,
    ) -> None:
        self.expression = as_expression(expression)
        self.output_field = output_field
        self.on_error = None if on_error is Cast._not_given else as_literal(on_error)
        self.on_null = as_literal(on_null)
        self.to = next((name for cls, name in self.types if isinstance(output_field, cls)), None)
        if self.to is None:
            choices = ", ".join(cls.__name__ for cls, _name in self.types)
            raise FieldError(
                f"Cast: {type(output_field).__name__}, expected a type that MongoDB converts to. "
                f"Choices are: {choices}."
            )

    def sources(self) -> tuple[Expression, ...]:
        """Return what is cast, and what stands for it."""
        instead = [self.on_null] if self.on_error is None else [self.on_null, self.on_error]
        return self.expression, *instead

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return a `$convert`."""
        arguments = {
            "input": self.expression.compile(meta, context),
            "to": self.to,
            "onNull": self.on_null.compile_beside(meta, context, self.output_field),
        }
        if self.on_error is not None:
            arguments["onError"] = self.on_error.compile_beside(meta, context, self.output_field)
        return {"$convert": arguments}

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field that was given."""
        return self.output_field

    def __repr__(self) -> str:
        return f"Cast({self.expression!r}, {type(self.output_field).__name__}())"


def _as_q(name: str, condition: Any, lookups: dict[str, Any]) -> Q:
    if condition is not None and not isinstance(condition, Q):
        raise TypeError(f"{name}: {condition!r}, expected a Q or path__lookup=value.")
    found = Q(**lookups) if condition is None else condition & Q(**lookups)
    if not found:
        raise ValueError("An empty Q() can't be used as a condition.")
    return found
