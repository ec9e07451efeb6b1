"""Functions of numbers."""

from __future__ import annotations

from typing import Any, ClassVar

from docmodels.fields import Field
from docmodels.query.expressions.base import DOCUMENT, Context
from docmodels.query.expressions.functions import Function
from docmodels.query.expressions.literals import FLOAT
from docmodels.query.protocols import OptionsLike


class Numeric(Function):
    """The base of functions of numbers, which a list is not."""

    takes = "a number"

    def compiled_sources(self, meta: OptionsLike, context: Context) -> list[Any]:
        """Return the sources compiled, numbers as they are; raise FieldError for lists."""
        self.refuse_lists(meta, context)
        return [source.compile(meta, context) for source in self.arguments]


class Abs(Numeric):
    """The absolute value."""

    operator = "$abs"


class Ceil(Numeric):
    """The next whole number upwards."""

    operator = "$ceil"


class Floor(Numeric):
    """The next whole number downwards."""

    operator = "$floor"


class Sqrt(Numeric):
    """The square root."""

    operator, output = "$sqrt", FLOAT


class Exp(Numeric):
    """The number e to the power of the value."""

    operator, output = "$exp", FLOAT


class Ln(Numeric):
    """The natural logarithm."""

    operator, output = "$ln", FLOAT


class Log(Numeric):
    """The logarithm of the second value to the base of the first, as in Django."""

    operator, output, arity = "$log", FLOAT, 2

    def compiled_sources(self, meta: OptionsLike, context: Context) -> list[Any]:
        """Return the sources in MongoDB's order."""
        return super().compiled_sources(meta, context)[::-1]


class Power(Numeric):
    """The first value to the power of the second."""

    operator, arity = "$pow", 2


class Mod(Numeric):
    """The remainder of a division."""

    operator, arity = "$mod", 2


class Round(Numeric):
    """The value rounded to `precision` places, halves to the even digit."""

    operator: ClassVar[str] = "$round"

    def __init__(
        self, expression: Any, precision: int = 0, *, output_field: Field[Any] | None = None
    ) -> None:
        if not isinstance(precision, int) or not -20 <= precision <= 100:
            raise ValueError(f"Round: precision={precision!r}, expected -20 to 100.")
        super().__init__(expression, output_field=output_field)
        self.precision = precision

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the value with its number of places."""
        return {self.operator: [*self.compiled_sources(meta, context), self.precision]}


class Truncate(Round):
    """The value cut after `precision` places."""

    operator = "$trunc"
