"""Fixtures for the tests of the demo project."""

import io

import pytest
from django.core.management import call_command
from django.test import override_settings

#: How many documents of each kind the small demo has.
LIMIT = 300


@pytest.fixture(scope="session", autouse=True)
def urls_of_the_project():
    """Serve the demo's pages."""
    with override_settings(
        ROOT_URLCONF="project.urls",
        STATICFILES_DIRS=["project/static"],
    ):
        yield


@pytest.fixture
def small_demo(mongo):
    """Load the first documents of each kind, with their indexes."""
    call_command("loaddemo", limit=LIMIT, stdout=io.StringIO())
    call_command("syncindexes", verbosity=0)
