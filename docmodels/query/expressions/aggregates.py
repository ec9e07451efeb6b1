"""Aggregates: one value of many documents, or of the lists of one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.fields import DecimalField, DurationField, Field, ListField
from docmodels.query.expressions.base import (
    DOCUMENT,
    Context,
    Expression,
    F,
    Value,
    as_expression,
    field_of,
)
from docmodels.query.expressions.conditions import compile_condition
from docmodels.query.expressions.literals import FLOAT, INTEGER, ComputedDurationField
from docmodels.query.expressions.ordering import ordered_paths
from docmodels.query.expressions.paths import count_lists, innermost, reference, split_transform
from docmodels.query.protocols import OptionsLike
from docmodels.query.trees import keys_of


class Aggregate(Expression):
    """
    A value computed from many documents, in `annotate()` and `aggregate()`.

    `expression` is a path of names or an expression; `filter`, a Q, says which
    documents count; `default` stands for no value at all.
    """

    is_aggregate = True
    operator: ClassVar[str]
    #: What the alias ends with where none is given.
    suffix: ClassVar[str]
    #: What a document is counted as that `filter` leaves out.
    nothing: ClassVar[Any] = None

    def __init__(
        self,
        expression: Any,
        *,
        filter: Q | None = None,  # noqa: A002 - Django's name
        default: Any = None,
    ) -> None:
        if filter is not None and not isinstance(filter, Q):
            raise TypeError(f"{type(self).__name__}: filter={filter!r}, expected a Q.")
        self.expression = as_expression(expression)
        self.filter = filter
        self.default = default

    @property
    def path(self) -> str | None:
        """Return the path that is aggregated, None for an expression."""
        return self.expression.name if isinstance(self.expression, F) else None

    @property
    def default_alias(self) -> str:
        """Return the name for an aggregate that was given without one."""
        if self.path is None:
            raise TypeError("Complex expressions require an alias")
        return f"{self.path.replace('.', '__')}__{self.suffix}"

    def sources(self) -> tuple[Expression, ...]:
        """Return what is aggregated."""
        return (self.expression,)

    def own_paths(self) -> tuple[str, ...]:
        """Return the keys of the filter, which begin with paths."""
        return () if self.filter is None else tuple(keys_of(self.filter))

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the value of the group, else of the lists of one document."""
        if context.accumulators is None:
            compiled = self.inline(meta, context)
        else:
            key = context.accumulators.add(self.accumulator(meta))
            compiled = self.finish(f"${key}")
        if self.default is None or self.operator == "$sum":
            return compiled
        literal = Value(self.default).compile_beside(meta, context, self.result_field(meta))
        return {"$ifNull": [compiled, literal]}

    def accumulator(self, meta: OptionsLike, context: Context = DOCUMENT) -> dict[str, Any]:
        """Return the accumulator of a `$group`."""
        return {self.operator: self.only_filtered(self.value(meta, context), meta, context)}

    def value(self, meta: OptionsLike, context: Context) -> Any:
        """Return the value of one document; lists give their own value first."""
        lists = 0 if self.path is None else count_lists(meta, self.path)
        if lists > 1:
            raise FieldError(
                f"{meta.object_name}: {self!r}: the path crosses {lists} lists, expected unwind() "
                f"of the outer one before it."
            )
        value = self.compiled_source(meta, context)
        return self.over_list(value) if lists else value

    def compiled_source(self, meta: OptionsLike, context: Context) -> Any:
        """Return what is aggregated; raise FieldError for an index of a list."""
        if self.path is not None and self.path not in context.names:
            _stored, transform = split_transform(meta, self.path)
            if transform is None:
                return reference(meta, self.path)
        return self.expression.compile(meta, context)

    def over_list(self, value: Any) -> Any:
        """Return the value of one list."""
        return {self.operator: value}

    def only_filtered(self, value: Any, meta: OptionsLike, context: Context) -> Any:
        """Return `value` where the document counts, else what leaves it out."""
        if self.filter is None:
            return value
        return {"$cond": [compile_condition(meta, self.filter, context), value, self.nothing]}

    def finish(self, value: str) -> Any:
        """Return the result as an expression over the accumulated value."""
        return value

    def inline(self, meta: OptionsLike, context: Context) -> Any:
        """Return an expression over the values inside one document."""
        if self.filter is not None:
            raise FieldError(
                f"{meta.object_name}: {self!r}: filter= over the lists of one document, expected "
                "a group, or ArrayFilter() in place of the list."
            )
        return self.finish_inline({self.operator: self.compiled_source(meta, context)})

    def finish_inline(self, value: Any) -> Any:
        """Return the result as an expression over the value of one document."""
        return value

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field that turns the result into a Python value."""
        return innermost(field_of(self.expression, meta, DOCUMENT))

    def __repr__(self) -> str:
        shown = repr(self.expression if self.path is None else self.path)
        return f"{type(self).__name__}({shown})"


class Sum(Aggregate):
    """The sum of the numbers; 0 where there is none."""

    operator, suffix, nothing = "$sum", "sum", 0


class _Mean(Aggregate):
    def over_list(self, value: Any) -> Any:
        """Refuse it: the mean of means is not the mean."""
        raise FieldError(
            f"{self!r}: the path crosses a list, expected unwind() of that list before it."
        )

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the decimals' field, else that of floats: a mean is not whole."""
        found = super().result_field(meta)
        if found is None or isinstance(found, DecimalField) or "date" in found.bson_types:
            return found
        if isinstance(found, DurationField):
            return ComputedDurationField(unit=found.unit)
        return FLOAT


class Avg(_Mean):
    """The mean of the numbers; None where there is none."""

    operator, suffix = "$avg", "avg"


class StdDev(_Mean):
    """The standard deviation, of everything or with `sample=True` of a sample."""

    suffix = "stddev"

    def __init__(self, expression: Any, *, sample: bool = False, **options: Any) -> None:
        super().__init__(expression, **options)
        self.sample = sample

    @property
    def operator(self) -> str:  # type: ignore[override]
        """Return the operator of the population or of the sample."""
        return "$stdDevSamp" if self.sample else "$stdDevPop"


class Variance(StdDev):
    """The variance, of everything or with `sample=True` of a sample."""

    suffix = "variance"

    def finish(self, value: str) -> Any:
        """Return the square of the deviation."""
        return {"$pow": [value, 2]}

    def finish_inline(self, value: Any) -> Any:
        """Return the square of the deviation."""
        return {"$pow": [value, 2]}


class Min(Aggregate):
    """The smallest value."""

    operator, suffix = "$min", "min"


class Max(Aggregate):
    """The largest value."""

    operator, suffix = "$max", "max"


class Count(Aggregate):
    """The number of documents with a value at the path, or of distinct values."""

    operator, suffix, nothing = "$sum", "count", 0

    def __init__(self, expression: Any = "*", *, distinct: bool = False, **options: Any) -> None:
        super().__init__(Value(1) if expression == "*" else expression, **options)
        self.distinct = distinct
        self._everything = expression == "*"

    @property
    def default_alias(self) -> str:
        """Return the name for a count that was given without one."""
        return "count" if self._everything else super().default_alias

    def accumulator(self, meta: OptionsLike, context: Context = DOCUMENT) -> dict[str, Any]:
        """Count what is neither null nor missing, as Django does."""
        if (self._everything or self.path == "pk") and not self.distinct:
            return {"$sum": self.only_filtered(1, meta, context)}
        value = self.compiled_source(meta, context)
        in_list = self.path is not None and count_lists(meta, self.path) > 0
        if self.distinct:
            if in_list:
                raise FieldError(
                    f"{meta.object_name}: Count({self.path!r}, distinct=True): the path crosses a "
                    "list, expected unwind() of that list before it."
                )
            condition = self.filter and compile_condition(meta, self.filter, context)
            return {"$addToSet": {"$cond": [condition, value, None]} if condition else value}
        found = (
            {"$size": values_of(value)} if in_list else {"$cond": [{"$gt": [value, None]}, 1, 0]}
        )
        return {"$sum": self.only_filtered(found, meta, context)}

    def finish(self, value: str) -> Any:
        """Return the number of distinct values; null is none."""
        return {"$size": {"$setDifference": [value, [None]]}} if self.distinct else value

    def inline(self, meta: OptionsLike, context: Context) -> Any:
        """Return the number of elements of a list."""
        super().inline(meta, context)
        values = values_of(self.compiled_source(meta, context))
        return {"$size": {"$setUnion": [values]} if self.distinct else values}

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field of whole numbers."""
        return INTEGER


def values_of(value: Any) -> dict[str, Any]:
    """Return the elements of a list that are something, none where there is no list."""
    array = {"$cond": [{"$isArray": value}, value, []]}
    return {"$filter": {"input": array, "cond": {"$gt": ["$$this", None]}}}


class Collected(Aggregate):
    """
    The base of aggregates that depend on an order, or give a list.

    `order_by` is a path or several, `-` in front for descending; without it the
    order is the one in which the server comes across the documents.
    """

    #: The key of the value and of the sort keys in collected pairs.
    _value_key = "v"

    def __init__(self, expression: Any, *, order_by: Any = (), **options: Any) -> None:
        super().__init__(expression, **options)
        self.order_by = ordered_paths(order_by, type(self).__name__)

    def own_paths(self) -> tuple[str, ...]:
        """Return the paths of the order and of the filter."""
        return (*super().own_paths(), *(path.lstrip("-+") for path in self.order_by))

    def over_list(self, value: Any) -> Any:
        """Return the list itself: it is one value."""
        return value

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field of the value."""
        return field_of(self.expression, meta, DOCUMENT)

    def sort_by(self, meta: OptionsLike) -> dict[str, int]:
        """Return the order as stored paths."""
        return {
            meta.resolve(path.lstrip("-+")).db_path: -1 if path.startswith("-") else 1
            for path in self.order_by
        }

    def collect(self, meta: OptionsLike, context: Context) -> dict[str, Any]:
        """Return what pushes the values that count, beside their sort keys if any."""
        value = self.value(meta, context)
        if self.order_by:
            keys = {f"k{i}": f"${path}" for i, path in enumerate(self.sort_by(meta))}
            value = {self._value_key: value, **keys}
        if self.filter is not None:
            value = {"$cond": [compile_condition(meta, self.filter, context), value, "$$REMOVE"]}
        return {"$push": value}

    def in_order(self, pushed: Any) -> Any:
        """Return the collected values, sorted."""
        if not self.order_by:
            return pushed
        ways = {f"k{i}": -1 if path.startswith("-") else 1 for i, path in enumerate(self.order_by)}
        ordered = {"$sortArray": {"input": pushed, "sortBy": ways}}
        return {"$map": {"input": ordered, "in": f"$$this.{self._value_key}"}}


class First(Collected):
    """The value of the first document: by `order_by`, else as they come."""

    operator, suffix = "$first", "first"
    _ordered = "$top"

    def accumulator(self, meta: OptionsLike, context: Context = DOCUMENT) -> dict[str, Any]:
        """Return `$first`, `$top` where there is an order; with a filter all that count."""
        if self.filter is not None:
            return self.collect(meta, context)
        value = self.value(meta, context)
        if not self.order_by:
            return {self.operator: value}
        return {self._ordered: {"sortBy": self.sort_by(meta), "output": value}}

    def finish(self, value: str) -> Any:
        """Return the first of what was collected, if it was."""
        return value if self.filter is None else {self.operator: self.in_order(value)}


class Last(First):
    """The value of the last document: by `order_by`, else as they come."""

    operator, suffix = "$last", "last"
    _ordered = "$bottom"


class ListAggregate(Collected):
    """The base of aggregates whose result is a list."""

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return a list of the value's field."""
        found = super().result_field(meta)
        return None if found is None else ListField(found)

    def inline(self, meta: OptionsLike, context: Context) -> Any:
        """Refuse it: the list is there already."""
        raise FieldError(
            f"{meta.object_name}: {self!r}: over single documents, expected a group, after "
            "values()."
        )


class Push(ListAggregate):
    """All values, in a list."""

    operator, suffix = "$push", "push"

    def accumulator(self, meta: OptionsLike, context: Context = DOCUMENT) -> dict[str, Any]:
        """Return `$push` of what counts."""
        return self.collect(meta, context)

    def finish(self, value: str) -> Any:
        """Return the values in order."""
        return self.in_order(value)


class AddToSet(ListAggregate):
    """Every different value once, in a list of no order."""

    operator, suffix, nothing = "$addToSet", "set", "$$REMOVE"

    def __init__(self, expression: Any, **options: Any) -> None:
        if options.get("order_by"):
            raise TypeError("AddToSet: order_by, expected none: a set has no order.")
        super().__init__(expression, **options)


def check_aggregate(value: Any, name: str) -> Aggregate:
    """Return `value`, an aggregate; raise FieldError for anything else."""
    if not isinstance(value, Expression) or not value.contains_aggregate:
        raise FieldError(f"{name}: {value!r}, expected an aggregate such as Sum('price').")
    return value  # type: ignore[return-value]
