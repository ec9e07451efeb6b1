"""Times of creation and change in updates that run on the server (rule X1)."""

from __future__ import annotations

from typing import Any

from docmodels.fields import EmbeddedField, ListField, MapField

#: The names that `Meta.timestamps = True` means.
TIMESTAMP_NAMES = ("created_at", "updated_at")

Update = dict[str, dict[str, Any]]

#: Operators whose operand is stored as a value, or as elements of a list.
_STORING = ("$set", "$setOnInsert", "$push")


def is_timestamp(field: Any) -> bool:
    """Return whether the field sets itself to the time of a write."""
    return getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)


def add_timestamps(meta: Any, update: Update, *, upsert: bool = False) -> None:
    """
    Let an update store when it ran; `update` is changed.

    The time of change of `Meta.timestamps` wins over a given one, that of a
    plain `auto_now` field does not; the time of creation is set where an
    upsert inserts. Embedded documents get theirs: those that are stored, and
    those inside of which something is.
    """
    stamped: Update = {}
    now = Moment()
    for operator, paths in update.items():
        for path, operand in paths.items():
            field = _field_at(meta, path, operator, stamped, now)
            if operator in _STORING and field is not None:
                _stamp_operand(field, operand, now)
    for path, value in stamped.get("$set", {}).items():
        if not _is_named(update, path):
            update.setdefault("$set", {})[path] = value
    updated = meta.updated_field
    for field in meta.automatic_fields:
        key = field.db_field
        if not is_timestamp(field):
            continue
        if field is updated:
            for operator in [name for name, paths in update.items() if key in paths]:
                del update[operator][key]
                if not update[operator]:
                    del update[operator]
        if _is_named(update, key):
            continue
        if field.auto_now:
            update.setdefault("$set", {})[key] = now.of(field)
        elif upsert:
            update.setdefault("$setOnInsert", {})[key] = now.of(field)


class Moment:
    """The present time, one for all that a write stores."""

    def __init__(self) -> None:
        self._values: dict[type[Any], Any] = {}

    def of(self, field: Any) -> Any:
        """Return the time as the field stores it."""
        kind = type(field)
        if kind not in self._values:
            self._values[kind] = field.now()
        return field.get_prep_value(self._values[kind])


def _is_named(update: Update, path: str) -> bool:
    return any(
        known == path or known.startswith(f"{path}.") or path.startswith(f"{known}.")
        for paths in update.values()
        for known in paths
    )


def _field_at(meta: Any, db_path: str, operator: str, stamped: Update, now: Moment) -> Any:
    """Return the field at a stored path, noting the times on the way to it."""
    keys = db_path.split(".")
    field = meta.by_key.get(keys[0])
    for position in range(1, len(keys)):
        if isinstance(field, EmbeddedField):
            inner = field.embedded_model._meta
            # Removing inside of what is not there must not make it.
            if operator not in {"$unset", "$setOnInsert", "$pull", "$pullAll", "$pop"}:
                prefix = ".".join(keys[:position])
                for automatic in inner.automatic_fields:
                    if getattr(automatic, "auto_now", False):
                        path = f"{prefix}.{automatic.db_field}"
                        stamped.setdefault("$set", {})[path] = now.of(automatic)
            field = inner.by_key.get(keys[position])
        elif isinstance(field, (ListField, MapField)):
            field = field.base_field
        else:
            return None
    return field


def _stamp_operand(field: Any, operand: Any, now: Moment) -> None:
    if isinstance(operand, dict) and "$each" in operand:
        operand = operand["$each"]
    elif isinstance(field, ListField) and not isinstance(operand, list):
        # What `$push` gives is one element.
        field = field.base_field
    _stamp(field, operand, now)


def _stamp(field: Any, value: Any, now: Moment) -> None:
    if isinstance(field, EmbeddedField) and isinstance(value, dict):
        meta = field.embedded_model._meta
        child = meta.children.get(value.get(meta.discriminator_key))
        if child is not None:
            meta = child._meta
        for automatic in meta.automatic_fields:
            if is_timestamp(automatic) and (automatic.auto_now or automatic.db_field not in value):
                value[automatic.db_field] = now.of(automatic)
        for inner in meta.fields:
            if inner.db_field in value:
                _stamp(inner, value[inner.db_field], now)
    elif isinstance(field, ListField) and isinstance(value, list):
        for item in value:
            _stamp(field.base_field, item, now)
    elif isinstance(field, MapField) and isinstance(value, dict):
        for item in value.values():
            _stamp(field.base_field, item, now)
