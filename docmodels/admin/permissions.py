"""Who may do what: Django's permissions, by their usual names."""

from __future__ import annotations

from typing import Any

from django.apps import apps as global_apps
from django.contrib.auth import get_permission_codename
from django.db import DEFAULT_DB_ALIAS, router
from django.http import HttpRequest

from docmodels.registry import registry


class PermissionsMixin:
    """
    The permission hooks of Django's ModelAdmin.

    Each asks `request.user` for `<app_label>.<verb>_<model_name>`; `obj` is
    None where the question is about the documents as a whole.
    """

    opts: Any

    def _may(self, request: HttpRequest, verb: str) -> bool:
        codename = get_permission_codename(verb, self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")  # type: ignore[union-attr]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the documents, or `obj`, may be seen."""
        return self._may(request, "view") or self._may(request, "change")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tell whether documents may be added."""
        return self._may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the documents, or `obj`, may be changed."""
        return self._may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the documents, or `obj`, may be deleted."""
        return self._may(request, "delete")

    def has_view_or_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether one of the two is allowed."""
        return self.has_view_permission(request, obj) or self.has_change_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Tell whether the app is shown on the overview."""
        return request.user.has_module_perms(self.opts.app_label)  # type: ignore[union-attr]

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Return the four permissions by verb."""
        return {
            "add": self.has_add_permission(request),
            "change": self.has_change_permission(request),
            "delete": self.has_delete_permission(request),
            "view": self.has_view_permission(request),
        }


def create_permissions(
    app_config: Any,
    using: str = DEFAULT_DB_ALIAS,
    apps: Any = global_apps,
    **kwargs: Any,
) -> None:
    """
    Make the permissions of an app's documents, after Django's `migrate`.

    Documents of no installed app are taken care of with docmodels itself.
    Existing rows are left alone; projects without `django.contrib.auth`
    have none.
    """
    try:
        content_types = apps.get_model("contenttypes", "ContentType")
        permissions = apps.get_model("auth", "Permission")
    except LookupError:
        return
    if not router.allow_migrate_model(using, permissions):
        return
    installed = {config.label for config in global_apps.get_app_configs()}
    for model in registry.documents():
        label = model._meta.app_label
        if label == app_config.label or (app_config.name == "docmodels" and label not in installed):
            _create_rows(model._meta, content_types.objects, permissions.objects, using)


def _create_rows(opts: Any, content_types: Any, permissions: Any, using: str) -> None:
    content_type, _created = content_types.db_manager(using).get_or_create(
        app_label=opts.app_label, model=opts.model_name
    )
    wanted = {
        get_permission_codename(verb, opts): f"Can {verb} {opts.verbose_name_raw}"
        for verb in opts.default_permissions
    } | dict(opts.permissions)
    rows = permissions.using(using).filter(content_type=content_type)
    known = set(rows.values_list("codename", flat=True))
    permissions.using(using).bulk_create(
        permissions.model(content_type=content_type, codename=codename, name=name[:255])
        for codename, name in wanted.items()
        if codename not in known
    )
