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

from docmodels.rest import fields
from docmodels.rest.encoding import PLAIN, to_json

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
    #: The document field's name, "" for what is no field.
    name: str
    read: Callable[[Any], Any]
    convert: Callable[[Any], Any]
    #: The serializer field that DRF itself is to ask, if any.
    field: Any


def build(serializer: Any) -> tuple[Represent, bool]:
    """Return the function, and whether other serializers of the class may use it."""
    meta = serializer.Meta.model._meta
    columns: list[Column] = []
    shared = True
    for field in serializer._readable_fields:
        document_field = meta.by_name.get(field.source)
        convert, convert_shared = _converter(field)
        own_attribute = type(field).get_attribute not in _KNOWN_GET_ATTRIBUTE
        if convert is None or document_field is None or own_attribute:
            shared = False
            name = document_field.name if document_field is not None else ""
            columns.append(Column(field.field_name, name, _nothing, to_json, field))
        else:
            shared = shared and convert_shared
            read = attrgetter(document_field.attname)
            columns.append(Column(field.field_name, document_field.name, read, convert, None))
    if any(column.field is not None for column in columns):
        return _mixed(columns), False
    return _plain(columns), shared


_KNOWN_GET_ATTRIBUTE = frozenset(
    {serializers.Field.get_attribute, fields.ReferenceField.get_attribute}
)


def _plain(columns: list[Column]) -> Represent:
    table = tuple((c.key, c.name, c.read, c.convert) for c in columns)

    def represent(document: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for key, name, read, convert in table:
            value = read(document)
            if value is None:
                # What is missing stays missing, null is null.
                if document.is_set(name):
                    shown[key] = None
            elif value.__class__ in PLAIN:
                shown[key] = value
            else:
                shown[key] = convert(value)
        return shown

    return represent


def _mixed(columns: list[Column]) -> Represent:
    def represent(document: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for key, name, read, convert, field in columns:
            if field is None:
                value = read(document)
                if value is not None:
                    shown[key] = value if value.__class__ in PLAIN else convert(value)
                elif document.is_set(name):
                    shown[key] = None
                continue
            try:
                value = field.get_attribute(document)
            except SkipField:
                continue
            if (value.pk if isinstance(value, PKOnlyObject) else value) is not None:
                shown[key] = _finish(field.to_representation(value))
            elif not name or document.is_set(name):
                shown[key] = None
        return shown

    return represent


def _finish(value: Any) -> Any:
    # A method may return what only MongoDB knows, such as an ObjectId.
    return to_json(value) if type(value).__module__.startswith("bson.") else value


def _converter(field: Any) -> tuple[Callable[[Any], Any] | None, bool]:
    """Return what makes the output of a field, None where only the field can."""
    cls = type(field)
    if cls in STANDARD:
        standard = not (field._kwargs.keys() & SHOWN_OTHERWISE)
        setting = SETTINGS.get(cls)
        if setting is not None and getattr(api_settings, setting[0]) != setting[1]:
            standard = False
        return (to_json if standard else None), True
    if getattr(field, "represents_document", False):
        if field.overrides_representation():
            return None, False
        represent, shared = build(field)
        return _document_converter(field.Meta.model, represent), shared
    if cls is serializers.ListField or getattr(field, "represents_documents", False):
        convert, shared = _converter(field.child)
        return _list_converter(convert), shared
    if cls is serializers.DictField:
        convert, shared = _converter(field.child)
        return _dict_converter(convert), shared
    if cls.__name__ == "_UnvalidatedField":
        return to_json, True
    return None, False


def _document_converter(model: type, represent: Represent) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        return represent(value) if isinstance(value, model) else to_json(value)

    return convert


def _list_converter(convert: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    if convert is None or convert is to_json:
        return convert

    def convert_list(value: Any) -> Any:
        if not isinstance(value, list):
            return to_json(value)
        return [None if item is None else convert(item) for item in value]

    return convert_list


def _dict_converter(convert: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    if convert is None or convert is to_json:
        return convert

    def convert_dict(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return to_json(value)
        return {key: None if item is None else convert(item) for key, item in value.items()}

    return convert_dict


def _nothing(document: Any) -> None:
    return None
