"""Aggregates of several values of a group: the first ones, percentiles."""

from __future__ import annotations

from typing import Any, ClassVar

from docmodels.fields import Field, ListField
from docmodels.query.expressions.aggregates import ListAggregate, _Mean
from docmodels.query.expressions.base import DOCUMENT, Context
from docmodels.query.protocols import OptionsLike


class _Several(ListAggregate):
    """The base of what gives `n` values."""

    def __init__(self, expression: Any, *, n: int, **options: Any) -> None:
        if options.get("filter") is not None:
            raise TypeError(f"{type(self).__name__}: filter=, expected none: filter() before it.")
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise ValueError(f"{type(self).__name__}: n={n!r}, expected 1 or more.")
        super().__init__(expression, **options)
        self.n = n


class FirstN(_Several):
    """The values of the first `n` documents, as they come; MongoDB 5.2."""

    operator, suffix = "$firstN", "firstn"

    def accumulator(self, meta: OptionsLike, context: Context = DOCUMENT) -> dict[str, Any]:
        """Return the accumulator of the first `n`."""
        return {self.operator: {"input": self.value(meta, context), "n": self.n}}


class LastN(FirstN):
    """The values of the last `n` documents, as they come; MongoDB 5.2."""

    operator, suffix = "$lastN", "lastn"


class MinN(FirstN):
    """The `n` smallest values; MongoDB 5.2."""

    operator, suffix = "$minN", "minn"


class MaxN(FirstN):
    """The `n` largest values; MongoDB 5.2."""

    operator, suffix = "$maxN", "maxn"


class TopN(_Several):
    """The values of the first `n` documents by `order_by`; MongoDB 5.2."""

    operator, suffix = "$topN", "topn"

    def __init__(self, expression: Any, *, n: int, order_by: Any, **options: Any) -> None:
        super().__init__(expression, n=n, order_by=order_by, **options)
        if not self.order_by:
            raise ValueError(f"{type(self).__name__}: order_by is empty, expected a path or more.")

    def accumulator(self, meta: OptionsLike, context: Context = DOCUMENT) -> dict[str, Any]:
        """Return the accumulator of the first `n` by the order."""
        output = self.value(meta, context)
        return {self.operator: {"n": self.n, "sortBy": self.sort_by(meta), "output": output}}


class BottomN(TopN):
    """The values of the last `n` documents by `order_by`; MongoDB 5.2."""

    operator, suffix = "$bottomN", "bottomn"


class Percentile(_Mean):
    """
    The values below which the fractions `p` of the numbers lie.

    One fraction (0 to 1) gives a value, a list of them a list. The default
    method, "exact", sorts all numbers of the group (MongoDB 5.2);
    "approximate" is MongoDB's own `$percentile` (7.0), which needs less memory.
    """

    suffix = "percentile"
    operator: ClassVar[str] = "$percentile"
    methods = ("exact", "approximate")

    def __init__(
        self, expression: Any, p: float | list[float], *, method: str = "exact", **options: Any
    ) -> None:
        super().__init__(expression, **options)
        if method not in self.methods:
            raise ValueError(
                f"{type(self).__name__}: method={method!r}, expected one of "
                f"{', '.join(self.methods)}."
            )
        self.p, self.method = p, method
        for fraction in self._fractions:
            if not isinstance(fraction, (int, float)) or not 0 <= fraction <= 1:
                raise ValueError(
                    f"{type(self).__name__}: p={fraction!r}, expected a number from 0 to 1."
                )

    @property
    def _fractions(self) -> list[float]:
        return self.p if isinstance(self.p, list) else [self.p]

    def accumulator(self, meta: OptionsLike, context: Context = DOCUMENT) -> dict[str, Any]:
        """Return what collects the numbers, or the server's own accumulator."""
        value = self.only_filtered(self.value(meta, context), meta, context)
        if self.method == "exact":
            return {"$push": value}
        return {self.operator: {"input": value, "p": self._fractions, "method": "approximate"}}

    def finish(self, value: str) -> Any:
        """Return the values at the ranks of the fractions, as `$percentile` ranks."""
        if self.method == "approximate":
            return value if isinstance(self.p, list) else {"$first": value}
        numbers = {"$filter": {"input": value, "cond": {"$isNumber": "$$this"}}}
        ordered = {"$sortArray": {"input": numbers, "sortBy": 1}}
        found = [self._at(fraction) for fraction in self._fractions]
        result = found if isinstance(self.p, list) else found[0]
        return {"$let": {"vars": {"sorted": ordered}, "in": result}}

    def _at(self, fraction: float) -> Any:
        size = {"$size": "$$sorted"}
        if fraction == 0:
            rank: Any = 0
        else:
            # 55 % of 100 are not 55 in binary fractions, but 55.00000000000001.
            above = {"$ceil": {"$round": [{"$multiply": [size, fraction]}, 9]}}
            rank = {"$max": [0, {"$toInt": {"$subtract": [above, 1]}}]}
        # Of an empty list there is no element, which is a missing value.
        return {"$ifNull": [{"$arrayElemAt": ["$$sorted", rank]}, None]}

    def inline(self, meta: OptionsLike, context: Context) -> Any:
        """Return the percentiles of a list of one document."""
        if self.method == "approximate":
            value = self.compiled_source(meta, context)
            found = {"input": value, "p": self._fractions, "method": "approximate"}
            return self.finish({self.operator: found})  # type: ignore[arg-type]
        super().inline(meta, context)
        source = self.compiled_source(meta, context)
        return self.finish({"$cond": [{"$isArray": source}, source, []]})  # type: ignore[arg-type]

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the numbers' field, or a list of it."""
        found = super().result_field(meta)
        return ListField(found) if found is not None and isinstance(self.p, list) else found


class Median(Percentile):
    """The value in the middle; of an even number of them the lower one."""

    suffix = "median"

    def __init__(self, expression: Any, **options: Any) -> None:
        super().__init__(expression, 0.5, **options)


__all__ = [
    "BottomN", "FirstN", "LastN", "MaxN", "Median", "MinN", "Percentile", "TopN",
]  # fmt: skip
