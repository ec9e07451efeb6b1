"""Embedded documents inside a form: forms and formsets with a prefix."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from docmodels.forms.formsets import embedded_formset_factory
from docmodels.tracking import MISSING


class NestedBoundField(BoundField):
    """A field of a form that is a form, or a formset, itself."""

    form: Any

    @property
    def data(self) -> Any:
        """Return the bound field: its form reads what was sent."""
        return self

    @property
    def errors(self) -> Any:
        """Return the errors of the field as a whole, those inside stand at their inputs."""
        return self.form.errors.get(self.name, self.form.error_class())

    def value(self) -> Any:
        """Return the stored value."""
        return self.initial

    def __str__(self) -> SafeString:
        return self.as_widget()

    def css_classes(self, extra_classes: Any = None) -> str:
        """Return no class of its own."""
        return super().css_classes(extra_classes)

    @cached_property
    @abstractmethod
    def nested(self) -> Any:
        """Return the form, or the formset."""

    def _has_changed(self) -> bool:
        return bool(self.nested.has_changed())

    @abstractmethod
    def path_errors(self) -> Iterator[tuple[str, Any]]:
        """Yield the errors inside by path."""

    @abstractmethod
    def apply(self, value: Any) -> None:
        """Put the cleaned value into the document."""

    @abstractmethod
    def add_error(self, path: str, error: Any) -> None:
        """Add an error of a path inside."""


class EmbeddedBoundField(NestedBoundField):
    """An embedded document of a form."""

    field: EmbeddedFormField

    @cached_property
    def nested(self) -> Any:
        """Return the form of the embedded document."""
        stored = self.stored
        return self.field.form_class(
            data=self.form.data if self.form.is_bound else None,
            files=self.form.files if self.form.is_bound else None,
            prefix=self.html_name,
            instance=stored,
            auto_id=self.form.auto_id,
            empty_permitted=stored is None and not self.field.required,
            use_required_attribute=False,
            renderer=self.form.renderer,
        )

    @property
    def stored(self) -> Any:
        """Return the embedded document, None where there is none."""
        value = getattr(self.form.instance, self.name)
        return value if isinstance(value, self.field.document_field.embedded_model) else None

    @property
    def removed(self) -> bool:
        """Return whether the document is to go."""
        return (
            self.form.is_bound
            and not self.field.required
            and f"{self.html_name}-REMOVE" in self.form.data
        )

    def as_widget(self, widget: Any = None, attrs: Any = None, only_initial: bool = False) -> Any:
        """Draw the form inside."""
        removable = self.stored is not None and not self.field.required
        context = {"nested": self.nested, "removable": removable}
        return SafeString(render_to_string("docmodels/forms/embedded.html", context))

    def _has_changed(self) -> bool:
        return self.removed or bool(self.nested.has_changed())

    def path_errors(self) -> Iterator[tuple[str, Any]]:
        """Yield the errors of the form inside."""
        if not self.removed:
            yield from self.nested.errors.items()

    def apply(self, value: Any) -> None:
        """Assign a new document, or remove the old one; a changed one is in its place."""
        name = self.field.document_field.attname
        if value is MISSING:
            if self.stored is not None:
                delattr(self.form.instance, name)
        elif value is not self.stored:
            setattr(self.form.instance, name, value)

    def add_error(self, path: str, error: Any) -> None:
        """Hand the error to the form inside."""
        self.nested.add_error(path, error)


class EmbeddedListBoundField(NestedBoundField):
    """A list of embedded documents of a form."""

    field: EmbeddedListFormField

    @cached_property
    def nested(self) -> Any:
        """Return the formset."""
        return self.field.formset_class(
            data=self.form.data if self.form.is_bound else None,
            files=self.form.files if self.form.is_bound else None,
            prefix=self.html_name,
            instances=self.stored,
            auto_id=self.form.auto_id,
        )

    @property
    def stored(self) -> Any:
        """Return the stored list."""
        value = getattr(self.form.instance, self.name)
        return value if isinstance(value, list) else []

    def as_widget(self, widget: Any = None, attrs: Any = None, only_initial: bool = False) -> Any:
        """Draw the formset."""
        context = {"formset": self.nested}
        return SafeString(render_to_string("docmodels/forms/formset.html", context))

    def path_errors(self) -> Iterator[tuple[str, Any]]:
        """Yield the errors of all forms, by index."""
        if self.nested.non_form_errors():
            yield "", self.nested.non_form_errors()
        for index, form in enumerate(self.nested.forms):
            if not (self.nested.can_delete and self.nested._should_delete_form(form)):
                for path, errors in form.errors.items():
                    yield f"{index}.{path}", errors

    def apply(self, value: Any) -> None:
        """Append what is new; rebuild the list only where elements moved or went."""
        stored = self.stored
        kept = value[: len(stored)]
        if len(kept) == len(stored) and all(a is b for a, b in zip(kept, stored, strict=True)):
            if len(value) > len(stored):
                getattr(self.form.instance, self.name).extend(value[len(stored) :])
        else:
            getattr(self.form.instance, self.name)[:] = value

    def add_error(self, path: str, error: Any) -> None:
        """Hand the error to the form of the element."""
        index, _dot, rest = path.partition(".")
        forms_by_element = self.nested.element_forms
        if rest and index.isdecimal() and int(index) < len(forms_by_element):
            forms_by_element[int(index)].add_error(rest, error)


class NestedField(forms.Field):
    """The base of fields whose value is made by a form of its own."""

    bound_class: type[NestedBoundField]

    def __init__(self, document_field: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label", capfirst(document_field.verbose_name))
        kwargs.setdefault("help_text", document_field.help_text)
        super().__init__(required=document_field.required, **kwargs)
        self.document_field = document_field

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        """Return the field in a form."""
        return self.bound_class(form, self, field_name)

    def clean(self, value: Any) -> Any:
        """Return what the form inside makes; raise its errors by path."""
        bound: NestedBoundField = value
        found = list(bound.path_errors())
        if found:
            for path, errors in found:
                where = f"{bound.name}.{path}" if path else bound.name
                bound.form._errors[where] = errors
            raise NestedError([])
        return self.compose(bound)

    @abstractmethod
    def compose(self, bound: Any) -> Any:
        """Return the cleaned value."""


class NestedError(ValidationError):
    """The form inside has errors, which stand at their paths already."""


class EmbeddedFormField(NestedField):
    """One embedded document."""

    bound_class = EmbeddedBoundField

    def __init__(self, document_field: Any, form_class: Any, **kwargs: Any) -> None:
        super().__init__(document_field, **kwargs)
        self.form_class = form_class

    def compose(self, bound: Any) -> Any:
        """Return the document; MISSING where none is wanted."""
        if bound.removed:
            return MISSING
        if bound.stored is None and not self.required and not bound.nested.has_changed():
            return MISSING
        return bound.nested.instance


class EmbeddedListFormField(NestedField):
    """A list of embedded documents."""

    bound_class = EmbeddedListBoundField

    def __init__(
        self, document_field: Any, form_class: Any, *, extra: int = 1, **kwargs: Any
    ) -> None:
        super().__init__(document_field, **kwargs)
        self.formset_class = embedded_formset_factory(
            form_class,
            extra=extra,
            min_num=document_field.min_items,
            max_num=document_field.max_items,
        )

    def compose(self, bound: Any) -> Any:
        """Return the documents in their order."""
        return bound.nested.documents()
