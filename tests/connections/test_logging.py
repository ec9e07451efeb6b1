"""The log of commands."""

import logging

import pytest
from django.test.utils import override_settings
from pymongo.errors import OperationFailure

from docmodels.connections import connections


def insert(collection):
    """Write something that must not be in the log."""
    collection.insert_one({"secret": "canary"})


def logged(caplog, work, **choices):
    """Run `work` with a collection and the given choices; give what was logged."""
    changed = connections.settings["default"] | {"OPTIONS": {"appName": "logging"}}
    with (
        caplog.at_level(logging.DEBUG, logger="docmodels.commands"),
        override_settings(MONGO_DATABASES={"default": changed}, DOCMODELS=choices),
    ):
        work(connections["default"].collection("a"))
    return [record for record in caplog.records if record.name == "docmodels.commands"]


class TestCommandLog:
    """``docmodels.commands``."""

    def test_silent_by_default(self, caplog):
        """Outside of DEBUG nobody pays for it."""
        assert logged(caplog, insert) == []

    def test_names_alias_command_and_time(self, caplog):
        """Values are not logged."""
        (record,) = logged(caplog, insert, LOG_COMMANDS=True)

        assert record.levelno == logging.DEBUG
        assert record.getMessage().startswith("default insert ")
        assert record.getMessage().endswith(" ms")
        assert "canary" not in record.getMessage()

    def test_slow_commands_are_warnings(self, caplog):
        """``SLOW_COMMAND_MS`` draws the line."""
        (record,) = logged(caplog, insert, LOG_COMMANDS=True, SLOW_COMMAND_MS=0)

        assert record.levelno == logging.WARNING

    def test_failures_have_their_code(self, caplog):
        """The server's text, which may hold values, stays out."""

        def fail(collection):
            with pytest.raises(OperationFailure):
                collection.find_one({"$canary": 1})

        (record,) = logged(caplog, fail, LOG_COMMANDS=True)

        assert record.getMessage() == "default find failed with code 2"
