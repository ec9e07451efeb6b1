"""Read and write a document by dotted paths of names (`lines.2.price`)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from docmodels.documents.base import BaseDocument
from docmodels.fields.errors import ErrorMap, add_errors

_NOWHERE = _("Nothing is stored at %(path)s.")


def get_path(document: BaseDocument, path: str) -> Any:
    """Return what is at `path`, None where nothing is."""
    found: Any = document
    for part in path.split("."):
        found = _child(found, part)
        if found is None:
            return None
    return found


def set_path(document: BaseDocument, path: str, value: Any) -> None:
    """
    Assign `value` at `path`, cast by the field that is declared there.

    The path is made of names, list indexes and map keys; one index past the
    end of a list appends. Raise ValidationError, keyed by the path, for a
    value that cannot be cast or a path that leads nowhere.
    """
    parent, part = _parent(document, path)
    try:
        _assign(parent, part, value)
    except ValidationError as error:
        errors: ErrorMap = {}
        add_errors(errors, path, error)
        raise ValidationError(errors) from error


def unset_path(document: BaseDocument, path: str) -> None:
    """Remove what is at `path`; an element of a list is taken out of it."""
    parent, part = _parent(document, path)
    if isinstance(parent, BaseDocument):
        field = parent._meta.by_name.get(part)
        if field is None:
            parent.undeclared.pop(part, None)
        else:
            delattr(parent, field.attname)
    elif isinstance(parent, list) and part.isdecimal() and int(part) < len(parent):
        del parent[int(part)]
    elif isinstance(parent, dict):
        parent.pop(part, None)


def _parent(document: BaseDocument, path: str) -> tuple[Any, str]:
    before, _dot, part = path.rpartition(".")
    parent = get_path(document, before) if before else document
    if not isinstance(parent, (BaseDocument, list, dict)):
        raise ValidationError(
            {path: ValidationError(_NOWHERE, code="no_path", params={"path": before})}
        )
    return parent, part


def _child(parent: Any, part: str) -> Any:
    if isinstance(parent, BaseDocument):
        field = parent._meta.by_name.get(part)
        return parent.undeclared.get(part) if field is None else getattr(parent, field.attname)
    if isinstance(parent, list):
        return parent[int(part)] if part.isdecimal() and int(part) < len(parent) else None
    if isinstance(parent, dict):
        return parent.get(part)
    return None


def _assign(parent: Any, part: str, value: Any) -> None:
    if isinstance(parent, BaseDocument):
        field = parent._meta.by_name.get(part)
        if field is None:
            parent.undeclared[part] = value
            return
        field.to_python(value)
        setattr(parent, field.attname, value)
    elif isinstance(parent, list):
        if not part.isdecimal() or int(part) > len(parent):
            raise ValidationError(
                _("%(part)s is no index of a list of %(count)s."),
                code="no_path",
                params={"part": part, "count": len(parent)},
            )
        if int(part) == len(parent):
            parent.append(value)
        else:
            parent[int(part)] = value
    else:
        parent[part] = value
