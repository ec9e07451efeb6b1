"""Indexes in the server's terms: declared ones, stored ones, and whether they are the same."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from docmodels.connections import connections
from docmodels.exceptions import OperationFailed
from docmodels.fields import EmbeddedField, Field, ListField
from docmodels.indexes import WILDCARD, Index, index_of
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

#: Kinds of indexes that compare bytes whatever the collation.
BYTEWISE = ("text", "2d")

#: What the server makes of the rules that a collation leaves open; normalization and the
#: version are the language's own.
COLLATION_DEFAULTS: Mapping[str, Any] = {
    "strength": 3,
    "caseLevel": False,
    "caseFirst": "off",
    "numericOrdering": False,
    "alternate": "non-ignorable",
    "maxVariable": "punct",
    "backwards": False,
}
#: The languages that have another default.
LOCALES: Mapping[str, tuple[str, ...]] = {
    "caseFirst": ("da", "mt"),
    "alternate": ("th",),
    "backwards": ("fr_CA",),
}

_NAMESPACE_NOT_FOUND = 26


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

    def with_collation(self, collation: Mapping[str, Any] | None) -> Spec:
        """Return the index as it will be in a collection of this collation."""
        own = self.options.get("collation")
        if own is None and collation and not any(way in BYTEWISE for _path, way in self.keys):
            return self._replace(options={**self.options, "collation": dict(collation)})
        if own and own.get("locale") == "simple":
            # The server describes it by leaving it out.
            return self._replace(
                options={name: v for name, v in self.options.items() if name != "collation"}
            )
        return self

    def __str__(self) -> str:
        keys = ", ".join(f"{path}: {way}" for path, way in self.keys)
        options = "".join(f", {name}={value!r}" for name, value in self.options.items())
        return f"{{{keys}}}{options}"


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
    for path, field in _paths(own, ""):
        if field.unique and not field.primary_key:
            # Several documents may lack a path that may be missing.
            yield Index(fields=[path], unique=True, sparse=field.blank)
        # That of a unique field, or of the key, serves as well as a plain one.
        if field.db_index is not None and (field.db_index or not field.unique):
            yield index_of(path, field.db_index)
    inherited_indexes = parent.indexes if parent is not None else ()
    yield from (index for index in model._meta.indexes if index not in inherited_indexes)


def _paths(fields: Any, prefix: str) -> Iterator[tuple[str, Field[Any]]]:
    for field in fields:
        path = f"{prefix}{field.name}"
        yield path, field
        inner = field.base_field if isinstance(field, ListField) else field
        # Copies have no indexes of their own.
        if isinstance(inner, EmbeddedField) and prefix.count("__") < 10 and not field.is_copy:
            yield from _paths(inner.embedded_model._meta.fields, f"{path}__")


def _spec(model: Any, index: Index) -> Spec:
    meta = model._meta
    keys: list[tuple[str, Any]] = []
    for path, kind in index.parts():
        keys.append((_stored_path(meta, path), kind))
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


def _stored_path(meta: Any, path: str) -> str:
    if not path.endswith(WILDCARD):
        return str(meta.resolve(path).db_path)
    inside = path.removesuffix(WILDCARD).rstrip("._")
    return f"{meta.resolve(inside).db_path}.{WILDCARD}" if inside else WILDCARD


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
    own = _indexes_of_the_server(model._meta)
    return [_stored_spec(entry) for entry in found if tuple(entry["key"]) not in own]


def _indexes_of_the_server(meta: Any) -> set[tuple[str, ...]]:
    own: set[tuple[str, ...]] = {("_id",)}
    if meta.shard_key:
        own.add(tuple(meta.resolve(name).db_path for name in meta.shard_key))
    if meta.timeseries and "metaField" in meta.timeseries:
        own.add((meta.timeseries["metaField"], meta.timeseries["timeField"]))
    return own


def _stored_spec(entry: Mapping[str, Any]) -> Spec:
    options = {name: entry[name] for name in MEANING if name in entry}
    if options.get("default_language") == "english":
        del options["default_language"]
    keys = tuple(
        (path, int(way) if isinstance(way, (int, float)) else way)
        for path, way in entry["key"].items()
    )
    return Spec(keys, options, entry["name"])


def _same_rule(rule: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Compare one rule of two collations, of which the server fills in what is left open."""
    if rule in one and rule in other:
        return bool(one[rule] == other[rule])
    left_open = rule not in COLLATION_DEFAULTS or one["locale"] in LOCALES.get(rule, ())
    return left_open or COLLATION_DEFAULTS[rule] == one.get(rule, other.get(rule))


def _same_option(name: str, one: Any, other: Any) -> bool:
    if name == "collation" and one and other:
        return all(_same_rule(rule, one, other) for rule in {**one, **other})
    return (one or None) == (other or None) if not isinstance(one, dict) else one == other
