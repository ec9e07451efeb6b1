"""System checks of INSTALLED_APPS."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core import checks

CONTENT_TYPES = "django.contrib.contenttypes"


def check_order(**kwargs: Any) -> list[checks.CheckMessage]:
    """Check that docmodels' command replaces Django's of the same name."""
    names = [config.name for config in apps.get_app_configs()]
    if CONTENT_TYPES not in names or "docmodels" not in names:
        return []
    if names.index("docmodels") < names.index(CONTENT_TYPES):
        return []
    return [
        checks.Warning(
            f"settings.INSTALLED_APPS: 'docmodels' stands behind '{CONTENT_TYPES}', expected it "
            f"in front: `manage.py remove_stale_contenttypes` would delete the content types of "
            f"documents, and so their permissions and the way to their history.",
            hint=f"Move 'docmodels' in front of '{CONTENT_TYPES}'.",
            id="docmodels.W001",
        )
    ]
