"""Read and write a document by dotted paths of names (`lines.2.price`)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.utils.translation import gettext_lazy as _

from docmodels.constants import LOOKUP_SEP, PATH_SEP
from docmodels.documents.base import BaseDocument
from docmodels.documents.resolution import nearest
from docmodels.exceptions import UnknownField
from docmodels.fields.errors import ErrorMap, add_errors
from docmodels.tracking import MISSING, Increment, TrackedDict, TrackedList

_NOWHERE = _("Nothing is stored at %(path)s.")


def dotted(document: BaseDocument, path: str) -> str:
    """Return a path with dots; double underscores join names as well, as in filters."""
    name, underscores, _rest = path.partition(LOOKUP_SEP)
    if not underscores or PATH_SEP in path or path in document._undeclared:
        return path
    return path.replace(LOOKUP_SEP, PATH_SEP) if name in document._meta.by_name else path


def get_path(document: BaseDocument, path: str) -> Any:
    """Return what is at `path`, None where nothing is."""
    return get_inside(document, dotted(document, path))


def get_inside(value: Any, path: str) -> Any:
    """Return what is at `path` inside of a value, None where nothing is."""
    found = value
    for part in path.split(PATH_SEP):
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
    path = dotted(document, path)
    parent, part = _parent(document, path)
    try:
        _assign(parent, part, value)
    except ValidationError as error:
        errors: ErrorMap = {}
        add_errors(errors, path, error)
        raise ValidationError(errors) from error


def unset_path(document: BaseDocument, path: str) -> None:
    """Remove what is at `path`; an element of a list is taken out of it."""
    parent, part = _parent(document, dotted(document, path))
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


def increment(document: BaseDocument, path: str, amount: Any) -> None:
    """Add `amount` to the number at `path`; see `Document.increment`."""
    path = dotted(document, path)
    parent, part = _parent(document, path)
    try:
        _increment(parent, part, amount, f"{document._meta.object_name}.{path}")
    except ValidationError as error:
        errors: ErrorMap = {}
        add_errors(errors, path, error)
        raise ValidationError(errors) from error


def _increment(parent: Any, part: str, amount: Any, where: str) -> None:
    if isinstance(parent, BaseDocument):
        field = parent._meta.by_name.get(part)
        if field is not None:
            _count_field(parent, field, amount, where)
            return
        if part not in parent._undeclared:
            raise UnknownField(f"{where}: no such field.{nearest(part, parent._meta.by_name)}")
        parent = parent.undeclared
    if isinstance(parent, TrackedDict):
        current = parent.get(part, MISSING)
        parent.put_sum(part, *_sum(parent._codec, current, amount, where))
    elif isinstance(parent, TrackedList) and part.isdecimal() and int(part) < len(parent):
        index = int(part)
        parent.put_sum(index, *_sum(parent._codec, parent[index], amount, where))
    else:
        raise FieldError(f"{where}: nothing to increment, expected a number at this path.")


def _sum(field: Any, current: Any, amount: Any, where: str) -> tuple[Any, Any]:
    """Return the sum, cast, and the amount."""
    try:
        start = field.cast(0) if current is None or current is MISSING else current
        amount = field.cast(amount)
    except ValidationError as error:
        raise _no_number(where, current, amount) from error
    for number in (start, amount):
        if isinstance(number, bool) or not isinstance(number, (int, float, Decimal)):
            raise _no_number(where, current, amount)
    return field.to_python(start + amount), amount


def _no_number(where: str, current: Any, amount: Any) -> FieldError:
    current = None if current is MISSING else current
    return FieldError(f"{where}: increment of {current!r} by {amount!r}, expected numbers.")


def _count_field(parent: BaseDocument, field: Any, amount: Any, where: str) -> None:
    name, current = field.name, parent._slot_value(field)
    if not parent._is_loaded(field):
        current = parent._load_deferred(field)
    elif current is MISSING:
        current = getattr(parent, field.attname)
    value, amount = _sum(field, current, amount, where)
    # The server counts a missing number from 0, and refuses to count null.
    total = amount if parent.is_set(name) and current is not None else None
    if not parent.is_set(name) and value == amount:
        total = amount
    if name in parent._changed:
        before = parent._increments.get(name)
        if before is not None and before.explains(parent._changed[name], current):
            total = before.amount + amount
        else:
            total = None
    setattr(parent, field.attname, value)
    if total is not None and name in parent._changed:
        step = Increment(parent._changed[name], parent._slot_value(field), total)
        parent._increments = {**parent._increments, name: step}


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
