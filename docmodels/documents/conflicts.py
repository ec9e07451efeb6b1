"""Two that change one document: what each of them did, and what cannot go together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docmodels.exceptions import ParallelSave, VersionConflict
from docmodels.query.changes import UpdateBuilder
from docmodels.query.naming import path_name
from docmodels.tracking import MISSING, same

#: How often a save is merged with what others were faster with.
ATTEMPTS = 5
#: Operators that say what to do with whatever is stored by then.
_COMMUTATIVE = frozenset({"$push", "$addToSet", "$pull", "$pullAll", "$inc"})

#: The documents that are being saved, by their identity.
saving: dict[int, object] = {}


class only_save:  # noqa: N801 - a context manager, used as a function
    """Refuse a second save of one object while the first one runs (rule S8)."""

    __slots__ = ("_document",)

    def __init__(self, document: Any) -> None:
        self._document = document

    def __enter__(self) -> None:
        # `setdefault` is atomic, also where threads run at the same time.
        if saving.setdefault(id(self._document), self) is not self:
            raise make_parallel(self._document)

    def __exit__(self, *exc_info: object) -> None:
        del saving[id(self._document)]


def make_parallel(document: Any) -> ParallelSave:
    """Return the error of a save while another one of the same object runs."""
    return ParallelSave(
        f"{document._meta.object_name}: this object is being saved already, by another thread or "
        f"by a hook of its own save; expected one save at a time. Nothing was saved."
    )


def make_conflict(
    document: Any, builder: UpdateBuilder, stored: dict[str, Any] | None
) -> VersionConflict:
    """Return the error of a save that somebody else was faster than."""
    meta = document._meta
    mine = builder.paths()
    base = document._original_fields()
    theirs = [] if stored is None else _their_paths(document, base, stored)
    changed = [
        (path, operator in _COMMUTATIVE)
        for operator, paths in builder.operators.items()
        for path in paths
        if path not in _automatic(document)
    ]
    names = [path_name(meta, path) for path in mine]
    return VersionConflict(
        f"{meta.object_name}: changed by somebody else (or deleted) since it was loaded, "
        f"nothing was saved. Paths of this save: {', '.join(names)}.",
        document=document,
        paths=names,
        base=_values(meta, base, [*mine, *theirs]),
        mine=_values(meta, document.to_mongo(), mine),
        theirs=_values(meta, stored or {}, theirs),
        overlapping=[
            path_name(meta, path)
            for path, commutes in changed
            if any(_overlap(path, other, commutes=commutes) for other in theirs)
            or (stored is None and not commutes)
        ],
    )


def _automatic(document: Any) -> set[str]:
    # Times that each save sets by itself are nobody's change.
    return {field.db_field for field in document._meta.automatic_fields}


def _their_paths(document: Any, base: dict[str, Any], stored: dict[str, Any]) -> list[str]:
    meta = document._meta
    ignored = _automatic(document) | {meta.version_key, meta.discriminator_key, "_id"}
    ignored.add(getattr(meta, "schema_key", None))
    loaded = {field.db_field for field in meta.fields if document._is_loaded(field)}
    whole = document._source.loaded is None
    keys = [key for key in {**base, **stored} if key not in ignored and (whole or key in loaded)]
    # While the version is the same, no element has moved to another index.
    version = stored.get(meta.version_key)
    settled = version is not None and version == document._version
    return [
        path
        for key in keys
        for path in _differing(
            base.get(key, MISSING), stored.get(key, MISSING), key, settled=settled
        )
    ]


def _differing(base: Any, stored: Any, path: str, *, settled: bool) -> Iterator[str]:
    """
    Yield the paths at which two BSON values differ, as deep as can be said.

    Unless lists are `settled`, what differs at an index may be another element.
    """
    if isinstance(base, dict) and isinstance(stored, dict):
        for key in {**base, **stored}:
            old, new = base.get(key, MISSING), stored.get(key, MISSING)
            yield from _differing(old, new, f"{path}.{key}", settled=settled)
    elif isinstance(base, list) and isinstance(stored, list) and len(base) == len(stored):
        for index, (old, new) in enumerate(zip(base, stored, strict=True)):
            if settled or _is_one_element(old, new):
                yield from _differing(old, new, f"{path}.{index}", settled=settled)
            elif not same(old, new):
                yield f"{path}.{index}"
    elif isinstance(base, list) and isinstance(stored, list) and _grew(base, stored):
        yield from (f"{path}.{index}" for index in range(len(base), len(stored)))
    elif not same(base, stored):
        yield path


def _grew(base: list[Any], stored: list[Any]) -> bool:
    return len(base) < len(stored) and not any(
        path
        for pair in zip(base, stored, strict=False)
        for path in _differing(*pair, "x", settled=True)
    )


def _is_one_element(old: Any, new: Any) -> bool:
    """Return whether two elements of a list are one, by their key."""
    return (
        isinstance(old, dict)
        and isinstance(new, dict)
        and "_id" in old
        and same(old["_id"], new.get("_id", MISSING))
    )


def _overlap(mine: str, theirs: str, *, commutes: bool) -> bool:
    """Return whether two changes are of one path, or one is inside of the other."""
    # What goes together with any value still needs the place that it is in.
    inside = mine.startswith(f"{theirs}.")
    return inside or (not commutes and (mine == theirs or theirs.startswith(f"{mine}.")))


def _values(meta: Any, raw: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """Return what is at each path that is there, by dotted names."""
    values = {path_name(meta, path): _at(raw, path) for path in paths}
    return {name: value for name, value in values.items() if value is not MISSING}


def _at(raw: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(raw, dict):
            raw = raw.get(part, MISSING)
        elif isinstance(raw, list) and part.isdecimal() and int(part) < len(raw):
            raw = raw[int(part)]
        else:
            return MISSING
    return raw
