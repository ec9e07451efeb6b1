"""Fixtures for pytest: ``pytest_plugins = ["docmodels.testing.pytest_plugin"]``.

Every alias points to a database of the running process (and of its xdist
worker), on the configured server or on the one that the environment variable
``DOCMODELS_TEST_URI`` names. Collections are emptied after each test that
talked to the server, and the databases are dropped at the end.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from docmodels.connections import DEFAULT_ALIAS, connections
from docmodels.testing.commands import assert_num_commands as _assert_num_commands
from docmodels.testing.databases import empty_databases, own_databases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from docmodels.connections.backends.base import Connection


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers", "keep_documents: do not empty the collections after this test."
    )


@pytest.fixture(scope="session", autouse=True)
def mongo_databases() -> Iterator[None]:
    """Point every alias to a database of this process, and drop it at the end."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with own_databases(f"{worker}_{os.getpid()}"):
        yield
    connections.close_all()


@pytest.fixture(autouse=True)
def empty_documents(request: pytest.FixtureRequest, mongo_databases: None) -> Iterator[None]:
    """Empty the collections after a test that used the server."""
    yield
    if not request.node.get_closest_marker("keep_documents"):
        empty_databases()


@pytest.fixture
def mongo(mongo_databases: None) -> Connection:
    """Give the default connection, its database empty."""
    return connections[DEFAULT_ALIAS]


@pytest.fixture
def assert_num_commands() -> Callable[..., AbstractContextManager[Any]]:
    """Give the context manager that counts the commands of a block."""
    return _assert_num_commands
