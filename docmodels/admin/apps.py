"""The browsing UI as an app of its own, for projects that list it."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocmodelsAdminConfig(AppConfig):
    """Name the app; `docmodels.admin.site` finds the `admin` modules itself."""

    name = "docmodels.admin"
    # Django's own admin has the label "admin".
    label = "docmodels_admin"
    verbose_name = _("Administration")
    default = True
