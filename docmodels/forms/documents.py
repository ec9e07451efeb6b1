"""`DocumentForm`: what Django's ModelForm is to a model, to a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    FieldError,
    ImproperlyConfigured,
    ValidationError,
)
from django.forms.forms import BaseForm, DeclarativeFieldsMetaclass
from django.forms.utils import ErrorList

from docmodels.forms.fields import KEEP, StateField, StoredValueField
from docmodels.forms.mapping import formfield
from docmodels.forms.nested import (
    EmbeddedFormField,
    EmbeddedListFormField,
    NestedBoundField,
    NestedError,
)
from docmodels.forms.texts import to_ejson
from docmodels.tracking import MISSING

ALL_FIELDS = "__all__"


class DocumentFormOptions:
    """The options of a form's `Meta`, by the names of Django's ModelForm."""

    def __init__(self, meta: Any = None) -> None:
        #: The document class (required).
        self.model: Any = getattr(meta, "model", None)
        #: Names of the fields, or "__all__".
        self.fields = getattr(meta, "fields", None)
        #: Names of fields to leave out.
        self.exclude = getattr(meta, "exclude", None)
        #: Widgets, labels, help texts and form field classes by name.
        self.widgets = getattr(meta, "widgets", None) or {}
        self.labels = getattr(meta, "labels", None) or {}
        self.help_texts = getattr(meta, "help_texts", None) or {}
        self.error_messages = getattr(meta, "error_messages", None) or {}
        self.field_classes = getattr(meta, "field_classes", None) or {}
        #: Forms of embedded documents by name, in place of generated ones.
        self.embedded_forms = getattr(meta, "embedded_forms", None) or {}
        #: Whether null and unset are choices where an input is not enough (default: True).
        self.state_choices = getattr(meta, "state_choices", True)


def fields_for_document(opts: DocumentFormOptions) -> dict[str, forms.Field]:
    """Return the form fields for the options of a form, in the order of `fields`."""
    meta = opts.model._meta
    known = {field.name: field for field in meta.fields}
    wanted = list(known) if opts.fields in (None, ALL_FIELDS) else list(opts.fields)
    explicit = opts.fields not in (None, ALL_FIELDS)
    made: dict[str, forms.Field] = {}
    for name in wanted:
        field = known.get(name)
        if field is None:
            # Declared on the form, or an error that the metaclass reports.
            continue
        if name in (opts.exclude or ()) or (field.hidden and not explicit):
            continue
        if not field.editable:
            if explicit:
                raise FieldError(
                    f"'{name}' cannot be specified for {meta.object_name} form as it is a "
                    f"non-editable field"
                )
            continue
        made[name] = _make(field, opts)
    return made


def _make(field: Any, opts: DocumentFormOptions) -> forms.Field:
    overrides: dict[str, Any] = {}
    for option, argument in (
        (opts.widgets, "widget"),
        (opts.labels, "label"),
        (opts.help_texts, "help_text"),
        (opts.error_messages, "error_messages"),
        (opts.field_classes, "form_class"),
    ):
        if field.name in option:
            overrides[argument] = option[field.name]
    made = formfield(field, states=opts.state_choices, **overrides)
    if made is not None:
        return made
    model = field.embedded_model
    form = opts.embedded_forms.get(field.name) or documentform_factory(model, fields=ALL_FIELDS)
    kind = EmbeddedListFormField if hasattr(field, "base_field") else EmbeddedFormField
    return kind(field, form, **overrides)


class DocumentFormMetaclass(DeclarativeFieldsMetaclass):
    """Make the fields of a form from its `Meta`, declared ones last."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **kwargs: Any
    ) -> Any:
        new_class: Any = super().__new__(mcs, name, bases, attrs, **kwargs)
        opts = new_class._meta = DocumentFormOptions(getattr(new_class, "Meta", None))
        if opts.model is None:
            return new_class
        if isinstance(opts.fields, str) and opts.fields != ALL_FIELDS:
            raise TypeError(
                f"{name}.Meta.fields cannot be a string. Did you mean to type: ('{opts.fields}',)?"
            )
        if opts.fields is None and opts.exclude is None:
            raise ImproperlyConfigured(
                f"Creating a DocumentForm without either the 'fields' attribute or the 'exclude' "
                f"attribute is prohibited; form {name} needs updating."
            )
        made = fields_for_document(opts)
        if opts.fields not in (None, ALL_FIELDS):
            missing = set(opts.fields) - set(made) - set(new_class.declared_fields)
            missing -= set(opts.exclude or ())
            if missing:
                raise FieldError(
                    f"Unknown field(s) ({', '.join(sorted(missing))}) specified for "
                    f"{opts.model.__name__}"
                )
        new_class.base_fields = made | new_class.declared_fields
        return new_class


class BaseDocumentForm(BaseForm):
    """The behaviour of `DocumentForm`."""

    _meta: DocumentFormOptions
    _errors: Any
    base_fields: dict[str, forms.Field]

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        auto_id: Any = "id_%s",
        prefix: str | None = None,
        initial: Mapping[str, Any] | None = None,
        error_class: type[ErrorList] = ErrorList,
        label_suffix: str | None = None,
        empty_permitted: bool = False,
        instance: Any = None,
        use_required_attribute: bool | None = None,
        renderer: Any = None,
    ) -> None:
        opts = self._meta
        if opts.model is None:
            raise ValueError("DocumentForm has no document class specified.")
        self.adding = instance is None or getattr(
            getattr(instance, "_state", None), "adding", False
        )
        self.instance = opts.model() if instance is None else instance
        object_data = document_to_dict(self.instance, self.base_fields)
        object_data.update(initial or {})
        super().__init__(
            data,
            files,
            auto_id,
            prefix,
            object_data,
            error_class,
            label_suffix,
            empty_permitted,
            use_required_attribute=use_required_attribute,
            renderer=renderer,
        )
        self._show_stored_values()

    def _show_stored_values(self) -> None:
        by_name = self._meta.model._meta.by_name
        for name, form_field in list(self.fields.items()):
            field, value = by_name.get(name), self.initial.get(name, MISSING)
            if value is MISSING:
                self.initial.pop(name, None)
            if field is None or isinstance(form_field, NESTED):
                continue
            if isinstance(form_field, StateField):
                start = form_field.initial if value is MISSING else value
                form_field.start_with(MISSING if start is None and value is MISSING else start)
            elif value is MISSING and not self.adding:
                # What is not stored is not the default either.
                self.initial[name] = None
            if value is not MISSING and value is not None and not field.accepts(value):
                text = value if isinstance(value, str) else to_ejson(field.get_prep_value(value))
                self.fields[name] = StoredValueField(form_field, text)

    # Validation

    def _post_clean(self) -> None:
        """Put what was changed into the instance, and judge it."""
        by_name = self._meta.model._meta.by_name
        kept = set()
        changed = set(self.changed_data)
        for name in self.fields:
            if name not in self.cleaned_data or name not in by_name:
                continue
            value = self.cleaned_data[name]
            if value is KEEP:
                kept.add(name)
            elif isinstance(self.fields[name], NESTED):
                self[name].apply(value)  # type: ignore[attr-defined]
            elif self.adding or name in changed:
                self._assign(by_name[name], value)
        exclude = {field.name for field in by_name.values() if field.name not in self.fields}
        if not self.adding:
            # A stored value that nobody touched does not stand in the way of the others.
            exclude |= set(self.fields) - changed
        exclude |= kept | {path.partition(".")[0] for path in self.errors}
        errors = self.instance.collect_errors(exclude=exclude)
        self._update_errors(errors)

    def _assign(self, field: Any, value: Any) -> None:
        if value is MISSING or (value is None and field.blank and not field.null):
            delattr(self.instance, field.attname)
        elif not (value is None and not field.null and not self.instance.is_set(field.name)):
            setattr(self.instance, field.attname, value)

    def _update_errors(self, errors: Mapping[str, Any]) -> None:
        for path, found in errors.items():
            self.add_error(path if path != NON_FIELD_ERRORS else None, ValidationError(found))

    def add_error(self, field: str | None, error: Any) -> None:
        """
        Add an error, as Django's forms do; `field` may be a dotted path.

        The error of a path inside an embedded document is shown at its input
        and stands in `errors` under the whole path.
        """
        name, _dot, rest = (field or "").partition(".")
        if isinstance(error, NestedError):
            self.cleaned_data.pop(name, None)
            return
        if not rest:
            if name and name not in self.fields:
                messages = error.messages if isinstance(error, ValidationError) else [error]
                super().add_error(None, [f"{name}: {message}" for message in messages])
            else:
                super().add_error(field, error)
            return
        bound = self[name] if name in self.fields else None
        if isinstance(bound, NestedBoundField):
            bound.add_error(rest, error)
        found = error if isinstance(error, ValidationError) else ValidationError(error)
        self._errors.setdefault(field, self.error_class()).extend(found.error_list)
        self.cleaned_data.pop(name, None)

    # Saving

    def save(self, commit: bool = True) -> Any:
        """
        Save the instance; with `commit=False` return it unsaved.

        Only the paths that were changed are written. Uniqueness is judged by
        the server: its error comes as the ValidationError of `instance.save()`.
        """
        if self.errors:
            raise ValueError(
                f"The {self.instance._meta.object_name} could not be "
                f"{'created' if self.adding else 'changed'} because the data didn't validate."
            )
        if commit:
            # The form has judged its fields; others may hold what nobody may touch here.
            self.instance.save(validate=True if self.adding else "changed")
        return self.instance


NESTED = (EmbeddedFormField, EmbeddedListFormField)


class DocumentForm(BaseDocumentForm, metaclass=DocumentFormMetaclass):
    """
    A form that edits a document.

    `Meta.model` names the class, `Meta.fields` (or `exclude`) its fields.
    Embedded documents are forms of their own inside, lists of them formsets.
    """


def document_to_dict(instance: Any, names: Any) -> dict[str, Any]:
    """Return the values of a document's fields, MISSING for what is not there."""
    by_name = instance._meta.by_name
    found = {}
    for name in names:
        field = by_name.get(name)
        if field is None:
            continue
        if instance.is_set(name):
            found[name] = getattr(instance, field.attname)
        else:
            found[name] = MISSING
    if getattr(getattr(instance, "_state", None), "adding", True):
        # Nothing is stored yet: fields show their initial values.
        found = {name: value for name, value in found.items() if value is not MISSING}
    return found


def documentform_factory(
    model: Any,
    form: type[BaseDocumentForm] = DocumentForm,
    fields: Any = None,
    exclude: Any = None,
    **options: Any,
) -> type[Any]:
    """
    Return a DocumentForm for a document class, as Django's `modelform_factory`.

    `options` are further attributes of `Meta`.
    """
    meta = {"model": model, "fields": fields, "exclude": exclude, **options}
    bases = (form.Meta,) if hasattr(form, "Meta") else ()
    if fields is None and exclude is None and not bases:
        raise ImproperlyConfigured(
            "Calling documentform_factory without defining 'fields' or 'exclude' explicitly is "
            "prohibited."
        )
    if bases:
        meta = {name: value for name, value in meta.items() if value is not None}
    attributes = {"Meta": type("Meta", bases, meta), "__module__": form.__module__}
    metaclass: Any = type(form)
    return metaclass(f"{model.__name__}Form", (form,), attributes)
