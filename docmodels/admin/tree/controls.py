"""
Which input a value gets, and how its text becomes a value again.

Inputs are text inputs wherever a browser's own control would alter what it
does not understand: a number input drops the text that a messy collection has
in a number field.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any, NamedTuple

from bson import Decimal128, Int64, ObjectId
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from docmodels.admin.tree.slots import read_error, shape
from docmodels.admin.tree.values import INPUT_TYPES, parse_text, to_text, type_name
from docmodels.fields import (
    BinaryField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    Field,
    FileField,
    FloatField,
    IntegerField,
    ReferenceField,
    TextField,
)
from docmodels.forms.texts import from_ejson, local_text, same_text, submitted_text, to_ejson
from docmodels.tracking import MISSING

#: The control by field class; looked up along the hierarchy. "json" is the fallback.
CONTROLS: dict[type, str] = {
    Field: "text",
    TextField: "textarea",
    CharField: "text",
    IntegerField: "integer",
    FloatField: "number",
    DecimalField: "number",
    BooleanField: "boolean",
    DateTimeField: "datetime",
    DateField: "date",
    BinaryField: "json",
    ReferenceField: "reference",
    FileField: "file",
}

#: The control of a value that nobody declared, by its type.
TYPE_CONTROLS = {
    "string": "text",
    "int": "integer",
    "long": "integer",
    "double": "number",
    "decimal": "number",
    "bool": "boolean",
    "date": "datetime",
    "objectId": "text",
    "uuid": "text",
    "null": "text",
}

#: Types whose text an input may show; a bson type outside of it is typed as Extended JSON.
_TEXT_VALUES = (str, bool, int, float, Int64, Decimal128, ObjectId, uuid.UUID, datetime.datetime)
_LONG_TEXT = 80


class Control(NamedTuple):
    """An input for one scalar."""

    #: "text", "textarea", "integer", "number", "boolean", "select", "datetime", "date",
    #: "reference", "point", "file" or "json".
    kind: str
    text: str
    #: Values and labels of a select.
    options: tuple[tuple[str, str], ...] = ()


def control_for(field: Field[Any], value: Any, *, declared: bool) -> Control:
    """Return the input for a value of a declared field, or of none."""
    if not declared or shape(field) == "any":
        return _by_type(value)
    if shape(field) == "point":
        return _point(field, value)
    kind = next(CONTROLS[cls] for cls in type(field).__mro__ if cls in CONTROLS)
    if kind == "file":
        # The key alone: a page must not take any other key for an answer.
        return Control("file", "" if value in (MISSING, None) else to_text(value))
    if value is MISSING or value is None:
        text = ""
    elif kind == "json" or read_error(field, value) or not isinstance(value, _TEXT_VALUES):
        # Of another type than declared: nothing but plain text is sure to keep it.
        return _plain(value)
    else:
        text = _text(field, value)
    if field.choices:
        return _select(field, value, text)
    if kind == "boolean":
        return Control("boolean", text, (("true", _("Yes")), ("false", _("No"))))
    if kind in {"datetime", "date"} and not _fits_picker(text):
        return Control("text", text)
    if kind == "text" and _needs_lines(text):
        kind = "textarea"
    return Control(kind, text)


def _by_type(value: Any) -> Control:
    name = type_name(value)
    if value is MISSING:
        return Control("text", "")
    kind = TYPE_CONTROLS.get(name, "json")
    if kind == "json" or not (value is None or isinstance(value, _TEXT_VALUES)):
        return Control("json", to_ejson(value))
    text = to_text(value)
    if kind == "boolean":
        return Control("boolean", text, (("true", "true"), ("false", "false")))
    if kind == "datetime" and not _fits_picker(text):
        return Control("text", text)
    return Control("textarea" if kind == "text" and _needs_lines(text) else kind, text)


def _plain(value: Any) -> Control:
    if isinstance(value, _TEXT_VALUES):
        text = to_text(value)
        return Control("textarea" if _needs_lines(text) else "text", text)
    return Control("json", to_ejson(value))


def _text(field: Field[Any], value: Any) -> str:
    shown = field.from_db(value)
    if type(shown) is datetime.date:
        return shown.isoformat()
    return local_text(value) if isinstance(value, datetime.datetime) else to_text(value)


def _select(field: Field[Any], value: Any, text: str) -> Control:
    options = [(to_text(field.get_prep_value(key)), str(label)) for key, label in field.flatchoices]
    if value is not MISSING and value is not None and text not in {key for key, _label in options}:
        label = _("%(value)s (not among the choices)") % {"value": text or "“”"}
        options.insert(0, (text, label))
    return Control("select", text, tuple(options))


def _point(field: Field[Any], value: Any) -> Control:
    if value is MISSING or value is None:
        return Control("point", "")
    point = field.from_db(value)
    if isinstance(point, tuple):
        return Control("point", f"{point[0]!r}, {point[1]!r}")
    return Control("json", to_ejson(value))


def _fits_picker(text: str) -> bool:
    # The pickers of browsers know the years 1 to 9999, without an offset.
    return "+" not in text and not text.startswith("0")


def _needs_lines(text: str) -> bool:
    return len(text) > _LONG_TEXT or "\n" in text or "\r" in text


def is_same(control: Control, text: str) -> bool:
    """Tell whether `text` is what the control showed."""
    return same_text(control.text, text)


def parse_declared(field: Field[Any], control: Control, base: Any, text: str) -> Any:
    """
    Cast text by its field; return a BSON value of the stored value's type.

    Return None where the text is empty and says nothing. Raise ValidationError.
    """
    if not text.strip() and not isinstance(field, TextField):
        return None
    given: Any = text
    if control.kind == "json":
        given = from_ejson(text)
    elif control.kind == "point":
        given = _pair(text)
    elif isinstance(base, str) or isinstance(field, TextField):
        given = submitted_text(base, text)
    value = field.get_prep_value(field.to_python(given))
    return value if base is MISSING else field.keep_type(base, value)


def _pair(text: str) -> Any:
    pieces = text.replace(";", ",").split(",")
    try:
        longitude, latitude = (float(piece) for piece in pieces)
    except ValueError as error:
        raise ValidationError(
            _("“%(value)s” is not valid, expected longitude and latitude, such as 7.4, 46.9."),
            code="invalid",
            params={"value": text[:100]},
        ) from error
    return (longitude, latitude)


def parse_typed(kind: str, base: Any, text: str) -> Any:
    """Read text as a value of the chosen BSON type; raise ValidationError."""
    if kind not in INPUT_TYPES:
        raise ValidationError(
            _("“%(kind)s” is no type. Choices are: %(choices)s."),
            params={"kind": kind[:40], "choices": ", ".join(INPUT_TYPES)},
        )
    if kind == "string":
        return submitted_text(base, text)
    return parse_text(kind, text)
