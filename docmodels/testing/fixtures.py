"""
The fixtures of the pytest plugin.

Every alias points to a database of the running process (and of its xdist
worker), on the configured server or on the one that the environment variable
``DOCMODELS_TEST_URI`` or ``TEST["HOST"]`` names. Collections are emptied
after each test that talked to the server, and the databases are dropped at
the end.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from docmodels.connections import DEFAULT_ALIAS, connections
from docmodels.testing import commands, plans
from docmodels.testing.databases import (
    empty_databases,
    end_own_server,
    own_databases,
    share_own_server,
)
from docmodels.testing.indexes import sync_indexes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from docmodels.connections.backends.base import Connection


def pytest_configure(config: pytest.Config) -> None:
    """Let all the workers of a run use one server."""
    if not hasattr(config, "workerinput"):
        share_own_server()
        config.add_cleanup(end_own_server)


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


@pytest.fixture(scope="session")
def mongo_indexes(mongo_databases: None) -> None:
    """Make all declared collections and indexes, once in a run."""
    sync_indexes()


@pytest.fixture
def assert_num_commands() -> Callable[..., AbstractContextManager[Any]]:
    """Give the context manager that counts the commands of a block."""
    return commands.assert_num_commands


@pytest.fixture
def assert_uses_index() -> Callable[..., None]:
    """Give the function that demands an index of a queryset's plan."""
    return plans.assert_uses_index


@pytest.fixture
def assert_no_collscan() -> Callable[[Any], None]:
    """Give the function that refuses a queryset which reads a whole collection."""
    return plans.assert_no_collscan


@pytest.fixture
def assert_pipeline() -> Callable[[Any, list[dict[str, Any]]], None]:
    """Give the function that compares the stages of a queryset."""
    return plans.assert_pipeline
