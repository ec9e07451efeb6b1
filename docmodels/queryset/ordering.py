"""Orders by computed values, which become names of their own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError
from django.db.models.expressions import OrderBy as DjangoOrderBy

from docmodels.query.comparing import EXPRESSIONS, to_expression
from docmodels.query.expressions import F
from docmodels.query.expressions.base import DOCUMENT, Context, Expression
from docmodels.query.expressions.literals import BOOLEAN
from docmodels.query.expressions.ordering import OrderBy
from docmodels.query.protocols import OptionsLike


class _IsNull(Expression):
    """Whether a value is null or missing."""

    def __init__(self, source: Expression) -> None:
        self.source = source

    def sources(self) -> tuple[Expression, ...]:
        """Return what is asked about."""
        return (self.source,)

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the comparison: both come before all that a field holds."""
        return {"$lte": [self.source.compile(meta, context), None]}

    def result_field(self, meta: OptionsLike) -> Any:
        """Return a field of booleans."""
        return BOOLEAN

    def __repr__(self) -> str:
        return repr(self.source)


def name_orders(queryset: Any, given: tuple[Any, ...]) -> tuple[Any, list[str]]:
    """
    Return a queryset that knows what is computed for an order, and the names of the order.

    A path stays one, so that an index serves it. Raise FieldError for what is
    neither a path nor an expression.
    """
    names: list[str] = []
    for item in given:
        if item == "?":
            raise FieldError(
                f"{queryset._name}.order_by('?'): expected paths; sample(n) draws results at "
                "random."
            )
        if isinstance(item, str):
            bare = item.lstrip("-+")
            if "__" in bare and F(bare).transformed(queryset.query.rows) is not None:
                queryset, name = _computed(queryset, F(bare))
                item = f"-{name}" if item.startswith("-") else name
            names.append(item)
            continue
        order = _order(item, queryset._name)
        expression = order.expression
        if order.moves_nulls:
            queryset, name = _computed(queryset, _IsNull(expression))
            names.append(f"-{name}" if order.descending else name)
        if isinstance(expression, F):
            name = expression.name
        else:
            queryset, name = _computed(queryset, expression)
        names.append(f"-{name}" if order.descending else name)
    return queryset, names


def _order(item: Any, document: str) -> OrderBy:
    if isinstance(item, DjangoOrderBy):
        item = OrderBy(
            item.expression,
            descending=item.descending,
            nulls_first=item.nulls_first,
            nulls_last=item.nulls_last,
        )
    order = item if isinstance(item, OrderBy) else OrderBy(item)
    if not isinstance(order.expression, EXPRESSIONS):
        raise FieldError(f"{document}.order_by(): {item!r}, expected a path or an expression.")
    order.expression = to_expression(order.expression, f"{document}.order_by()")
    return order


#: What the names of computed orders begin with, which no user sees.
_PREFIX = "_order_"


def _computed(queryset: Any, expression: Expression) -> tuple[Any, str]:
    name = f"{_PREFIX}{len(queryset.query.annotations)}"
    return queryset.alias(**{name: expression}), name


def shown_order(query: Any, name: str) -> str:
    """Return a name of an order as the user wrote it: a path, or the expression."""
    annotation = query.annotations.get(name)
    if annotation is None or not name.startswith(_PREFIX):
        return repr(name)
    expression = annotation.expression
    return repr(expression.name) if isinstance(expression, F) else repr(expression)
