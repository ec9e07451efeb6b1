"""
Make the indexes of a collection what the document declares.

`plan()` compares and says what a sync would do; `sync()` does it. An index is
the same when its ordered keys and everything that changes its meaning agree;
its name does not count. A new lifetime is a `collMod`, not a rebuild. The
index of `_id` is never touched, nor is an extra one unless that is asked for.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from pymongo import IndexModel

from docmodels.connections import connections, router
from docmodels.exceptions import DocmodelsError, DuplicateKey, OperationFailed
from docmodels.fields import EmbeddedField, Field, ListField
from docmodels.indexes import Index
from docmodels.query import where

#: Options of the server's description that change what an index means.
MEANING = (
    "unique",
    "sparse",
    "partialFilterExpression",
    "expireAfterSeconds",
    "collation",
    "hidden",
    "wildcardProjection",
    "weights",
    "default_language",
)

_NAMESPACE_NOT_FOUND = 26


class IndexBuildError(DocmodelsError):
    """An index cannot be built on the documents that are there."""


class Spec(NamedTuple):
    """An index in the server's terms."""

    keys: tuple[tuple[str, Any], ...]
    options: dict[str, Any]
    name: str

    def same_as(self, other: Spec, *, besides: tuple[str, ...] = ()) -> bool:
        """Return whether both mean the same, `besides` some options."""
        if self.keys != other.keys:
            return False
        return all(
            _same_option(option, self.options.get(option), other.options.get(option))
            for option in MEANING
            if option not in besides
        )

    def __str__(self) -> str:
        keys = ", ".join(f"{path}: {way}" for path, way in self.keys)
        options = "".join(f", {name}={value!r}" for name, value in self.options.items())
        return f"{{{keys}}}{options}"


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

    @property
    def in_sync(self) -> bool:
        """Return whether nothing that is declared is missing or different."""
        return not (self.create or self.modify)


def declared(model: Any) -> list[Spec]:
    """Return the indexes that a document class declares."""
    specs = [_spec(model, index) for index in _declarations(model)]
    unique: list[Spec] = []
    for spec in specs:
        if not any(spec.same_as(other) for other in unique):
            unique.append(spec)
    return unique


def _declarations(model: Any) -> Iterator[Index]:
    parent = model._meta.parent
    inherited = {field.name for field in parent.fields} if parent is not None else set()
    own = [field for field in model._meta.fields if field.name not in inherited]
    for path, field in _unique_paths(own, ""):
        # Several documents may lack a path that may be missing.
        yield Index(fields=[path], unique=True, sparse=field.blank)
    inherited_indexes = parent.indexes if parent is not None else ()
    yield from (index for index in model._meta.indexes if index not in inherited_indexes)


def _unique_paths(fields: Any, prefix: str) -> Iterator[tuple[str, Field[Any]]]:
    for field in fields:
        path = f"{prefix}{field.name}"
        if field.unique and not field.primary_key:
            yield path, field
        inner = field.base_field if isinstance(field, ListField) else field
        if isinstance(inner, EmbeddedField) and prefix.count("__") < 10:
            yield from _unique_paths(inner.embedded_model._meta.fields, f"{path}__")


def _spec(model: Any, index: Index) -> Spec:
    meta = model._meta
    keys: list[tuple[str, Any]] = []
    for path, kind in index.parts():
        wildcard = path.endswith("$**")
        stored = path if wildcard else meta.resolve(path).db_path
        keys.append((stored, kind))
    options: dict[str, Any] = {}
    if index.unique:
        options["unique"] = True
    if index.sparse:
        options["sparse"] = True
    if index.hidden:
        options["hidden"] = True
    if index.partial is not None:
        partial = index.partial
        if not isinstance(partial, Mapping):
            partial = where.compile_q(meta, partial)
        options["partialFilterExpression"] = dict(partial)
    if meta.discriminator is not None:
        # A partial filter knows no `$in` on old servers; descendants index for themselves.
        mine = {meta.discriminator_key: meta.discriminator}
        partial = options.get("partialFilterExpression", {})
        options["partialFilterExpression"] = {**mine, **partial}
        options.pop("sparse", None)
    if index.expire_after is not None:
        seconds = index.expire_after
        if isinstance(seconds, datetime.timedelta):
            seconds = seconds.total_seconds()
        options["expireAfterSeconds"] = int(seconds)
    if index.collation:
        options["collation"] = index.collation
    name = index.name or "_".join(f"{path}_{way}" for path, way in keys)
    return Spec(*_as_stored(keys, options), name)


def _as_stored(
    keys: list[tuple[str, Any]], options: dict[str, Any]
) -> tuple[tuple[tuple[str, Any], ...], dict[str, Any]]:
    # The server describes the text part of an index by weights.
    texts = [path for path, kind in keys if kind == "text"]
    if not texts:
        return tuple(keys), options
    stored: list[tuple[str, Any]] = []
    for path, kind in keys:
        if kind != "text":
            stored.append((path, kind))
        elif ("_fts", "text") not in stored:
            stored += [("_fts", "text"), ("_ftsx", 1)]
    return tuple(stored), {**options, "weights": dict.fromkeys(texts, 1)}


def existing(model: Any, alias: str) -> list[Spec]:
    """Return the indexes of the collection, without that of `_id`."""
    connection = connections[alias]
    try:
        with connection.wrap_errors:
            found = list(connection.collection(model._meta.collection).list_indexes())
    except OperationFailed as error:
        if error.code == _NAMESPACE_NOT_FOUND:
            return []
        raise
    return [_stored_spec(entry) for entry in found if dict(entry["key"]) != {"_id": 1}]


def _stored_spec(entry: Mapping[str, Any]) -> Spec:
    options = {name: entry[name] for name in MEANING if name in entry}
    if options.get("default_language") == "english":
        del options["default_language"]
    keys = tuple(
        (path, int(way) if isinstance(way, (int, float)) else way)
        for path, way in entry["key"].items()
    )
    return Spec(keys, options, entry["name"])


def _same_option(name: str, one: Any, other: Any) -> bool:
    if name == "collation" and one and other:
        # The server fills in what a declaration leaves open.
        shorter, longer = sorted((dict(one), dict(other)), key=len)
        return shorter.items() <= longer.items()
    return (one or None) == (other or None) if not isinstance(one, dict) else one == other


def plan(model: Any, using: str | None = None) -> Plan:
    """Compare what is declared with what is there."""
    alias = using or router.db_for_write(model)
    stored = existing(model, alias)
    create: list[Spec] = []
    modify: list[tuple[Spec, Spec]] = []
    kept: list[Spec] = []
    for spec in declared(model):
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
    others = [spec for other in _relatives(model) for spec in declared(other)]
    extra = [
        spec
        for spec in stored
        if spec not in known and not any(spec.same_as(other) for other in others)
    ]
    return Plan(model, alias, create, modify, extra, kept)


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
        _create(connection, collection, spec, meta)
        progress(f"created {spec.name}")


def _modify(connection: Any, collection: str, index: dict[str, Any]) -> None:
    with connection.wrap_write_errors:
        connection.database.command({"collMod": collection, "index": index})


def _create(connection: Any, collection: Any, spec: Spec, meta: Any) -> None:
    options = {name: value for name, value in spec.options.items() if name != "weights"}
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
