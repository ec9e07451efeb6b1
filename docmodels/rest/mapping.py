"""From a document's field to the serializer field that speaks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core import validators
from django.utils.text import capfirst
from rest_framework import serializers
from rest_framework.utils.field_mapping import ClassLookupDict, needs_label

from docmodels import documents
from docmodels.fields import DynamicReferenceField
from docmodels.rest import fields
from docmodels.rest.files import FileField, ImageField

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Serializer fields by document field; looked up along the MRO, so that a
#: family's base class serves its subclasses. Containers and references are
#: built by the methods of the serializer.
FIELD_MAPPING: dict[type, type[serializers.Field]] = {
    documents.Field: fields.AnyField,
    documents.AnyField: fields.AnyField,
    documents.BinaryField: fields.BinaryField,
    documents.BooleanField: serializers.BooleanField,
    documents.DateField: fields.DateField,
    documents.DateTimeField: fields.DateTimeField,
    documents.DecimalField: fields.DecimalField,
    documents.DurationField: serializers.DurationField,
    documents.EmailField: serializers.EmailField,
    documents.FileField: FileField,
    documents.FloatField: fields.FloatField,
    documents.ImageField: ImageField,
    documents.IntegerField: serializers.IntegerField,
    documents.ListField: serializers.ListField,
    documents.MapField: serializers.DictField,
    documents.ObjectIdField: fields.ObjectIdField,
    documents.PointField: fields.PointField,
    documents.ReferenceField: fields.ReferenceField,
    DynamicReferenceField: fields.KeyField,
    documents.SlugField: serializers.SlugField,
    documents.TextField: fields.CharField,
    documents.TimeField: serializers.TimeField,
    documents.URLField: serializers.URLField,
    documents.UUIDField: serializers.UUIDField,
}

#: Arguments that a ChoiceField understands.
CHOICE_KWARGS = frozenset(
    {
        "allow_blank", "allow_null", "choices", "error_messages", "help_text", "label",
        "read_only", "required", "style", "validators", "write_only",
    }
)  # fmt: skip

#: Options of document fields that are arguments of the serializer fields.
OPTION_KWARGS: dict[type, dict[str, str]] = {
    documents.TextField: {"max_length": "max_length", "min_length": "min_length"},
    documents.SlugField: {"allow_unicode": "allow_unicode"},
    documents.BinaryField: {"max_length": "max_length"},
    documents.FloatField: {"min_value": "min_value", "max_value": "max_value"},
    documents.IntegerField: {"min_value": "min_value", "max_value": "max_value"},
    documents.DecimalField: {
        "min_value": "min_value",
        "max_value": "max_value",
        "max_digits": "max_digits",
        "decimal_places": "decimal_places",
    },
    documents.ListField: {"min_items": "min_length", "max_items": "max_length"},
}

#: Validators that the serializer fields bring themselves.
BUILT_IN_VALIDATORS: tuple[type, ...] = (
    validators.DecimalValidator,
    validators.EmailValidator,
    validators.MaxLengthValidator,
    validators.MaxValueValidator,
    validators.MinLengthValidator,
    validators.MinValueValidator,
    validators.URLValidator,
)
_SLUG_VALIDATORS = (validators.validate_slug, validators.validate_unicode_slug)


def get_field_class(
    field: Any, mapping: dict[type, type[serializers.Field]] | None = None
) -> type[serializers.Field]:
    """Return the serializer field class of a document's field."""
    return ClassLookupDict(mapping or FIELD_MAPPING)[field]


def get_field_kwargs(name: str, field: Any) -> dict[str, Any]:
    """Return the arguments that a field's declaration implies."""
    kwargs = get_common_kwargs(name, field)
    if kwargs.get("read_only"):
        return kwargs
    for cls, options in OPTION_KWARGS.items():
        if isinstance(field, cls):
            for option, argument in options.items():
                value = getattr(field, option)
                if value is not None and value is not False:
                    kwargs[argument] = value
    if isinstance(field, documents.TextField) and field.blank:
        kwargs["allow_blank"] = True
    if type(field) is documents.TextField and not field.choices:
        kwargs["style"] = {"base_template": "textarea.html"}
    extra = list(_extra_validators(field.validators))
    if extra:
        kwargs["validators"] = extra
    if field.choices:
        kwargs["choices"] = field.choices
        kwargs = {key: value for key, value in kwargs.items() if key in CHOICE_KWARGS}
    return kwargs


def get_common_kwargs(name: str, field: Any) -> dict[str, Any]:
    """Return the arguments that a field of any type has."""
    kwargs: dict[str, Any] = {}
    if name and field.verbose_name and needs_label(field, name):
        kwargs["label"] = capfirst(field.verbose_name)
    if field.help_text:
        kwargs["help_text"] = field.help_text
    if not field.editable:
        return {**kwargs, "read_only": True}
    if name and not field.required:
        kwargs["required"] = False
    if field.null:
        kwargs["allow_null"] = True
    return kwargs


def _extra_validators(candidates: Iterable[Any]) -> Iterable[Any]:
    for validator in candidates:
        if not isinstance(validator, BUILT_IN_VALIDATORS) and validator not in _SLUG_VALIDATORS:
            yield validator
