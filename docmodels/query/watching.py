"""Turn the filter of a query into the stages of a change stream."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError

from docmodels.query.query import Query

_AFTER, _BEFORE = "fullDocument", "fullDocumentBeforeChange"
_JOINED = frozenset({"$and", "$or", "$nor"})
_NEAR = frozenset({"$near", "$nearSphere"})
#: The operations that a document is left behind by.
_WITH_DOCUMENT = ["insert", "update", "replace"]
#: The operations that are of no document: everybody is told of them.
_OF_COLLECTION = ["drop", "rename", "dropDatabase", "invalidate"]


def stages_of(query: Query, *, full_document: bool, before: bool) -> list[dict[str, Any]]:
    """
    Return the stages that let the changes of the query's documents through.

    Inserts, updates and replacements are let through by the document that
    they leave. A delete leaves none: without a filter all are told, with one
    those whose document before it matched, which needs `before`.
    """
    _check(query)
    name = query.meta.object_name
    stages: list[dict[str, Any]] = []
    condition = query.compile_filter()
    if condition:
        if not full_document:
            raise FieldError(
                f"{name}: watch(full_document=False) with a filter, expected the whole document: "
                f"the filter looks into it."
            )
        passing = [
            {"operationType": {"$in": _OF_COLLECTION}},
            {"$and": [{"operationType": {"$in": _WITH_DOCUMENT}}, _below(_AFTER, condition, name)]},
        ]
        if before:
            passing.append(
                {"$and": [{"operationType": "delete"}, _below(_BEFORE, condition, name)]}
            )
        stages.append({"$match": {"$or": passing}})
    left_out = _left_out(query)
    if left_out:
        places = (_AFTER, _BEFORE, "updateDescription.updatedFields")
        stages.append({"$project": {f"{at}.{key}": 0 for at in places for key in left_out}})
    return stages


def _check(query: Query) -> None:
    given = (
        (query.is_sliced, "a slice"),
        (query.empty, "none()"),
        (query.is_pipeline, "annotate(), unwind() or the like"),
        (query.crosses, "a condition across a reference"),
        (query.shape is not None, "values()"),
        (bool(query.ordering), "order_by()"),
        (bool(query.populated), "populate()"),
        (bool(query.portions), "a part of a list"),
        ("collation" in query.options, "a collation"),
    )
    for is_there, words in given:
        if is_there:
            raise FieldError(
                f"{query.meta.object_name}: watch() of {words}, expected filters alone."
            )


def _left_out(query: Query) -> list[str]:
    """Return the keys of the fields that documents come without."""
    loaded = query.loaded()
    if loaded is None or getattr(query.meta, "schema_version", None) is not None:
        return []
    fields: Any = query.meta.fields  # type: ignore[attr-defined]
    return sorted(found.db_field for found in fields if found.name not in loaded)


def _below(root: str, condition: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a filter on documents as one on events that hold them under `root`."""
    found: dict[str, Any] = {}
    for key, value in condition.items():
        if key in _JOINED:
            found[key] = [_below(root, part, name) for part in value]
        elif key.startswith("$"):
            raise FieldError(f"{name}: watch() with {key}, expected comparisons of paths.")
        elif isinstance(value, dict) and not _NEAR.isdisjoint(value):
            raise FieldError(f"{name}: watch() with a near condition, expected `within`.")
        else:
            found[f"{root}.{key}"] = value
    return found
