"""`explain()` and `plan()`: how the server answers a query."""

from __future__ import annotations

from typing import Any, TypeVar

from docmodels.query.plans import NOTHING, Plan
from docmodels.query.suggestions import suggest_index
from docmodels.queryset.atlas import send_stages
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.crossing import settled
from docmodels.queryset.iterables import deadline
from docmodels.queryset.options import collection_for

D = TypeVar("D")

#: What `plan()` makes of a queryset that asks nobody.
_EMPTY: dict[str, Any] = {
    "queryPlanner": {"winningPlan": {"stage": NOTHING}},
    "executionStats": {"nReturned": 0, "totalKeysExamined": 0, "totalDocsExamined": 0},
}


_VERBOSITIES = ("queryPlanner", "executionStats", "allPlansExecution")


class PlanningMixin(BaseQuerySet[D]):
    """`explain`, `plan`."""

    def plan(self, *, execute: bool = True) -> Plan:
        """
        Return how the server answers the query: index, examined documents, sort.

        The query is run for the numbers; with `execute=False` it is only
        planned, and they are None. A plan that reads the whole collection or
        sorts in memory comes with an index that would help. A filter across a
        reference has a query of its own for the keys, whose plan is in `inner`.
        """
        if self.query.empty:
            return Plan(_EMPTY)
        asked: list[Any] = []
        found = settled(self, noted=asked)
        explained = found.explain("executionStats" if execute else "queryPlanner")
        inner = [queryset.plan(execute=execute) for queryset in asked]
        return Plan(explained, suggest_index(found.query), inner)

    def explain(self, verbosity: str = "queryPlanner") -> dict[str, Any]:
        """
        Return the server's own answer, a dict.

        `verbosity` is "queryPlanner", "executionStats" or "allPlansExecution".
        """
        if verbosity not in _VERBOSITIES:
            raise ValueError(
                f"{self._name}.explain(): {verbosity!r}, expected how much is told. Choices are: "
                f"{', '.join(_VERBOSITIES)}."
            )
        connection = self._connection
        preference = collection_for(self, connection).read_preference
        command = {"explain": _command(settled(self).query), "verbosity": verbosity}
        if "comment" in self.query.options:
            command["comment"] = self.query.options["comment"]
        with deadline(self.query), connection.wrap_errors:
            explained: dict[str, Any] = send_stages(
                self, connection, connection.database.command, command, read_preference=preference
            )
            return explained


def _command(query: Any) -> dict[str, Any]:
    """Return the command that the query would send, in the server's words."""
    collection, options = query.meta.collection, query.options
    command: dict[str, Any]
    if query.is_pipeline:
        command = {"aggregate": collection, "pipeline": query.pipeline(), "cursor": {}}
    else:
        command = {"find": collection, "filter": query.compile_filter()}
        if sort := query.sort():
            command["sort"] = dict(sort)
        if projection := query.projection():
            command["projection"] = projection
        if query.low:
            command["skip"] = query.low
        if query.high is not None:
            command["limit"] = query.high - query.low
    for name, theirs in _OPTIONS.items():
        if options.get(name) is not None:
            command[theirs] = options[name]
    return command


_OPTIONS = {"hint": "hint", "collation": "collation", "allow_disk_use": "allowDiskUse"}
