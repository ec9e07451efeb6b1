"""What is stored beside a document honours the `Meta` of its class."""

import datetime

import pytest
from django.core.files.base import ContentFile
from pymongo import ReadPreference, WriteConcern

from docmodels import documents
from docmodels.connections import connections
from docmodels.connections.collections import collection_of
from docmodels.testing import record_commands


class Careful(documents.Document):
    number = documents.SequenceField()
    scan = documents.FileField(blank=True)

    class Meta:
        collection = "careful"
        write_concern = WriteConcern(w=1, j=True)
        read_preference = "secondaryPreferred"


#: Every file is older than this.
AGE = datetime.timedelta(hours=-1)
CONCERN = {"w": 1, "j": True}


@pytest.fixture
def sent(mongo):
    """Save a document with a number and a file; give the commands."""
    with record_commands() as commands:
        Careful(scan=ContentFile(b"x", "x.txt")).save()
    return commands


def test_write_concern(sent):
    """Numbers and files are as safe as the document."""
    found = {
        command.collection: command.command.get("writeConcern")
        for command in sent
        if command.name in {"insert", "findAndModify"}
    }

    assert found == dict.fromkeys(
        ["careful", "docmodels_counters", "fs.files", "fs.chunks"], CONCERN
    )


def test_removal(sent):
    """So is their removal."""
    field = Careful._meta.get_field("scan")
    Careful.objects.update(scan=None, allow_all=True, validate=False)

    with record_commands() as commands:
        field.delete_orphans(older_than=AGE)
        Careful._meta.get_field("number").catch_up()

    writes = [command for command in commands if command.name in {"delete", "update"}]
    assert [command.command.get("writeConcern") for command in writes] == [CONCERN] * 3


def test_reading():
    """The newest state is read where something depends on it, else where `Meta` says."""
    connection, meta = connections["default"], Careful._meta

    plain = collection_of(meta, connection, beside="x")
    fresh = collection_of(meta, connection, beside="x", fresh=True)

    assert (plain.name, plain.read_preference) == ("x", ReadPreference.SECONDARY_PREFERRED)
    assert (fresh.name, fresh.read_preference) == ("x", connection.collection("x").read_preference)
    assert (plain.write_concern, fresh.write_concern) == (WriteConcern(w=1, j=True),) * 2
