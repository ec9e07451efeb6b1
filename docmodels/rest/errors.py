"""
Errors by dotted path -> errors nested as the serializer is.

A document says `{"lines.2.price": [...]}`; who calls the API sent
`{"lines": [{...}, {...}, {...}]}` under the names of the serializer, and gets
`{"lines": {"2": {"price": [...]}}}` (a list of dicts where DRF is set so).
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext as _
from rest_framework import VERSION, serializers
from rest_framework.fields import get_error_detail
from rest_framework.settings import DEFAULTS, api_settings


def errors_as_dict() -> bool:
    """Tell whether errors of nested lists are dicts by index, as from DRF 3.20 on."""
    if "LIST_SERIALIZER_ERRORS_AS_DICT" in DEFAULTS:
        return bool(api_settings.LIST_SERIALIZER_ERRORS_AS_DICT)
    return tuple(map(int, VERSION.split(".")[:2])) >= (3, 20)


def nest_errors(serializer: Any, error: DjangoValidationError, data: Any = None) -> dict[str, Any]:
    """Return the detail of a DRF ValidationError for a document's error."""
    if not hasattr(error, "error_dict"):
        return {api_settings.NON_FIELD_ERRORS_KEY: get_error_detail(error)}
    root = _Node(serializer)
    for path, found in error.error_dict.items():
        parts = [] if path in {NON_FIELD_ERRORS, ""} else path.split(".")
        root.add(parts, list(get_error_detail(DjangoValidationError(found))))
    nested = root.render(data)
    if isinstance(nested, dict):
        return nested
    return {api_settings.NON_FIELD_ERRORS_KEY: nested}


class _Node:
    """The errors at and below one place of the input."""

    def __init__(self, field: Any = None) -> None:
        self.field = field
        self.errors: list[Any] = []
        self.children: dict[str, _Node] = {}

    def add(self, parts: list[str], details: list[Any]) -> None:
        if not parts:
            self.errors.extend(details)
            return
        part, rest = parts[0], parts[1:]
        if part == NON_FIELD_ERRORS:
            self.add(rest, details)
            return
        key, field = self._step(part)
        if key is None:
            self.errors.append(
                serializers.ErrorDetail(
                    _("A field that is not part of this API is not valid."), code="invalid"
                )
            )
            return
        self.children.setdefault(key, _Node(field)).add(rest, details)

    def _step(self, part: str) -> tuple[str | None, Any]:
        """Return key and field of the next part; no key for a hidden one."""
        if getattr(self.field, "represents_document", False):
            meta = self.field.Meta.model._meta
            document_field = meta.by_name.get(part)
            fields = self.field.fields
            # A key that is declared is also shown as `pk`: the name that was sent comes first.
            for name, field in fields.items():
                if field.source == part:
                    return name, field
            for name, field in fields.items():
                if document_field is not None and meta.by_name.get(field.source) is document_field:
                    return name, field
            if document_field is not None and document_field.hidden:
                return None, None
            return part, None
        return part, getattr(self.field, "child", None)

    def render(self, data: Any = None) -> Any:
        """Return a list of messages, or a dict where there is anything below."""
        if not self.children:
            return self.errors
        many = isinstance(self.field, serializers.ListSerializer)
        nested: dict[Any, Any] = {}
        for key, child in self.children.items():
            nested[key] = child.render(_item(data, key, child.field))
        if many and not self.errors and not errors_as_dict():
            count = max(len(data) if isinstance(data, list) else 0, 1 + max(map(int, nested)))
            return [nested.get(str(index), {}) for index in range(count)]
        if self.errors:
            nested[api_settings.NON_FIELD_ERRORS_KEY] = self.errors
        return nested


def _item(data: Any, key: str, field: Any) -> Any:
    if isinstance(data, dict):
        return data.get(key)
    if isinstance(data, list) and key.isdecimal() and int(key) < len(data):
        return data[int(key)]
    return None
