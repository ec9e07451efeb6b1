"""The Django app. Light to import: no forms, admin pages or REST framework."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from docmodels.checks.apps import check_order
from docmodels.checks.documents import check_documents
from docmodels.checks.settings import check_databases, check_docmodels


class DocmodelsConfig(AppConfig):
    """Register the system checks."""

    name = "docmodels"
    verbose_name = _("Documents")
    default = True

    def ready(self) -> None:
        """Connect what watches the project."""
        checks.register(check_order)
        checks.register(check_databases)
        checks.register(check_docmodels)
        checks.register(check_documents)
        post_migrate.connect(_create_permissions, dispatch_uid="docmodels.permissions")


def _create_permissions(**kwargs: Any) -> None:
    # The admin is imported where it is used, not by every process.
    import_string("docmodels.admin.permissions.create_permissions")(**kwargs)
