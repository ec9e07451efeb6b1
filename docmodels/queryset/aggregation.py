"""`aggregate()`: one row for the whole result."""

from __future__ import annotations

from typing import Any, TypeVar

from docmodels.query.expressions import Aggregate, check_aggregate
from docmodels.query.rows import Annotation
from docmodels.query.steps import accumulate
from docmodels.queryset import commands
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.hooking import hooked
from docmodels.queryset.rows import converter_of

D = TypeVar("D")


class AggregationMixin(BaseQuerySet[D]):
    """`aggregate`; grouping is `values().annotate()`."""

    @hooked("aggregate")
    def aggregate(self, *args: Aggregate, **aggregates: Any) -> dict[str, Any]:
        """
        Return computed values over all results, by name.

        Aggregates and what is computed of them: `mean=Sum("price") / Count("pk")`.
        """
        named = {check_aggregate(a, "aggregate()").default_alias: a for a in args} | aggregates
        query = self.query
        annotations = {
            name: Annotation(check_aggregate(aggregate, f"aggregate({name}=…)"), query.rows)
            for name, aggregate in named.items()
        }
        accumulators, project = accumulate(annotations)
        row: dict[str, Any] = {}
        if not query.empty:
            stages = [
                *query.count_pipeline(_reads(annotations)),
                {"$group": {"_id": None, **accumulators}},
                {"$project": {"_id": 0, **project}},
            ]
            rows = list(commands.aggregate(self, stages, self._connection))
            row = rows[0] if rows else {}
        return {
            name: self._finish(annotation, row.get(name))
            for name, annotation in annotations.items()
        }

    def _finish(self, annotation: Annotation, value: Any) -> Any:
        if value is None:
            expression = annotation.expression
            is_sum = isinstance(expression, Aggregate) and expression.operator == "$sum"
            return 0 if is_sum and expression.default is None else expression.default
        return converter_of(annotation.field, self.db)(value)


def _reads(annotations: dict[str, Annotation]) -> frozenset[str]:
    empty: frozenset[str] = frozenset()
    return empty.union(*(annotation.expression.paths for annotation in annotations.values()))
