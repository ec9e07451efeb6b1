"""Add the copies to an update that changes references, and follow one of what was copied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import FieldError

from docmodels.documents.copying import copied_values, copy_of, copying
from docmodels.documents.referrers import Referrer
from docmodels.documents.spreading import keys_of, paths_of, spread_updated, touched
from docmodels.query.keypaths import LIST, MAP, Steps, values_at
from docmodels.queryset.populating import identify

#: What stores values at a path, and what puts them into a list.
_SETTING = ("$set", "$setOnInsert")
_ADDING = ("$push", "$addToSet")
#: What leaves nothing that a copy would belong to.
_REMOVING = frozenset({"$unset", "$pull", "$pullAll", "$pop"})


def prepare_update(model: Any, where: Any, update: Any, alias: str) -> Callable[[], None] | None:
    """
    Complete an update by queryset before it is sent.

    Return what is to be done after it, None for nothing.
    """
    if not (update and model._meta.has_copies):
        return None
    complete(model, update, alias)
    found = touched(model, paths_of(update.document))
    if not found:
        return None
    keys = keys_of(model, where, alias, found)
    return lambda: spread_updated(model, keys, alias)


def complete(model: Any, update: Any, alias: str) -> None:
    """Store the copies with the references that an update stores; raise FieldError."""
    for referrer in copying(model):
        _complete(referrer, update, alias)


def _complete(referrer: Referrer, update: Any, alias: str) -> None:
    if not isinstance(update.document, dict):
        if any(referrer.steps[0] in stage.get("$set", {}) for stage in update.document):
            raise _uncopied(referrer)
        return
    for operator, changes in list(update.document.items()):
        for path, value in list(changes.items()):
            rest = _rest(path.split("."), referrer.steps)
            if rest is None or operator in _REMOVING - {"$unset"}:
                continue
            if operator == "$unset":
                if not rest:
                    changes[_beside(path, referrer)] = ""
            elif operator in _SETTING and not rest and _beside(path, referrer) in changes:
                # It was filled with the document that the update is from.
                continue
            elif operator in _SETTING and not rest:
                changes[_beside(path, referrer)] = _copies(referrer, [value], alias).get(
                    _identity(referrer, value)
                )
            elif operator in _SETTING:
                _fill(referrer, value, rest, alias)
            elif operator in _ADDING and rest[:1] == (LIST,):
                many = isinstance(value, dict) and "$each" in value
                _fill(referrer, value["$each"] if many else [value], rest, alias)
            else:
                raise _uncopied(referrer)


def _uncopied(referrer: Referrer) -> FieldError:
    return FieldError(
        f"{referrer.label}: an update that computes a reference with copies, expected a value, or "
        f"a save of the documents."
    )


def _rest(parts: list[str], steps: Steps) -> Steps | None:
    """Return the steps behind a path of an update, None where it leads elsewhere."""
    position = 0
    for part in parts:
        if position == len(steps):
            # Something inside of the key.
            return None
        step = steps[position]
        is_element = part.startswith("$") or part.isdecimal()
        if step not in {MAP, part} and not (step == LIST and is_element):
            return None
        position += 1
    return steps[position:]


def _beside(path: str, referrer: Referrer) -> str:
    around, dot, _last = path.rpartition(".")
    return f"{around}{dot}{copy_of(referrer).db_field}"


def _identity(referrer: Referrer, key: Any) -> Any:
    return None if key is None else identify(referrer.field, key)


def _copies(referrer: Referrer, keys: list[Any], alias: str) -> dict[Any, dict[str, Any]]:
    return copied_values(referrer, [key for key in keys if key is not None], alias)


def _fill(referrer: Referrer, value: Any, rest: Steps, alias: str) -> None:
    """Put the copies into BSON values that hold references."""
    last, name = rest[-1], copy_of(referrer).db_field
    holders = [v for v in values_at(value, rest[:-1]) if isinstance(v, dict) and last in v]
    copies = _copies(referrer, [holder[last] for holder in holders], alias)
    for holder in holders:
        holder[name] = copies.get(_identity(referrer, holder[last]))
