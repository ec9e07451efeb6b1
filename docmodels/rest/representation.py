"""
Build the function that turns a document into a dict, once per serializer.

DRF asks each field of each document for its attribute, catches what that may
raise, and calls the field's method. Where a field is one that docmodels built,
all of this is known beforehand: read an attribute, look its class up. Fields
that somebody declared or overrode go DRF's way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

from django.core.signals import setting_changed
from rest_framework import ISO_8601, serializers
from rest_framework.fields import SkipField
from rest_framework.relations import PKOnlyObject
from rest_framework.settings import api_settings

from docmodels import documents
from docmodels.rest import fields, generated
from docmodels.rest.encoding import CONVERTERS, to_json
from docmodels.tracking import MISSING

Represent = Callable[[Any], dict[str, Any]]


class Generation:
    """Counts the changes of REST_FRAMEWORK, which functions made before did not see."""

    number = 1

    def advance(self, *, setting: str, **kwargs: Any) -> None:
        """Count a change; receives `setting_changed`."""
        if setting == "REST_FRAMEWORK":
            self.number += 1


generation = Generation()
setting_changed.connect(generation.advance, dispatch_uid="docmodels.rest.representation")

#: Classes of values that need no conversion; null has questions of its own.
TEXT_OR_NUMBER = frozenset({str, int, bool})

#: Field classes whose output is that of `to_json`; subclasses are not.
STANDARD = frozenset(
    {
        fields.AnyField,
        fields.BinaryField,
        fields.CharField,
        fields.DateField,
        fields.DateTimeField,
        fields.DecimalField,
        fields.FloatField,
        fields.KeyField,
        fields.ObjectIdField,
        fields.PointField,
        fields.ReferenceField,
        fields.ReferenceListField,
        serializers.BooleanField,
        serializers.CharField,
        serializers.ChoiceField,
        serializers.EmailField,
        serializers.IntegerField,
        serializers.SlugField,
        serializers.URLField,
        serializers.UUIDField,
    }
)

#: Arguments that make a field of these classes show something else.
SHOWN_OTHERWISE = frozenset({"coerce_to_string", "default_timezone", "format", "localize"})

#: Settings that do so, with the value under which they do not.
SETTINGS = {
    fields.DateField: ("DATE_FORMAT", ISO_8601),
    fields.DateTimeField: ("DATETIME_FORMAT", ISO_8601),
    fields.DecimalField: ("COERCE_DECIMAL_TO_STRING", True),
}


class Column(NamedTuple):
    """One key of the output."""

    key: str
    #: The document's field, None for what is no field.
    source: Any
    convert: Callable[[Any], Any]
    #: Whether `convert` takes what the driver decoded, before any field wrapped it.
    raw: bool
    #: The serializer field that DRF itself is to ask, if any.
    field: Any
    #: What the driver nearly always decodes, None where that is not known.
    expected: generated.Expected | None = None


class Plan(NamedTuple):
    """How a serializer turns its documents into dicts."""

    represent: Represent
    #: The same for an embedded document that was not wrapped yet; None where DRF is asked.
    represent_raw: Represent | None
    #: Whether other serializers of the class may use it.
    shared: bool


class Conversion(NamedTuple):
    """What makes the output of one field; no `convert` where only the field can."""

    convert: Callable[[Any], Any] | None
    raw: bool
    shared: bool
    expected: generated.Expected | None = None


ASK_DRF = Conversion(None, raw=False, shared=False)

_KNOWN_GET_ATTRIBUTE = frozenset(
    {serializers.Field.get_attribute, fields.ReferenceField.get_attribute}
)

#: Document fields whose `from_db` adds nothing to the output; subclasses that
#: override it are read through their attribute.
_KNOWN_FROM_DB = frozenset(
    cls.from_db
    for cls in (
        documents.AnyField,
        documents.DecimalField,
        documents.EmbeddedField,
        documents.Field,
        documents.ListField,
        documents.PointField,
    )
)


def build(serializer: Any) -> Plan:
    """Return the plan of a serializer from its fields as they are."""
    meta = serializer.Meta.model._meta
    columns: list[Column] = []
    shared = True
    for field in serializer._readable_fields:
        source = meta.by_name.get(field.source)
        conversion = ASK_DRF if source is None else _conversion(field, source)
        shared = shared and conversion.shared
        if conversion.convert is None or type(field).get_attribute not in _KNOWN_GET_ATTRIBUTE:
            columns.append(Column(field.field_name, source, to_json, False, field))
            shared = False
        else:
            convert, raw, expected = conversion.convert, conversion.raw, conversion.expected
            columns.append(Column(field.field_name, source, convert, raw, None, expected))
    if any(column.field is not None for column in columns):
        return Plan(_asking_drf(columns), None, shared=False)
    represent = generated.from_documents(columns, _from_documents(columns))
    if not all(column.raw for column in columns):
        return Plan(represent, None, shared)
    return Plan(represent, generated.from_raw(columns, _from_raw(columns)), shared)


def _reader(column: Column) -> Callable[[Any], Any]:
    """Return what reads the slot, or the attribute that wraps its content."""
    if column.raw:
        return column.source.slot_get
    return attrgetter(column.source.attname)


def _special(column: Column) -> Callable[[Any], Any] | None:
    """Return the conversion, None where the value's class decides."""
    return None if column.convert is to_json else column.convert


def _from_documents(columns: list[Column]) -> Represent:
    by_class = CONVERTERS
    table = tuple(
        (c.key, _reader(c), _special(c), c.source.name, c.source.attname) for c in columns
    )

    def represent(document: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for key, read, convert, name, attname in table:
            try:
                value = read(document)
            except (AttributeError, TypeError):
                # An empty slot: the attribute knows the default. Or a subclass with its own slots.
                value = getattr(document, attname)
            cls = value.__class__
            if cls in TEXT_OR_NUMBER:
                shown[key] = value
            elif value is not None:
                shown[key] = (convert or by_class.get(cls, to_json))(value)
            elif document.is_set(name):
                # What is missing stays missing, null is null.
                shown[key] = None
        return shown

    return represent


def _from_raw(columns: list[Column]) -> Represent:
    by_class = CONVERTERS
    table = tuple((c.key, c.source.db_field, _special(c), c.source) for c in columns)

    def represent_raw(raw: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for key, db_field, convert, source in table:
            value = raw.get(db_field, MISSING)
            cls = value.__class__
            if cls in TEXT_OR_NUMBER or value is None:
                shown[key] = value
            elif value is not MISSING:
                shown[key] = (convert or by_class.get(cls, to_json))(value)
            else:
                default = source.get_default()
                if default is not MISSING and default is not None:
                    shown[key] = to_json(default)
        return shown

    return represent_raw


def _asking_drf(columns: list[Column]) -> Represent:
    table = tuple(
        (c.key, None if c.field else attrgetter(c.source.attname), c.convert, c.source, c.field)
        for c in columns
    )

    def represent(document: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for key, read, convert, source, field in table:
            if read is not None:
                value = read(document)
                if value is not None:
                    shown[key] = convert(value)
                elif document.is_set(source.name):
                    shown[key] = None
                continue
            try:
                value = field.get_attribute(document)
            except SkipField:
                continue
            if isinstance(value, PKOnlyObject):
                value = None if value.pk is None else value
            if value is not None:
                # It may be nothing all the same: a file is an object also where none is stored.
                value = field.to_representation(value)
            if value is not None:
                shown[key] = _finish(value)
            elif source is None or document.is_set(source.name):
                shown[key] = None
        return shown

    return represent


def _finish(value: Any) -> Any:
    # A method may return what only MongoDB knows, such as an ObjectId.
    return to_json(value) if type(value).__module__.startswith("bson.") else value


def _conversion(field: Any, source: Any) -> Conversion:
    """Return what makes the output of a serializer field for a document's field."""
    cls = type(field)
    if cls in STANDARD:
        if _is_shown_otherwise(field):
            return Conversion(None, raw=False, shared=True)
        if isinstance(source, documents.DateField):
            return Conversion(_day_converter(source), raw=True, shared=True)
        return Conversion(to_json, _is_known(source), True, generated.expected_of(source))
    if getattr(field, "represents_document", False):
        return _embedded_conversion(field, source)
    if cls is serializers.ListField or getattr(field, "represents_documents", False):
        base = getattr(source, "base_field", None)
        inner = ASK_DRF if base is None else _conversion(field.child, base)
        return _list_conversion(inner, source)
    if cls is serializers.DictField:
        base = getattr(source, "base_field", None)
        inner = ASK_DRF if base is None else _conversion(field.child, base)
        return _with(inner, _dict_converter)._replace(raw=False, expected=None)
    return ASK_DRF


def _is_shown_otherwise(field: Any) -> bool:
    if field._kwargs.keys() & SHOWN_OTHERWISE:
        return True
    setting = SETTINGS.get(type(field))
    return setting is not None and getattr(api_settings, setting[0]) != setting[1]


def _is_known(source: Any) -> bool:
    if type(source).from_db not in _KNOWN_FROM_DB or source.getters:
        return False
    base = getattr(source, "base_field", None)
    return base is None or _is_known(base)


def _day_converter(source: Any) -> Callable[[Any], Any]:
    return lambda value: to_json(source.from_db(value))


def _embedded_conversion(field: Any, source: Any) -> Conversion:
    model: Any = getattr(source, "embedded_model", None)
    if model is not field.Meta.model or field.overrides_representation():
        return ASK_DRF
    represent, represent_raw, shared = build(field)

    def convert(value: Any) -> Any:
        if value.__class__ is dict:
            if represent_raw is not None:
                return represent_raw(value)
            return represent(model.from_mongo(dict(value)))
        if isinstance(value, model):
            return represent(value)
        if isinstance(value, list):
            # Not what was declared, but what is hidden stays hidden.
            return [convert(item) for item in value]
        return to_json(value)

    if represent_raw is None:
        return Conversion(convert, False, shared)
    expected = generated.Expected(dict, represent_raw)
    return Conversion(convert, _is_known(source), shared, expected)


def _list_conversion(inner: Conversion, source: Any) -> Conversion:
    if inner.convert is None:
        return inner
    expected = generated.Expected(list, item=(inner.expected, inner.convert))
    return _with(inner, _list_converter)._replace(
        raw=inner.raw and _is_known(source), expected=expected
    )


def _with(inner: Conversion, wrap: Callable[[Any], Callable[[Any], Any]]) -> Conversion:
    if inner.convert is None or inner.convert is to_json:
        return inner
    return inner._replace(convert=wrap(inner.convert))


def _list_converter(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def convert_list(value: Any) -> Any:
        if not isinstance(value, list):
            return convert(value)
        return [None if item is None else convert(item) for item in value]

    return convert_list


def _dict_converter(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def convert_dict(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return convert(value)
        return {key: None if item is None else convert(item) for key, item in value.items()}

    return convert_dict
