"""Faults of a real server, for one process at a time."""

import fcntl
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def fail(mongo):
    """
    Give a function that makes the server's next answers to this process fail.

    It takes how often, or "alwaysOn", and the data of the server's `failCommand`.
    The server, which has one such failpoint, serves other processes of the run as
    well: they wait for each other, and the name of the application tells them apart.
    """
    admin = mongo.client.admin
    name = mongo.settings["OPTIONS"]["appName"]

    def configure(times, **data):
        mode = times if isinstance(times, str) else {"times": times}
        admin.command("configureFailPoint", "failCommand", mode=mode, data=data | {"appName": name})

    with Path(tempfile.gettempdir(), "docmodels-failpoint.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield configure
        admin.command("configureFailPoint", "failCommand", mode="off")
