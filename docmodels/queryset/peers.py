"""
What the documents of one result have in common, so that one can load for all.

While a batch is made into documents the keys of their references are noted:
the values that the documents hold anyway, in one list, so that a result whose
references nobody reads pays next to nothing. The first document whose
reference is read loads those of the others with it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any
from weakref import ref

from django.core.exceptions import SynchronousOnlyOperation

from docmodels.conf import docmodels_settings
from docmodels.connections.bridging import is_blocking
from docmodels.constants import FetchMode
from docmodels.exceptions import FieldFetchBlocked
from docmodels.fields import ListField, MapField
from docmodels.query.relations import reverse_relations

#: The group of the keys of the documents themselves.
KEYS = "_id"


class Peers:
    """The keys in the documents of one batch, and what they led to so far."""

    __slots__ = ("asked", "documents", "found", "keys", "told")

    def __init__(self, keys: dict[Any, list[Any]], asked: Sequence[tuple[Any, Any]] = ()) -> None:
        #: Stored keys by the group of their reference (`group_of`).
        self.keys = keys
        #: The documents that were found, by group and then by the key's identity.
        self.found: dict[Any, dict[Any, Any]] = {}
        #: The references whose class a function tells: the group, and the fields that lead there.
        self.asked = asked
        #: The documents, as long as they live, where such a function is to be asked.
        self.documents: list[ref[Any]] = []
        #: The keys by class that were told so far, by group.
        self.told: dict[Any, dict[Any, list[Any]]] = {}

    def meet(self, documents: Iterable[Any]) -> None:
        """Know the documents of the batch."""
        if self.asked:
            self.documents = [ref(document) for document in documents]


def group_of(relation: Any) -> Any:
    """Return what relations have in common whose documents are loaded together."""
    return relation.name, relation.to, relation.to_field


def kind_of(reference: Any, holder: Any) -> Any:
    """Return the stored value that tells the class of a dynamic reference, None for a function."""
    if reference.kind_field is None:
        return None
    kind = holder._meta.by_name[reference.kind_field]
    return kind.get_prep_value(getattr(holder, kind.attname))


def mode_of(source: Any) -> FetchMode:
    """Return what a read of something that is not loaded does."""
    mode: FetchMode | None = source.mode
    return FetchMode(docmodels_settings.FETCH_MODE) if mode is None else mode


def root_of(holder: Any) -> Any:
    """Return the document that an embedded one is in, as far as that is known."""
    parent = getattr(holder, "parent", None) if holder._meta.embedded else None
    return holder if parent is None else root_of(parent)


def peers_of(holder: Any, name: str) -> tuple[Any, Peers | None]:
    """
    Return the document that `holder` is in, and the others that `name` is loaded for with it.

    Raise FieldFetchBlocked where the fetch mode forbids to load it.
    """
    root = root_of(holder)
    mode = mode_of(root._source)
    if mode is FetchMode.RAISE:
        raise FieldFetchBlocked(
            f"{holder._meta.object_name}.{name}: not populated, and fetch_mode(RAISE) forbids to "
            f"load it; expected populate({name!r}) before.",
            document=holder,
            path=name,
        )
    return root, root._source.peers if mode is FetchMode.PEERS else None


def refuse_blocking(holder: Any, name: str) -> None:
    """Raise SynchronousOnlyOperation where loading `name` would block an event loop."""
    if is_blocking():
        raise SynchronousOnlyOperation(
            f"{holder._meta.object_name}.{name}: not loaded, and to load it in a coroutine would "
            f"block the event loop; expected `await document.afetch({name!r})`, or populate(), "
            f"select() or only() before."
        )


def note_peers(
    model: Any, mode: FetchMode | None, *, is_partial: bool
) -> Callable[[list[Any], Any], Any] | None:
    """
    Return the function that notes the keys of a batch, None where there is nothing to note.

    It is called for portions of the batch in turn, with what it returned before.
    `is_partial` tells that fields are left out, which may be loaded later.
    """
    if (mode or docmodels_settings.FETCH_MODE) != FetchMode.PEERS:
        return None
    return _make_note(model, is_partial)


@functools.cache
def _make_note(model: Any, is_partial: bool) -> Callable[[list[Any], Any], Any] | None:
    paths, asked = _paths_of(model)
    if not (paths or asked or is_partial):
        return None

    def note(raws: list[Any], known: Any) -> Any:
        if known is None:
            if len(raws) < 2:
                return None
            known = Peers({}, asked)
        keys = known.keys
        if is_partial:
            keys.setdefault(KEYS, []).extend([raw.get("_id") for raw in raws])
        for group, fields in paths:
            if getattr(fields[-1], "is_dynamic", False):
                _note_told(keys, group, _inside(raws, fields[:-1]), fields[-1])
                continue
            if len(fields) == 1:
                key = fields[0].db_field
                found = [raw.get(key) for raw in raws]
            else:
                found = _inside(raws, fields)
            if group in keys:
                keys[group] += found
            else:
                keys[group] = found
        return known

    return note


def _is_asked(relation: Any) -> bool:
    """Return whether a function tells the class of each document that is referred to."""
    return getattr(relation, "is_dynamic", False) and relation.kind_field is None


def _note_told(keys: dict[Any, list[Any]], group: Any, holders: list[Any], reference: Any) -> None:
    """Note the keys of a dynamic reference apart by what tells the class of each."""
    kind = reference.model._meta.by_name[reference.kind_field].db_field
    for holder in holders:
        if isinstance(holder, dict):
            told = holder.get(kind)
            if isinstance(told, Hashable):
                keys.setdefault((*group, told), []).append(holder.get(reference.db_field))


@functools.cache
def _paths_of(model: Any) -> tuple[list[Any], list[Any]]:
    """Return the references of a class: those of noted keys, and those that a function tells."""
    paths = _paths(model)
    asked = [path for path in paths if _is_asked(path[1][-1])]
    return [path for path in paths if not _is_asked(path[1][-1])], asked


def _paths(model: Any) -> tuple[tuple[Any, tuple[Any, ...]], ...]:
    """Return the references of a class and its subclasses, with the fields that lead there."""
    classes = (model._meta, *(child._meta for child in model._meta.children.values()))
    found: dict[tuple[str, ...], Any] = {}
    for meta in classes:
        for fields in _references(meta, frozenset()):
            path = tuple(field.db_field for field in fields)
            found.setdefault(path, (group_of(fields[-1]), fields))
        for relation in reverse_relations(meta.model):
            local = meta.by_name[relation.local_name]
            found.setdefault((relation.name, ""), (group_of(relation), (local,)))
    return tuple(found.values())


def _references(meta: Any, around: frozenset[Any]) -> Iterable[tuple[Any, ...]]:
    for field in meta.fields:
        if field.reference is field:
            yield (field,)
            continue
        embedded = getattr(_element_of(field), "embedded_model", None)
        if embedded is not None and embedded not in around:
            for child in (embedded, *embedded._meta.children.values()):
                for fields in _references(child._meta, around | {embedded}):
                    yield (field, *fields)


def _element_of(field: Any) -> Any:
    while isinstance(field, (ListField, MapField)):
        field = field.base_field
    return field


def _inside(raws: list[Any], fields: tuple[Any, ...]) -> list[Any]:
    """Return the values at a path of stored dicts, of all elements of lists and maps on it."""
    values: list[Any] = raws
    for field in fields:
        key = field.db_field
        values = [value[key] for value in values if isinstance(value, dict) and key in value]
        while isinstance(field, (ListField, MapField)):
            kind = list if isinstance(field, ListField) else dict
            containers = [value for value in values if isinstance(value, kind)]
            values = [
                item
                for value in containers
                for item in (value.values() if isinstance(value, dict) else value)
            ]
            field = field.base_field
    return values
