"""
django-filter over documents: its FilterSet and its DRF backend.

`filterset_fields` of a viewset works without this. Use it for filters that
django-filter declares, with their forms, labels and methods.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django_filters import filters  # type: ignore[import-untyped]
from django_filters.conf import settings  # type: ignore[import-untyped]
from django_filters.rest_framework import backends, filterset  # type: ignore[import-untyped]
from django_filters.rest_framework.filters import (  # type: ignore[import-untyped]
    BooleanFilter,
    IsoDateTimeFilter,
)
from django_filters.utils import try_dbfield  # type: ignore[import-untyped]

from docmodels import documents
from docmodels.fields import NumberField
from docmodels.lookups import element_field, find_lookup
from docmodels.lookups.temporal import DatePart
from docmodels.query.across import fields_along

#: Lookups of several values, separated by commas, that the lookup itself casts.
PLAIN_LISTS = frozenset({"has_any_keys", "has_keys", "intersects", "near", "within"})


class KeyField(forms.CharField):
    """Text that a document's field casts."""

    def __init__(self, *, document_field: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.document_field = document_field

    def clean(self, value: Any) -> Any:
        """Return the cast value."""
        text = super().clean(value)
        if text in self.empty_values or self.document_field is None:
            return text
        return self.document_field.to_python(text)


class KeyFilter(filters.Filter):
    """A filter for keys and for whatever has no form field of its own."""

    field_class = KeyField


def _cast_by(field: Any) -> dict[str, Any]:
    return {"document_field": field}


class FilterSet(filterset.FilterSet):
    """
    A FilterSet whose `Meta.model` is a document.

    `Meta.fields` takes paths through embedded documents and lists
    (`lines__sku`). Hidden fields cannot be filtered by.
    """

    FILTER_DEFAULTS: ClassVar[dict[type, dict[str, Any]]] = {
        documents.Field: {"filter_class": KeyFilter, "extra": _cast_by},
        documents.BooleanField: {"filter_class": BooleanFilter},
        documents.DateField: {"filter_class": filters.DateFilter},
        documents.DateTimeField: {"filter_class": IsoDateTimeFilter},
        NumberField: {"filter_class": filters.NumberFilter},
        documents.TextField: {"filter_class": filters.CharFilter},
        documents.UUIDField: {"filter_class": filters.UUIDFilter},
        # What django-filter itself looks up for `isnull`.
        models.BooleanField: {"filter_class": BooleanFilter},
    }

    @classmethod
    def get_fields(cls) -> OrderedDict[str, Any]:
        """Return paths with their lookups; `"__all__"` leaves hidden ones out."""
        meta = cls._meta.model._meta
        wanted, exclude = cls._meta.fields, cls._meta.exclude or ()
        if wanted is None and cls._meta.exclude is None:
            raise ImproperlyConfigured(
                f"{cls.__name__}.Meta: neither `fields` nor `exclude`, expected one of them."
            )
        if wanted in (None, filterset.filterset.ALL_FIELDS):
            wanted = [field.name for field in meta.fields if not field.hidden]
        if not isinstance(wanted, dict):
            wanted = {path: [settings.DEFAULT_LOOKUP_EXPR] for path in wanted}
        return OrderedDict((path, wanted[path]) for path in wanted if path not in exclude)

    @classmethod
    def get_filters(cls) -> OrderedDict[str, Any]:
        """Return the declared filters and those made for `Meta.fields`."""
        if not cls._meta.model:
            return cls.declared_filters.copy()
        found: OrderedDict[str, Any] = OrderedDict()
        for path, lookups in cls.get_fields().items():
            if path in cls.declared_filters:
                continue
            field = cls._resolve(path)
            for lookup in lookups:
                name = cls.get_filter_name(path, lookup)
                if name not in cls.declared_filters:
                    found[name] = cls.filter_for_field(field, path, lookup)
        found.update(cls.declared_filters)
        return found

    @classmethod
    def _resolve(cls, path: str) -> Any:
        where = f"{cls.__name__}.Meta.fields: {path!r}"
        try:
            fields = fields_along(cls._meta.model._meta, path)
        except FieldError as error:
            raise ImproperlyConfigured(f"{where}: {error}") from error
        if any(field.hidden for field in fields):
            raise ImproperlyConfigured(f"{where} is hidden, expected a field that clients may see.")
        return fields[-1]

    @classmethod
    def filter_for_field(cls, field: Any, field_name: str, lookup_expr: str | None = None) -> Any:
        """Return the filter of a document's field, by the table."""
        lookup = lookup_expr or settings.DEFAULT_LOOKUP_EXPR
        filter_class, params = cls.filter_for_lookup(element_field(field), lookup)
        return filter_class(field_name=field_name, lookup_expr=lookup, **params)

    @classmethod
    def filter_for_lookup(cls, field: Any, lookup_type: str) -> Any:
        """Return the filter's class and arguments; any field has one."""
        lookup = find_lookup(field, lookup_type)
        if issubclass(lookup or object, DatePart):
            # `placed_at__year__in` is about numbers.
            field, lookup_type = lookup.part_field, lookup.comparison
        elif lookup_type in PLAIN_LISTS:
            name = cls._csv_filter_class_name(filters.CharFilter, lookup_type)
            return type(name, (filters.BaseInFilter, filters.CharFilter), {}), {}
        elif lookup_type == "has_key" or lookup_type.startswith("bits_"):
            return filters.CharFilter, {}
        defaults = {**cls.FILTER_DEFAULTS, **cls._meta.filter_overrides}
        data = try_dbfield(defaults.get, type(field)) or {}
        params = data.get("extra", lambda field: {})(field)
        filter_class = data.get("filter_class", KeyFilter)
        if lookup_type == "exact" and field.choices:
            return filters.ChoiceFilter, {"choices": field.choices}
        if lookup_type in {"isnull", "exists"}:
            return BooleanFilter, {}
        mixin = {
            "in": filters.BaseInFilter,
            "nin": filters.BaseInFilter,
            "all": filters.BaseInFilter,
            "range": filters.BaseRangeFilter,
        }.get(lookup_type)
        if mixin is not None:
            name = cls._csv_filter_class_name(filter_class, lookup_type)
            return type(name, (mixin, filter_class), {}), params
        return filter_class, params

    def filter_queryset(self, queryset: Any) -> Any:
        """Apply each filter; django-filter's own demands a QuerySet of Django."""
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset


class DjangoFilterBackend(backends.DjangoFilterBackend):
    """django-filter's backend for DRF, for views of documents."""

    filterset_base = FilterSet

    def get_parameter_names(self, view: Any, queryset: Any) -> set[str]:
        """Return the query parameters that mean something here."""
        cls = self.get_filterset_class(view, queryset)
        if cls is None:
            return set()
        return {
            widget_name
            for name, filter_ in cls.base_filters.items()
            for widget_name in _widget_names(name, filter_)
        }


def _widget_names(name: str, filter_: Any) -> list[str]:
    # A widget of two inputs reads `price_min` and `price_max`.
    suffixes = getattr(filter_.field.widget, "suffixes", None)
    return [name, *(f"{name}_{suffix}" for suffix in suffixes or ())]
