"""Rule X2: what runs inside of `atomic`."""

import asyncio
import threading

import pytest
from django.test import override_settings

from docmodels import documents, transaction
from docmodels.connections import connections
from docmodels.documents import ops
from docmodels.exceptions import NotSupportedError
from docmodels.testing import record_commands


class Account(documents.Document):
    name = documents.CharField(max_length=9)
    amount = documents.IntegerField(default=0)
    tags = documents.ListField(documents.CharField())

    class Meta:
        app_label = "rules"


@pytest.fixture
def account():
    """Give a stored account."""
    return Account.objects.create(name="a")


def save(account):
    """Change and save."""
    account.amount = 5
    account.save()


def save_nothing(account):
    """Save what was not changed."""
    account.save()


#: Everything that reads or writes, each with an account that is stored.
OPERATIONS = {
    "insert": lambda account: Account(name="b").save(),
    "save": save,
    "save of nothing": save_nothing,
    "delete": lambda account: account.delete(),
    "refresh": lambda account: account.refresh_from_db(),
    "deferred": lambda account: Account.objects.only("name").get().amount,
    "create": lambda account: Account.objects.create(name="b"),
    "get": lambda account: Account.objects.get(name="a"),
    "get_or_create": lambda account: Account.objects.get_or_create(name="b"),
    "update_or_create": lambda account: Account.objects.update_or_create(
        name="a", defaults={"amount": 2}
    ),
    "iteration": lambda account: list(Account.objects.all()),
    "iterator": lambda account: list(Account.objects.iterator()),
    "values": lambda account: list(Account.objects.values("name")),
    "first": lambda account: Account.objects.first(),
    "count": lambda account: Account.objects.filter(name="a").count(),
    "exists": lambda account: Account.objects.exists(),
    "distinct": lambda account: list(Account.objects.distinct("name")),
    "aggregate": lambda account: Account.objects.aggregate(n=documents.Count("pk")),
    "raw": lambda account: list(Account.objects.raw()),
    "in_bulk": lambda account: Account.objects.in_bulk([account.pk]),
    "pipeline": lambda account: list(Account.objects.pipeline([{"$match": {}}])),
    "page": lambda account: Account.objects.order_by("name").page(size=5),
    "bulk_create": lambda account: Account.objects.bulk_create([Account(name="b")]),
    "bulk_update": lambda account: Account.objects.bulk_update([account], ["amount"]),
    "update": lambda account: Account.objects.filter(name="a").update(tags=ops.Push("x")),
    "upsert": lambda account: Account.objects.upsert(name="b", defaults={"amount": 1}),
    "find_one_and_update": lambda account: Account.objects.filter(name="a").find_one_and_update(
        amount=3
    ),
    "find_one_and_delete": lambda account: Account.objects.filter(name="a").find_one_and_delete(),
    "queryset delete": lambda account: Account.objects.filter(name="a").delete(),
}


class TestX2:
    """Transactions."""

    @pytest.mark.parametrize("act", OPERATIONS.values(), ids=OPERATIONS)
    def test_x2_every_operation_uses_the_session(self, account, act):
        """All that is sent has the session and the number of the transaction."""
        with record_commands() as commands, transaction.atomic() as session:
            act(account)
            identity = (session.session_id, session._server_session.transaction_id)

        assert len(commands) > 1
        for sent in commands:
            found = (sent.command.get("lsid"), sent.command.get("txnNumber"))
            assert found == identity, str(sent)
            assert sent.command["autocommit"] is False

    def test_x2_threads_have_their_own(self, account):
        """Another thread is outside, and sees what is committed."""
        seen = []

        def read():
            with record_commands() as commands:
                seen.append(Account.objects.get().amount)
            seen.append("txnNumber" in commands[0].command)

        with transaction.atomic():
            Account.objects.filter(name="a").update(amount=5)
            thread = threading.Thread(target=read)
            thread.start()
            thread.join()
            assert Account.objects.get().amount == 5

        assert seen == [0, False]

    def test_x2_tasks_have_their_own(self, account):
        """Two tasks on one thread are in two transactions, or in none."""
        sessions = {}

        async def work(name, other):
            async with transaction.atomic():
                sessions[name] = transaction.current_session()
                while other not in sessions:
                    await asyncio.sleep(0)
                assert transaction.current_session() is sessions[name]

        async def outside():
            sessions["none"] = transaction.current_session()

        async def run():
            await asyncio.gather(work("a", "b"), work("b", "none"), outside())

        asyncio.run(run())

        assert sessions["a"] is not sessions["b"]
        assert sessions["none"] is None

    def test_x2_nested(self, account):
        """A nested block joins the outer one, which alone decides."""

        @transaction.atomic
        def work():
            outer = transaction.current_session()
            with transaction.atomic() as inner:
                Account.objects.create(name="b")
            assert inner is outer
            assert Account.objects.count() == 2
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            work()

        assert Account.objects.count() == 1

    def test_x2_other_aliases_are_outside(self, account):
        """Only operations of the alias that was named are inside."""
        with transaction.atomic(using="default"), record_commands("slow") as commands:
            Account.objects.create(name="b")
            assert Account.objects.using("slow").count() == 1

        assert all("txnNumber" not in command.command for command in commands)

    def test_x2_without_transactions(self):
        """A server that has none is told, before anything is done."""
        fakes = {"default": {"HOST": "mongomock://rules", "NAME": "fake"}}
        done = []

        with override_settings(MONGO_DATABASES=fakes):
            with pytest.raises(NotSupportedError) as caught, transaction.atomic():
                done.append(1)
            connections.close_all()

        assert str(caught.value) == (
            "The server of 'default' has no transactions: atomic() needs a replica set or a "
            "sharded cluster."
        )
        assert done == []

    def test_x2_transient_errors_are_retried(self, account):
        """What conflicts with another write runs again, and its objects start afresh."""
        attempts = []

        @transaction.atomic
        def add_one():
            found = Account.objects.get(name="a")
            if not attempts:
                thread = threading.Thread(
                    target=lambda: Account.objects.filter(name="a").update(amount=10)
                )
                thread.start()
                thread.join()
            attempts.append(found.amount)
            found.amount += 1
            found.save()

        add_one()

        assert attempts == [0, 10]
        assert Account.objects.get().amount == 11
