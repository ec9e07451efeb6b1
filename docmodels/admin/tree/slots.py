"""
Walk a stored document beside its declaration.

The pages work on the document as the driver decoded it, because only that
still knows an int from a long and null from missing. A slot is one place in
it: what is stored there, and what is declared for it. Paths are dotted
*names*; `key` is what MongoDB has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from docmodels.admin.tree.values import type_name
from docmodels.fields import (
    ANY,
    AnyField,
    DynamicReferenceField,
    EmbeddedField,
    Field,
    ListField,
    MapField,
    PointField,
    ReferenceField,
)
from docmodels.tracking import MISSING, is_safe_key

#: How a field is drawn, by class; looked up along the hierarchy.
SHAPES: dict[type, str] = {
    Field: "scalar",
    AnyField: "any",
    EmbeddedField: "embedded",
    ListField: "list",
    MapField: "map",
    PointField: "point",
    ReferenceField: "reference",
}

#: The BSON types of the shapes that hold other values.
CONTAINERS = {"embedded": "object", "map": "object", "list": "array"}


class Slot(NamedTuple):
    """One place in a document."""

    #: The name in a dotted path: a field's name, a key or an index.
    part: str
    #: The key in MongoDB.
    key: Any
    #: What is declared; `ANY` where nothing is.
    field: Field[Any]
    #: The stored value, or MISSING.
    value: Any
    #: False for what the document has and its class does not declare.
    declared: bool
    #: False where no dotted path can name the place.
    addressable: bool = True
    #: Whether a document that declares its fields has this key besides them.
    extra: bool = False


def shape(field: Field[Any]) -> str:
    """Return how values of `field` are drawn."""
    for cls in type(field).__mro__:
        if cls in SHAPES:
            return SHAPES[cls]
    return "scalar"


def slots_of(value: Any, field: Field[Any], meta: Any = None) -> Iterator[Slot]:
    """Yield the places inside a container, declared ones first and in order."""
    if meta is None and (model := getattr(field, "embedded_model", None)) is not None:
        meta = model._meta if shape(field) == "embedded" else None
    if isinstance(value, list):
        inner = field.base_field if isinstance(field, ListField) else ANY
        for index, item in enumerate(value):
            yield Slot(str(index), index, inner, item, declared=inner is not ANY)
        return
    stored = value if isinstance(value, dict) else {}
    if meta is None:
        inner = field.base_field if isinstance(field, MapField) else ANY
        for key, item in stored.items():
            yield Slot(key, key, inner, item, inner is not ANY, is_safe_key(key))
        return
    names = set()
    for declared in meta.fields:
        names.add(declared.name)
        if not declared.hidden:
            found = stored.get(declared.db_field, MISSING)
            dynamic = isinstance(declared, DynamicReferenceField)
            shown = declared.toward_stored(stored) if dynamic else declared
            yield Slot(declared.name, declared.db_field, shown, found, declared=True)
    known = {declared.db_field for declared in meta.fields}
    for key, item in stored.items():
        if key not in known:
            # An undeclared key with the name of a declared field has no path of its own.
            addressable = is_safe_key(key) and key not in names
            yield Slot(key, key, ANY, item, False, addressable, key != meta.version_key)


def find_slot(document: Any, meta: Any, path: str) -> Slot | None:
    """Return the slot at a dotted path of names, or None where nothing can be."""
    slot = Slot("", "", ANY, document, declared=True)
    for depth, part in enumerate(path.split(".")):
        inside = slots_of(slot.value, slot.field, meta if depth == 0 else None)
        found = next((inner for inner in inside if inner.part == part and inner.addressable), None)
        if found is None:
            return None
        slot = found
    return slot


def visible_document(stored: dict[str, Any], meta: Any) -> dict[str, Any]:
    """Return the stored document without the hidden fields, at any depth."""
    if not hides(meta):
        return stored
    return _without_hidden(stored, meta)


def hides(meta: Any, seen: tuple[Any, ...] = ()) -> bool:
    """Tell whether a class has hidden fields, at any depth."""
    for field in meta.fields:
        if field.hidden:
            return True
        model = embedded_in(field)
        if model is not None and model not in seen and hides(model._meta, (*seen, model)):
            return True
    return False


def embedded_in(field: Any) -> Any:
    """Return the class of the embedded documents in a field, also in its lists and maps."""
    while field is not None:
        model = getattr(field, "embedded_model", None)
        if model is not None:
            return model
        field = getattr(field, "base_field", None)
    return None


def _without_hidden(stored: dict[str, Any], meta: Any) -> dict[str, Any]:
    fields = {field.db_field: field for field in meta.fields}
    kept = {}
    for key, value in stored.items():
        field = fields.get(key)
        if field is None or not field.hidden:
            kept[key] = value if field is None else _cleaned(value, embedded_in(field))
    return kept


def _cleaned(value: Any, model: Any) -> Any:
    if model is None:
        return value
    if isinstance(value, list):
        return [_cleaned(item, model) for item in value]
    return _without_hidden(value, model._meta) if isinstance(value, dict) else value


def read_error(field: Field[Any], value: Any) -> str:
    """Return what is wrong with the type of a stored value, or nothing."""
    if value is MISSING:
        return ""
    kind = shape(field)
    expected: Any = field.description
    if kind == "any":
        return ""
    if value is None:
        return "" if field.null or field.blank else _("Null is stored, which is not allowed here.")
    if kind in CONTAINERS:
        fits = type_name(value) == CONTAINERS[kind]
    else:
        try:
            fits = field.accepts(field.from_db(value))
        except (LookupError, ArithmeticError, ValueError):
            # The target of the reference is not declared, or the value is beyond Python's range.
            fits = False
    if fits:
        return ""
    if kind == "reference":
        expected = getattr(field, "target_field", field).description
    return _("Stored as %(got)s, expected %(expected)s.") % {
        "got": type_name(value),
        "expected": expected,
    }
