"""Few documents are found by one command, as safely as by a cursor."""

import time

import pytest

from docmodels import documents
from docmodels.connections import connections
from docmodels.connections.deadlines import deadline
from docmodels.connections.finding import FEW
from docmodels.exceptions import ConnectionUnavailable, DeadlineExceeded
from docmodels.testing import record_commands


class Note(documents.Document):
    number = documents.IntegerField()
    text = documents.TextField(blank=True)

    class Meta:
        app_label = "finding"


@pytest.fixture
def notes(mongo):
    """Some notes, more than are few."""
    return Note.objects.bulk_create(Note(number=number) for number in range(FEW + 5))


def numbers(queryset):
    """Return the numbers of notes."""
    return [note.number for note in queryset]


@pytest.mark.parametrize("count", [1, 2, FEW - 1, FEW, FEW + 1, FEW + 5])
def test_counts(notes, count):
    """As many come as are asked for, in one command each, with nothing left on the server."""
    with record_commands() as sent:
        found = numbers(Note.objects.order_by("number")[3 : 3 + count])

    assert found == list(range(3, min(3 + count, FEW + 5)))
    assert [event.name for event in sent].count("find") == 1
    if count <= FEW:
        assert len(sent) == 1


def test_what_is_sent(notes):
    """The command has the filter, the order, the cut and the parts."""
    with record_commands() as sent:
        list(Note.objects.filter(number__gt=3).order_by("-number").only("number")[1:3])

    command = sent[0].command
    assert {name: command[name] for name in ("filter", "sort", "skip", "limit")} == {
        "filter": {"number": {"$gt": 3}}, "sort": {"number": -1}, "skip": 1, "limit": 2,
    }  # fmt: skip
    assert command["projection"]["number"] == 1


def test_larger_than_an_answer(mongo):
    """Documents that do not fit into one answer come all the same."""
    for number in range(3):
        Note.objects.create(number=number, text="x" * 7_000_000)

    with record_commands() as sent:
        assert numbers(Note.objects.order_by("number")[:3]) == [0, 1, 2]

    assert [event.name for event in sent] == ["find", "find", "getMore"]
    # What the first answer left open is closed.
    named = {"type": "idleCursor", "ns": f"{mongo.name}.{Note._meta.collection}"}
    idle = [{"$currentOp": {"idleCursors": True}}, {"$match": named}]
    assert not list(mongo.client.admin.aggregate(idle))


def test_dates_out_of_range(mongo):
    """A value that Python has no class for never ends a small result."""
    connections["default"].collection(Note._meta.collection).insert_one({"number": 1, "text": b"x"})

    assert Note.objects.get(number=1).read_errors == {"text": "Stored as bytes, expected text."}


class TestFaults:
    """A server that fails once is asked again, within the same deadline."""

    @pytest.mark.parametrize(
        "fault", [{"closeConnection": True}, {"errorCode": 10107}, {"errorCode": 91}]
    )
    def test_asked_again(self, notes, fail, fault):
        """A lost connection and a primary that steps down are no error of a read."""
        fail(1, failCommands=["find"], **fault)

        assert Note.objects.get(number=7).number == 7

    def test_fails_again(self, notes, fail):
        """A server that goes on failing is asked until the deadline."""
        fail("alwaysOn", failCommands=["find"], closeConnection=True)
        start = time.monotonic()

        with deadline(0.5), pytest.raises((ConnectionUnavailable, DeadlineExceeded)):
            Note.objects.get(number=7)
        assert time.monotonic() - start < 5

    def test_not_asked_again(self, notes, fail, mongo, monkeypatch):
        """Without the driver's `retryReads` nothing is asked twice."""
        monkeypatch.setattr(type(mongo.client.options), "retry_reads", False)
        fail(1, failCommands=["find"], closeConnection=True)

        with pytest.raises(ConnectionUnavailable):
            Note.objects.get(number=7)
        assert Note.objects.get(number=7).number == 7

    def test_deadline(self, notes, fail):
        """The deadline holds, and nothing is tried again behind it."""
        fail("alwaysOn", failCommands=["find"], blockConnection=True, blockTimeMS=3000)
        start = time.monotonic()

        with pytest.raises(DeadlineExceeded):
            list(Note.objects.max_time_ms(300)[:2])
        assert time.monotonic() - start < 2
