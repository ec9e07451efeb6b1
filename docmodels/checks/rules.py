"""System checks of what becomes of references, and of the copies beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error

from docmodels.documents.referrers import OnDelete, references, target_of
from docmodels.documents.resolution import nearest
from docmodels.fields import EmbeddedField, ListField, MapField, ReferenceField, UnionField


def check_rules(document: Any) -> Iterator[CheckMessage]:
    """Check the `on_delete` of every reference of a document."""
    for field in _in_unions(document._meta.fields):
        if field.on_delete not in {None, OnDelete.DO_NOTHING}:
            yield checks.Warning(
                f"on_delete={field.on_delete!r} inside of a union has no effect: a key there may "
                f"be anything.",
                hint="Give it on_delete=DO_NOTHING, or a field of its own.",
                obj=field,
                id="docmodels.W109",
            )
    for referrer in references(document):
        field, rule = referrer.field, referrer.rule
        if rule is OnDelete.SET_NULL and not field.null:
            yield Error(
                f"{referrer.label}: on_delete=SET_NULL, but it cannot be null.",
                hint="Give it null=True, or another rule; PULL takes the path away.",
                obj=field,
                id="docmodels.E120",
            )
        if rule is OnDelete.SET_DEFAULT and not field.has_default():
            yield Error(
                f"{referrer.label}: on_delete=SET_DEFAULT, but it has no default.",
                hint="Give it a default, or another rule.",
                obj=field,
                id="docmodels.E121",
            )
        if referrer.in_map and rule is not OnDelete.DO_NOTHING:
            yield checks.Warning(
                f"{referrer.label}: on_delete={rule!r} inside of a map reads every document of the "
                f"collection at each deletion, because no index finds what refers from there.",
                hint="Keep the references in a list, or give it on_delete=DO_NOTHING and run "
                "manage.py checkreferences.",
                obj=field,
                id="docmodels.W122",
            )


def check_copies(document: Any) -> Iterator[CheckMessage]:
    """Check that what references copy is there to be copied."""
    for referrer in references(document):
        target = target_of(referrer.field)
        if target is None:
            continue
        meta = target._meta
        for name in referrer.field.copies:
            if name not in meta.by_name:
                yield Error(
                    f"{referrer.label}: copies={name!r}, but {meta.object_name} has no such field."
                    f"{nearest(name, (f.name for f in meta.fields if not f.hidden))}",
                    obj=referrer.field,
                    id="docmodels.E123",
                )


def _in_unions(
    fields: Any, depth: int = 0, *, inside: bool = False
) -> Iterator[ReferenceField[Any]]:
    """Yield the references inside of unions."""
    for field in fields:
        if isinstance(field, ReferenceField) and inside:
            yield field
        elif isinstance(field, (ListField, MapField)):
            yield from _in_unions([field.base_field], depth, inside=inside)
        elif isinstance(field, UnionField):
            yield from _in_unions(field.fields, depth, inside=True)
        elif isinstance(field, EmbeddedField) and depth < 10 and not field.is_copy:
            yield from _in_unions(field.embedded_model._meta.fields, depth + 1, inside=inside)
