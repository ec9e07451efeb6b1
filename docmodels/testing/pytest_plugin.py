"""
The pytest plugin: a real server, and a clean database for each test.

It is there as soon as docmodels is installed. In a run that tests no Django
project with ``MONGO_DATABASES`` it does nothing and imports nothing; in one
that does, the fixtures are those of ``docmodels.testing.fixtures``.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_FIXTURES = "docmodels.testing.fixtures"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and add the fixtures where documents are tested."""
    config.addinivalue_line(
        "markers", "keep_documents: do not empty the collections after this test."
    )
    if _has_databases():
        config.pluginmanager.import_plugin(_FIXTURES)


def _has_databases() -> bool:
    # Whoever tests a Django project has imported its settings by now, as pytest-django does.
    conf = sys.modules.get("django.conf")
    if conf is None:
        return False
    if not (conf.settings.configured or os.environ.get(conf.ENVIRONMENT_VARIABLE)):
        return False
    return bool(getattr(conf.settings, "MONGO_DATABASES", None))
