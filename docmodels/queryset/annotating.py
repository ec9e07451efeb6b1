"""Rows with computed values: `values`, `annotate`, `alias`, `unwind`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, overload

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.query import Shape
from docmodels.query.comparing import EXPRESSIONS, to_expression
from docmodels.query.expressions import Aggregate, Condition, Expression, F
from docmodels.query.expressions.literals import INTEGER
from docmodels.query.naming import suggest
from docmodels.query.rows import Annotation, name_in
from docmodels.query.steps import Named
from docmodels.queryset.base import BaseQuerySet

if TYPE_CHECKING:
    from docmodels.queryset.queryset import QuerySet

D = TypeVar("D")
R = TypeVar("R")


class AnnotatingMixin(BaseQuerySet[D]):
    """What each result has: stored paths, computed values, values of groups."""

    def values(self, *paths: str, **expressions: Expression) -> QuerySet[dict[str, Any]]:
        """
        Give dicts of these paths, of all fields if none is named.

        `expressions` are computed values by name; with aggregates among them the
        rows are groups, one for each combination of the values at the paths.
        """
        parts = {path: F(path) for path in paths if self._is_part(path)}
        named = parts | self._named((), expressions, "values")
        stored = tuple(path for path in paths if path not in parts)
        shape = Shape("dict", self._shape_paths(stored, named))
        return self._shaped(shape, named)

    @overload
    def values_list(
        self, *paths: str | Expression, flat: Literal[False] = False, named: Literal[False] = False
    ) -> QuerySet[tuple[Any, ...]]: ...
    @overload
    def values_list(
        self, *paths: str | Expression, flat: bool = False, named: bool = False
    ) -> QuerySet[Any]: ...
    def values_list(self, *paths: str | Expression, flat: bool = False, named: bool = False) -> Any:
        """Give tuples of these paths; `flat` for single values, `named` for named tuples."""
        if flat and named:
            raise TypeError(f"{self._name}: 'flat' and 'named' can't be used together.")
        if flat and len(paths) > 1:
            raise TypeError(
                f"{self._name}: 'flat' is not valid when values_list is called with more than one "
                "field."
            )
        columns = [self._column(path, number) for number, path in enumerate(paths, 1)]
        given = {name: path for name, path in columns if not isinstance(path, str)}
        expressions = self._named((), given, "values_list")
        names = tuple(name for name, path in columns if isinstance(path, str))
        shape = Shape("tuple", self._shape_paths(names, expressions), flat=flat, named=named)
        shaped = self._shaped(shape, expressions)
        if expressions:
            # In the order that was given, not the computed ones at the end.
            shape = Shape("tuple", tuple(name for name, _p in columns), flat=flat, named=named)
            shaped.query.shape = shape
        return shaped

    def values_as(self, row_class: type[R]) -> QuerySet[R]:
        """
        Give instances of the dataclass `row_class`, made of the values of its fields' names.

        After `values()` these are the names of the row, else paths and
        annotations. Raise FieldError for a field that rows do not have.
        """
        if not (isinstance(row_class, type) and dataclasses.is_dataclass(row_class)):
            raise TypeError(f"{self._name}.values_as(): {row_class!r}, expected a dataclass.")
        fields = [field for field in dataclasses.fields(row_class) if field.init]
        known = self.query.shape.paths if self.query.shape else None
        names = []
        for field in fields:
            has_default = (
                field.default is not dataclasses.MISSING
                or field.default_factory is not dataclasses.MISSING
            )
            if known is not None and field.name not in known:
                if has_default:
                    continue
                raise FieldError(
                    f"{self._name}.values_as(): {row_class.__name__}.{field.name} is not in the "
                    f"rows. Choices are: {', '.join(known)}.{suggest(field.name, known)}"
                )
            names.append(field.name)
        shape = Shape("dict", self._shape_paths(tuple(names), {}), row_class=row_class)
        return self._shaped(shape, {})

    def _column(self, path: Any, number: int) -> tuple[str, Any]:
        """Return the name of a column and what it is; an expression gets a name, as in Django."""
        if isinstance(path, str):
            return path, F(path) if self._is_part(path) else path
        name = type(path).__name__.lower()
        return f"{name}{number}", path

    def _is_part(self, path: Any) -> bool:
        """Return whether a path ends in a part of a date, which has to be computed."""
        known = self.query.annotations
        return (
            isinstance(path, str)
            and path not in known
            and F(path).transformed(self.query.rows) is not None
        )

    def _shape_paths(self, paths: tuple[str, ...], named: dict[str, Expression]) -> tuple[str, ...]:
        query = self.query
        if query.group is not None:
            rows = (*query.group, *query.shown)
            for path in paths:
                if path not in rows and name_in(path, query.shown) is None:
                    raise FieldError(
                        f"{self._name}.values(): {path!r} is not in the grouped rows. Choices are: "
                        f"{', '.join(rows)}.{suggest(path, rows)}"
                    )
            return paths or rows
        if not paths and not named:
            fields = (f.attname for f in self.model._meta.fields if not f.hidden)
            return (*fields, *query.shown)
        rows = query.rows
        for path in paths:
            if not isinstance(path, str):
                raise FieldError(
                    f"{self._name}.values(): {path!r}, expected paths; ArraySlice() and "
                    "ArrayFilter() compute parts of lists."
                )
            if path in query.annotations and path not in query.shown:
                raise FieldError(
                    f"{self._name}: Cannot select the '{path}' alias. Use annotate() to promote it."
                )
            rows.resolve(path)
        return paths

    def _shaped(self, shape: Shape, named: dict[str, Expression]) -> Any:
        clone = self._clone()
        clone.query.shape = shape
        return clone._annotated(named, shown=True) if named else clone

    def annotate(self, *args: Expression, **expressions: Any) -> Self:
        """
        Add computed values: aggregates after `values()` one for each group,
        everything else one for each result, over the values that it holds itself.

        `expressions` have the names, `args` are aggregates, which get those of
        Django (`price__sum`). Raise FieldError for anything else, ValueError for
        a name that is taken.
        """
        return self._annotated(self._named(args, expressions, "annotate"), shown=True)

    def alias(self, *args: Expression, **expressions: Any) -> Self:
        """Name computed values to filter and order by, which results do not have."""
        return self._annotated(self._named(args, expressions, "alias"), shown=False)

    def _named(self, args: Any, expressions: dict[str, Any], method: str) -> dict[str, Expression]:
        named: dict[str, Any] = {}
        for arg in args:
            if not isinstance(arg, Aggregate):
                raise FieldError(
                    f"{self._name}.{method}(): {arg!r}, expected an aggregate such as Sum('price')."
                )
            named[arg.default_alias] = arg
        for name, value in expressions.items():
            if isinstance(value, Q):
                value = Condition(value)
            elif isinstance(value, EXPRESSIONS):
                value = to_expression(value, f"{self._name}.{method}({name}=…)")
            if not isinstance(value, Expression):
                raise FieldError(
                    f"{self._name}.{method}({name}=…): {value!r}, expected an expression such "
                    f"as Sum('price') or Value({value!r})."
                )
            named[name] = value
        return named

    def _annotated(self, named: dict[str, Expression], *, shown: bool) -> Any:
        if self.query.is_sliced and any(
            e.is_window or (e.contains_aggregate and self.query.shape) for e in named.values()
        ):
            self._refuse_slice("group or rank")
        clone = self._clone()
        query = clone.query
        for name, expression in named.items():
            self._check_name(name, query)
            grouped = query.shape is not None
            if query.shape and expression.contains_aggregate and query.group is None:
                query.group_by(query.shape.paths)
            query.annotate(name, expression, shown=shown, grouped=grouped)
            if shown:
                query.shape = query.shape and query.shape.with_path(name)
        return clone

    def _refuse_slice(self, method: str) -> None:
        # Steps come before the cut.
        raise TypeError(f"{self._name}: Cannot {method} results once a slice has been taken.")

    def _check_name(self, name: str, query: Any) -> None:
        if query.shape is None and (name == "pk" or name in self.model._meta.by_name):
            raise ValueError(
                f"{self._name}: The annotation '{name}' conflicts with a field on the document."
            )
        if query.shape is None and hasattr(self.model, name):
            # It would take the place of a method, or be hidden by a property.
            raise ValueError(
                f"{self._name}: The annotation '{name}' conflicts with an attribute of the "
                "document."
            )
        if query.shape is not None and name in (query.group or query.shape.paths):
            if query.group is None and name in query.annotations:
                return
            raise ValueError(
                f"{self._name}: The annotation '{name}' conflicts with a grouped path."
            )
        if not name or name.startswith("$") or "." in name or "\x00" in name:
            raise ValueError(
                f"{self._name}: The annotation {name!r}, expected a name without '$', '.' and NUL."
            )

    def unwind(self, path: str, *, preserve_empty: bool = False, index: str | None = None) -> Self:
        """
        Make a row of each element of the list at `path`, for `values()` and aggregates.

        `preserve_empty` keeps a row of a document that has none; `index` names
        the position of the element.
        """
        if self.query.is_sliced:
            self._refuse_slice("unwind()")
        clone = self._clone()
        query = clone.query
        if index is not None:
            self._check_name(index, query)
        position = None if index is None else Annotation(Named(INTEGER), query.rows)
        query.unwind(path, preserve_empty=preserve_empty, index=position, name=index or "")
        return clone
