"""How the server is to run a query: an index, a collation, a deadline, a mark."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from docmodels.queryset.base import BaseQuerySet

D = TypeVar("D")


class TuningMixin(BaseQuerySet[D]):
    """`hint`, `comment`, `max_time_ms`, `collation`, `batch_size`."""

    def _option(self, name: str, value: Any) -> Self:
        clone = self._clone()
        clone.query.options = {**clone.query.options, name: value}
        return clone

    def hint(self, index: Any) -> Self:
        """Demand an index, by name or as a list of (stored key, 1 or -1)."""
        return self._option("hint", index)

    def comment(self, text: str) -> Self:
        """Mark the query in the server's log and profile."""
        return self._option("comment", text)

    def max_time_ms(self, milliseconds: int) -> Self:
        """Give up after so many milliseconds, with DeadlineExceeded."""
        return self._option("max_time_ms", milliseconds)

    def collation(self, collation: Any) -> Self:
        """
        Compare and order text by a collation: a locale or a dict.

        It takes the place of `Meta.collation`; `"simple"` compares bytes.
        """
        if isinstance(collation, str):
            collation = {"locale": collation}
        return self._option("collation", collation)

    def batch_size(self, size: int) -> Self:
        """Fetch so many documents at a time."""
        return self._option("batch_size", size)
