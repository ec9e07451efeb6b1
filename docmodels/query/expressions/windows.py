"""Window functions: a value of each row that depends on the rows around it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import FieldError

from docmodels.fields import Field
from docmodels.query.expressions.aggregates import Aggregate
from docmodels.query.expressions.base import (
    DOCUMENT,
    Context,
    Expression,
    Value,
    as_expression,
    field_of,
)
from docmodels.query.expressions.functions import Function
from docmodels.query.expressions.literals import FLOAT, INTEGER
from docmodels.query.expressions.ordering import ordered_paths
from docmodels.query.protocols import OptionsLike


class WindowFunction(Function):
    """The base of functions that are there in a `Window` only; MongoDB 5.0."""

    arity: ClassVar[int | None] = 0
    #: How many paths the window may be ordered by, where it must be ordered.
    orders: ClassVar[int | None] = None

    def __init__(self, *sources: Any, output_field: Field[Any] | None = None) -> None:
        if sources or self.arity:
            super().__init__(*sources, output_field=output_field)
        else:
            self.arguments, self.output_field = (), output_field

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Refuse it: there is no window."""
        raise FieldError(
            f"{meta.object_name}: {self!r}: outside of Window(), expected Window({self!r}, …)."
        )

    def window(self, meta: OptionsLike, context: Context) -> dict[str, Any]:
        """Return the operator with its arguments."""
        return {self.operator: {}}


class Rank(WindowFunction):
    """The place by the order; equal rows share one, and the next is left out."""

    operator, output = "$rank", INTEGER
    orders = 1


class DenseRank(WindowFunction):
    """The place by the order; equal rows share one, and none is left out."""

    operator, output = "$denseRank", INTEGER
    orders = 1


class RowNumber(WindowFunction):
    """The number of the row by the order, from 1."""

    operator, output = "$documentNumber", INTEGER
    orders = 99


class Lag(WindowFunction):
    """The value of the row `offset` rows before; `default` where there is none."""

    operator, arity = "$shift", 1
    orders = 99
    _way = -1

    def __init__(
        self,
        expression: Any,
        offset: int = 1,
        default: Any = None,
        *,
        output_field: Field[Any] | None = None,
    ) -> None:
        if offset < 1:
            raise ValueError(f"{type(self).__name__}: offset={offset!r}, expected 1 or more.")
        super().__init__(expression, output_field=output_field)
        self.offset, self.absent = offset, default

    def window(self, meta: OptionsLike, context: Context) -> dict[str, Any]:
        """Return a `$shift`."""
        arguments = {
            "output": self.arguments[0].compile(meta, context),
            "by": self._way * self.offset,
        }
        if self.absent is not None:
            of = field_of(self.arguments[0], meta, context)
            arguments["default"] = Value(self.absent).compile_beside(meta, context, of)
        return {self.operator: arguments}


class Lead(Lag):
    """The value of the row `offset` rows after; `default` where there is none."""

    _way = 1


class FirstValue(WindowFunction):
    """The value of the first row of the frame."""

    operator, arity = "$first", 1

    def window(self, meta: OptionsLike, context: Context) -> dict[str, Any]:
        """Return the operator over the value."""
        return {self.operator: self.arguments[0].compile(meta, context)}


class LastValue(FirstValue):
    """The value of the last row of the frame."""

    operator = "$last"


class FillForward(FirstValue):
    """The value, or where it is null the last one before that was not; MongoDB 5.2."""

    operator = "$locf"


class FillLinear(FirstValue):
    """The value, or where it is null a point of the line between its neighbours; MongoDB 5.3."""

    operator, output = "$linearFill", FLOAT


class ExpMovingAvg(WindowFunction):
    """The exponential moving average: of `n` rows, or with the decay `alpha`."""

    operator, arity, output = "$expMovingAvg", 1, FLOAT

    def __init__(
        self,
        expression: Any,
        n: int | None = None,
        *,
        alpha: float | None = None,
        output_field: Field[Any] | None = None,
    ) -> None:
        if (n is None) == (alpha is None):
            raise TypeError("ExpMovingAvg: expected either n or alpha.")
        super().__init__(expression, output_field=output_field)
        self.decay: dict[str, Any] = {"N": n} if alpha is None else {"alpha": alpha}

    def window(self, meta: OptionsLike, context: Context) -> dict[str, Any]:
        """Return the operator with its decay."""
        return {self.operator: {"input": self.arguments[0].compile(meta, context), **self.decay}}


class Derivative(WindowFunction):
    """The change of the value by the change of the order's value; `unit` where that is a time."""

    operator, arity, output = "$derivative", 1, FLOAT

    def __init__(
        self, expression: Any, unit: str | None = None, *, output_field: Field[Any] | None = None
    ) -> None:
        super().__init__(expression, output_field=output_field)
        self.unit = unit

    def window(self, meta: OptionsLike, context: Context) -> dict[str, Any]:
        """Return the operator with its unit."""
        unit = {} if self.unit is None else {"unit": self.unit}
        return {self.operator: {"input": self.arguments[0].compile(meta, context), **unit}}


class Integral(Derivative):
    """The area below the value, by the order's value; `unit` where that is a time."""

    operator = "$integral"


class RowRange:
    """A frame of rows: from `start` to `end` rows off the current one, None for all."""

    kind: ClassVar[str] = "documents"

    def __init__(self, start: Any = None, end: Any = None) -> None:
        self.start, self.end = start, end

    def compile(self) -> dict[str, Any]:
        """Return the frame as MongoDB's `window`."""
        return {self.kind: [self._bound(self.start), self._bound(self.end)]}

    def _bound(self, value: Any) -> Any:
        if value is None:
            return "unbounded"
        return "current" if value == 0 else value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.start!r}, {self.end!r})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return hash(repr(self))


class ValueRange(RowRange):
    """
    A frame by the order's value: from `start` to `end` off the current one.

    `unit` ("day", "hour" …) is there for orders by time.
    """

    kind = "range"

    def __init__(self, start: Any = None, end: Any = None, *, unit: str | None = None) -> None:
        super().__init__(start, end)
        self.unit = unit

    def compile(self) -> dict[str, Any]:
        """Return the frame as MongoDB's `window`, with its unit."""
        return {**super().compile(), **({} if self.unit is None else {"unit": self.unit})}

    def _bound(self, value: Any) -> Any:
        # The current row would be the end, and not the rows of the same value behind it.
        return "unbounded" if value is None else value


class Window(Expression):
    """
    A value of each row over a window of rows; MongoDB 5.0.

    `expression` is an aggregate or a window function; `partition_by` a path,
    an expression or several, `order_by` a path or several; without `frame`
    the window is the whole partition.
    """

    is_window = True

    def __init__(
        self,
        expression: Aggregate | WindowFunction,
        *,
        partition_by: Any = (),
        order_by: Any = (),
        frame: RowRange | None = None,
    ) -> None:
        if not isinstance(expression, (Aggregate, WindowFunction)):
            raise ValueError(
                f"Expression '{expression!r}' isn't compatible with OVER clauses: expected an "
                f"aggregate or a window function."
            )
        if frame is not None and not isinstance(frame, RowRange):
            raise TypeError(f"Window: frame={frame!r}, expected RowRange() or ValueRange().")
        self.expression = expression
        many = isinstance(partition_by, (list, tuple))
        self.partition_by = tuple(map(as_expression, partition_by if many else [partition_by]))
        self.order_by = ordered_paths(order_by, "Window")
        self.frame = frame

    @property
    def contains_aggregate(self) -> bool:
        """Return False: it makes no group."""
        return False

    def sources(self) -> tuple[Expression, ...]:
        """Return the function and what parts the rows."""
        return self.expression, *self.partition_by

    def own_paths(self) -> tuple[str, ...]:
        """Return the paths of the order."""
        return tuple(path.lstrip("-+") for path in self.order_by)

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Refuse it: a window is a stage of its own."""
        raise FieldError(
            f"{meta.object_name}: {self!r}: inside of an expression, expected it alone in "
            "annotate(); F() of its name computes with it."
        )

    def stage(self, name: str, meta: OptionsLike, context: Context) -> list[dict[str, Any]]:
        """Return the stages that add the value under `name`."""
        self._check_order(meta)
        output = self._output(meta, context)
        if self.frame is not None:
            output["window"] = self.frame.compile()
        arguments: dict[str, Any] = {}
        keys = [{"$ifNull": [e.compile(meta, context), None]} for e in self.partition_by]
        if keys:
            several = {f"k{i}": key for i, key in enumerate(keys)}
            arguments["partitionBy"] = keys[0] if len(keys) == 1 else several
        if self.order_by:
            arguments["sortBy"] = {
                meta.resolve(path.lstrip("-+")).db_path: -1 if path.startswith("-") else 1
                for path in self.order_by
            }
        stages = [{"$setWindowFields": {**arguments, "output": {name: output}}}]
        finished = self._finish(f"${name}")
        if finished != f"${name}":
            stages.append({"$addFields": {name: finished}})
        return stages

    def _check_order(self, meta: OptionsLike) -> None:
        most = getattr(self.expression, "orders", None)
        if most is not None and not 0 < len(self.order_by) <= most:
            got = f"ordered by {len(self.order_by)} paths" if self.order_by else "without an order"
            expected = "one path" if most == 1 else "one or more paths"
            raise FieldError(
                f"{meta.object_name}: {self!r}: {got}, expected order_by= of {expected}."
            )

    def _output(self, meta: OptionsLike, context: Context) -> dict[str, Any]:
        if isinstance(self.expression, WindowFunction):
            return self.expression.window(meta, context)
        return dict(self.expression.accumulator(meta, context))

    def _finish(self, value: str) -> Any:
        return self.expression.finish(value) if isinstance(self.expression, Aggregate) else value

    @property
    def default(self) -> Any:
        """Return what stands for no value."""
        return self.expression.default

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field of the function's result."""
        return self.expression.result_field(meta)

    def __repr__(self) -> str:
        return f"Window({self.expression!r})"
