"""A real server without transactions: a `mongod` that belongs to no replica set."""

import socket
import subprocess

import pytest
from django.conf import settings
from django.test import override_settings
from pymongo import MongoClient

from docmodels.connections import connections
from docmodels.connections.configuration import EMBEDDED_DEFAULTS
from docmodels.connections.embedded.binary import find_binary


def free_port():
    """Give a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def standalone_uri(tmp_path_factory):
    """Start the server once in a run; give its address."""
    port = free_port()
    process = subprocess.Popen(
        [
            find_binary(EMBEDDED_DEFAULTS["binary"]),
            *("--dbpath", str(tmp_path_factory.mktemp("standalone"))),
            *("--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket", "--quiet"),
            *("--wiredTigerCacheSizeGB", "0.25"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    uri = f"mongodb://127.0.0.1:{port}/"
    try:
        with MongoClient(uri, serverSelectionTimeoutMS=60_000) as client:
            client.admin.command("ping")
        yield uri
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def alone(standalone_uri):
    """Give the connection of an alias `"alone"` on that server, empty."""
    databases = {
        **settings.MONGO_DATABASES,
        "alone": {"HOST": standalone_uri, "NAME": "alone", "OPTIONS": {"w": 1}},
    }
    with override_settings(MONGO_DATABASES=databases):
        connection = connections["alone"]
        connection.client.drop_database("alone")
        yield connection
        connection.client.drop_database("alone")
