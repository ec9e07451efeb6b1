"""What a report is: a declared query, the columns that its chart shows, and a clock."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Rows = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Report:
    """
    A declared aggregation on an alias.

    `query` takes the alias and gives rows (dicts). `label` and `value` are the keys of
    a row that the chart shows; `names` may turn labels (keys of documents, say) into text.
    """

    query: Callable[[str], Iterable[dict[str, Any]]]
    title: str
    label: str
    value: str
    description: str = ""
    unit: str = ""
    chart: str = "bars"
    alias: str = "slow"
    names: Callable[[list[Any], str], dict[Any, str]] | None = None

    def run(self) -> "Result":
        """Ask the database and take the time."""
        start = time.perf_counter()
        rows = list(self.query(self.alias))
        milliseconds = (time.perf_counter() - start) * 1_000
        labels = [row[self.label] for row in rows]
        names = self.names(labels, self.alias) if self.names else {}
        return Result(self, rows, milliseconds, names)


@dataclass(frozen=True)
class Result:
    """The rows of a report with the milliseconds that they took."""

    report: Report
    rows: Rows
    milliseconds: float
    names: dict[Any, str] = field(default_factory=dict)

    @property
    def points(self) -> list[tuple[Any, float]]:
        """Give label and value of each row."""
        return [(self.label(row), row[self.report.value] or 0) for row in self.rows]

    def label(self, row: dict[str, Any]) -> Any:
        """Give the label of a row, as its name where it has one."""
        label = row[self.report.label]
        return self.names.get(label, label) if self.names else label


def report(title: str, **options: Any) -> Callable[[Callable[[str], Any]], Report]:
    """Make a report of the function below; it takes an alias and gives rows."""

    def declare(query: Callable[[str], Any]) -> Report:
        return Report(query=query, title=title, description=query.__doc__ or "", **options)

    return declare
