"""
Read what the server says of how it answers a query.

The `explain` of a find, of an aggregation, of either engine and of a sharded
cluster are each of another form; `Plan` has the same attributes for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

#: Where a stage keeps the stages that feed it.
_INPUTS = ("inputStage", "inputStages", "outerStage", "innerStage", "thenStage", "elseStage")
#: Stages that sort without holding anything.
_STREAMING_SORTS = frozenset({"SORT_MERGE", "SORT_KEY_GENERATOR"})
#: Ways to join without an index of the joined collection.
_SCANNING_JOINS = frozenset({"HashJoin", "NestedLoopJoin"})
#: Stages of pipelines that read the collection.
_CURSORS = ("$cursor", "$geoNearCursor")

COLLSCAN = "COLLSCAN"
#: The stage of a query that has nothing to look at.
NOTHING = "EOF"


class Plan:
    """
    How the server answers a query.

    The numbers are None where the query was only planned and not run.
    """

    def __init__(
        self,
        explained: dict[str, Any],
        suggestion: str | None = None,
        inner: Sequence[Plan] = (),
    ) -> None:
        #: The server's own words, whole.
        self.raw = explained
        #: An index that would help, as one declares it, or None.
        self.suggestion: str | None = None
        #: The plans of the queries for keys, where the filter crosses references.
        self.inner: tuple[Plan, ...] = tuple(inner)
        nodes = list(_nodes(explained))
        leaves = [node["stage"] for node in nodes if not _inputs(node)]
        #: How the documents are found: "IXSCAN", "COLLSCAN", "IDHACK" …
        self.stage: str = COLLSCAN if COLLSCAN in leaves else next(iter(leaves), NOTHING)
        #: Whether a whole collection is read, also for the keys of a filter.
        self.is_collscan: bool = self.stage == COLLSCAN or any(plan.is_collscan for plan in inner)
        #: The names of all the indexes that are used.
        self.indexes: tuple[str, ...] = tuple(dict.fromkeys(_index_names(nodes)))
        #: The name of the index that is used, the first one of several, or None.
        self.index: str | None = next(iter(self.indexes), None)
        #: Whether the result is sorted after it is found, which holds all of it in memory.
        self.sorts_in_memory: bool = any(
            node["stage"].startswith("SORT") and node["stage"] not in _STREAMING_SORTS
            for node in nodes
        )
        totals = list(_totals(explained))
        #: How many keys of indexes were looked at.
        self.keys_examined = _sum(totals, "totalKeysExamined")
        #: How many documents were looked at.
        self.documents_examined = _sum(totals, "totalDocsExamined")
        #: How many results there are.
        self.returned = _returned(explained)
        #: How long the server worked.
        self.milliseconds = _milliseconds(explained)
        if self.stage == COLLSCAN or self.sorts_in_memory:
            self.suggestion = suggestion
        helpful = (plan.suggestion for plan in inner if plan.suggestion)
        self.suggestion = self.suggestion or next(helpful, None)

    @property
    def specificity(self) -> float | None:
        """Return results by what was examined for them: 1.0 is ideal, None is unknown."""
        if self.returned is None:
            return None
        examined = max(self.keys_examined or 0, self.documents_examined or 0)
        return self.returned / examined if examined else None

    def __str__(self) -> str:
        parts = [" ".join([self.stage, ", ".join(self.indexes)]).strip()]
        if self.returned is not None:
            parts += [
                f"{self.keys_examined:,} keys and {self.documents_examined:,} documents examined",
                f"{self.returned:,} returned",
            ]
        if self.sorts_in_memory:
            parts.append("sorted in memory")
        if self.milliseconds is not None:
            parts.append(f"{self.milliseconds:,} ms")
        return "; for keys ".join([", ".join(parts), *map(str, self.inner)])

    def __repr__(self) -> str:
        return f"<Plan: {self}>"


def _nodes(found: Any) -> Iterator[dict[str, Any]]:
    """Yield the stages of the winning plans, outermost first."""
    if isinstance(found, list):
        for item in found:
            yield from _nodes(item)
        return
    if not isinstance(found, dict):
        return
    if "queryPlanner" in found:
        winning = found["queryPlanner"].get("winningPlan", {})
        # The newer engine shows the plan beside its own program for it.
        yield from _nodes(winning.get("queryPlan", winning))
    elif "winningPlan" in found:
        yield from _nodes(found["winningPlan"].get("queryPlan", found["winningPlan"]))
    elif "stage" in found:
        yield found
        yield from _nodes(_inputs(found))
        if found.get("strategy") in _SCANNING_JOINS:
            # The joined collection, which has no stage of its own.
            yield {"stage": COLLSCAN}
    elif "stages" in found:
        for stage in found["stages"]:
            yield from _pipeline_nodes(stage)
    elif "shards" in found:
        yield from _nodes(list(found["shards"].values()))


def _inputs(node: dict[str, Any]) -> list[Any]:
    inputs: list[Any] = []
    for key in (*_INPUTS, "shards"):
        value = node.get(key, [])
        inputs += value if isinstance(value, list) else [value]
    return inputs


def _pipeline_nodes(stage: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, body in stage.items():
        if name in _CURSORS:
            yield from _nodes(body)
        elif name == "$sort":
            yield {"stage": "SORT", "inputStage": []}
        elif name == "$unionWith":
            yield from _nodes(_explained(body.get("pipeline")))
        elif name == "$facet":
            for pipeline in body.values():
                yield from _nodes({"stages": pipeline})
        elif name == "$lookup" and int(stage.get("collectionScans", 0)):
            yield {"stage": COLLSCAN}
        elif name == "$lookup":
            for index in stage.get("indexesUsed", ()):
                yield {"stage": "IXSCAN", "indexName": index}


def _explained(pipeline: Any) -> Any:
    """Return a pipeline inside of a stage as if it were explained by itself."""
    return {"stages": pipeline} if isinstance(pipeline, list) else pipeline


def _index_names(nodes: list[dict[str, Any]]) -> Iterator[str]:
    # A join names the index of the other collection, in front of the stage that it reads from.
    for node in sorted(nodes, key=lambda node: "strategy" in node):
        if "indexName" in node:
            yield node["indexName"]
        elif node["stage"] == "IDHACK":
            yield "_id_"


def _totals(found: Any) -> Iterator[dict[str, Any]]:
    """Yield what has the totals of one part of the work."""
    if not isinstance(found, dict):
        return
    if "executionStats" in found:
        yield found["executionStats"]
        return
    for stage in found.get("stages", ()):
        if cursor := _cursor(stage):
            yield from _totals(cursor)
        elif "$unionWith" in stage:
            yield from _totals(_explained(stage["$unionWith"].get("pipeline")))
        elif "totalDocsExamined" in stage:
            yield stage
    shards = found.get("shards")
    for shard in shards.values() if isinstance(shards, dict) else ():
        yield from _totals(shard)


def _cursor(stage: dict[str, Any]) -> dict[str, Any]:
    """Return what a stage that reads the collection says, nothing for another one."""
    return next((stage[name] for name in _CURSORS if name in stage), {})


def _sum(totals: list[dict[str, Any]], name: str) -> int | None:
    return sum(int(total.get(name, 0)) for total in totals) if totals else None


def _returned(found: dict[str, Any]) -> int | None:
    if "executionStats" in found:
        return int(found["executionStats"]["nReturned"])
    if found.get("stages"):
        last = found["stages"][-1]
        return int(last["nReturned"]) if "nReturned" in last else None
    if isinstance(found.get("shards"), dict):
        parts = [_returned(shard) for shard in found["shards"].values()]
        return None if None in parts else sum(part for part in parts if part is not None)
    return None


def _milliseconds(found: dict[str, Any]) -> int | None:
    if "executionStats" in found:
        return int(found["executionStats"].get("executionTimeMillis", 0))
    times: list[int | None] = []
    for stage in found.get("stages", ()):
        times.append(_milliseconds(_cursor(stage)))
        if "executionTimeMillisEstimate" in stage:
            times.append(int(stage["executionTimeMillisEstimate"]))
    shards = found.get("shards")
    times += [_milliseconds(s) for s in shards.values()] if isinstance(shards, dict) else []
    known = [time for time in times if time is not None]
    return max(known) if known else None
