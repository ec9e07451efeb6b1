"""The Django app. Light to import: no forms, admin or REST framework."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from docmodels.checks.documents import check_documents
from docmodels.checks.settings import check_databases, check_docmodels


class DocmodelsConfig(AppConfig):
    """Register the system checks."""

    name = "docmodels"
    verbose_name = _("Documents")
    default = True

    def ready(self) -> None:
        """Connect what watches the project."""
        checks.register(check_databases)
        checks.register(check_docmodels)
        checks.register(check_documents)
