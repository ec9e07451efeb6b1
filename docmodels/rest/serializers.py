"""Serializers whose fields come from a document class."""

from __future__ import annotations

import copy
import difflib
import functools
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.utils import html

from docmodels import documents
from docmodels.rest import fields, mapping, representation
from docmodels.rest.errors import nest_errors
from docmodels.rest.lists import DocumentListSerializer
from docmodels.rest.writing import assign

#: Attributes that change which fields a serializer has; a class that overrides
#: one of them gets its output function for each instance, not once.
FIELD_HOOKS = (
    "_readable_fields", "build_field", "build_standard_field", "fields", "get_extra_kwargs",
    "get_field_names", "get_fields",
)  # fmt: skip


class DocumentSerializer(serializers.Serializer):
    """
    A serializer made from `Meta.model`, a document or an embedded document.

    `Meta` takes what DRF's ModelSerializer takes: `fields` (names, or
    `"__all__"`) or `exclude`, `read_only_fields`, `extra_kwargs`,
    `validators`, `list_serializer_class`. Embedded documents and lists of them
    are nested serializers, references are keys, the document's own key is
    `pk`. What is missing in the document is missing in the output; unknown
    input is refused; `save()` writes only the paths that differ.
    """

    #: Serializer fields by document field, looked up along the MRO.
    serializer_field_mapping = mapping.FIELD_MAPPING
    #: The field of document fields that have choices.
    serializer_choice_field = serializers.ChoiceField
    #: The field of references.
    serializer_reference_field = fields.ReferenceField

    represents_document = True

    #: What the class says of itself, see above.
    Meta: Any

    default_error_messages = {
        "unknown": _("Unknown field. {hint}"),
        "immutable_key": _("The key of a stored document cannot be changed."),
    }

    #: How many fields the output function of this instance was made for.
    _fields_count: int

    #: Generation and function of the output, for all instances of the very class.
    _shared_representer: tuple[int, Any] = (0, None)

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> Any:
        """Make a DocumentListSerializer where Meta names no other class."""
        meta = getattr(cls, "Meta", None)
        if getattr(meta, "list_serializer_class", None) is not None:
            return super().many_init(*args, **kwargs)
        list_kwargs = {
            key: kwargs.pop(key)
            for key in serializers.LIST_SERIALIZER_KWARGS_REMOVE
            if key in kwargs
        }
        list_kwargs |= {k: v for k, v in kwargs.items() if k in serializers.LIST_SERIALIZER_KWARGS}
        return DocumentListSerializer(*args, **{**list_kwargs, "child": cls(*args, **kwargs)})

    # Which fields

    def get_fields(self) -> dict[str, Any]:
        """Return the declared fields and those built from the document."""
        model = self._get_model()
        declared = copy.deepcopy(self._declared_fields)
        extra_kwargs = self.get_extra_kwargs()
        found: dict[str, Any] = {}
        for name in self.get_field_names(declared, model):
            if name in declared:
                found[name] = declared[name]
                continue
            extra = extra_kwargs.get(name, {})
            source = extra.get("source", name)
            field_class, kwargs = self.build_field(name, source, model)
            kwargs = self.include_extra_kwargs(kwargs, extra)
            self._check_hidden(name, source, model, kwargs)
            found[name] = field_class(**kwargs)
        return found

    def _get_model(self) -> Any:
        model = getattr(getattr(self, "Meta", None), "model", None)
        if not hasattr(model, "_meta"):
            raise ImproperlyConfigured(
                f"{type(self).__name__}.Meta.model: {model!r}, expected a document class."
            )
        return model

    def get_field_names(self, declared: Mapping[str, Any], model: Any) -> list[str]:
        """Return the names of all fields, in order."""
        wanted = getattr(self.Meta, "fields", None)
        exclude = getattr(self.Meta, "exclude", None)
        where = f"{type(self).__name__}.Meta"
        if (wanted is None) == (exclude is None):
            raise ImproperlyConfigured(
                f"{where}: {'neither' if wanted is None else 'both'} of `fields` and `exclude`, "
                f"expected one of them (`fields = '__all__'` names every field)."
            )
        for option, value in (("fields", wanted), ("exclude", exclude)):
            if value not in (None, serializers.ALL_FIELDS) and not isinstance(value, (list, tuple)):
                raise ImproperlyConfigured(
                    f"{where}.{option}: {value!r}, expected a list or tuple of names"
                    f"{' or __all__' if option == 'fields' else ''}."
                )
        if wanted is not None and wanted != serializers.ALL_FIELDS:
            self._require_own_fields(declared, wanted)
            return list(wanted)
        names = self.get_default_field_names(declared, model)
        for name in exclude or ():
            if name not in names:
                raise ImproperlyConfigured(
                    f"{where}.exclude: {name!r}, expected a field of "
                    f"{model._meta.object_name}.{_suggest(name, names)}"
                )
            names.remove(name)
        return names

    def _require_own_fields(self, declared: Mapping[str, Any], wanted: Iterable[str]) -> None:
        own = set(declared)
        for base in type(self).__bases__:
            own -= set(getattr(base, "_declared_fields", ()))
        for name in sorted(own.difference(wanted)):
            raise ImproperlyConfigured(
                f"{type(self).__name__}.{name}: declared, but not in Meta.fields, expected it to "
                f"be named there."
            )

    def get_default_field_names(self, declared: Mapping[str, Any], model: Any) -> list[str]:
        """Return the key as `pk`, the declared fields, and all that is not hidden."""
        meta = model._meta
        names = ["pk"] if meta.pk is not None else []
        names += declared
        for field in meta.fields:
            automatic = field.primary_key and not field.editable
            if not (field.hidden or automatic) and field.name not in names:
                names.append(field.name)
        return names

    # The same as ModelSerializer's: `Meta.extra_kwargs` and `Meta.read_only_fields`.
    get_extra_kwargs: Any = serializers.ModelSerializer.get_extra_kwargs
    include_extra_kwargs: Any = serializers.ModelSerializer.include_extra_kwargs

    def _check_hidden(self, name: str, source: str, model: Any, kwargs: dict[str, Any]) -> None:
        field = model._meta.by_name.get(source)
        if field is not None and field.hidden and not kwargs.get("write_only"):
            raise ImproperlyConfigured(
                f"{type(self).__name__}.Meta.fields: {name!r} is hidden, expected it to be left "
                f"out, or write_only in Meta.extra_kwargs."
            )

    # Building them

    def build_field(self, name: str, source: str, model: Any) -> tuple[Any, dict[str, Any]]:
        """Return class and arguments of the serializer field of a name."""
        meta = model._meta
        field = meta.by_name.get(source)
        if source == "pk" and meta.pk is not None:
            field_class, kwargs = self.build_standard_field(name, meta.pk)
            kept: dict[str, Any] = {"read_only": True}
            kept |= {key: kwargs[key] for key in ("help_text", "choices") if key in kwargs}
            return field_class, kept
        if field is not None:
            field_class, kwargs = self.build_standard_field(name, field)
            if source not in (name, field.name) or (source == name and name != field.name):
                kwargs["source"] = field.name
            return field_class, kwargs
        if hasattr(model, source):
            return fields.PropertyField, {}
        names = [*meta.by_name, *self._declared_fields]
        raise ImproperlyConfigured(
            f"{type(self).__name__}.Meta.fields: {name!r}, expected a field or property of "
            f"{meta.object_name}.{_suggest(name, names)}"
        )

    def build_standard_field(self, name: str, field: Any) -> tuple[Any, dict[str, Any]]:
        """Return class and arguments for a document's field of any type."""
        if isinstance(field, documents.EmbeddedField):
            return self.build_embedded_field(name, field)
        if isinstance(field, documents.ListField):
            return self.build_list_field(name, field)
        if isinstance(field, documents.ReferenceField) and not field.is_dynamic:
            return self.build_reference_field(name, field)
        kwargs = mapping.get_field_kwargs(name, field)
        if isinstance(field, documents.MapField):
            kwargs["child"] = self._build_child(field.base_field)
            return self.serializer_field_mapping[documents.MapField], kwargs
        if "choices" in kwargs:
            return self.serializer_choice_field, kwargs
        return mapping.get_field_class(field, self.serializer_field_mapping), kwargs

    def build_embedded_field(self, name: str, field: Any) -> tuple[Any, dict[str, Any]]:
        """Return a serializer for an embedded document."""
        return self.get_embedded_serializer(field), mapping.get_common_kwargs(name, field)

    def get_embedded_serializer(self, field: Any) -> Any:
        """Return the serializer class of an embedded document."""
        return make_serializer(_nested_base(type(self)), field.embedded_model)

    def build_list_field(self, name: str, field: Any) -> tuple[Any, dict[str, Any]]:
        """Return a list field, or a serializer with `many=True`."""
        kwargs = mapping.get_field_kwargs(name, field)
        kwargs.pop("style", None)
        base = field.base_field
        if isinstance(base, documents.EmbeddedField):
            kwargs.pop("validators", None)
            return self.get_embedded_serializer(base), {**kwargs, "many": True}
        kwargs["child"] = self._build_child(base)
        if isinstance(kwargs["child"], fields.ReferenceField) and "read_only" not in kwargs:
            return fields.ReferenceListField, kwargs
        return mapping.get_field_class(field, self.serializer_field_mapping), kwargs

    def _build_child(self, base: Any) -> Any:
        field_class, kwargs = self.build_standard_field("", base)
        return field_class(**kwargs)

    def build_reference_field(self, name: str, field: Any) -> tuple[Any, dict[str, Any]]:
        """Return a field for the key of another document."""
        kwargs = mapping.get_common_kwargs(name, field)
        if "read_only" not in kwargs:
            kwargs["queryset"] = field.related_model._default_manager
        if field.to_field:
            kwargs["to_field"] = field.to_field
        return self.serializer_reference_field, kwargs

    # Output

    def to_representation(self, instance: Any) -> Any:
        """Return the dict of a document, through a function made once."""
        if not isinstance(instance, self.Meta.model):
            return super().to_representation(instance)
        return self.get_representer()(instance)

    def get_representer(self) -> Any:
        """Return the function that makes the dict of a document, made once."""
        represent = self.__dict__.get("_represent")
        if represent is not None and self._fields_count == len(self.fields):
            return represent
        cls = type(self)
        untouched = "fields" not in self.__dict__
        if untouched:
            generation, represent = cls.__dict__.get("_shared_representer", (0, None))
            if represent is not None and generation == representation.generation.number:
                return represent
        represent, _raw, shared = representation.build(self)
        if shared and untouched and self._has_fixed_fields():
            cls._shared_representer = (representation.generation.number, represent)
        self._represent = represent
        self._fields_count = len(self.fields)
        return represent

    @classmethod
    def _has_fixed_fields(cls) -> bool:
        return all(getattr(cls, name) is getattr(DocumentSerializer, name) for name in FIELD_HOOKS)

    @classmethod
    def overrides_representation(cls) -> bool:
        """Tell whether a subclass has a `to_representation` of its own."""
        return cls.to_representation is not DocumentSerializer.to_representation

    # Input

    def to_internal_value(self, data: Any) -> Any:
        """Validate the fields; names that are no field are errors of their own."""
        errors = self.get_unknown_errors(data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not errors:
                raise
            found: Any = error.detail
            raise serializers.ValidationError({**found, **errors}) from error
        self._check_key(values, errors)
        if errors:
            raise serializers.ValidationError(errors)
        return values

    def get_unknown_errors(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return an error for each name of the input that is no field."""
        known = self.fields
        given: Iterable[str] = data
        if html.is_html_input(data):
            # Forms name nested values `address.city` and `lines[0]sku`.
            given = {name.partition(".")[0].partition("[")[0] for name in data}
            given = given - {"csrfmiddlewaretoken", ""}
        errors: dict[str, Any] = {}
        for name in given:
            if name not in known:
                writable = [str(field.field_name) for field in self._writable_fields]
                hint = _suggest(str(name), writable) or f" Choices are: {', '.join(writable)}."
                message = self.error_messages["unknown"].format(hint=hint.strip())
                errors[name] = [serializers.ErrorDetail(message, code="unknown")]
        return errors

    def _check_key(self, values: Mapping[str, Any], errors: dict[str, Any]) -> None:
        key = self.Meta.model._meta.pk
        if key is None or self.instance is None or key.name not in values:
            return
        if values[key.name] != getattr(self.instance, "pk", None):
            errors[key.name] = [
                serializers.ErrorDetail(str(self.error_messages["immutable_key"]), code="immutable")
            ]

    def create(self, validated_data: dict[str, Any]) -> Any:
        """Return a new document, saved."""
        document = self.Meta.model()
        assign(document, validated_data, self)
        return self.write(document)

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        """Return the document, with the paths that differ saved."""
        assign(instance, validated_data, self)
        request = self.context.get("request")
        conditional = request is not None and "If-Match" in request.headers
        # A PATCH does not answer for what it did not touch.
        validate: bool | str = "changed" if self.partial else True
        return self.write(instance, guard=conditional, validate=validate)

    def write(self, document: Any, **options: Any) -> Any:
        """Save the document; its errors come out nested as the input is."""
        try:
            document.save(**options)
        except DjangoValidationError as error:
            detail = nest_errors(self, error, getattr(self, "initial_data", None))
            raise serializers.ValidationError(detail) from error
        return document


def _suggest(name: str, names: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(name, list(names), n=1)
    return f" Did you mean {nearest[0]!r}?" if nearest else ""


@functools.cache
def make_serializer(base: Any, model: Any, names: tuple[str, ...] | None = None) -> Any:
    """Return a serializer class for a document class, `"__all__"` without names."""
    meta = type("Meta", (), {"model": model, "fields": names or serializers.ALL_FIELDS})
    return type(
        f"{model.__name__}Serializer", (base,), {"Meta": meta, "__module__": base.__module__}
    )


def _nested_base(cls: Any) -> Any:
    # What a project overrode for its own serializers holds for nested ones, but their
    # declared fields and Meta do not.
    for base in cls.__mro__:
        if not (base.__dict__.get("_declared_fields") or hasattr(base, "Meta")):
            return base
    return DocumentSerializer
