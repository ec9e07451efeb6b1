"""
Make the function that takes a new object, as it is, as what is stored.

An insert ends with it: the containers that the object was given, which are new
as well, become loaded ones. It is generated once for each class, with lines for
the fields in which there may be containers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docmodels.fields import EmbeddedField, Field, ListField
from docmodels.fields.generated import Names
from docmodels.tracking import STORED, Tracked, TrackedList

#: Take a document whose values were given, not loaded.
Settle = Callable[[Any], None]

_CONTAINERS = {dict, list}


def make_settler(cls: Any) -> Settle:
    """Return the function for objects of exactly this class."""
    names = Names(STORED=STORED, Tracked=Tracked, TrackedList=TrackedList)
    is_stored = " or self._source.stored" if cls._meta.embedded else ""
    lines = [
        "def settle(self):",
        f"    if self._changed or self._defaulted or self._undeclared{is_stored}:",
        f"        {'self.commit()' if cls._meta.embedded else 'self._commit_fields()'}",
        "        return",
    ]
    for field in cls._meta.fields:
        if not _CONTAINERS.isdisjoint(field.converted_types):
            lines += [
                "    try:",
                f"        v = {names.add(field.slot_get)}(self)",
                "    except AttributeError:",
                "        pass",
                "    else:",
                *(f"        {line}" for line in _settle(field, "v", names)),
            ]
    if cls._meta.embedded:
        lines.append(f"    {names.add(cls._source.__set__)}(self, STORED)")
    settle: Settle = names.compile("settle", [*lines, "    return"])
    return settle


def _settle(field: Field[Any], v: str, names: Names) -> list[str]:
    """Return the lines that settle the variable `v`, a value of the field."""
    closely = f"elif isinstance({v}, Tracked): {v}.commit()"
    if isinstance(field, EmbeddedField):
        cls = field.embedded_model
        settle = names.add(make_settler(cls))
        return [f"if {v}.__class__ is {names.add(cls)}: {settle}({v})", closely]
    if isinstance(field, ListField) and isinstance(field.base_field, EmbeddedField):
        return [
            f"if {v}.__class__ is TrackedList:",
            f"    {v}._original = {v}._edits = None",
            f"    for i in {v}:",
            *(f"        {line}" for line in _settle(field.base_field, "i", names)),
            closely,
        ]
    return [f"if isinstance({v}, Tracked): {v}.commit()"]
