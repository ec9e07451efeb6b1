"""F and aggregates: what stands for a computed value."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import FieldError

from docmodels.fields import Field, ListField
from docmodels.query.protocols import OptionsLike


class F:
    """The value of a path of the same document; `F("stock") - 1` computes."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __add__(self, other: Any) -> Combined:
        return Combined(self, "+", other)

    def __sub__(self, other: Any) -> Combined:
        return Combined(self, "-", other)

    def __mul__(self, other: Any) -> Combined:
        return Combined(self, "*", other)

    def __repr__(self) -> str:
        return f"F({self.name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, F) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class Combined:
    """A path and a number, joined by an operator."""

    def __init__(self, left: F, operator: str, right: Any) -> None:
        self.left, self.operator, self.right = left, operator, right

    def __repr__(self) -> str:
        return f"{self.left!r} {self.operator} {self.right!r}"


class Aggregate:
    """
    A value computed from many documents, in `annotate()` and `aggregate()`.

    `path` is a path of names; `default` stands for no value at all.
    """

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

    def accumulator(self, meta: OptionsLike, unwound: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the accumulator of a `$group`; `unwound` lists are rows by now."""
        reference = f"${meta.resolve(self.path).db_path}"
        if is_array(meta, self.path, unwound):
            return self.over_lists(reference)
        return {self.operator: reference}

    def over_lists(self, reference: str) -> dict[str, Any]:
        """Return the accumulator over lists: of each list's own value."""
        return {self.operator: {self.operator: reference}}

    def finish(self, group_field: str) -> Any:
        """Return an expression over the accumulated value, None for itself."""
        return None

    def inline(self, meta: OptionsLike) -> dict[str, Any]:
        """Return an expression over the values inside one document."""
        return {self.operator: f"${meta.resolve(self.path).db_path}"}

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

    def over_lists(self, reference: str) -> dict[str, Any]:
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
        reference = f"${meta.resolve(self.path).db_path}"
        if self.distinct:
            if is_array(meta, self.path, unwound):
                raise FieldError(
                    f"Count({self.path!r}, distinct=True): the path crosses a list, expected "
                    f"unwind() of that list before it."
                )
            return {"$addToSet": reference}
        if is_array(meta, self.path, unwound):
            return {"$sum": {"$size": _values_of(reference)}}
        return {"$sum": {"$cond": [{"$gt": [reference, None]}, 1, 0]}}

    def finish(self, group_field: str) -> Any:
        """Return the number of distinct values; null is none."""
        if not self.distinct:
            return None
        return {"$size": {"$setDifference": [f"${group_field}", [None]]}}

    def inline(self, meta: OptionsLike) -> dict[str, Any]:
        """Return the number of elements of a list."""
        reference = f"${meta.resolve(self.path).db_path}"
        values = _values_of(reference)
        return {"$size": {"$setUnion": [values]} if self.distinct else values}

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return None: a count is a number already."""
        return None


def is_array(meta: OptionsLike, path: str, unwound: tuple[str, ...]) -> bool:
    """Return whether the values at `path` come as a list in each document."""
    resolved = meta.resolve(path)
    if not (resolved.in_list or isinstance(resolved.field, ListField)):
        return False
    opened = [meta.resolve(name).db_path for name in unwound]
    return not any(
        resolved.db_path == name or resolved.db_path.startswith(f"{name}.") for name in opened
    )


def _values_of(reference: str) -> dict[str, Any]:
    array = {"$cond": [{"$isArray": reference}, reference, []]}
    return {"$filter": {"input": array, "cond": {"$gt": ["$$this", None]}}}


def check_aggregate(value: Any, name: str) -> Aggregate:
    """Return `value`, an aggregate; raise FieldError for anything else."""
    if not isinstance(value, Aggregate):
        raise FieldError(f"{name}: {value!r}, expected an aggregate such as Sum('price').")
    return value
