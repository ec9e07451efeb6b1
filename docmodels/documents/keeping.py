"""
Keep what a new object is given as it will be stored, until somebody reads it.

Most objects are made of dicts, saved and forgotten. Where the dict of an
embedded document holds plain values that are stored as they are, the slot gets
the very dict that an insert sends, as that of a loaded object has the one that
was read; the embedded document is made when it is read for the first time. The
same goes for lists.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from docmodels.fields import Field
from docmodels.fields.generated import Names
from docmodels.fields.given import KNOWN, given_test
from docmodels.tracking import MISSING

#: Take a dict by field names; return the one to keep, by keys, or None for "look closely".
Keep = Callable[[dict[str, Any]], dict[str, Any] | None]


def is_stored_as_given(field: Field[Any]) -> bool:
    """Return whether a value that is cast to itself is stored and read as itself, too."""
    kind = type(field)
    return kind.get_prep_value is Field.get_prep_value and not field.converted_types


@functools.cache
def make_keeper(cls: Any) -> Keep | None:
    """
    Return the function for the embedded documents of `cls`, None where there is none.

    There is none where something happens when an embedded document is made, or
    is to happen to it before it is stored.
    """
    meta = cls._meta
    if meta.parent is not None or meta.hooks or meta.schema_version is not None:
        return None
    if meta.automatic_fields:
        return None
    names = Names(**KNOWN, _MISSING=MISSING)
    lines = [
        "def keep(_values):",
        f"    if {names.add(meta.children)}: return None",
        "    _get, _kept = _values.get, {}",
    ]
    for field in meta.fields:
        name, has_default = field.name, field in meta.fields_with_default
        test = given_test(field, "_v", names) if is_stored_as_given(field) else None
        if test is None:
            return None
        lines += [
            f"    _v = _get({name!r}, _MISSING)",
            "    if _v is not _MISSING:",
            f"        if not ({test}): return None",
            f"        _kept[{field.db_field!r}] = _v",
            *(["    else: return None"] if has_default else []),
        ]
    # Any other name is looked at closely, and an empty document is, too.
    lines.append("    return _kept if _kept and len(_kept) == len(_values) else None")
    keep: Keep = names.compile("keep", lines)
    return keep
