"""`on_commit`: once, after the commit, never after an abort."""

# ruff: noqa: PT012 - what is tested is the end of a block that did something before

import threading

import pytest
from django.db.transaction import TransactionManagementError

from docmodels import documents, transaction
from docmodels.exceptions import OperationFailed


class Ticket(documents.Document):
    number = documents.IntegerField(default=0)

    class Meta:
        app_label = "hooks_of_commits"


@pytest.fixture
def ticket(mongo):
    """Store a ticket."""
    return Ticket.objects.create()


@pytest.fixture
def calls():
    """Give a list."""
    return []


def numbers():
    """Give what everybody sees."""
    return sorted(Ticket.objects.values_list("number", flat=True))


class TestRetried:
    """A function that runs again."""

    def test_once(self, ticket, calls):
        """Functions of an attempt that was given up are not called."""
        attempts = []

        @transaction.atomic
        def work():
            found = Ticket.objects.get()
            attempts.append(found.number)
            transaction.on_commit(lambda: calls.append((len(attempts), numbers())))
            if len(attempts) == 1:
                conflict()
            found.number += 1
            found.save()

        def conflict():
            with_another_session(lambda: Ticket.objects.update(number=10, allow_all=True))

        work()

        assert attempts == [0, 10]
        assert calls == [(2, [11])]

    def test_lost_answer(self, ticket, calls, fail):
        """A commit that is sent again calls once."""
        with transaction.atomic():
            Ticket.objects.create(number=1)
            transaction.on_commit(lambda: calls.append(numbers()))
            fail(2, failCommands=["commitTransaction"], closeConnection=True)

        assert calls == [[0, 1]]

    def test_refused_commit(self, ticket, calls, fail):
        """A commit that the server refuses calls nothing."""
        with pytest.raises(OperationFailed), transaction.atomic():
            transaction.on_commit(lambda: calls.append(1))
            Ticket.objects.count()
            fail(1, failCommands=["commitTransaction"], errorCode=2)

        assert calls == []


def with_another_session(function):
    """Call a function in another thread, which is in no transaction."""
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


class TestNested:
    """Functions of inner blocks."""

    def test_wait_for_the_outermost(self, ticket, calls):
        """They are called when all is committed, in order."""
        with transaction.atomic():
            transaction.on_commit(lambda: calls.append("outer"))
            with transaction.atomic():
                transaction.on_commit(lambda: calls.append("inner"))
            assert calls == []
            transaction.on_commit(lambda: calls.append("last"))

        assert calls == ["outer", "inner", "last"]

    def test_of_a_failed_one(self, ticket, calls):
        """None is called where an inner block failed, even if that was swallowed."""
        with pytest.raises(TransactionManagementError), transaction.atomic():
            transaction.on_commit(lambda: calls.append("outer"))
            try:
                with transaction.atomic():
                    transaction.on_commit(lambda: calls.append("inner"))
                    raise ZeroDivisionError
            except ZeroDivisionError:
                pass

        assert calls == []

    def test_of_two_aliases(self, ticket, calls):
        """Each waits for its own alias."""
        with transaction.atomic():
            transaction.on_commit(lambda: calls.append("slow"), using="slow")
            transaction.on_commit(lambda: calls.append("default"))
            assert calls == ["slow"]

        assert calls == ["slow", "default"]


class TestErrors:
    """Functions that raise."""

    def test_committed_nevertheless(self, ticket, calls):
        """The error passes, what was written stays, those behind it are not called."""
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Ticket.objects.create(number=1)
            transaction.on_commit(lambda: calls.append("first"))
            transaction.on_commit(lambda: 1 / 0)
            transaction.on_commit(lambda: calls.append("never"))

        assert calls == ["first"]
        assert numbers() == [0, 1]
        assert not transaction.in_transaction()

    def test_not_run_again(self, ticket, calls):
        """An error of a function never runs the decorated work again, whatever it says."""
        attempts = []

        def complain():
            error = OperationFailed("no")
            error.error_labels = frozenset({"TransientTransactionError"})
            raise error

        @transaction.atomic
        def work():
            attempts.append(1)
            Ticket.objects.create(number=1)
            transaction.on_commit(complain)

        with pytest.raises(OperationFailed):
            work()

        assert attempts == [1]
        assert numbers() == [0, 1]

    def test_robust(self, ticket, calls, caplog):
        """A robust one is logged, and those behind it are called."""
        with transaction.atomic():
            transaction.on_commit(lambda: 1 / 0, robust=True)
            transaction.on_commit(lambda: calls.append("last"))

        assert calls == ["last"]
        assert [record.name for record in caplog.records] == ["docmodels.transaction"]


class TestInside:
    """What a function may do."""

    def test_write(self, ticket, calls):
        """It is outside: what it writes is stored at once, and it may begin anew."""

        def after():
            assert not transaction.in_transaction()
            Ticket.objects.create(number=1)
            with transaction.atomic():
                Ticket.objects.create(number=2)
                transaction.on_commit(lambda: calls.append(numbers()))

        with transaction.atomic():
            transaction.on_commit(after)

        assert calls == [[0, 1, 2]]

    def test_another(self, ticket, calls):
        """One that it registers is called at once."""
        with transaction.atomic():
            transaction.on_commit(lambda: transaction.on_commit(lambda: calls.append(1)))

        assert calls == [1]
