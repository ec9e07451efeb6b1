"""Who may do what: Django's permissions, by their usual names."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_permission_codename
from django.http import HttpRequest


class PermissionsMixin:
    """
    The permission hooks of Django's ModelAdmin.

    Each asks `request.user` for `<app_label>.<verb>_<model_name>`; `obj` is
    None where the question is about the documents as a whole.
    """

    opts: Any

    def _may(self, request: HttpRequest, verb: str) -> bool:
        codename = get_permission_codename(verb, self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")  # type: ignore[no-any-return]

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
