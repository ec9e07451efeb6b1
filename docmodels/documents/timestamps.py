"""`Meta.timestamps`: when a document was created and last changed (rule X1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docmodels.documents.options import Options
from docmodels.fields import DateTimeField, Field

#: The names that `timestamps = True` means.
NAMES = ("created_at", "updated_at")


def make_fields(name: str, meta: Any, parents: Iterable[Options]) -> dict[str, Field[Any]]:
    """
    Return the fields that `Meta.timestamps` asks for.

    True means `created_at` and `updated_at`; a pair gives other names, of
    which either may be None.
    """
    wanted: Any = False
    for options in parents:
        wanted = options.timestamps or wanted
    wanted = getattr(meta, "timestamps", wanted)
    if not wanted:
        return {}
    names = NAMES if wanted is True else wanted
    if not (
        isinstance(names, (tuple, list))
        and len(names) == 2
        and all(part is None or isinstance(part, str) for part in names)
    ):
        raise TypeError(
            f"{name}.Meta.timestamps: {wanted!r}, expected True or a pair of names "
            f"(created, updated)."
        )
    created, updated = names
    fields: dict[str, Field[Any]] = {}
    if created:
        fields[created] = DateTimeField(auto_now_add=True)
    if updated:
        fields[updated] = DateTimeField(auto_now=True)
    return fields
