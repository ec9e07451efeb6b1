"""What an upsert stores beside its values where it inserts (rule D1)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from bson import Regex
from django.core.exceptions import FieldError, ValidationError

from docmodels.fields import EmbeddedField, Field, ListField
from docmodels.fields.defaults import asks_document
from docmodels.query.naming import path_name
from docmodels.query.rows import expression_paths, names_in
from docmodels.query.steps import Match
from docmodels.query.timestamps import is_timestamp
from docmodels.tracking import MISSING

Update = dict[str, dict[str, Any]]


def add_insertion(meta: Any, update: Update, conditions: Mapping[str, Any]) -> None:
    """
    Add defaults, the class, the version and the key of a new document.

    They go to `$setOnInsert`, unless the filter gives them or the update names
    them; `update` is changed. Raise ValidationError where the document would
    be stored under a key of another type than declared, FieldError for a
    condition that would be stored in the place of a list.
    """
    given = equalities(conditions)
    stored = {*update.get("$set", ()), *update.get("$setOnInsert", ())}
    for path, value in given.items():
        if not _is_named(path, stored):
            _refuse_elements(meta, path, value)
    named = {path for path, value in given.items() if value is not None}
    named |= {path for paths in update.values() for path in paths}
    named |= {str(target) for target in update.get("$rename", {}).values()}
    known = {**given, **update.get("$setOnInsert", {}), **update.get("$set", {})}
    added = dict(_defaults(meta, "", named, known))
    for key, value in _internal(meta).items():
        if not _is_named(key, named):
            added[key] = value
    if "_id" not in named and "_id" not in added and meta.pk.bson_types != {"objectId"}:
        # The server would make an ObjectId of its own.
        raise ValidationError({meta.pk.name: [meta.pk.error("required")]})
    for path, value in added.items():
        update.setdefault("$setOnInsert", {})[path] = value


def _internal(meta: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if meta.discriminator is not None:
        values[meta.discriminator_key] = meta.discriminator
    if meta.version_key:
        values[meta.version_key] = 0
    if meta.schema_version is not None:
        values[meta.schema_key] = meta.schema_version
    return values


def _defaults(
    meta: Any, prefix: str, named: set[str], known: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the defaults by path; `known` are values of the new document, which grows."""
    for field in meta.fields:
        path = f"{prefix}{field.db_field}"
        if _is_named(path, named):
            if isinstance(field, EmbeddedField) and path not in named:
                # Something inside is stored, so that the document will be there.
                inner = {name for name in named if name.startswith(f"{path}.")}
                yield from _defaults(field.embedded_model._meta, f"{path}.", inner, known)
            continue
        if is_timestamp(field):
            continue
        asks = callable(field.default) and asks_document(field.default)
        default = field.get_default(_document(meta, prefix, known) if asks else None)
        if default is not MISSING and not (default is None and not field.null):
            known[path] = field.get_prep_value(default)
            yield path, known[path]


def _document(meta: Any, prefix: str, known: dict[str, Any]) -> Any:
    """Return the new document, or the embedded one at `prefix`, as far as it is known."""
    raw: dict[str, Any] = {}
    for path, value in known.items():
        if not path.startswith(prefix):
            continue
        *outer, last = path.removeprefix(prefix).split(".")
        inside: Any = raw
        for key in outer:
            inside = inside.setdefault(key, {}) if isinstance(inside, dict) else None
        if isinstance(inside, dict):
            inside[last] = copy.deepcopy(value)
    return meta.model.from_mongo(raw)


def _is_named(path: str, named: set[str]) -> bool:
    return any(
        name == path or name.startswith(f"{path}.") or path.startswith(f"{name}.") for name in named
    )


def _refuse_elements(meta: Any, path: str, value: Any) -> None:
    keys = path.split(".")
    for position, field in enumerate(_fields_at(meta, keys), 1):
        inside = position < len(keys)
        if isinstance(field, ListField) and (inside or not isinstance(value, (list, type(None)))):
            raise FieldError(
                f"{meta.object_name}: an upsert with the condition {path!r} on an element of a "
                f"list, which the server would store in its place; expected one on the document."
            )


def _fields_at(meta: Any, keys: list[str]) -> Iterator[Field[Any] | None]:
    """Yield the fields along a path of keys, up to a list."""
    field: Any = meta.by_key.get(keys[0])
    yield field
    for key in keys[1:]:
        if not isinstance(field, EmbeddedField):
            return
        field = field.embedded_model._meta.by_key.get(key)
        yield field


def insertable(meta: Any, conditions: dict[str, Any]) -> dict[str, Any]:
    """
    Return the same filter, of which no null is inserted where none may be.

    Raise FieldError for a filter that the server takes in no upsert.
    """
    refuse_computed(meta, conditions)
    _refuse_twice(meta, conditions)
    return _without_nulls(meta, conditions)


def _without_nulls(meta: Any, conditions: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in conditions.items():
        if key == "$and":
            value = [_without_nulls(meta, part) for part in value]
        elif (value is None or value == {"$in": [None]}) and not key.startswith("$"):
            keys = key.split(".")
            fields = list(_fields_at(meta, keys))
            if len(fields) == len(keys) and fields[-1] is not None and not fields[-1].null:
                # The same to the server, but no value that it takes over.
                value = {"$not": {"$ne": None}}
        found[key] = value
    return found


def equalities(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that the server takes from a filter where it inserts."""
    return dict(_equalities(conditions))


def _equalities(conditions: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in conditions.items():
        if key == "$and" or (key == "$or" and len(value) == 1):
            for part in value:
                yield from _equalities(part)
        elif key.startswith("$"):
            continue
        elif not isinstance(value, Mapping) or not any(str(k).startswith("$") for k in value):
            if not isinstance(value, Regex):
                yield key, value
        elif "$eq" in value:
            yield key, value["$eq"]
        else:
            # One value is an equality, too; of `$all` each is.
            several = value.get("$in", ())
            known = value.get("$all", several if len(several) == 1 else ())
            yield from ((key, item) for item in known if not isinstance(item, Regex))


# What no upsert takes


def refuse_computed_names(query: Any) -> None:
    """Raise FieldError for a condition on an annotation, of which nothing could be inserted."""
    for step in query.steps:
        if isinstance(step, Match):
            names = sorted(names_in(step.paths, query.annotations))
            _refuse(query.meta, f"a condition on {', '.join(map(repr, names))}, which is computed")


def _refuse(meta: Any, what: str) -> None:
    raise FieldError(
        f"{meta.object_name}: an upsert with {what}; expected stored paths compared with values. "
        f"In transaction.atomic() update() tells whether anything matched, and create() inserts."
    )


def refuse_computed(meta: Any, conditions: Any) -> None:
    """Raise FieldError for an `$expr`, which the server takes in no upsert, at any depth."""
    for condition in _expressions(conditions):
        paths = dict.fromkeys(
            path_name(meta, path).replace(".", "__") for path in expression_paths(condition)
        )
        shown = f" on {', '.join(map(repr, paths))}" if paths else ""
        _refuse(meta, f"a computed condition ($expr){shown}, which MongoDB refuses")


def _expressions(condition: Any) -> Iterator[Any]:
    if isinstance(condition, Mapping):
        for key, value in condition.items():
            if key == "$expr":
                yield value
            elif key in {"$and", "$or", "$nor"}:
                for part in value:
                    yield from _expressions(part)


def _refuse_twice(meta: Any, conditions: Mapping[str, Any]) -> None:
    """Raise FieldError where a filter has two values for what is inserted."""
    known: list[str] = []
    for path, _value in _equalities(conditions):
        for other in known:
            if other == path or other.startswith(f"{path}.") or path.startswith(f"{other}."):
                names = dict.fromkeys(path_name(meta, p).replace(".", "__") for p in (other, path))
                shown = " and ".join(map(repr, names))
                raise FieldError(
                    f"{meta.object_name}: an upsert with two equalities on {shown}, of which "
                    f"MongoDB can store neither; expected one for each path."
                )
        known.append(path)
