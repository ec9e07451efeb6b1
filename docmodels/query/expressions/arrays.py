"""Functions of lists of one document."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.fields import ANY, EmbeddedField, Field, ListField
from docmodels.query import where
from docmodels.query.expressions.base import (
    DOCUMENT,
    Context,
    Expression,
    Value,
    as_expression,
    as_literal,
    field_of,
)
from docmodels.query.expressions.functions import Function
from docmodels.query.expressions.literals import BOOLEAN, INTEGER, cast_literal, quote
from docmodels.query.expressions.matching import Place, as_expression_of, match_at
from docmodels.query.protocols import OptionsLike


class ArrayFunction(Function):
    """The base of functions of a list; where none is stored it is empty."""

    #: Whether the result is a list, whatever is stored.
    gives_list: ClassVar[bool] = False

    def list_of(self, meta: OptionsLike, context: Context) -> Any:
        """Return the list; an empty one where there is none."""
        compiled = self.arguments[0].compile(meta, context)
        self.check(meta, context)
        if getattr(self.arguments[0], "gives_list", False):
            return compiled
        return {"$cond": [{"$isArray": [compiled]}, compiled, []]}

    def check(self, meta: OptionsLike, context: Context) -> None:
        """Raise FieldError where the source is declared and no list."""
        of = field_of(self.arguments[0], meta, context)
        path = next(iter(self.arguments[0].own_paths()), None)
        crosses = path is not None and not context.knows(path) and meta.resolve(path).in_list
        if of is not None and of.bson_types and not isinstance(of, ListField) and not crosses:
            raise FieldError(f"{meta.object_name}: {self!r}: {of.description}, expected a list.")

    def element(self, meta: OptionsLike, context: Context = DOCUMENT) -> Field[Any]:
        """Return the field of one element."""
        of = field_of(self.arguments[0], meta, context)
        if isinstance(of, ListField):
            return of.base_field
        return ANY if of is None else of


class ArraySize(ArrayFunction):
    """The number of elements; 0 where no list is stored."""

    operator, output = "$size", INTEGER

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the size of a list: the server refuses anything else."""
        return {self.operator: self.list_of(meta, context)}


class ArrayElement(ArrayFunction):
    """The element at an index, from 0; negative ones count from the end."""

    operator = "$arrayElemAt"

    def __init__(self, expression: Any, index: int, **options: Any) -> None:
        super().__init__(expression, **options)
        self.index = index

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the element, which is missing where there is none."""
        return {self.operator: [self.list_of(meta, context), self.index]}

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field of the elements."""
        return self.output_field or self.element(meta)


class ArraySlice(ArrayFunction):
    """The elements `[start:start + count]`; a negative start counts from the end."""

    operator, gives_list = "$slice", True

    def __init__(self, expression: Any, start: int, count: int, **options: Any) -> None:
        super().__init__(expression, **options)
        if count < 1:
            raise ValueError(f"ArraySlice: count={count!r}, expected 1 or more.")
        self.start, self.count = start, count

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the part of the list."""
        return {self.operator: [self.list_of(meta, context), self.start, self.count]}


class ArrayConcat(ArrayFunction):
    """The elements of several lists, one after the other."""

    operator, arity, gives_list = "$concatArrays", None, True

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the lists joined; what is no list counts as an empty one."""
        lists = [source.compile(meta, context) for source in self.arguments]
        return {self.operator: [{"$cond": [{"$isArray": [x]}, x, []]} for x in lists]}


class ArrayContains(ArrayFunction):
    """Whether a value is an element."""

    operator, output = "$in", BOOLEAN

    def __init__(self, expression: Any, value: Any, **options: Any) -> None:
        super().__init__(expression, **options)
        self.value = as_literal(value)

    def sources(self) -> tuple[Expression, ...]:
        """Return the list and the value."""
        return *self.arguments, self.value

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return whether the value, cast by the field of the elements, is in."""
        value = self.value.compile_beside(meta, context, self.element(meta, context))
        return {self.operator: [value, self.list_of(meta, context)]}


class ArrayFilter(ArrayFunction):
    """
    The elements that match a Q: `ArrayFilter("lines", Q(price__gt=3))`.

    Of a list of scalars the conditions are lookups: `ArrayFilter("tags", Q(startswith="a"))`.
    """

    operator, gives_list = "$filter", True

    def __init__(self, expression: Any, condition: Q, **options: Any) -> None:
        super().__init__(expression, **options)
        if not isinstance(condition, Q):
            raise TypeError(f"ArrayFilter: {condition!r}, expected a Q on one element.")
        self.condition = condition

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the elements for which the condition is true."""
        of = field_of(self.arguments[0], meta, context)
        source = self.list_of(meta, context)
        condition = where.element_match(of or ANY, self.condition, f"{meta.object_name}: {self!r}")
        element = self.element(meta, context)
        if isinstance(element, EmbeddedField):
            inside = element.embedded_model._meta

            def place(path: str) -> Place:
                return Place("$$this.", path, _fields_at(inside, path))

            matches = as_expression_of(condition, place)
        else:
            matches = match_at(Place("$$this", "", (element,)), condition)
        return {self.operator: {"input": source, "cond": matches}}


def _fields_at(meta: Any, db_path: str) -> tuple[Field[Any], ...]:
    """Return the fields along a path of stored keys, none where they are not known."""
    fields: list[Field[Any]] = []
    for key in db_path.split("."):
        named = {of.db_field: of for of in meta.fields} if meta is not None else {}
        of = named.get(key)
        if of is None:
            # Unknown from here on: anything may be there.
            return (*fields, ANY)
        fields.append(of)
        embedded = getattr(of, "embedded_model", None)
        meta = None if embedded is None else embedded._meta
    return tuple(fields)


class ArrayMap(ArrayFunction):
    """
    The results of an expression for each element, which it calls `this`.

    `ArrayMap("lines", F("this__price") * F("this__count"))`.
    """

    operator, gives_list = "$map", True

    def __init__(self, expression: Any, each: Any, **options: Any) -> None:
        super().__init__(expression, **options)
        self.each = as_expression(each)

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the expression over each element."""
        inside = context.with_variable("this", self.element(meta, context))
        source = self.list_of(meta, context)
        return {self.operator: {"input": source, "in": self.each.compile(meta, inside)}}

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return a list of the field that was given."""
        return ListField(self.output_field) if self.output_field is not None else None


class ArrayReduce(ArrayFunction):
    """
    One value of a list: `value` so far and `this` element give the next one.

    `ArrayReduce("lines", F("value") + F("this__price"), initial=0)`.
    """

    operator: ClassVar[str] = "$reduce"

    def __init__(self, expression: Any, each: Any, *, initial: Any, **options: Any) -> None:
        super().__init__(expression, **options)
        self.each, self.initial = as_expression(each), Value(initial)

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the reduction."""
        inside = context.with_variable("this", self.element(meta, context))
        inside = inside.with_variable("value", self.output_field)
        initial = quote(cast_literal(self.initial.value, self.output_field))
        return {
            self.operator: {
                "input": self.list_of(meta, context),
                "initialValue": initial,
                "in": self.each.compile(meta, inside),
            }
        }

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field that was given."""
        return self.output_field
