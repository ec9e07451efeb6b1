"""
Load the documents that refer to others: reverse relations, and their numbers.

The keys of all parents are asked for at once. Where each parent gets a part
only, the server numbers the documents of each parent and sends that part.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docmodels.conf import docmodels_settings
from docmodels.fields import ListField
from docmodels.query.relations import Populate, Step, innermost
from docmodels.queryset.accessing import PEERS_AT_ONCE
from docmodels.queryset.commands import aggregate
from docmodels.queryset.crossing import settled
from docmodels.queryset.peers import group_of, peers_of, refuse_blocking
from docmodels.queryset.populating import identify, reach, related_queryset, value_of
from docmodels.tracking import MISSING, Source

#: What the stages name the key of the parent and the place among its documents.
KEY, PLACE = "__docmodels_key", "__docmodels_place"


def follow(relation: Any, holders: list[Any], step: Step, hint: Any) -> list[Any]:
    """Give each holder what refers to it; return the documents that were found."""
    pairs = []
    keys: dict[Any, Any] = {}
    for holder in holders:
        field = holder._meta.by_name.get(relation.local_name)
        key = None if field is None else value_of(holder, field)
        if key is not None and key is not MISSING:
            identity = identify(field, key)
            keys[identity] = field.get_prep_value(key)
            pairs.append((holder, identity))
    found = load(relation, step, keys, hint)
    for holder, identity in pairs:
        value = found.get(identity, relation.nothing())
        related = {**holder._related, relation.name: (identity, value)}
        holder._set_related(holder, related)
    return relation.documents_in(found.values())


def fetch(holder: Any, relation: Any) -> Any:
    """Return what refers to `holder`, loaded for its peers, too; raise FieldFetchBlocked."""
    field = holder._meta.by_name[relation.local_name]
    key = value_of(holder, field)
    if key is None or key is MISSING:
        return relation.nothing()
    identity = identify(field, key)
    cached = holder._related.get(relation.name)
    if cached is not None and cached[0] == identity:
        return cached[1]
    root, peers = peers_of(holder, relation.name)
    known = {} if peers is None else peers.found.setdefault(group_of(relation), {})
    if identity not in known:
        refuse_blocking(holder, relation.name)
        keys = {identity: field.get_prep_value(key)}
        for other in () if peers is None else peers.keys.get(group_of(relation), ()):
            if len(keys) < PEERS_AT_ONCE and other is not None:
                found = identify(field, other)
                if found not in known:
                    keys[found] = other
        step = Step((relation.name,), relation, Populate(relation.name))
        loaded = load(relation, step, keys, root)
        known |= {found: loaded.get(found, relation.nothing()) for found in keys}
    value = known[identity]
    holder._set_related(holder, {**holder._related, relation.name: (identity, value)})
    return value


def load(relation: Any, step: Step, keys: dict[Any, Any], hint: Any) -> dict[Any, Any]:
    """Return what refers to each of `keys`, stored keys by identity, by the same identity."""
    found: dict[Any, Any] = {}
    values, size = list(keys.values()), docmodels_settings.POPULATE_BATCH
    resolved = step.target._meta.resolve(relation.foreign_field)
    queryset = relation.narrow(related_queryset(step, hint), step.options)
    for start in range(0, len(values), size):
        part = values[start : start + size]
        narrowed = queryset.raw_filter({resolved.db_path: {"$in": part}})
        if relation.counts:
            found |= _count(narrowed, resolved, part)
        else:
            found |= _read(relation, step, narrowed, resolved, part)
    return relation.finish(found)


def _key_stages(resolved: Any, keys: list[Any]) -> list[dict[str, Any]]:
    # One row for each key that a document holds, also where it holds one twice.
    path: Any = f"${resolved.db_path}"
    if resolved.in_list or isinstance(resolved.field, ListField):
        path = {"$cond": [{"$isArray": path}, {"$setUnion": [path]}, [path]]}
    return [{"$addFields": {KEY: path}}, {"$unwind": f"${KEY}"}, {"$match": {KEY: {"$in": keys}}}]


def _count(queryset: Any, resolved: Any, keys: list[Any]) -> dict[Any, int]:
    group = {"$group": {"_id": f"${KEY}", "n": {"$sum": 1}}}
    rows = _rows(queryset, [*_key_stages(resolved, keys), group])
    element = innermost(resolved.field)
    return {identify(element, row["_id"]): row["n"] for row in rows}


def _rows(queryset: Any, stages: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    if queryset.query.empty:
        return ()
    unordered = settled(queryset.order_by())
    sent = [*unordered.query.pipeline(), *stages]
    return aggregate(unordered, sent, unordered._connection, decoded=True)


def _read(
    relation: Any, step: Step, queryset: Any, resolved: Any, keys: list[Any]
) -> dict[Any, list[Any]]:
    """Return the documents that refer to `keys`, in lists by the key's identity."""
    options = step.options
    if options.only:
        # Whose each of them is, its foreign field tells.
        queryset = queryset.only(*options.only, resolved.fields[0].name)
    skip, limit = relation.part(options)
    is_alone = resolved.field.unique and not skip
    is_whole = is_alone or not (skip or limit is not None)
    found: dict[Any, list[Any]] = {}
    if not is_whole and queryset._connection.supports_windows:
        for identity, document in _read_parts(queryset, resolved, keys, skip, limit):
            found.setdefault(identity, []).append(document)
        return found
    element = innermost(resolved.field)
    wanted = {identify(element, key) for key in keys}
    for document in queryset:
        for identity in _identities(document, resolved.fields):
            if identity in wanted:
                found.setdefault(identity, []).append(document)
    if is_whole:
        return found
    end = None if limit is None else skip + limit
    return {identity: part for identity, all_ in found.items() if (part := all_[skip:end])}


def _identities(document: Any, fields: tuple[Any, ...]) -> Iterable[Any]:
    """Return the identities of the keys that a document holds at a path, each once."""
    *outer, last = [field for field in fields if not field.name.endswith("]")]
    found: dict[Any, None] = {}
    for holder in reach([document], [field.name for field in outer]):
        value = value_of(holder, holder._meta.by_name[last.name])
        for key in value if isinstance(value, list) else [value]:
            if key is not None and key is not MISSING:
                found[identify(innermost(last), key)] = None
    return found


def _read_parts(
    queryset: Any, resolved: Any, keys: list[Any], skip: int, limit: int | None
) -> Iterable[tuple[Any, Any]]:
    sort = dict(queryset.query.sort()) or {"_id": 1}
    place = {"$gt": skip} if limit is None else {"$gt": skip, "$lte": skip + limit}
    number = {
        "partitionBy": f"${KEY}",
        "sortBy": sort,
        "output": {PLACE: {"$documentNumber": {}}},
    }
    stages: list[dict[str, Any]] = [
        *_key_stages(resolved, keys),
        {"$setWindowFields": number},
        {"$match": {PLACE: place}},
        {"$sort": {PLACE: 1}},
    ]
    projection = queryset.query.projection() or {PLACE: 0}
    kept = {KEY: 1} if 1 in projection.values() else {PLACE: 0}
    stages.append({"$project": projection | kept})
    source = Source(queryset.db, queryset.query.loaded(), mode=queryset.query.fetch_mode)
    element = innermost(resolved.field)
    known: dict[Any, Any] = {}
    for raw in _rows(queryset, stages):
        identity = identify(element, raw.pop(KEY))
        own = identify(queryset.model._meta.pk, raw["_id"])
        if own not in known:
            known[own] = queryset.model._meta.load(raw, source)
        yield identity, known[own]
