"""Set Django up for the systems that need it."""

from __future__ import annotations

from pathlib import Path

import django
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent


def configure() -> None:
    """Set Django up with docmodels alone; a system points to its server itself."""
    settings.configure(
        BASE_DIR=ROOT,
        SECRET_KEY="only signs the tokens of pages",
        USE_TZ=True,
        INSTALLED_APPS=["docmodels"],
        MONGO_DATABASES={"default": {"HOST": "embedded://.demo/bench", "NAME": "bench"}},
        REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
    )
    django.setup()
