"""Paths of filters and of the search that lead to documents which others refer to."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest

from docmodels.query.across import fields_along, find_crossing


class CrossedPath(NamedTuple):
    """A path behind references, with the names of a `ResolvedPath`."""

    fields: tuple[Any, ...]
    field: Any
    #: The classes on the way; the values are in documents of the last one.
    models: tuple[Any, ...]
    #: The stored path there.
    db_path: str
    #: What is behind a reference has no state of its own here.
    in_list: bool = True


def crossed_path(model: Any, path: str) -> CrossedPath | None:
    """Return where a path leads behind references, None where it stays in the document."""
    models = []
    rest, at = path, model
    while (crossing := find_crossing(at._meta, rest)) is not None:
        at, rest = crossing.model, crossing.rest or "pk"
        models.append(at)
    if not models:
        return None
    fields = fields_along(model._meta, path)
    return CrossedPath(fields, fields[-1], tuple(models), at._meta.resolve(rest).db_path)


def may_follow(request: HttpRequest, admin_site: Any, crossed: CrossedPath) -> bool:
    """Return whether the user may see what a filter by the path tells of the other documents."""
    if any(field.hidden for field in crossed.fields):
        return False
    admins = (admin_site._registry.get(model) for model in crossed.models)
    return all(admin is None or admin.has_view_permission(request) for admin in admins)


def declared_paths(
    request: HttpRequest, document_admin: Any, list_filter: Any
) -> dict[str, CrossedPath]:
    """Return the paths of `list_filter` behind references that the user may filter by."""
    found = {}
    for item in list_filter:
        path = item[0] if isinstance(item, (tuple, list)) else item
        crossed = crossed_path(document_admin.model, path) if isinstance(path, str) else None
        if crossed is not None and may_follow(request, document_admin.admin_site, crossed):
            found[path] = crossed
    return found


def searchable(request: HttpRequest, document_admin: Any, fields: Any, marks: Any) -> list[str]:
    """Return those of `search_fields` whose documents the user may see."""
    found = []
    for name in fields:
        crossed = crossed_path(document_admin.model, name[1:] if name[:1] in marks else name)
        if crossed is None or may_follow(request, document_admin.admin_site, crossed):
            found.append(name)
    return found
