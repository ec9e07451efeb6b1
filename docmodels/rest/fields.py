"""Serializer fields for the types that DRF does not know, or shows otherwise."""

from __future__ import annotations

import base64
import binascii
import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import ISO_8601, serializers
from rest_framework.fields import get_error_detail
from rest_framework.relations import PKOnlyObject
from rest_framework.settings import api_settings

from docmodels.constants import INT64_MAX, INT64_MIN
from docmodels.documents import AnyField as AnyDocumentField
from docmodels.documents import ObjectIdField as ObjectIdDocumentField
from docmodels.documents import PointField as PointDocumentField
from docmodels.rest.encoding import (
    bytes_to_json,
    float_to_json,
    moment_to_json,
    to_json,
)


class CharField(serializers.CharField):
    """
    Text, kept as it was given.

    DRF's own field strips white space, and so would change what another
    program stored; `trim_whitespace=True` asks for that.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.trim_whitespace = kwargs.get("trim_whitespace", False)


class FloatField(serializers.FloatField):
    """A number; NaN and the infinities are shown as null."""

    def to_representation(self, value: Any) -> Any:
        """Return the number."""
        return float_to_json(value) if isinstance(value, float) else to_json(value)


class DecimalField(serializers.DecimalField):
    """A decimal number with exactly the digits that were given, as text."""

    def __init__(
        self, max_digits: int | None = None, decimal_places: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(max_digits, decimal_places, **kwargs)

    def quantize(self, value: Any) -> Any:
        """Keep 1.5 as 1.5: padding it to 1.50 would be a change."""
        return super().quantize(value) if self.rounding is not None else value

    def to_representation(self, value: Any) -> Any:
        """Return text, or a number where COERCE_DECIMAL_TO_STRING is off."""
        shown = to_json(value)
        if shown is None or getattr(
            self, "coerce_to_string", api_settings.COERCE_DECIMAL_TO_STRING
        ):
            return shown
        return value


class DateTimeField(serializers.DateTimeField):
    """A moment, shown in UTC with milliseconds: `2026-01-31T12:00:00.000Z`."""

    def to_representation(self, value: Any) -> Any:
        """Return ISO 8601, or what `format` or DATETIME_FORMAT asks for."""
        wanted = getattr(self, "format", api_settings.DATETIME_FORMAT)
        if not isinstance(value, datetime.datetime):
            return to_json(value)
        if wanted is not None and wanted.lower() == ISO_8601:
            return moment_to_json(value)
        return super().to_representation(value)


class DateField(serializers.DateField):
    """A day; a stored value of another type is shown as it is."""

    def to_representation(self, value: Any) -> Any:
        """Return ISO 8601, or what `format` or DATE_FORMAT asks for."""
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return super().to_representation(value)
        return to_json(value)


class ObjectIdField(serializers.Field):
    """An ObjectId, as its 24 hexadecimal digits."""

    default_error_messages = {
        "invalid": _("“{value}” is not a valid ObjectId, expected 24 hexadecimal digits."),
    }

    def to_internal_value(self, data: Any) -> Any:
        """Return the ObjectId of the digits."""
        if not isinstance(data, str) or not data:
            self.fail("invalid", value=_shorten(data))
        try:
            return ObjectIdDocumentField().to_python(data)
        except DjangoValidationError:
            self.fail("invalid", value=_shorten(data))

    def to_representation(self, value: Any) -> Any:
        """Return the digits."""
        return to_json(value)


class BinaryField(serializers.Field):
    """Bytes, as base64 text."""

    default_error_messages = {
        "invalid": _("Expected base64 text, got {input_type}."),
        "not_base64": _("Not valid base64."),
        "max_length": _("Ensure this field has no more than {max_length} bytes."),
    }

    def __init__(self, *, max_length: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_length = max_length

    def to_internal_value(self, data: Any) -> bytes:
        """Return the bytes."""
        if not isinstance(data, str):
            self.fail("invalid", input_type=type(data).__name__)
        try:
            value = base64.b64decode(data.encode(), validate=True)
        except (binascii.Error, ValueError):
            self.fail("not_base64")
        if self.max_length is not None and len(value) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return value

    def to_representation(self, value: Any) -> Any:
        """Return base64."""
        return bytes_to_json(value) if isinstance(value, bytes) else to_json(value)


class AnyField(serializers.JSONField):
    """Any JSON value; keys that MongoDB cannot hold safely are refused."""

    default_error_messages = {
        "number": _("{value} is outside of the 64 bits that MongoDB stores."),
        "surrogate": _("The text has a lone surrogate, which UTF-8 cannot store."),
        "null_key": _("A key holds a null character."),
    }

    def to_internal_value(self, data: Any) -> Any:
        """Return the value, its keys, numbers and depth checked."""
        if getattr(data, "is_json_string", False):
            data = super().to_internal_value(data)
        value = _cast(AnyDocumentField(), data)
        self._check(data)
        return value

    def _check(self, data: Any) -> None:
        if isinstance(data, Mapping):
            for key, item in data.items():
                self._check(key)
                self._check(item)
        elif isinstance(data, list):
            for item in data:
                self._check(item)
        elif isinstance(data, int) and not INT64_MIN <= data <= INT64_MAX:
            self.fail("number", value=_shorten(data))
        elif isinstance(data, str) and not data.isascii():
            try:
                data.encode()
            except UnicodeEncodeError:
                self.fail("surrogate")

    def to_representation(self, value: Any) -> Any:
        """Return what JSON can carry of it."""
        return to_json(value)


class PointField(serializers.Field):
    """A GeoJSON Point; a `[longitude, latitude]` pair is accepted as well."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the point."""
        if data == "" or isinstance(data, bool):
            data = [data]
        return _cast(PointDocumentField(), data)

    def to_representation(self, value: Any) -> Any:
        """Return the GeoJSON object."""
        return to_json(value)


class PropertyField(serializers.ReadOnlyField):
    """What a property or a method of the document returns."""

    def to_representation(self, value: Any) -> Any:
        """Return what JSON can carry of it."""
        return to_json(value)


class KeyAttribute:
    """Read the stored key of a reference, which never loads the document."""

    source: Any
    source_attrs: Any

    def get_attribute(self, instance: Any) -> Any:
        """Return the stored key without loading the document."""
        if len(self.source_attrs) == 1:
            meta = getattr(instance, "_meta", None)
            field = meta.by_name.get(self.source) if meta is not None else None
            if field is not None:
                return PKOnlyObject(pk=getattr(instance, field.attname))
        return super().get_attribute(instance)  # type: ignore[misc]

    def to_representation(self, value: Any) -> Any:
        """Return the key."""
        return to_json(getattr(value, "pk", value))


class KeyField(KeyAttribute, AnyField):
    """The key of a document whose class another field tells."""


class ReferenceField(KeyAttribute, serializers.RelatedField):
    """The key of another document, which must exist when it is written."""

    default_error_messages = {
        "required": _("This field is required."),
        "does_not_exist": _('Invalid pk "{pk_value}" - object does not exist.'),
    }

    queryset: Any

    def __init__(self, *, to_field: str = "pk", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.to_field = to_field
        # Choosing among all documents of a collection would load them all.
        self.style.setdefault("base_template", "input.html")

    def get_queryset(self) -> Any:
        """Return a fresh queryset of the documents that may be referred to."""
        return None if self.queryset is None else self.queryset.all()

    @property
    def target_field(self) -> Any:
        """Return the document field whose value is the key."""
        return self.queryset.model._meta.by_name[self.to_field]

    def to_key(self, data: Any) -> Any:
        """Cast what was given to a key."""
        key = _cast(self.target_field, data)
        if key is None:
            self.fail("null")
        return key

    def to_internal_value(self, data: Any) -> Any:
        """Return the document with the key."""
        key = self.to_key(data)
        try:
            return self.get_queryset().get(**{self.to_field: key})
        except ObjectDoesNotExist:
            self.fail("does_not_exist", pk_value=_shorten(data))

    def get_choices(self, cutoff: int | None = None) -> dict[Any, str]:
        """Offer nothing: forms take the key as text."""
        return {}


class ReferenceListField(serializers.ListField):
    """Keys of other documents, looked up by one query."""

    child: ReferenceField

    def run_child_validation(self, data: Any) -> Any:
        """Return the documents in the order of the keys."""
        keys: dict[int, Any] = {}
        errors: dict[int, Any] = {}
        for index, item in enumerate(data):
            try:
                if item is None:
                    self.child.fail("null")
                keys[index] = self.child.to_key(item)
            except serializers.ValidationError as error:
                errors[index] = error.detail
        found = self._load(keys.values())
        for index, key in keys.items():
            if _hashable(key) not in found:
                errors[index] = [
                    serializers.ErrorDetail(
                        self.child.error_messages["does_not_exist"].format(
                            pk_value=_shorten(data[index])
                        ),
                        code="does_not_exist",
                    )
                ]
        if errors:
            detail: Any = {index: errors[index] for index in sorted(errors)}
            raise serializers.ValidationError(detail)
        return [found[_hashable(key)] for key in keys.values()]

    def _load(self, keys: Iterable[Any]) -> dict[Any, Any]:
        unique = list({_hashable(key): key for key in keys}.values())
        if not unique:
            return {}
        attname = self.child.target_field.attname
        documents = self.child.get_queryset().filter(**{f"{self.child.to_field}__in": unique})
        return {_hashable(getattr(document, attname)): document for document in documents}


def _hashable(key: Any) -> Any:
    return key if key.__hash__ is not None else repr(key)


def _cast(field: Any, data: Any) -> Any:
    try:
        return field.to_python(data)
    except DjangoValidationError as error:
        raise serializers.ValidationError(get_error_detail(error)) from error


def _shorten(value: Any) -> str:
    """Return the text of what was got, short enough for a message."""
    text = str(value)
    return text if len(text) <= 100 else f"{text[:97]}…"
