"""Names for messages: of paths of MongoDB's keys, and the one that was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from docmodels.fields import ListField, MapField


def path_name(meta: Any, key: str) -> str:
    """Turn a path of MongoDB's keys back into names, where they are declared."""
    names: list[str] = []
    field: Any
    inside: Any = None
    for part in key.split("."):
        while isinstance(inside, ListField) and not part.isdecimal():
            inside = inside.base_field
        if isinstance(inside, (ListField, MapField)):
            # An index, or a key of a map, is its own name.
            field, name = inside.base_field, part
        else:
            if names:
                meta = getattr(getattr(inside, "embedded_model", None), "_meta", None)
            field = meta.by_key.get(part) if meta is not None else None
            name = field.name if field is not None else part
        names.append(name)
        inside = field
    return ".".join(names)


def suggest(name: str, names: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"`, or nothing where none is near."""
    found = difflib.get_close_matches(name, list(names), n=1)
    return f" Did you mean {found[0]!r}?" if found else ""
