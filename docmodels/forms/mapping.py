"""From a document's field to the form field that edits it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.text import capfirst

from docmodels import fields as document_fields
from docmodels.forms import fields
from docmodels.forms.choices import TypedChoiceField, TypedMultipleChoiceField
from docmodels.forms.files import FileField, ImageField
from docmodels.forms.widgets import NULL, UNSET, VALUE
from docmodels.tracking import MISSING

Builder = Callable[..., forms.Field]


def _plain(form_class: type[forms.Field], *options: str) -> Builder:
    """Make a builder that passes the named options of the document's field on."""

    def build(field: Any, **kwargs: Any) -> forms.Field:
        given = {name: getattr(field, name) for name in options}
        return form_class(**{k: v for k, v in given.items() if v is not None}, **kwargs)

    return build


def _textarea(field: Any, **kwargs: Any) -> forms.Field:
    kwargs.setdefault("widget", forms.Textarea)
    return fields.TextField(max_length=field.max_length, min_length=field.min_length, **kwargs)


def _url(field: Any, **kwargs: Any) -> forms.Field:
    return forms.URLField(max_length=field.max_length, assume_scheme="https", **kwargs)


def _boolean(field: Any, **kwargs: Any) -> forms.Field:
    if not (field.blank or field.null):
        # A box that is not ticked is False, which is a value.
        return forms.BooleanField(**kwargs | {"required": False})
    return forms.NullBooleanField(**kwargs)


def _json(field: Any, **kwargs: Any) -> forms.Field:
    form_field = fields.ExtendedJSONField(**kwargs)
    form_field.encode = field.get_prep_value
    return form_field


def _list(field: Any, **kwargs: Any) -> forms.Field:
    base = field.base_field
    if base.choices:
        return TypedMultipleChoiceField(choices=base.flatchoices, coerce=base.to_python, **kwargs)
    simple = isinstance(base, LINE_FIELDS)
    inner = formfield(base, required=False) if simple else None
    if inner is None:
        return _json(field, **kwargs)
    return fields.LinesField(base=inner, **kwargs)


def _key(form_class: type[Any]) -> Builder:
    def build(field: Any, **kwargs: Any) -> forms.Field:
        return form_class(field=field, **kwargs)

    return build


#: Builders by document field; looked up along the hierarchy, so that the base
#: of a family serves its subclasses. Embedded documents are forms of their own
#: (`formsets`), None here.
FORM_FIELDS: dict[type, Builder | None] = {
    document_fields.Field: _json,
    document_fields.AnyField: _json,
    document_fields.MapField: _json,
    document_fields.BinaryField: _json,
    document_fields.TextField: _textarea,
    document_fields.CharField: _plain(fields.TextField, "max_length", "min_length"),
    document_fields.EmailField: _plain(forms.EmailField, "max_length"),
    document_fields.URLField: _url,
    document_fields.SlugField: _plain(forms.SlugField, "max_length", "allow_unicode"),
    document_fields.IntegerField: _plain(forms.IntegerField, "min_value", "max_value"),
    document_fields.FloatField: _plain(forms.FloatField, "min_value", "max_value"),
    document_fields.DecimalField: _plain(
        fields.DecimalField, "min_value", "max_value", "max_digits", "decimal_places"
    ),
    document_fields.BooleanField: _boolean,
    document_fields.DateTimeField: _plain(fields.DateTimeField),
    document_fields.DateField: _plain(fields.DateField),
    document_fields.DurationField: _plain(forms.DurationField),
    document_fields.TimeField: _plain(forms.TimeField),
    document_fields.IPAddressField: _plain(
        forms.GenericIPAddressField, "max_length", "protocol", "unpack_ipv4"
    ),
    document_fields.FileField: _plain(FileField),
    document_fields.ImageField: _plain(ImageField),
    document_fields.UUIDField: _plain(forms.UUIDField),
    document_fields.ObjectIdField: _key(fields.KeyField),
    document_fields.ReferenceField: _key(fields.ReferenceField),
    document_fields.DynamicReferenceField: _key(fields.KeyField),
    document_fields.PointField: _plain(fields.PointField),
    document_fields.ListField: _list,
    document_fields.EmbeddedField: None,
    document_fields.EmbeddedListField: None,
}

#: Elements of these fields fit on a line.
LINE_FIELDS = (
    document_fields.CharField,
    document_fields.IntegerField,
    document_fields.FloatField,
    document_fields.DecimalField,
    document_fields.ObjectIdField,
    document_fields.UUIDField,
    document_fields.ReferenceField,
)


def get_builder(field: Any) -> Builder | None:
    """Return the builder for a document's field, None for embedded documents."""
    return next(FORM_FIELDS[cls] for cls in type(field).__mro__ if cls in FORM_FIELDS)


def formfield(field: Any, *, states: bool = True, **overrides: Any) -> forms.Field | None:
    """
    Return the form field of a document's field, as Django's `formfield()`.

    `overrides` are arguments of the form field; `form_class` takes its place.
    With `states`, a field whose absence may mean two things gets a choice.
    None is returned for embedded documents.
    """
    builder = get_builder(field)
    form_class = overrides.pop("form_class", None)
    if builder is None and form_class is None:
        return None
    options: dict[str, Any] = {
        "required": field.required and not field.null,
        "label": capfirst(field.verbose_name),
        "help_text": field.help_text,
    }
    if field.has_default():
        default = field.get_default()
        if default is not MISSING and default is not None and default != []:
            options["initial"] = default
    options |= overrides
    if form_class is not None:
        return form_class(**options)
    if field.choices and not isinstance(field, document_fields.ListField):
        made = _choice(field, options)
    else:
        made = builder(field, **options)  # type: ignore[misc]
    return with_states(field, made) if states else made


def _choice(field: Any, options: dict[str, Any]) -> forms.Field:
    choices = [(key, label) for key, label in field.choices]
    if not options["required"] or "initial" not in options:
        choices.insert(0, ("", "---------"))
    return TypedChoiceField(choices=choices, coerce=field.to_python, empty_value=None, **options)


def with_states(field: Any, form_field: forms.Field) -> forms.Field:
    """Add the choice of value, null and unset where an empty input is not enough."""
    if isinstance(field, document_fields.FileField):
        # It has a box of its own that clears it.
        return form_field
    states = [VALUE]
    if field.null:
        states.append(NULL)
    if field.blank:
        states.append(UNSET)
    is_text = isinstance(field, document_fields.TextField) and not field.choices
    # An empty text is a value; of anything else, emptiness is the one other state.
    if len(states) < (2 if is_text else 3):
        return form_field
    return fields.StateField(form_field, tuple(states))
