"""Load a reference that is read without having been populated, for its peers, too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from docmodels.query.relations import Populate, Step
from docmodels.queryset.peers import group_of, kind_of, peers_of, refuse_blocking
from docmodels.queryset.populating import fetch, identify, key_of, reach, value_of
from docmodels.tracking import MISSING

#: How many documents reading one reference loads at most, for itself and its peers.
PEERS_AT_ONCE = 1000


def fetch_reference(holder: Any, field: Any, key: Any) -> Any:
    """Return the document of `key`; raise its `DoesNotExist`, or FieldFetchBlocked."""
    root, peers = peers_of(holder, field.name)
    group: Any = group_of(field)
    noted: Sequence[Any] = ()
    if field.is_dynamic:
        model = field.target_of(holder)
        if model is None:
            raise LookupError(f"{field}: {key!r}, but {field.to!r} tells no class.")
        group = (*group, kind_of(field, holder))
        if peers is not None and field.kind_field is None:
            noted = _told_keys(peers, group_of(field)).get(model, ())
        field = field.toward(model)
    if peers is not None:
        noted = noted or peers.keys.get(group, ())
    identity = identify(field, key)
    step = Step((field.name,), field, Populate(field.name))
    # A function may tell different classes where the group is the same.
    known = {} if peers is None else peers.found.setdefault((group, field.related_model), {})
    if identity not in known:
        refuse_blocking(holder, field.name)
        keys = {identity: key}
        _add_peers(keys, field, noted, known)
        documents = fetch(step, field, keys.values(), root)
        known |= dict.fromkeys(keys)
        known |= {identify(field, key_of(field, found)): found for found in documents}
    found = known[identity]
    if found is None:
        model = field.related_model
        raise model.DoesNotExist(f"{model._meta.object_name} matching query does not exist.")
    return found


def _add_peers(
    keys: dict[Any, Any], field: Any, noted: Iterable[Any], known: dict[Any, Any]
) -> None:
    """Add what is to be loaded with the first of `keys`: those behind it, then the others."""
    others = [key for key in noted if key is not None]
    first = next(iter(keys.values()))
    start = next((i for i, key in enumerate(others) if key == first), 0)
    for key in (*others[start:], *others[:start]):
        identity = identify(field, key)
        if identity not in known:
            keys[identity] = key
            if len(keys) >= PEERS_AT_ONCE:
                return


def _told_keys(peers: Any, group: Any) -> dict[Any, list[Any]]:
    """Return the keys of a reference in all the peers, by the class that a function tells."""
    found: dict[Any, list[Any]] | None = peers.told.get(group)
    if found is None:
        # Noted first: a function may read a reference itself.
        found = peers.told[group] = {}
        documents = [document for kept in peers.documents if (document := kept()) is not None]
        for own, fields in peers.asked:
            if own == group:
                for holder in _loaded_holders(documents, fields[:-1]):
                    _note_told(found, holder, fields[-1])
    return found


def _loaded_holders(documents: Iterable[Any], fields: Sequence[Any]) -> list[Any]:
    """Return the embedded documents at a path, as far as it was loaded."""
    found = list(documents)
    for field in fields:
        known = [inner for inner in found if field.name in inner._meta.by_name]
        found = reach([inner for inner in known if inner._is_loaded(field)], [field.name])
    return found


def _note_told(found: dict[Any, list[Any]], holder: Any, reference: Any) -> None:
    field = holder._meta.by_name.get(reference.name)
    # Where it was left out, it was loaded for all with the one that is read.
    key = None if field is None else value_of(holder, field)
    if key is None or key is MISSING:
        return
    try:
        model = field.target_of(holder)
    except Exception:
        # The error is that of reading this one, not of reading another.
        return
    found.setdefault(model, []).append(key)
