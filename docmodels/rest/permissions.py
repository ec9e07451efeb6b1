"""Django's permissions on documents: the rows that the admin uses."""

from __future__ import annotations

from rest_framework import permissions

PERMS_MAP: dict[str, list[str]] = {
    "GET": ["%(app_label)s.view_%(model_name)s"],
    "OPTIONS": [],
    "HEAD": ["%(app_label)s.view_%(model_name)s"],
    "POST": ["%(app_label)s.add_%(model_name)s"],
    "PUT": ["%(app_label)s.change_%(model_name)s"],
    "PATCH": ["%(app_label)s.change_%(model_name)s"],
    "DELETE": ["%(app_label)s.delete_%(model_name)s"],
}


class DocumentPermissions(permissions.DjangoModelPermissions):
    """
    Demand `view`, `add`, `change` or `delete` on the document of the view.

    Unlike DRF's DjangoModelPermissions reading needs a permission as well.
    """

    perms_map = PERMS_MAP


class DocumentPermissionsOrAnonReadOnly(permissions.DjangoModelPermissionsOrAnonReadOnly):
    """Let everybody read; demand `add`, `change` or `delete` for the rest."""


class DocumentObjectPermissions(permissions.DjangoObjectPermissions):
    """
    Demand the permissions on each object too, of a backend that knows objects.

    An object that the user may not view is a 404.
    """

    perms_map = PERMS_MAP
