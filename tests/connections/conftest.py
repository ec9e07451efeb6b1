"""Fixtures of the tests of connections."""

import pytest

from docmodels.connections.embedded import EmbeddedServer
from tests.connections.applications import Application


@pytest.fixture
def folder(tmp_path):
    """Give a folder whose server, if any, is stopped at the end."""
    path = tmp_path / "mongo"
    yield path
    EmbeddedServer(path).stop()


@pytest.fixture
def start(folder):
    """Give a function that starts an application on the folder."""
    applications = []

    def start_one():
        application = Application(folder)
        applications.append(application)
        return application

    yield start_one
    for application in applications:
        application.close()
