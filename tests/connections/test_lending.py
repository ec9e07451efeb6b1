"""Single operations borrow a session, which is given back whatever happens."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.test.utils import override_settings
from pymongo.errors import AutoReconnect, OperationFailure

from docmodels import documents, transaction
from docmodels.connections import connections
from docmodels.connections.deadlines import deadline
from docmodels.connections.lending import NO_SESSIONS, LentSessions
from docmodels.exceptions import ConnectionUnavailable, DeadlineExceeded, OperationFailed
from docmodels.testing import record_commands


class Key(documents.Document):
    number = documents.IntegerField(unique=True)

    class Meta:
        app_label = "lending"


@pytest.fixture
def keys(mongo):
    """Store two keys, whose numbers are unique."""
    made = [Key(number=1), Key(number=2)]
    for key in made:
        key.save()
    connections["default"].collection("lending_key").create_index("number", unique=True)
    return made


def sessions():
    """Return the sessions that are lent for the collection."""
    return connections["default"].known(Key._meta.collection).sessions


def change(key, number):
    """Load a document, change it and save it; return the sessions of the commands."""
    with record_commands() as sent:
        loaded = Key.objects.get(pk=key.pk)
        loaded.number = number
        loaded.save()
    return {event.command["lsid"]["id"] for event in sent}


def test_the_same_again(keys):
    """One operation after the other is in the same session."""
    first = change(keys[0], 3)

    assert len(first) == 1
    assert change(keys[1], 4) == first
    assert Key.objects.get(number=4).pk == keys[1].pk


def test_two_at_a_time(keys):
    """What is borrowed is lent to nobody else."""
    lent = sessions()
    one, other = lent.borrow(), lent.borrow()
    assert one is not other
    assert not one.options.causal_consistency

    lent.give_back(one)
    assert lent.borrow() is one
    assert lent.borrow() not in {one, other}


def test_an_error_of_the_server(keys):
    """Many writes that the server refuses need no more sessions than one."""
    first = change(keys[0], 3)
    for _turn in range(3):
        with pytest.raises(ValidationError):
            change(keys[0], 2)

    assert change(keys[0], 5) == first
    assert len(sessions()._idle) == 1


def test_a_lost_connection_of_a_read(keys, fail):
    """The session that was lost is not lent again, though the read was repeated."""
    first = change(keys[0], 3)
    fail(1, failCommands=["find"], closeConnection=True)

    assert Key.objects.get(pk=keys[0].pk).number == 3
    assert first.isdisjoint(change(keys[0], 4))


def test_a_lost_connection_of_a_write(keys, fail):
    """The same is so of a write that failed until its deadline."""
    first = change(keys[0], 3)
    fail("alwaysOn", failCommands=["update"], closeConnection=True)
    with pytest.raises((ConnectionUnavailable, DeadlineExceeded)), deadline(0.5):
        change(keys[0], 4)
    fail("off")

    assert first.isdisjoint(change(keys[0], 5))
    assert Key.objects.get(pk=keys[0].pk).number == 5


def test_which_errors():
    """Only a lost connection keeps a session from being lent again."""
    lent, session = LentSessions(SimpleNamespace()), object()
    lent.give_back(session, AutoReconnect("gone"))
    assert not lent._idle

    lent.give_back(session, OperationFailure("no"))
    assert lent.borrow() is session


def test_transactions(keys):
    """In a transaction its session is used, and nothing is borrowed."""
    change(keys[0], 3)
    lent = sessions()
    idle = list(lent._idle)
    with transaction.atomic():
        inside = change(keys[0], 4)

    assert len(inside) == 1
    assert list(lent._idle) == idle
    assert inside.isdisjoint(change(keys[0], 5))


def test_servers_without_sessions():
    """Some know none; then each operation is sent without one."""
    description = SimpleNamespace(logical_session_timeout_minutes=None)

    assert LentSessions(SimpleNamespace(topology_description=description)).borrow() is None
    assert NO_SESSIONS.borrow() is None
    NO_SESSIONS.give_back(None)
    assert NO_SESSIONS.borrow() is None


def test_writes_without_an_answer(mongo):
    """A write that waits for no answer can be in no session; what is not known is said."""
    settings = connections["default"].settings
    unheard = {"HOST": settings["HOST"], "NAME": settings["NAME"], "OPTIONS": {"w": 0}}
    with override_settings(MONGO_DATABASES={"default": unheard}):
        try:
            assert sessions() is NO_SESSIONS
            key = Key(number=1)
            key.save()
            key.number = 2
            with pytest.raises(OperationFailed, match="unacknowledged"):
                key.save()
        finally:
            connections.close_all()


def test_closed(keys):
    """Closing ends what is idle, and the next operation begins anew."""
    first = change(keys[0], 3)
    lent = sessions()
    idle = list(lent._idle)
    connections["default"].close()

    assert all(session.has_ended for session in idle)
    assert not lent._idle
    assert first.isdisjoint(change(keys[0], 4))


def test_after_a_fork(keys):
    """A child process lends no session of its parent."""
    change(keys[0], 3)
    parents = sessions()
    connections["default"].after_fork()

    assert sessions() is not parents
    assert not any(session.has_ended for session in parents._idle)


def test_a_collection_of_a_retired_client(keys, monkeypatch):
    """Where another thread retires the client meanwhile, no session of the next one is lent."""
    connection = connections["default"]
    make = connection._make_collection

    def make_late(name):
        made = make(name)
        connection._retire_client()
        return made

    monkeypatch.setattr(connection, "_make_collection", make_late)
    assert connection.known("lending_late").sessions is NO_SESSIONS

    monkeypatch.undo()
    assert change(keys[0], 3)
