"""
Generate the functions that turn documents into dicts, a line for each key.

They are for what documents nearly always are: nothing missing that must be
there. For the others each gives way to the function that looks closely.
"""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType
from typing import Any

Represent = Callable[[Any], dict[str, Any]]

#: Classes of values that JSON carries as they are.
_PLAIN = frozenset({bool, int, NoneType, str})

# A finite number is itself less itself 0, NaN and the infinities are not.
_VALUE = "v if (c := {first}.__class__) in PLAIN or (c is float and v - v == 0.0) else {convert}(v)"


def from_documents(columns: list[Any], closely: Represent) -> Represent:
    """Return the function for documents; `closely` is for those that lack something."""
    names = {"PLAIN": _PLAIN, "closely": closely}
    lines = ["def represent(document):", "    shown = {}", "    try:"]
    for number, column in enumerate(columns):
        names |= {f"read{number}": column.source.slot_get, f"convert{number}": column.convert}
        value = _VALUE.format(first="v", convert=f"convert{number}")
        if column.raw and column.source.required:
            lines += [
                f"        v = read{number}(document)",
                f"        shown[{column.key!r}] = {value}",
            ]
            continue
        if column.raw:
            lines += [
                "        try:",
                f"            v = read{number}(document)",
                "        except AttributeError:",
                f"            v = document.{column.source.attname}",
            ]
        else:
            lines.append(f"        v = document.{column.source.attname}")
        lines += [
            f"        if v is not None or document.is_set({column.source.name!r}):",
            f"            shown[{column.key!r}] = {value}",
        ]
    lines += [
        # An empty slot, or a subclass with slots of its own.
        "    except (AttributeError, TypeError):",
        "        return closely(document)",
        "    return shown",
    ]
    return _compile(lines, names)


def from_raw(columns: list[Any], closely: Represent) -> Represent:
    """Return the function for stored dicts; `closely` is for those that lack a key."""
    names = {"PLAIN": _PLAIN, "closely": closely}
    lines = ["def represent(raw):", "    try:", "        return {"]
    for number, column in enumerate(columns):
        names[f"convert{number}"] = column.convert
        found = f"(v := raw[{column.source.db_field!r}])"
        value = _VALUE.format(first=found, convert=f"convert{number}")
        lines.append(f"            {column.key!r}: {value},")
    lines += ["        }", "    except KeyError:", "        return closely(raw)"]
    return _compile(lines, names)


def _compile(lines: list[str], names: dict[str, Any]) -> Represent:
    exec("\n".join(lines), names)
    represent: Represent = names["represent"]
    return represent
