"""What is computed over all results at once: `aggregate()`, `facet()`, `out()`, `merge()`."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.exceptions import FieldError

from docmodels.connections.collections import require_usable
from docmodels.query.expressions import Aggregate, check_aggregate
from docmodels.query.rows import Annotation
from docmodels.query.steps import ANYTHING, accumulate
from docmodels.queryset import commands
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.crossing import settled
from docmodels.queryset.hooking import hooked
from docmodels.queryset.iterables import converter
from docmodels.queryset.rows import converter_of

D = TypeVar("D")


class AggregationMixin(BaseQuerySet[D]):
    """`aggregate`, `facet`, `out`, `merge`; grouping is `values().annotate()`."""

    @hooked("aggregate")
    def aggregate(self, *args: Aggregate, **aggregates: Any) -> dict[str, Any]:
        """
        Return computed values over all results, by name.

        `aggregates` are aggregates and what is computed of them:
        `mean=Sum("price") / Count("pk")`; `args` get the names of Django (`price__sum`).
        """
        where = f"{self._name}.aggregate"
        named = {check_aggregate(a, f"{where}()").default_alias: a for a in args} | aggregates
        query = self.query
        annotations = {
            name: Annotation(check_aggregate(aggregate, f"{where}({name}=…)"), query.rows)
            for name, aggregate in named.items()
        }
        accumulators, project = accumulate(annotations)
        row: dict[str, Any] = {}
        if not query.empty:
            stages = [
                *settled(self).query.count_pipeline(_reads(annotations)),
                {"$group": {"_id": None, **accumulators}},
                {"$project": {"_id": 0, **project}},
            ]
            rows = list(commands.aggregate(self, stages, self._connection))
            row = rows[0] if rows else {}
        return {
            name: self._finish(annotation, row.get(name))
            for name, annotation in annotations.items()
        }

    def facet(self, **querysets: Any) -> dict[str, list[Any]]:
        """
        Run several queries over the same results at once; return lists by name.

        Each one is of the same class and narrows, orders, cuts or groups these
        results: `books.facet(cheap=Book.objects.filter(price__lt=5)[:3], …)`.
        """
        model = self.model
        for name, queryset in querysets.items():
            if not isinstance(queryset, BaseQuerySet) or queryset.model is not model:
                raise TypeError(
                    f"{self._name}.facet({name}=…): {queryset!r}, expected a queryset of {model!r}."
                )
            if queryset.query.source is not None:
                raise FieldError(
                    f"{self._name}.facet({name}=…): a first stage, expected it before facet()."
                )
        return self._run_facets(querysets)

    @hooked("aggregate")
    def _run_facets(self, querysets: dict[str, Any]) -> dict[str, list[Any]]:
        sent = {name: qs for name, qs in querysets.items() if not qs.query.empty}
        found: dict[str, list[Any]] = {name: [] for name in querysets}
        if self.query.empty or not sent:
            return found
        connection = self._connection
        stages = settled(self).query.count_pipeline(ANYTHING)
        parts = {name: settled(qs).query.sent_pipeline() for name, qs in sent.items()}
        stages.append({"$facet": parts})
        (row,) = commands.aggregate(self, stages, connection)
        for name, queryset in sent.items():
            found[name] = queryset._complete(converter(queryset, connection)(row[name]))
        return found

    def out(self, collection: str, *, database: str | None = None) -> None:
        """
        Replace a collection by the results; `$out` of MongoDB.

        Raise ReadOnlyConnection through an alias that does not write.
        """
        target = collection if database is None else {"db": database, "coll": collection}
        self._run_writing({"$out": target}, collection)

    def merge(
        self,
        into: str,
        *,
        on: str | list[str] | None = None,
        when_matched: Any = "merge",
        when_not_matched: str = "insert",
    ) -> None:
        """
        Write the results into a collection, into what is there; `$merge` of MongoDB.

        `on` are keys with a unique index, the key unless given; `when_matched`
        is `"replace"`, `"keepExisting"`, `"merge"`, `"fail"` or a pipeline,
        `when_not_matched` `"insert"`, `"discard"` or `"fail"`. Raise
        ReadOnlyConnection through an alias that does not write.
        """
        stage: dict[str, Any] = {"into": into}
        if on is not None:
            stage["on"] = on
        stage |= {"whenMatched": when_matched, "whenNotMatched": when_not_matched}
        self._run_writing({"$merge": stage}, into)

    def _run_writing(self, stage: dict[str, Any], into: Any) -> None:
        (operator,) = stage
        if not isinstance(into, str) or not into:
            raise ValueError(
                f"{self._name}.{operator[1:]}(): {into!r}, expected the name of a collection."
            )
        require_usable(into)
        reads: Any = self
        reads.pipeline([stage])

    def _finish(self, annotation: Annotation, value: Any) -> Any:
        if value is None:
            expression = annotation.expression
            is_sum = isinstance(expression, Aggregate) and expression.operator == "$sum"
            return 0 if is_sum and expression.default is None else expression.default
        return converter_of(annotation.field, self.db)(value)


def _reads(annotations: dict[str, Annotation]) -> frozenset[str]:
    empty: frozenset[str] = frozenset()
    return empty.union(*(annotation.expression.paths for annotation in annotations.values()))
