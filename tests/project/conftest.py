"""Fixtures for the tests of the demo project."""

from itertools import islice

import pytest
from django.core.management import call_command

from project import settings as project_settings
from project.demo.management.commands.loaddemo import DATASETS

#: How many documents of each kind the small demo has.
LIMIT = 300


@pytest.fixture(autouse=True)
def settings_of_the_project(settings):
    """Serve the demo's pages with its middleware."""
    settings.ROOT_URLCONF = project_settings.ROOT_URLCONF
    settings.MIDDLEWARE = project_settings.MIDDLEWARE


@pytest.fixture(scope="session")
def rows():
    """Read the first rows of each data package once."""
    return {dataset.name: list(islice(dataset.rows(), LIMIT)) for dataset in DATASETS}


@pytest.fixture
def small_demo(mongo, rows):
    """Store the first documents of each kind, with their indexes."""
    for name, documents in rows.items():
        mongo.collection(name).insert_many(documents)
    # Other tests declare documents as well.
    labels = {dataset.document._meta.app_label for dataset in DATASETS}
    call_command("syncindexes", *labels, verbosity=0)
