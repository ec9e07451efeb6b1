"""What a violated unique index means for a document."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext_lazy as _

from docmodels.exceptions import DuplicateKey
from docmodels.query.naming import path_name


def duplicate_error(meta: Any, error: DuplicateKey) -> ValidationError:
    """Turn a violated unique index into an error of its fields (rule V5)."""
    fields = [
        field
        for key in error.key_pattern
        if (field := meta.by_key.get(key.partition(".")[0])) is not None
    ]
    names = [path_name(meta, key) for key in error.key_pattern]
    params = {
        "document_name": capfirst(meta.verbose_name),
        "field_label": get_text_list([str(field.verbose_name) for field in fields], str(_("and"))),
    }
    if len(names) == 1 and fields:
        return ValidationError({names[0]: [fields[0].error("unique", **params)]})
    if not fields:
        message = _("%(document_name)s with these values already exists.")
    else:
        message = _("%(document_name)s with this %(field_label)s already exists.")
    return ValidationError(
        {NON_FIELD_ERRORS: [ValidationError(message, code="unique_together", params=params)]}
    )
