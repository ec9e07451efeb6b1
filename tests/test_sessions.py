"""Sessions outside of transactions, on a real replica set and on a standalone server."""

import threading

import pytest
from django.test import override_settings

from docmodels import documents, transaction
from docmodels.connections import connections
from docmodels.exceptions import NotSupportedError, OperationFailed
from docmodels.testing import record_commands


class Meter(documents.Document):
    name = documents.CharField(max_length=9)
    value = documents.IntegerField(default=0)

    class Meta:
        app_label = "sessions"


@pytest.fixture
def meters(mongo):
    """Store two meters."""
    return [Meter.objects.create(name=name) for name in "ab"]


def elsewhere(function):
    """Call a function in another thread, which is in no session."""
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def raise_values():
    """Change all meters."""
    Meter.objects.update(value=documents.F("value") + 1, allow_all=True)


class TestCausal:
    """`session()`: what was seen and written before is seen."""

    def test_reads_follow(self, meters):
        """A read waits for what the session has written; outside it does not."""
        with record_commands() as commands, transaction.session() as session:
            meters[0].value = 1
            meters[0].save()
            written = session.operation_time
            assert Meter.objects.get(name="a").value == 1
        Meter.objects.get(name="a")

        save, inside = commands[0].command, commands[1].command
        assert save["lsid"] == inside["lsid"]
        assert inside["readConcern"] == {"afterClusterTime": written}

    def test_outside(self, meters):
        """Without a block operations wait for nothing."""
        meters[0].value = 1
        meters[0].save()
        with record_commands() as commands:
            Meter.objects.get(name="a")

        assert "readConcern" not in commands[0].command

    def test_another_alias_of_the_server(self, meters):
        """A session of the replicas' alias inside of it follows what was written."""
        with transaction.session() as session:
            raise_values()
            written = session.operation_time
            with record_commands("slow") as commands, transaction.session(using="slow"):
                assert Meter.objects.using("slow").get(name="a").value == 1
                read = commands[0].command["readConcern"]["afterClusterTime"]

        assert read == written

    def test_nested(self, meters):
        """An inner block follows the outer one, which goes on behind it."""
        with transaction.session() as outer:
            raise_values()
            before = outer.operation_time
            with transaction.session() as inner:
                assert inner is not outer
                assert inner.operation_time == before
                raise_values()
                after = inner.operation_time
            assert outer.operation_time == after > before
            assert transaction.current_session() is outer
        assert transaction.current_session() is None

    def test_transaction_inside(self, meters):
        """A transaction follows the session, and the session the transaction."""
        with transaction.session() as session:
            raise_values()
            before = session.operation_time
            with transaction.atomic() as inside:
                assert inside is not session
                assert inside.operation_time == before
                raise_values()
            assert session.operation_time > before
            assert Meter.objects.get(name="a").value == 2

    def test_not_wanted(self, meters):
        """`causal_consistency=False` is a session alone."""
        with (
            transaction.session(causal_consistency=False) as session,
            record_commands() as commands,
        ):
            raise_values()
            Meter.objects.get(name="a")
            identity = session.session_id

        assert commands[1].command["lsid"] == identity
        assert "readConcern" not in commands[1].command

    def test_contexts(self, meters):
        """Other threads and other aliases are not in it."""
        seen = []
        with transaction.session():
            elsewhere(lambda: seen.append(transaction.current_session()))
            seen.append(transaction.current_session("slow"))

        assert seen == [None, None]

    def test_error(self, meters):
        """It ends with an exception as well."""
        with pytest.raises(ZeroDivisionError), transaction.session() as session:
            Meter.objects.update(value=1 / 0, allow_all=True)

        assert session.has_ended
        assert transaction.current_session() is None


class TestSnapshot:
    """`session(snapshot=True)`: all reads see one moment."""

    def test_one_moment(self, meters):
        """What others write meanwhile is not seen, whatever reads."""
        with transaction.session(snapshot=True):
            assert Meter.objects.get(name="a").value == 0
            elsewhere(raise_values)

            assert [meter.value for meter in Meter.objects.all()] == [0, 0]
            assert Meter.objects.filter(value=0).count() == 2
            assert Meter.objects.distinct("value") == [0]
            assert Meter.objects.aggregate(n=documents.Sum("value")) == {"n": 0}

        assert Meter.objects.get(name="a").value == 1

    def test_writes(self, meters):
        """The server refuses them."""
        with transaction.session(snapshot=True):
            Meter.objects.get(name="a")
            with pytest.raises(OperationFailed) as caught:
                raise_values()

        assert "read concern not supported" in str(caught.value)
        assert Meter.objects.get(name="a").value == 0

    def test_transaction_inside(self, meters):
        """Two snapshots at once are refused."""
        with (
            transaction.session(snapshot=True),
            pytest.raises(NotSupportedError) as caught,
            transaction.atomic(),
        ):
            pass

        assert str(caught.value) == (
            "atomic() inside of session(snapshot=True) on 'default': a transaction has a snapshot "
            "of its own, expected one of them."
        )


class TestMistakes:
    """What cannot be done is told."""

    def test_inside_of_a_transaction(self, mongo):
        """Its operations would go on in the transaction's session."""
        with transaction.atomic(), pytest.raises(RuntimeError) as caught:
            transaction.session()

        assert str(caught.value) == (
            "session() inside of atomic() on 'default': the transaction has a session, which is "
            "consistent already."
        )

    def test_both(self):
        """A snapshot is one moment: nothing follows in it."""
        with pytest.raises(ValueError) as caught:
            transaction.session(causal_consistency=True, snapshot=True)

        assert str(caught.value) == (
            "session(): causal_consistency and snapshot, expected one of them."
        )

    def test_fake(self):
        """The fake has no sessions."""
        fakes = {"default": {"HOST": "mongomock://sessions", "NAME": "fake"}}

        with override_settings(MONGO_DATABASES=fakes):
            with pytest.raises(NotSupportedError) as caught, transaction.session():
                pass
            connections.close_all()

        assert str(caught.value) == "The server of 'default' has no sessions."


class TestStandalone:
    """A server that belongs to no replica set."""

    def test_transactions(self, alone):
        """`atomic` is refused before anything is done, as a block and as a decorator."""
        done = []

        @transaction.atomic(using="alone")
        def work():
            done.append(1)

        for attempt in (work, lambda: transaction.atomic(using="alone").__enter__()):
            with pytest.raises(NotSupportedError) as caught:
                attempt()
            assert str(caught.value) == (
                "The server of 'alone' has no transactions: atomic() needs a replica set or a "
                "sharded cluster."
            )
        assert done == []
        assert not transaction.in_transaction("alone")

    def test_snapshots(self, alone):
        """Nor are there snapshots."""
        with (
            pytest.raises(NotSupportedError) as caught,
            transaction.session(using="alone", snapshot=True),
        ):
            pass

        assert str(caught.value) == (
            "The server of 'alone' has no snapshots: session(snapshot=True) needs a replica set "
            "or a sharded cluster."
        )

    def test_sessions(self, alone):
        """One server is consistent with itself."""
        with transaction.session(using="alone"):
            Meter(name="a").save(using="alone")
            assert Meter.objects.using("alone").get().name == "a"
