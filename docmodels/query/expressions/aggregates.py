"""Aggregates: one value of many documents, or of the lists of one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import FieldError

from docmodels.fields import Field, ListField
from docmodels.query.expressions.base import DOCUMENT, Context, Expression
from docmodels.query.protocols import OptionsLike


class Aggregate(Expression):
    """
    A value computed from many documents, in `annotate()` and `aggregate()`.

    `path` is a path of names; `default` stands for no value at all.
    """

    is_aggregate = True
    operator: ClassVar[str]
    #: What the alias ends with where none is given.
    suffix: ClassVar[str]

    def __init__(self, path: str, *, default: Any = None) -> None:
        self.path = path
        self.default = default

    @property
    def default_alias(self) -> str:
        """Return the name for an aggregate that was given without one."""
        return f"{self.path.replace('.', '__')}__{self.suffix}"

    def own_paths(self) -> tuple[str, ...]:
        """Return the path."""
        return () if self.path == "*" else (self.path,)

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the value of the group, else of the lists of one document."""
        if context.accumulators is None:
            return self.inline(meta)
        key = context.accumulators.add(self.accumulator(meta, context.unwound))
        return self.finish(key) or f"${key}"

    def accumulator(self, meta: OptionsLike, unwound: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the accumulator of a `$group`; `unwound` lists are rows by now."""
        value = reference(meta, self.path)
        lists = count_lists(meta, self.path, unwound)
        if lists > 1:
            raise FieldError(
                f"{self!r}: the path crosses {lists} lists, expected unwind() of the outer one "
                f"before it."
            )
        return self.over_lists(value) if lists else {self.operator: value}

    def over_lists(self, value: str) -> dict[str, Any]:
        """Return the accumulator over lists: of each list's own value."""
        return {self.operator: {self.operator: value}}

    def finish(self, group_field: str) -> Any:
        """Return an expression over the accumulated value, None for itself."""
        return None

    def inline(self, meta: OptionsLike) -> dict[str, Any]:
        """Return an expression over the values inside one document."""
        return {self.operator: reference(meta, self.path)}

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field that turns the result into a Python value."""
        return meta.resolve(self.path).field

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path!r})"


class Sum(Aggregate):
    """The sum of the numbers; 0 where there is none."""

    operator, suffix = "$sum", "sum"


class Avg(Aggregate):
    """The mean of the numbers; None where there is none."""

    operator, suffix = "$avg", "avg"

    def over_lists(self, value: str) -> dict[str, Any]:
        """Refuse it: the mean of means is not the mean."""
        raise FieldError(
            f"Avg({self.path!r}): the path crosses a list, expected unwind() of that list "
            f"before it."
        )


class Min(Aggregate):
    """The smallest value."""

    operator, suffix = "$min", "min"


class Max(Aggregate):
    """The largest value."""

    operator, suffix = "$max", "max"


class Count(Aggregate):
    """The number of documents with a value at the path, or of distinct values."""

    operator, suffix = "$sum", "count"

    def __init__(self, path: str = "*", *, distinct: bool = False, default: Any = None) -> None:
        super().__init__(path, default=default)
        self.distinct = distinct

    @property
    def default_alias(self) -> str:
        """Return the name for a count that was given without one."""
        return "count" if self.path == "*" else super().default_alias

    def accumulator(self, meta: OptionsLike, unwound: tuple[str, ...] = ()) -> dict[str, Any]:
        """Count what is neither null nor missing, as Django does."""
        if self.path in {"*", "pk"} and not self.distinct:
            return {"$sum": 1}
        value = reference(meta, self.path)
        in_list = count_lists(meta, self.path, unwound) > 0
        if self.distinct:
            if in_list:
                raise FieldError(
                    f"Count({self.path!r}, distinct=True): the path crosses a list, expected "
                    f"unwind() of that list before it."
                )
            return {"$addToSet": value}
        if in_list:
            return {"$sum": {"$size": _values_of(value)}}
        return {"$sum": {"$cond": [{"$gt": [value, None]}, 1, 0]}}

    def finish(self, group_field: str) -> Any:
        """Return the number of distinct values; null is none."""
        if not self.distinct:
            return None
        return {"$size": {"$setDifference": [f"${group_field}", [None]]}}

    def inline(self, meta: OptionsLike) -> dict[str, Any]:
        """Return the number of elements of a list."""
        values = _values_of(reference(meta, self.path))
        return {"$size": {"$setUnion": [values]} if self.distinct else values}

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return None: a count is a number already."""
        return None


def reference(meta: OptionsLike, path: str) -> str:
    """Return a path as an expression; raise FieldError for one with an index."""
    resolved = meta.resolve(path)
    if resolved.in_list and any(key.isdecimal() for key in resolved.db_path.split(".")):
        raise FieldError(
            f"{meta.object_name}.{path}: an index cannot be grouped or computed with, expected a "
            f"path without one."
        )
    return f"${resolved.db_path}"


def count_lists(meta: OptionsLike, path: str, unwound: tuple[str, ...]) -> int:
    """Return how many lists the values at `path` are in; `unwound` ones are rows by now."""
    resolved = meta.resolve(path)
    found = sum(isinstance(field, ListField) for field in resolved.fields)
    opened = {meta.resolve(name).db_path for name in unwound}
    return found - sum(
        resolved.db_path == name or resolved.db_path.startswith(f"{name}.") for name in opened
    )


def _values_of(value: str) -> dict[str, Any]:
    array = {"$cond": [{"$isArray": value}, value, []]}
    return {"$filter": {"input": array, "cond": {"$gt": ["$$this", None]}}}


def check_aggregate(value: Any, name: str) -> Aggregate:
    """Return `value`, an aggregate; raise FieldError for anything else."""
    if not isinstance(value, Aggregate):
        raise FieldError(f"{name}: {value!r}, expected an aggregate such as Sum('price').")
    return value
