"""
Make the collection and the indexes of a document what it declares.

`plan()` compares and says what a sync would do; `sync()` does it. An index is
the same when its ordered keys and everything that changes its meaning agree;
its name does not count. A new lifetime is a `collMod`, not a rebuild. The
index of `_id` is never touched, nor is an extra one unless that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from pymongo import IndexModel

from docmodels.connections import connections, router
from docmodels.connections.twins import function_twin
from docmodels.exceptions import DocmodelsError, DuplicateKey
from docmodels.indexing.collections import CollectionPlan, modify_collection, plan_collection
from docmodels.indexing.specs import Spec, declared, existing
from docmodels.queryset.collections import create_collection


class IndexBuildError(DocmodelsError):
    """An index cannot be built on the documents that are there."""


class Plan(NamedTuple):
    """What a sync of one collection would do."""

    model: Any
    alias: str
    create: list[Spec]
    #: Stored indexes whose lifetime alone differs, with the declared one.
    modify: list[tuple[Spec, Spec]]
    #: Stored indexes that nothing declares.
    extra: list[Spec]
    #: Stored indexes that are as declared.
    kept: list[Spec]
    #: What becomes of the collection itself.
    collection: CollectionPlan = CollectionPlan()

    @property
    def in_sync(self) -> bool:
        """Return whether nothing that is declared is missing or different."""
        return self.collection.in_sync and not (self.create or self.modify)


def plan(model: Any, using: str | None = None) -> Plan:
    """Compare what is declared with what is there."""
    alias = using or router.db_for_write(model)
    collection = plan_collection(model._meta, connections[alias])
    stored = existing(model, alias)
    collation = collection.collation
    create: list[Spec] = []
    modify: list[tuple[Spec, Spec]] = []
    kept: list[Spec] = []
    for spec in (spec.with_collation(collation) for spec in declared(model)):
        same = next((s for s in stored if s.same_as(spec)), None)
        if same is not None:
            kept.append(same)
            continue
        similar = next(
            (
                s
                for s in stored
                if "expireAfterSeconds" in s.options
                and "expireAfterSeconds" in spec.options
                and s.same_as(spec, besides=("expireAfterSeconds",))
            ),
            None,
        )
        if similar is not None:
            modify.append((similar, spec))
        else:
            create.append(spec)
    known = [*kept, *(old for old, _new in modify)]
    others = [
        spec.with_collation(collation) for other in _relatives(model) for spec in declared(other)
    ]
    extra = [
        spec
        for spec in stored
        if spec not in known and not any(spec.same_as(other) for other in others)
    ]
    return Plan(model, alias, create, modify, extra, kept, collection)


def _relatives(model: Any) -> list[Any]:
    """Return the other classes that share the collection."""
    root = model._meta
    while root.parent is not None:
        root = root.parent
    return [cls for cls in (root.model, *root.children.values()) if cls is not model]


def sync(
    todo: Plan,
    *,
    drop: bool = False,
    hide: bool = False,
    progress: Callable[[str], None] = lambda line: None,
) -> None:
    """
    Carry out a plan; with `drop` or `hide` also take extra indexes away.

    Raise IndexBuildError, with a query for the offenders, where documents are
    in the way of a unique index.
    """
    meta = todo.model._meta
    connection = connections[todo.alias]
    connection.require_writable(f"{meta.label}: syncindexes")
    _sync_collection(todo, connection, progress)
    collection = connection.collection(meta.collection)
    for spec in todo.extra:
        if drop:
            with connection.wrap_write_errors:
                collection.drop_index(spec.name)
            progress(f"dropped {spec.name}")
        elif hide and not spec.options.get("hidden"):
            _modify(connection, meta.collection, {"name": spec.name, "hidden": True})
            progress(f"hid {spec.name}")
    for old, new in todo.modify:
        seconds = new.options["expireAfterSeconds"]
        _modify(connection, meta.collection, {"name": old.name, "expireAfterSeconds": seconds})
        progress(f"changed the lifetime of {old.name} to {seconds} s")
    for spec in todo.create:
        # Without one of its own it would get that of the collection.
        simple = bool(todo.collection.collation) and "collation" not in spec.options
        _create(connection, collection, spec, meta, simple=simple)
        progress(f"created {spec.name}")


def _sync_collection(todo: Plan, connection: Any, progress: Callable[[str], None]) -> None:
    meta = todo.model._meta.root
    if todo.collection.create is not None and create_collection(meta, connection):
        progress(f"created the collection {meta.collection}")
    if todo.collection.modify:
        modify_collection(meta, connection, todo.collection.modify)
        progress(f"changed {', '.join(todo.collection.modify)} of the collection")


def _modify(connection: Any, collection: str, index: dict[str, Any]) -> None:
    with connection.wrap_write_errors:
        connection.database.command({"collMod": collection, "index": index})


def _create(connection: Any, collection: Any, spec: Spec, meta: Any, *, simple: bool) -> None:
    options = {name: value for name, value in spec.options.items() if name != "weights"}
    if simple:
        options["collation"] = {"locale": "simple"}
    keys = list(spec.keys)
    if "weights" in spec.options:
        before = [key for key in keys if key[0] not in {"_fts", "_ftsx"}]
        keys = [*before, *((path, "text") for path in spec.options["weights"])]
    try:
        with connection.wrap_write_errors:
            collection.create_indexes([IndexModel(keys, name=spec.name, **options)])
    except DuplicateKey as error:
        raise IndexBuildError(_duplicates(collection, spec, meta)) from error


def _duplicates(collection: Any, spec: Spec, meta: Any) -> str:
    key = {path.replace(".", "_"): f"${path}" for path, _way in spec.keys}
    stages: list[dict[str, Any]] = [
        {"$group": {"_id": key, "count": {"$sum": 1}}},
        {"$match": {"count": {"$gt": 1}}},
    ]
    if "partialFilterExpression" in spec.options:
        stages.insert(0, {"$match": spec.options["partialFilterExpression"]})
    found = next(collection.aggregate([*stages, {"$count": "n"}], allowDiskUse=True), {"n": 0})
    return (
        f"{meta.label}: the unique index {spec} cannot be built, {found['n']} value(s) stand in "
        f"several documents. Find them with db.{meta.collection}.aggregate({stages})."
    )


aplan = function_twin(plan)
#: The twin of `sync()`, whose name with an `a` in front is a word of Python.
async_ = function_twin(sync)
