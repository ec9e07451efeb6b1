"""Django forms over documents."""

from docmodels.forms.documents import (
    ALL_FIELDS,
    DocumentForm,
    documentform_factory,
)
from docmodels.forms.fields import ExtendedJSONField, ReferenceField
from docmodels.forms.formsets import EmbeddedFormSet, embedded_formset_factory
from docmodels.forms.mapping import FORM_FIELDS, formfield

__all__ = [
    "ALL_FIELDS",
    "FORM_FIELDS",
    "DocumentForm",
    "EmbeddedFormSet",
    "ExtendedJSONField",
    "ReferenceField",
    "documentform_factory",
    "embedded_formset_factory",
    "formfield",
]
