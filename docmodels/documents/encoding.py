"""
Make the function that turns a document into the dict that is stored.

It is generated once for each class, as a few lines of Python for each field,
with what is known of the field's values written out, which takes less time
than a loop over the fields. Values of other classes than expected, documents with
undeclared data, and those whose defaults stand in their slots without being
stored are left to functions that look closely.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docmodels.constants import ATOMS
from docmodels.fields import EmbeddedField, Field
from docmodels.tracking import TrackedList

#: Take a document and whether empty embedded documents are left out.
Encode = Callable[[Any, bool], dict[str, Any]]


def make_encoder(meta: Any) -> Encode:
    """Return the function for the documents of a class."""
    names: dict[str, Any] = {"ATOMS": ATOMS, "TrackedList": TrackedList}
    lines = [
        "def encode(self, minimize):",
        "    if self._defaulted or self._undeclared:",
        "        return self._encode_closely(minimize=minimize)",
        "    raw = {}",
    ]
    for number, field in enumerate(meta.fields):
        names |= {
            f"get{number}": field.slot_get,
            f"field{number}": field,
            f"prepare{number}": field.get_prep_value,
        }
        lines += [
            "    try:",
            f"        v = get{number}(self)",
            "    except AttributeError:",
            "        pass",
            "    else:",
            *(f"        {line}" for line in _store(field, number, names)),
        ]
    lines.append("    return raw")
    exec("\n".join(lines), names)
    encode: Encode = names["encode"]
    return encode


def _store(field: Any, number: int, names: dict[str, Any]) -> list[str]:
    """Return the lines that put the value `v` into `raw`."""
    this, prepared = f"raw[{field.db_field!r}]", f"prepare{number}(v)"
    lines: list[str] = []
    if field.converted_types:
        names[f"converted{number}"] = frozenset(field.converted_types)
        lines += [
            f"if v.__class__ in converted{number}:",
            f"    v = self._slot_value(field{number})",
        ]
    own = type(field).get_prep_value
    item = getattr(field, "base_field", None)
    if own is Field.get_prep_value and item is not None:
        # A tracked list of the field encodes each element so.
        names |= {f"item{number}": item, f"prepare_item{number}": item.get_prep_value}
        if type(item).get_prep_value is Field.get_prep_value:
            each = "i if i.__class__ in ATOMS"
        elif type(item).get_prep_value is EmbeddedField.get_prep_value:
            names[f"cls{number}"] = item.embedded_model
            each = f"i.encode() if i.__class__ is cls{number}"
        else:
            return [*lines, *_unless_empty(this, prepared)]
        return [
            *lines,
            f"if v.__class__ is TrackedList and v._codec is item{number}:",
            f"    {this} = [{each} else prepare_item{number}(i) for i in v]",
            "else:",
            *(f"    {line}" for line in _unless_empty(this, prepared)),
        ]
    if own is Field.get_prep_value:
        return [
            *lines,
            "if v.__class__ in ATOMS:",
            f"    {this} = v",
            "else:",
            *(f"    {line}" for line in _unless_empty(this, prepared)),
        ]
    if own is EmbeddedField.get_prep_value:
        names[f"cls{number}"] = field.embedded_model
        prepared = f"v.encode() if v.__class__ is cls{number} else {prepared}"
    return [*lines, *_unless_empty(this, prepared)]


def _unless_empty(this: str, prepared: str) -> list[str]:
    # An empty embedded document is left out (rule D3).
    return [
        f"e = {prepared}",
        "if not (minimize and e == {} and hasattr(v, '_meta')):",
        f"    {this} = e",
    ]
