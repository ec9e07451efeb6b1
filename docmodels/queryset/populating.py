"""
Load ahead what documents refer to: one query for each path, level and target.

`populate()` walks from the documents to whatever holds the keys, asks for all
of them at once, and hands each document its own; documents with the same key
share one object.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import bson
from bson import ObjectId
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions

from docmodels.conf import docmodels_settings
from docmodels.connections import router
from docmodels.constants import ATOMS
from docmodels.fields.populated import PopulatedDict, PopulatedList
from docmodels.query.relations import Populate, Step, plan_for
from docmodels.queryset.crossing import usual_alias
from docmodels.tracking import MISSING

_OPTIONS: CodecOptions[Any] = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)

#: How many documents the server sends in its first answer where nothing else is asked for.
FIRST_ANSWER = 101


def run(documents: Sequence[Any], steps: Iterable[Step]) -> None:
    """Follow the steps from `documents`, each of them and what is behind it."""
    if not documents:
        return
    for step in steps:
        holders = reach(documents, step.names[:-1])
        if step.relation.reference is None:
            found = step.relation.follow(holders, step, documents[0])
        elif step.is_dynamic:
            _follow_each(holders, step, documents[0])
            continue
        else:
            found = _follow(holders, step, documents[0])
        run(found, step.children.values())


def reach(documents: Iterable[Any], names: Sequence[str]) -> list[Any]:
    """Return the embedded documents at a path of names in all of `documents`."""
    found = list(documents)
    for name in names:
        inner: list[Any] = []
        for document in found:
            field = document._meta.by_name.get(name)
            if field is not None:
                _gather(value_of(document, field), inner)
        found = inner
    return found


def value_of(document: Any, field: Any) -> Any:
    """Return what the slot of a field holds, loaded if it was left out, or MISSING."""
    if not document._is_loaded(field):
        getattr(document, field.attname)
    return document._slot_value(field)


def _gather(value: Any, found: list[Any]) -> None:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        if hasattr(value, "_slot_value"):
            found.append(value)
        return
    for item in value:
        _gather(item, found)


# Keys


def identify(reference: Any, key: Any) -> Any:
    """Return what two keys have in common that lead to the same document."""
    cls = key.__class__
    if cls is ObjectId:
        # Its bytes are compared in C.
        return key.binary
    if cls is str:
        return key
    stored = reference.get_prep_value(key)
    if stored.__class__ not in ATOMS:
        return bson.encode({"": stored}, codec_options=_OPTIONS)
    # Python finds True == 1, MongoDB does not.
    return (bool, stored) if stored.__class__ is bool else stored


def _keys_in(value: Any) -> Iterable[Any]:
    """Yield the keys in a list or a map, in whatever depth."""
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, list):
            yield from _keys_in(item)
        elif item is not None:
            yield item


def _follow_each(holders: list[Any], step: Step, hint: Any) -> None:
    """Follow a reference whose class the documents tell: once for each class."""
    groups: dict[Any, list[Any]] = {}
    for holder in holders:
        field = holder._meta.by_name.get(step.relation.name)
        model = None if field is None else _told_class(field.reference, holder)
        if model is not None:
            groups.setdefault(model, []).append(holder)
    behind = [plan_for(groups, options) for options in step.later] if groups else []
    for model, group in groups.items():
        found = _follow(group, step.toward(model), hint)
        for steps in behind:
            run(found, steps.get(model, ()))


def _told_class(reference: Any, holder: Any) -> Any:
    try:
        return reference.target_of(holder)
    except LookupError:
        # One document that tells no class is no reason to load nothing for the others.
        return None


def _follow(holders: list[Any], step: Step, hint: Any) -> list[Any]:
    name, reference = step.relation.name, step.reference
    singles: list[tuple[Any, dict[Any, list[Any]]]] = []
    several: list[tuple[Any, list[tuple[Any, Any]]]] = []
    keys: dict[Any, Any] = {}
    for cls in {type(holder) for holder in holders}:
        field = cls._meta.by_name.get(name)
        if field is None:
            continue
        same = [holder for holder in holders if type(holder) is cls]
        if field is field.reference:
            together = _together(same, field, reference)
            singles.append((field, together))
            keys |= {identity: known[0] for identity, known in together.items()}
        else:
            pairs = _pairs(same, field)
            several.append((field, pairs))
            for _holder, value in pairs:
                keys |= {identify(reference, key): key for key in _keys_in(value)}
    found = fetch(step, reference, keys.values(), hint)
    by_key = {identify(reference, key_of(reference, document)): document for document in found}
    for field, together in singles:
        _give_documents(field, together, by_key, is_chosen=bool(step.options.model))
    for field, pairs in several:
        _give_views(field, reference, pairs, by_key, step.options)
    return found


def _together(holders: list[Any], field: Any, reference: Any) -> dict[Any, list[Any]]:
    """Return the first of equal keys, and all holders of one, by what they have in common."""
    found: dict[Any, list[Any]] = {}
    get, read = found.get, field.slot_get
    for holder in holders:
        try:
            key = read(holder)
        except AttributeError:
            key = value_of(holder, field)
        if key is None or key is MISSING:
            continue
        identity = key.binary if key.__class__ is ObjectId else identify(reference, key)
        known = get(identity)
        if known is None:
            found[identity] = [key, holder]
        else:
            known.append(holder)
    return found


def _pairs(holders: list[Any], field: Any) -> list[tuple[Any, Any]]:
    """Return the holders that hold lists or maps of keys, with these."""
    pairs = [(holder, value_of(holder, field)) for holder in holders]
    # Others are of another type than declared.
    return [(holder, value) for holder, value in pairs if isinstance(value, field.python_types)]


def key_of(reference: Any, document: Any) -> Any:
    """Return the key by which a reference leads to a document."""
    return document._slot_value(document._meta.by_name[reference.target_field.name])


def _give_documents(
    field: Any, together: dict[Any, list[Any]], by_key: dict[Any, Any], *, is_chosen: bool
) -> None:
    name, put = field.name, field.slot_set
    # A class that was chosen stays, whatever class the document tells.
    mark = (True,) if is_chosen and field.is_dynamic else ()
    for identity, (key, *holders) in together.items():
        # One object for all with the same key: nothing more for the garbage collector to look
        # at. Of equal keys all hold the same, too: reading the reference compares them.
        known = {name: (key, by_key.get(identity), *mark)}
        for holder in holders:
            put(holder, key)
            related = holder._related
            holder._set_related(holder, {**related, **known} if related else known)


def _give_views(
    field: Any,
    reference: Any,
    pairs: list[tuple[Any, Any]],
    by_key: dict[Any, Any],
    options: Populate,
) -> None:
    places = {id(document): place for place, document in enumerate(by_key.values())}
    for holder, value in pairs:
        view = _make_view(field, reference, value, by_key, options, places)
        holder._set_related(holder, {**holder._related, field.name: view})


def _make_view(
    field: Any,
    reference: Any,
    value: Any,
    by_key: dict[Any, Any],
    options: Populate,
    places: dict[int, int],
) -> Any:
    base = field.base_field
    is_innermost = base is field.reference

    def show(key: Any) -> Any:
        if isinstance(key, (list, dict)) and not is_innermost:
            return _make_view(base, reference, key, by_key, options, places)
        return None if key is None else by_key.get(identify(reference, key))

    if isinstance(value, dict):
        shown = {name: show(key) for name, key in value.items()}
        if not options.keep_missing:
            shown = {name: item for name, item in shown.items() if item is not None}
        return PopulatedDict(shown, value, reference)
    items = [show(key) for key in value]
    if not options.keep_missing:
        items = [item for item in items if item is not None]
    if is_innermost:
        if options.order_by:
            items.sort(key=lambda item: places.get(id(item), len(places)))
        end = None if options.limit is None else options.skip + options.limit
        items = items[options.skip : end]
    incomplete = options.is_partial or len(items) != len(value)
    return PopulatedList(items, value, reference, incomplete=incomplete)


# Queries


def related_queryset(step: Step, hint: Any) -> Any:
    """Return all the documents that a step may find, in the order that it asks for."""
    options = step.options
    queryset = related_documents(step.target, hint)
    if options.match:
        match = options.match
        queryset = queryset.filter(**match) if isinstance(match, dict) else queryset.filter(match)
    if options.order_by:
        queryset = queryset.order_by(*options.order_by)
    return queryset


def related_documents(model: Any, hint: Any) -> Any:
    """
    Return all documents of a class, as a document that refers to them reads them.

    They are read through its own alias, where both classes have the same one
    by default, and fetch as it does.
    """
    queryset = model._default_manager.all()
    if queryset._db is None:
        is_near = usual_alias(model) == usual_alias(hint)
        hints = {"instance": hint} if is_near else {}
        queryset = queryset.using(router.db_for_read(model, **hints))
    mode = hint._source.mode
    return queryset if mode is None else queryset.fetch_mode(mode)


def fetch(step: Step, reference: Any, keys: Iterable[Any], hint: Any) -> list[Any]:
    """Return the documents of `keys`."""
    options = step.options
    stored = [reference.get_prep_value(key) for key in keys]
    if not stored:
        return []
    queryset = related_queryset(step, hint)
    target = step.target._meta.get_field(reference.target_field.name)
    if options.only:
        queryset = queryset.only(*options.only, target.name)
    if not options.order_by:
        queryset = queryset.order_by()
    # Parts could not be ordered together.
    size = len(stored) if options.order_by else docmodels_settings.POPULATE_BATCH
    found: list[Any] = []
    for start in range(0, len(stored), size):
        part = stored[start : start + size]
        some = queryset.raw_filter({target.db_field: {"$in": part}})
        if len(part) >= FIRST_ANSWER and "batch_size" not in some.query.options:
            # One answer holds them all; the server closes the cursor of one that is not full.
            some = some.batch_size(len(part) + 1)
        found += some
    return found
