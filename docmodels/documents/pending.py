"""What a save of a stored document sends: the filter that finds it, and the update."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from docmodels.constants import ATOMS
from docmodels.documents import upgrades
from docmodels.documents.storage import stored_shard_key
from docmodels.exceptions import IncompleteList, NotSupportedError
from docmodels.fields import ANY
from docmodels.fields.quick import RIGHT, UNTOUCHED
from docmodels.query.changes import UpdateBuilder
from docmodels.query.naming import path_name
from docmodels.tracking import MISSING, Tracked, TrackedDict


def document_filter(document: Any) -> dict[str, Any]:
    """Return the filter that finds the stored document, on its shard where there are some."""
    selector = {"_id": document._stored_pk()}
    if document._meta.shard_key:
        selector |= stored_shard_key(document)
    return selector


def plain_update(document: Any, verdict: int = RIGHT) -> dict[str, Any] | None:
    """
    Return the update of a document of which nothing but scalars was assigned.

    None where there is, or may be, more to it: no version, no guard and no
    order of changes has a say in this one, and most saves are such. `verdict`
    is what was found when the document was judged.
    """
    meta, changed = document._meta, document._changed
    if not (changed and meta.is_plainly_updated) or document._increments:
        return None
    if verdict != UNTOUCHED and _is_touched(document, meta):
        return None
    values: dict[str, Any] = {}
    for name in changed:
        try:
            key, read, prepare = meta.scalars[name]
            value = read(document)
        except (AttributeError, KeyError):
            return None
        if type(value) not in ATOMS:
            return None
        values[key] = value if prepare is None else prepare(value)
    return {"$set": values}


def _is_touched(document: Any, meta: Any) -> bool:
    """Return whether anything inside of a value may have been edited."""
    if document._undeclared.__class__ is TrackedDict:
        return True
    for read in meta.container_slots:
        try:
            if isinstance(read(document), Tracked):
                return True
        except AttributeError:
            continue
    return False


def make_update(
    document: Any, builder: UpdateBuilder, *, guard: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the filter and the update that write the changes of `builder`."""
    meta = document._meta
    for path in builder.refused:
        raise IncompleteList(
            f"{meta.object_name}.{path_name(meta, path)}: a change of a list that was loaded "
            f"incompletely, expected push, add_to_set or pull, which depend on no other element. "
            f"Load the whole list first."
        )
    selector = document_filter(document)
    update = {operator: dict(paths) for operator, paths in builder.operators.items()}
    version_key, version = meta.version_key, document._version
    check, increment = bool(builder.checked), builder.increment
    if _is_optimistic(meta, builder):
        check = increment = True
    if version_key and version is not MISSING and version is not None:
        if check:
            selector[version_key] = version
        if increment:
            update["$inc"] = {**update.get("$inc", {}), version_key: 1}
    elif builder.checked:
        # Another program's document without a version: compare what is replaced.
        selector |= builder.guards(builder.checked, elements=True)
    if guard:
        automatic = {field.db_field for field in meta.automatic_fields}
        selector |= builder.guards([path for path in builder.paths() if path not in automatic])
    upgrades.add_to_update(document, selector, update)
    return selector, update


def _is_optimistic(meta: Any, builder: UpdateBuilder) -> bool:
    wanted = meta.optimistic_concurrency
    paths = [path for path in builder.paths() if not builder.is_skipped(path)]
    if isinstance(wanted, bool) or not paths:
        return bool(wanted and paths)
    keys = [meta.resolve(name).db_path for name in wanted]
    return any(
        path == key or path.startswith(f"{key}.") or key.startswith(f"{path}.")
        for path in paths
        for key in keys
    )


def collect_update(document: Any, names: Any) -> tuple[UpdateBuilder, Any]:
    """
    Return what an update has to write, and the names of the fields, None for all.

    Raise ValidationError for a change that no update can say.
    """
    meta = document._meta
    if meta.pk.name in document._changed or document._is_edited_in_place(meta.pk, document.pk):
        raise ValidationError(
            {meta.pk.name: ValidationError(_("The key of a stored document cannot change."), "key")}
        )
    if names is None and (keys := document._unnamable()):
        raise ValidationError({key: ANY.error("unnamable", key=key) for key in keys})
    upgraded = upgrades.origin_of(document)
    if upgraded and names is not None:
        # An upgrade is stored as a whole, or the next read would upgrade once more.
        names |= upgraded.names
    builder = document._changes(names)
    if upgraded and names is not None and isinstance(document._undeclared, TrackedDict):
        document._undeclared.collect_items("", builder)
    return builder, names


def collation_of(document: Any, selector: dict[str, Any]) -> dict[str, Any] | None:
    """Return the collation of a guarded write, None where that of the collection will do."""
    meta = document._meta
    if meta.collation and selector.keys() - {*document_filter(document), meta.version_key}:
        # What differs in case alone was changed by somebody else as well.
        return {"locale": "simple"}
    return None


def refuse_measurement(meta: Any) -> None:
    """Raise NotSupportedError for a document of a time series."""
    if meta.timeseries:
        raise NotSupportedError(
            f"{meta.object_name}: measurements of a time series are inserted, never changed; "
            f"nothing was saved."
        )
