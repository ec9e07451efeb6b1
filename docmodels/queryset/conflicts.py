"""What `bulk_create()` does where another document has a unique value already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docmodels.queryset.sending import Command


class OnConflict:
    """The choice of a `bulk_create()`; the rules and the errors are Django's."""

    def __init__(
        self,
        meta: Any,
        *,
        ignore: bool,
        update: bool,
        update_fields: Iterable[str] | None,
        unique_fields: Iterable[str] | None,
    ) -> None:
        name = meta.object_name
        if ignore and update:
            raise ValueError(
                f"{name}: ignore_conflicts and update_conflicts are mutually exclusive."
            )
        self.ignore, self.update = ignore, update
        if update and not update_fields:
            raise ValueError(
                f"{name}: Fields that will be updated when a row insertion fails on conflicts "
                "must be provided."
            )
        if update and not unique_fields:
            raise ValueError(f"{name}: Unique fields that can trigger the upsert must be provided.")
        self._updated = [_own_field(meta, name) for name in update_fields or ()]
        self._unique = [_own_field(meta, name) for name in unique_fields or ()]
        for field in self._updated:
            if field.primary_key:
                raise ValueError(
                    f"{name}.bulk_create() cannot be used with primary keys in update_fields."
                )
            if field.immutable:
                raise ValueError(
                    f"{name}.bulk_create(): {field.name!r} in update_fields, which cannot be "
                    "changed once it is stored."
                )

    def command(self, document: Any) -> Command:
        """
        Return the upsert that stores `document`, or its updated fields in another one.

        Without a unique value it is an insert.
        """
        meta = document._meta
        raw = document._to_insert()
        unique = [field.db_field for field in self._unique]
        if any(raw.get(key) is None for key in unique):
            # As in SQL no null is equal to another one.
            return Command("insert_one", (raw,), {})
        where = {key: raw.pop(key) for key in unique}
        if meta.discriminator is not None:
            where[meta.discriminator_key] = raw.pop(meta.discriminator_key)
        keys = {field.db_field for field in self._updated}
        if meta.updated_field is not None:
            keys.add(meta.updated_field.db_field)
        changed = {key: raw[key] for key in keys if key in raw}
        removed = dict.fromkeys(keys - raw.keys() - where.keys(), "")
        inserted = {key: value for key, value in raw.items() if key not in keys}
        update = {"$set": changed, "$unset": removed, "$setOnInsert": inserted}
        given = {operator: paths for operator, paths in update.items() if paths}
        return Command("update_one", (where, given), {"upsert": True})


def _own_field(meta: Any, name: str) -> Any:
    resolved = meta.resolve(name)
    if len(resolved.fields) > 1:
        raise ValueError(
            f"{meta.object_name}.bulk_create(): {name!r} is a path, expected a field of its own."
        )
    return resolved.field
