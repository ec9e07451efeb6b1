"""Counting commands, and databases of one's own."""

import pytest
from django.db.transaction import TransactionManagementError

from docmodels import transaction
from docmodels.connections import connections
from docmodels.testing import SimpleTestCase, record_commands
from docmodels.testing.databases import empty_databases


class TestRecordCommands:
    """`record_commands` and the fixture `assert_num_commands`."""

    def test_records_what_the_block_sends(self, mongo):
        """Name, collection and body are kept; housekeeping is not."""
        mongo.collection("a").insert_one({"_id": 1})

        with record_commands() as commands:
            mongo.database.command("ping")
            mongo.collection("a").find_one({"_id": 1})
            list(mongo.collection("a").aggregate([{"$match": {}}]))
        mongo.collection("a").find_one()

        assert [(sent.name, sent.collection) for sent in commands] == [
            ("find", "a"),
            ("aggregate", "a"),
        ]
        assert commands[0].command["filter"] == {"_id": 1}
        assert commands[0].database == mongo.name

    def test_a_connection_in_use_can_be_recorded(self, mongo):
        """Its data stays in reach, and only the named alias is heard."""
        mongo.collection("a").insert_one({"_id": 1})

        with record_commands("slow") as commands:
            mongo.collection("a").find_one()
            connections["slow"].collection("a").find_one()

        assert len(commands) == 1

    def test_the_first_time_inside_of_a_transaction(self, mongo, monkeypatch):
        """The session belongs to a client without listeners: it is refused, nothing is lost."""
        monkeypatch.setattr(mongo, "_command_log", None)
        mongo.collection("a").insert_one({"_id": 1})

        with transaction.atomic() as session:
            with pytest.raises(TransactionManagementError) as excinfo, record_commands():
                pass
            mongo.collection("a").insert_one({"_id": 2}, session=session)

        assert str(excinfo.value) == (
            "record_commands() for the first time inside atomic() on 'default', expected it around "
            "the block."
        )
        assert mongo.collection("a").count_documents({}) == 2

    def test_the_right_number_passes(self, mongo, assert_num_commands):
        """The commands are given for a closer look."""
        with assert_num_commands(1) as commands:
            mongo.collection("a").find_one()

        assert commands[0].name == "find"

    def test_the_wrong_number_lists_the_commands(self, mongo, assert_num_commands):
        """The failure shows what was sent."""
        with pytest.raises(AssertionError) as excinfo, assert_num_commands(0):
            mongo.collection("a").find_one({"n": 1})

        assert str(excinfo.value) == (
            "1 commands sent, 0 expected:\n"
            "1. find {'find': 'a', 'filter': {'n': 1}, 'limit': 1, 'singleBatch': True}"
        )


class TestIsolation:
    """What one test stores, the next one does not see."""

    @pytest.mark.parametrize("turn", [1, 2])
    def test_collections_are_empty(self, mongo, turn):
        """Whatever ran before."""
        assert mongo.collection("isolation").count_documents({}) == 0

        mongo.collection("isolation").insert_one({"turn": turn})

    def test_the_name_belongs_to_the_process(self, mongo):
        """Two runs at the same time do not meet."""
        assert mongo.name.startswith("test_docmodels_")


class TestFake:
    """Aliases whose server is the fake."""

    def test_emptied(self, settings, mongo):
        """It is emptied as well, beside a real database of the same name."""
        fake = {"HOST": "mongomock://", "NAME": mongo.name}
        settings.MONGO_DATABASES = {**settings.MONGO_DATABASES, "fake": fake}
        mongo.collection("a").insert_one({"_id": 1})
        connections["fake"].collection("a").insert_one({"_id": 1})

        empty_databases()

        assert connections["fake"].collection("a").count_documents({}) == 0
        assert mongo.collection("a").count_documents({}) == 0


class TestCaseTests(SimpleTestCase):
    """The test case for Django's runner."""

    def test_own_database(self):
        """It is named after the class."""
        assert connections["default"].name.endswith("_testcasetests")

    def test_assert_num_commands(self):
        """It works as a context manager and with a function."""
        collection = connections["default"].collection("a")

        with self.assertNumCommands(1):
            connections["default"].collection("a").find_one()
        self.assertNumCommands(1, lambda: connections["default"].collection("a").find_one())
        with pytest.raises(AssertionError):
            self.assertNumCommands(2, collection.find_one)
