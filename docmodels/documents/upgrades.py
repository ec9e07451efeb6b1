"""
Versions of the stored form: `Meta.schema_version` and `@upgrade(1, 2)`.

A document is upgraded when it is read, in its stored form, and the upgraded
form is stored by its next save. What has no version under `Meta.schema_key`
is version 1; what is newer than the class is left as it is.
"""

from __future__ import annotations

import copy
import inspect
import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.translation import gettext_lazy as _

from docmodels.fields import ANY
from docmodels.tracking import MISSING, Source, TrackedDict, same, stored_value

logger = logging.getLogger("docmodels.documents")

Raw = dict[str, Any]
Load = Callable[[Raw, Source], Any]

#: Where an instance keeps what it was upgraded from.
ATTRIBUTE = "_upgraded_from"


class Origin(NamedTuple):
    """What an upgraded document is stored as."""

    #: The version that is stored, MISSING where none is.
    version: Any
    raw: Raw
    #: Names of the fields that the upgrade changed.
    names: frozenset[str]


class Upgrade(staticmethod):
    """A function from one version of the stored form to a later one."""

    def __init__(self, function: Callable[[Raw], Raw | None], old: int, new: int) -> None:
        super().__init__(function)
        self.old = old
        self.new = new


def upgrade(old: int, new: int) -> Callable[[Callable[[Raw], Raw | None]], Upgrade]:
    """
    Declare the function that makes version `new` of version `old`.

    It is given the stored dict, by keys, and changes it or returns another. It
    has no `self`; for type checkers put `@staticmethod` beside it. Raise
    ValueError unless 0 < `old` < `new`, TypeError for a function of anything else.
    """
    if not (isinstance(old, int) and isinstance(new, int) and 0 < old < new):
        raise ValueError(f"upgrade({old!r}, {new!r}): expected two numbers, the later one last.")

    def mark(function: Callable[[Raw], Raw | None]) -> Upgrade:
        _check_function(function, f"upgrade({old}, {new})")
        return Upgrade(function, old, new)

    return mark


def _check_function(function: Any, where: str) -> None:
    plain = getattr(function, "__func__", function)
    signature = inspect.signature(plain)
    try:
        signature.bind(None)
        fits = not isinstance(function, classmethod)
    except TypeError:
        fits = False
    if not fits:
        raise TypeError(
            f"{where}: {plain.__name__}{signature}, expected a function of the stored dict alone, "
            f"without self or cls."
        )


def collect(cls: Any) -> dict[int, Upgrade]:
    """Return the upgrades of a class by the version that they start from."""
    meta = cls._meta
    found: dict[int, Upgrade] = {}
    for base in reversed(cls.__mro__):
        for attribute in vars(base).values():
            if isinstance(attribute, staticmethod) and not isinstance(attribute, Upgrade):
                # `@staticmethod` may stand outside as well.
                attribute = attribute.__func__
            if isinstance(attribute, Upgrade):
                found[attribute.old] = attribute
    version = meta.schema_version
    where = f"{meta.object_name}.Meta.schema_version"
    if version is None:
        if found:
            raise ImproperlyConfigured(f"{where}: not set, expected the version of the upgrades.")
        return found
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ImproperlyConfigured(f"{where}: {version!r}, expected a number from 1.")
    if meta.embedded:
        raise ImproperlyConfigured(
            f"{where}: set on an embedded document, expected it on the document that holds it."
        )
    if meta.schema_key in meta.by_key:
        raise ImproperlyConfigured(
            f"{meta.object_name}.Meta.schema_key: {meta.schema_key!r} is declared as a field, "
            f"expected a key of its own."
        )
    for start in sorted({1, *found}):
        step = start
        while step < version:
            if step not in found:
                raise ImproperlyConfigured(
                    f"{where}: {version}, expected an @documents.upgrade({step}, {step + 1})."
                )
            step = found[step].new
        if step > version:
            raise ImproperlyConfigured(
                f"{where}: {version}, expected {step}, to which an upgrade leads."
            )
    return found


def make_upgrading(cls: Any, load: Load) -> Load:
    """Return the loader that also reads what is stored in an older version."""
    meta = cls._meta
    key, version = meta.schema_key, meta.schema_version

    def load_upgraded(raw: Raw, source: Source) -> Any:
        if raw.get(key) == version and source.loaded is None:
            return load(raw, source)
        stored = raw.get(key, MISSING)
        number = 1 if stored is MISSING else stored
        if not isinstance(number, int) or isinstance(number, bool) or number >= version:
            return load(_loaded_part(meta, raw, source, ()), source)
        new = copy.deepcopy(raw)
        try:
            new = _run(meta, new, number)
        except Exception as error:
            # One bad document never breaks a list; it cannot be saved, though.
            logger.warning(
                "%s: the upgrade of %r failed", meta.label, raw.get("_id"), exc_info=True
            )
            document = load(_loaded_part(meta, raw, source, ()), source)
            params = {"version": number, "error": f"{type(error).__name__}: {error}"}
            message = _("The upgrade from version %(version)s failed: %(error)s")
            document._errors = {key: [ValidationError(message, code="upgrade", params=params)]}
            return document
        return _load_new(meta, load, raw, new, source)

    return load_upgraded


def _run(meta: Any, raw: Raw, number: int) -> Raw:
    while number < meta.schema_version:
        step = meta.upgrades[number]
        changed = step.__func__(raw)
        raw = raw if changed is None else changed
        number = step.new
    return raw


def _load_new(meta: Any, load: Load, raw: Raw, new: Raw, source: Source) -> Any:
    kept = {"_id", meta.schema_key, meta.version_key}
    for key in kept & raw.keys():
        new[key] = raw[key]
    differing = [
        key
        for key in {**raw, **new}
        if key not in kept and not same(raw.get(key, MISSING), new.get(key, MISSING))
    ]
    document = load(_loaded_part(meta, new, source, differing), source)
    changed, undeclared = {}, []
    for key in differing:
        field = meta.by_key.get(key)
        if field is None:
            undeclared.append(key)
        else:
            changed[field.name] = field.from_db(raw[key]) if key in raw else MISSING
    if changed:
        document._changed = {**document._changed, **changed}
    if undeclared:
        before = {k: v for k, v in new.items() if k in document._undeclared and k in raw}
        before |= {k: raw[k] for k in undeclared if k in raw}
        tracked: TrackedDict[Any] = TrackedDict.load(before, ANY)
        for key in undeclared:
            if key in new:
                tracked[key] = new[key]
            else:
                del tracked[key]
        document._undeclared = tracked
    stored = raw.get(meta.schema_key, MISSING)
    document.__dict__[ATTRIBUTE] = Origin(stored, raw, frozenset(changed))
    return document


def _loaded_part(meta: Any, raw: Raw, source: Source, changed: Any) -> Raw:
    """Return what a projection asked for: an upgrade needs the whole document."""
    if source.loaded is None:
        return raw
    return {
        key: value
        for key, value in raw.items()
        if key in changed or (field := meta.by_key.get(key)) is None or field.name in source.loaded
    }


def origin_of(document: Any) -> Origin | None:
    """Return what an upgraded document is stored as, else None."""
    found: Origin | None = document.__dict__.get(ATTRIBUTE)
    return found


def add_to_update(document: Any, selector: Raw, update: Raw) -> None:
    """Store the version, provided that nobody else upgraded the document."""
    origin = origin_of(document)
    if origin is not None:
        meta = document._meta
        found = {"$exists": False} if origin.version is MISSING else origin.version
        selector[meta.schema_key] = found
        update.setdefault("$set", {})[meta.schema_key] = meta.schema_version


def is_settled(document: Any, stored: Raw) -> bool:
    """Tell whether somebody else stored the upgrade that the document still has to store."""
    meta = document._meta
    return origin_of(document) is not None and stored.get(meta.schema_key) == meta.schema_version


def settle(document: Any) -> None:
    """Take what the upgrade made as stored: what is left to save are the edits."""
    origin = document.__dict__.pop(ATTRIBUTE)
    meta = document._meta
    number = 1 if origin.version is MISSING else origin.version
    new = _run(meta, copy.deepcopy(origin.raw), number)
    changed = dict(document._changed)
    for name in origin.names & changed.keys():
        field = meta.by_name[name]
        made, value = new.get(field.db_field, MISSING), document._slot_value(field)
        before = value if value is MISSING else stored_value(value, field)
        if same(before, made):
            del changed[name]
        else:
            changed[name] = MISSING if made is MISSING else field.from_db(made)
    document._changed = changed
    known = {meta.version_key, meta.schema_key, meta.discriminator_key, *meta.by_key}
    undeclared: TrackedDict[Any] = TrackedDict.load(
        {key: value for key, value in new.items() if key not in known}, ANY
    )
    edited = document.undeclared
    for key in {**undeclared, **edited}:
        if key not in edited:
            del undeclared[key]
        elif not same(ANY.get_prep_value(edited[key]), ANY.get_prep_value(undeclared.get(key))):
            undeclared[key] = edited[key]
    document._undeclared = undeclared


def restore(document: Any) -> None:
    """Put back what the upgrade made, after a rollback to what is stored."""
    origin = origin_of(document)
    if origin is None:
        return
    fresh = document._meta.load(copy.deepcopy(origin.raw), document._source)
    for field in document._meta.fields:
        try:
            field.slot_set(document, field.slot_get(fresh))
        except AttributeError:
            if document._slot_value(field) is not MISSING:
                field.slot_delete(document)
    document._changed = fresh._changed
    document._undeclared = fresh._undeclared
