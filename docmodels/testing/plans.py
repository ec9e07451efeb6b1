"""Assert how a queryset is answered: its index, its stages."""

from __future__ import annotations

import difflib
import pprint
from typing import Any

from docmodels.connections import connections
from docmodels.query.plans import NOTHING


def assert_uses_index(queryset: Any, name: str | None = None) -> None:
    """
    Fail unless the server answers `queryset` through the index `name`.

    Without a name any index will do. The index must be there, see `sync_indexes`.
    The failure shows the query, its plan, the indexes that are there, and one
    that would serve.
    """
    plan = queryset.plan()
    used = bool(plan.indexes) if name is None else name in plan.indexes
    index = "An index" if name is None else f"The index {name!r}"
    if not used:
        missing = "No index is used." if name is None else f"{index} is not used."
        raise AssertionError(f"{missing}\n{_describe(queryset, plan)}")
    if plan.is_collscan:
        raise AssertionError(
            f"{index} is used, but a whole collection is read as well.\n{_describe(queryset, plan)}"
        )


def assert_no_collscan(queryset: Any) -> None:
    """Fail if the server reads a whole collection to answer `queryset`."""
    plan = queryset.plan()
    if plan.is_collscan:
        raise AssertionError(f"A whole collection is read.\n{_describe(queryset, plan)}")


def assert_pipeline(queryset: Any, stages: list[dict[str, Any]]) -> None:
    """
    Fail unless the stages that `queryset` says are these.

    Of a plain query they are those that say the same as its `find`.
    """
    found = queryset.pipeline()
    if _ordered(found) != _ordered(stages):
        expected, got = (pprint.pformat(s, sort_dicts=False).splitlines() for s in (stages, found))
        shown = "\n".join(difflib.ndiff(expected, got))
        raise AssertionError(f"Other stages (- expected, + found):\n{shown}")


def _ordered(value: Any) -> Any:
    # The keys of a sort and of a stage have an order, which dicts leave out of a comparison.
    if isinstance(value, dict):
        return [(key, _ordered(inner)) for key, inner in value.items()]
    return [_ordered(item) for item in value] if isinstance(value, (list, tuple)) else value


def _describe(queryset: Any, plan: Any) -> str:
    lines = [f"Query: {queryset.query.describe()}", f"Plan: {plan}"]
    collection = queryset.model._meta.collection
    names = connections[queryset.db].collection(collection).index_information()
    if names:
        lines.append(f"Indexes: {', '.join(sorted(names))}")
    elif plan.stage == NOTHING:
        label = queryset.model._meta.object_name
        lines.append(
            f"The collection {collection!r} is not there. Store a document, or call "
            f"sync_indexes({label})."
        )
    if plan.suggestion:
        lines.append(f"Would serve: {plan.suggestion}")
    return "\n".join(lines)
