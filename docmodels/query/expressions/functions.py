"""The base of functions: an operator over sources."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import FieldError

from docmodels.fields import Field
from docmodels.query.expressions.base import (
    DOCUMENT,
    Context,
    Expression,
    F,
    as_expression,
    field_of,
)
from docmodels.query.expressions.paths import count_lists
from docmodels.query.protocols import OptionsLike


class Function(Expression):
    """
    An operator over expressions: `{operator: [source, …]}`.

    Arguments are paths of names or expressions, as in Django's functions;
    `output_field` overrides what the result is.
    """

    operator: ClassVar[str]
    #: What the result is, None where it is what the first source is.
    output: ClassVar[Field[Any] | None] = None
    #: How many sources there must be, None for any number above none.
    arity: ClassVar[int | None] = 1
    #: What the function takes, for messages.
    takes: ClassVar[str] = "a value"

    def __init__(self, *sources: Any, output_field: Field[Any] | None = None) -> None:
        if not sources or (self.arity is not None and len(sources) != self.arity):
            expected = "one or more" if self.arity is None else str(self.arity)
            raise TypeError(
                f"{type(self).__name__}: {len(sources)} arguments, expected {expected}."
            )
        self.arguments = tuple(as_expression(source) for source in sources)
        self.output_field = output_field

    def sources(self) -> tuple[Expression, ...]:
        """Return the arguments."""
        return self.arguments

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the operator over the compiled sources."""
        compiled = self.compiled_sources(meta, context)
        return {self.operator: compiled[0] if self.arity == 1 else compiled}

    def compiled_sources(self, meta: OptionsLike, context: Context) -> list[Any]:
        """Return the sources compiled, literals cast by the first field that is known."""
        fields = (field_of(source, meta, context) for source in self.arguments)
        known = next((of for of in fields if of is not None), None)
        return [source.compile_beside(meta, context, known) for source in self.arguments]

    def refuse_lists(self, meta: OptionsLike, context: Context) -> None:
        """Raise FieldError where a source is a path that is in a list."""
        for source in self.arguments:
            refuse_list(source, meta, context, f"{self!r}: expected {self.takes}")

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field that was given, that of the function, or of its first source."""
        if self.output_field is not None:
            return self.output_field
        if self.output is not None:
            return self.output
        return next(
            (of for source in self.arguments if (of := source.result_field(meta)) is not None),
            None,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.arguments))})"


def refuse_list(source: Expression, meta: OptionsLike, context: Context, expected: str) -> None:
    """Raise FieldError where an expression is a path that crosses a list, which is no row."""
    if not isinstance(source, F) or context.knows(source.name):
        return
    path = source.name
    resolved = meta.resolve(path)
    has_index = any(key.isdecimal() for key in resolved.db_path.split("."))
    if not has_index and count_lists(meta, path):
        raise FieldError(
            f"{meta.object_name}.{path}: a list in {expected}; unwind() makes rows of a list, an "
            f"aggregate one value."
        )
