"""
Serializers of documents that are referred to, inside of others.

A view loads what its serializer shows of them with each page, by one query
for each path. What the user may not view is left out.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured
from rest_framework import permissions, serializers

from docmodels.constants import PATH_SEP
from docmodels.query.relations import find, innermost, split


class Shown(NamedTuple):
    """A reference whose documents a serializer shows."""

    #: The names of the serializer fields that lead to it.
    names: tuple[str, ...]
    #: The path to populate.
    path: str
    #: The class of the documents, None where each document tells it.
    model: Any


@functools.lru_cache(maxsize=256)
def shown_relations(serializer_class: Any) -> tuple[Shown, ...]:
    """Return the references that the declared fields of a serializer show, outer ones first."""
    model: Any = getattr(getattr(serializer_class, "Meta", None), "model", None)
    if not hasattr(model, "_meta"):
        return ()
    return tuple(_shown(serializer_class, model._meta, (), (), frozenset({serializer_class})))


def _shown(
    cls: Any, meta: Any, names: tuple[str, ...], path: tuple[str, ...], around: frozenset[Any]
) -> Iterator[Shown]:
    for name, field in getattr(cls, "_declared_fields", {}).items():
        nested = getattr(field, "child", field)
        if not isinstance(nested, serializers.BaseSerializer) or type(nested) in around:
            continue
        steps = split(field._kwargs.get("source") or name)
        relation, inner = _follow(meta, steps)
        here, way = (*names, name), (*path, *steps)
        if relation is not None:
            yield Shown(here, PATH_SEP.join(way), inner)
        if inner is not None:
            yield from _shown(type(nested), inner._meta, here, way, around | {type(nested)})


def _follow(meta: Any, steps: list[str]) -> tuple[Any, Any]:
    """Return the relation at the end of a path, if any, and the class that is there."""
    relation = model = None
    for step in steps:
        found = find(meta, step)
        if found is None:
            return None, None
        reverse = getattr(found, "is_reverse", False)
        relation = found if reverse else found.reference
        if relation is not None:
            model = _target_of(relation)
        else:
            model = getattr(innermost(found), "embedded_model", None)
        if model is None:
            return relation if step is steps[-1] else None, None
        meta = model._meta
    return relation, model


def _target_of(relation: Any) -> Any:
    try:
        return relation.related_model
    except LookupError:
        return None


def seen_of(shown: tuple[Shown, ...], allowed: Callable[[Any], bool]) -> list[Shown]:
    """Return those of the references that are left, and are not behind one that is left out."""
    seen: list[Shown] = []
    refused: list[tuple[str, ...]] = []
    for item in shown:
        if any(item.names[: len(names)] == names for names in refused):
            continue
        if allowed(item.model):
            seen.append(item)
        else:
            refused.append(item.names)
    return seen


def populate_shown(queryset: Any, shown: list[Shown]) -> Any:
    """Return the queryset with the paths populated that nobody populates otherwise."""
    own = {PATH_SEP.join(split(getattr(i, "path", i))): i for i in queryset.query.populated}
    known = own.keys()
    for item in shown:
        if getattr(own.get(item.path), "count", False):
            raise ImproperlyConfigured(
                f"{queryset.model._meta.object_name}.{item.path}: counted by the queryset, and "
                f"shown by a serializer of documents; expected an IntegerField, or a Populate "
                f"without count."
            )
    paths = [item.path for item in shown if item.path not in known]
    return queryset.populate(*paths) if paths else queryset


def may_view(view: Any, model: Any) -> bool:
    """Return whether the view's permissions let the user read documents of a class."""
    user = getattr(view.request, "user", None)
    for permission in view.get_permissions():
        if model is None or not isinstance(permission, permissions.DjangoModelPermissions):
            continue
        needed = permission.get_required_permissions("GET", model)
        if needed and not (user is not None and user.has_perms(needed)):
            return False
    return True


def leave_out(serializer: Any, shown: tuple[Shown, ...], allowed: Callable[[Any], bool]) -> None:
    """Take the fields out of a serializer whose documents the user may not view."""
    for item in shown:
        if not allowed(item.model):
            *outer, last = item.names
            holder = getattr(serializer, "child", serializer)
            for name in outer:
                # What is around it may be left out already.
                field = holder.fields.get(name) if holder is not None else None
                holder = getattr(field, "child", field)
            if holder is not None:
                holder.fields.pop(last, None)
