"""`aggregate()`: one row for the whole result."""

from __future__ import annotations

from typing import Any, TypeVar

from docmodels.fields import ANY
from docmodels.query.expressions import Accumulators, Aggregate, Context, check_aggregate
from docmodels.queryset import commands
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.hooking import hooked

D = TypeVar("D")


class AggregationMixin(BaseQuerySet[D]):
    """`aggregate`; grouping is `values().annotate()`."""

    @hooked("aggregate")
    def aggregate(self, *args: Aggregate, **aggregates: Aggregate) -> dict[str, Any]:
        """Return computed values over all results, by name."""
        named = {check_aggregate(a, "aggregate()").default_alias: a for a in args} | aggregates
        meta = self.model._meta
        stages: list[dict[str, Any]] = []
        accumulators, project = Accumulators(), {}
        context = Context(self.query.unwound, accumulators)
        for name, aggregate in named.items():
            check_aggregate(aggregate, f"aggregate({name}=…)")
            project[name] = aggregate.compile(meta, context)
        row: dict[str, Any] = {}
        if not self.query.empty:
            query = self.query.clone()
            if not query.is_sliced:
                query.order(())
            stages = [
                *query.pipeline(),
                {"$group": {"_id": None, **accumulators.stage}},
                {"$project": {"_id": 0, **project}},
            ]
            rows = list(commands.aggregate(self, stages, self._connection))
            row = rows[0] if rows else {}
        return {name: self._finish(a, row.get(name)) for name, a in named.items()}

    def _finish(self, aggregate: Aggregate, value: Any) -> Any:
        if value is None:
            return (
                0
                if aggregate.operator == "$sum" and aggregate.default is None
                else aggregate.default
            )
        field = aggregate.result_field(self.model._meta)
        return ANY.from_db(value if field is None else field.from_db(value))
