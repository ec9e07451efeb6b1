"""Transactions on a real replica set."""

# ruff: noqa: PT012 - what is tested is the end of a block that did something before

import threading

import pytest
from django.db.transaction import TransactionManagementError
from pymongo.errors import AutoReconnect

from docmodels import transaction
from docmodels.connections import connections
from docmodels.exceptions import DocmodelsError, NotSupportedError, OperationFailed


@pytest.fixture
def books(mongo):
    """Give an existing, empty collection."""
    collection = mongo.collection("books")
    collection.insert_one({"_id": 0})
    collection.delete_one({"_id": 0})
    return collection


def add(collection, key):
    """Insert a document in the session of the running context."""
    with connections["default"].wrap_write_errors:
        collection.insert_one({"_id": key}, session=transaction.current_session("default"))


def keys(collection):
    """Give the keys that everyone sees."""
    return sorted(found["_id"] for found in collection.find())


class TestAtomic:
    """`atomic` as a context manager and a decorator."""

    def test_commits(self, books):
        """Others see the writes at the end, not before."""
        with transaction.atomic():
            add(books, 1)
            within = keys(books)

        assert (within, keys(books)) == ([], [1])
        assert transaction.current_session("default") is None

    def test_rolls_back_on_an_exception(self, books):
        """The exception passes, the writes are gone."""
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            add(books, 1)
            1 / 0

        assert keys(books) == []
        assert transaction.current_session("default") is None

    @pytest.mark.parametrize(
        "decorate",
        [transaction.atomic, transaction.atomic(), transaction.atomic(using="default")],
        ids=["bare", "called", "using"],
    )
    def test_decorates(self, books, decorate):
        """Each call is a transaction of its own."""

        @decorate
        def work(key):
            """Add a book."""
            add(books, key)
            return transaction.in_transaction()

        assert work(1) is work(2) is True
        assert keys(books) == [1, 2]
        assert work.__doc__ == "Add a book."

    def test_a_nested_block_joins(self, books):
        """There is one session, and the outer end decides."""
        with pytest.raises(ZeroDivisionError), transaction.atomic() as outer:
            with transaction.atomic() as inner:
                add(books, 1)
            assert inner is outer
            1 / 0

        assert keys(books) == []

    def test_a_failed_inner_block_cannot_be_committed(self, books):
        """Swallowing its exception does not commit half of the work silently."""
        with pytest.raises(TransactionManagementError) as excinfo, transaction.atomic():
            add(books, 1)
            try:
                with transaction.atomic():
                    1 / 0
            except ZeroDivisionError:
                pass

        assert str(excinfo.value) == (
            "The transaction on 'default' was rolled back: an inner atomic block failed."
        )
        assert keys(books) == []

    def test_after_a_failed_inner_block_nothing_is_sent(self, books):
        """Operations raise instead of writing outside of the transaction."""
        with pytest.raises(TransactionManagementError) as excinfo, transaction.atomic():
            try:
                with transaction.atomic():
                    1 / 0
            except ZeroDivisionError:
                pass
            add(books, 1)

        assert str(excinfo.value) == (
            "An inner atomic block on 'default' failed. Nothing can be read or written until the "
            "end of the outermost block."
        )
        assert keys(books) == []

    def test_a_durable_block_is_the_outermost(self, books):
        """As in Django."""
        with transaction.atomic(durable=True):
            add(books, 1)
        with pytest.raises(RuntimeError) as excinfo, transaction.atomic():
            add(books, 2)
            with transaction.atomic(durable=True):
                add(books, 3)

        assert str(excinfo.value) == (
            "A durable atomic block cannot be nested within another atomic block."
        )
        assert keys(books) == [1]

    def test_there_are_no_savepoints(self):
        """What Django offers is refused, not left out silently."""
        with pytest.raises(NotSupportedError) as excinfo:
            transaction.atomic(savepoint=True)

        assert str(excinfo.value) == (
            "atomic(savepoint=True): MongoDB has no savepoints, a nested block joins the outer one."
        )

    def test_other_threads_are_outside(self, books):
        """A thread has a context of its own."""
        seen = []

        with transaction.atomic():
            thread = threading.Thread(target=lambda: seen.append(transaction.current_session()))
            thread.start()
            thread.join()

        assert seen == [None]

    def test_other_aliases_are_outside(self, books):
        """Only the alias that was named has a session."""
        with transaction.atomic(using="default"):
            assert transaction.current_session("slow") is None
            assert not transaction.in_transaction("slow")

    def test_a_transient_conflict_runs_the_function_again(self, books):
        """As a decorator, where running again is possible."""
        books.insert_one({"_id": 1, "n": 0})
        attempts = []

        @transaction.atomic
        def increment():
            session = transaction.current_session()
            n = books.find_one({"_id": 1}, session=session)["n"]
            if not attempts:
                books.update_one({"_id": 1}, {"$inc": {"n": 10}})
            attempts.append(n)
            with connections["default"].wrap_write_errors:
                books.update_one({"_id": 1}, {"$set": {"n": n + 1}}, session=session)

        increment()

        assert attempts == [0, 10]
        assert books.find_one() == {"_id": 1, "n": 11}

    def test_a_transient_conflict_in_a_block_is_raised(self, books):
        """With its label, so that callers can run the block again."""
        books.insert_one({"_id": 1, "n": 0})

        with pytest.raises(OperationFailed) as excinfo, transaction.atomic() as session:
            books.find_one({"_id": 1}, session=session)
            books.update_one({"_id": 1}, {"$inc": {"n": 10}})
            with connections["default"].wrap_write_errors:
                books.update_one({"_id": 1}, {"$set": {"n": 1}}, session=session)

        assert excinfo.value.has_error_label("TransientTransactionError")
        assert isinstance(excinfo.value, DocmodelsError)


class TestFaults:
    """Failures of the server around the end of a block."""

    def test_a_lost_answer_to_a_commit_is_asked_for_again(self, books, fail):
        """The write is stored once, and nobody hears of it."""
        with transaction.atomic():
            add(books, 1)
            fail(2, failCommands=["commitTransaction"], closeConnection=True)

        assert keys(books) == [1]

    def test_a_commit_that_the_server_refuses_rolls_back(self, books, fail):
        """The error passes, hooks of the rollback run."""
        calls = []

        with pytest.raises(OperationFailed) as excinfo, transaction.atomic():
            add(books, 1)
            transaction.on_rollback(lambda: calls.append(1))
            fail(1, failCommands=["commitTransaction"], errorCode=2)

        assert excinfo.value.code == 2
        assert calls == [1]
        assert keys(books) == []

    def test_an_abort_that_fails_does_not_hide_the_cause(self, books, monkeypatch, caplog):
        """The server ends the transaction by itself."""
        connection = connections["default"]

        with pytest.raises(ZeroDivisionError), transaction.atomic() as session:
            add(books, 1)
            abort = session.abort_transaction

            def lose():
                abort()
                raise AutoReconnect("lost")

            monkeypatch.setattr(session, "abort_transaction", lose)
            1 / 0

        assert [record.getMessage() for record in caplog.records] == [
            f"Could not abort a transaction on '{connection.alias}': "
            "The connection to the server of 'default' was lost."
        ]
        assert keys(books) == []


class TestHooks:
    """`on_commit` and `on_rollback`."""

    def test_on_commit_runs_after_the_commit(self, books):
        """In order, when others see the writes."""
        calls = []

        with transaction.atomic():
            add(books, 1)
            transaction.on_commit(lambda: calls.append(("first", keys(books))))
            with transaction.atomic():
                transaction.on_commit(lambda: calls.append(("second", keys(books))))
            before = list(calls)

        assert before == []
        assert calls == [("first", [1]), ("second", [1])]

    def test_on_commit_is_dropped_by_a_rollback(self, books):
        """Nothing was committed."""
        calls = []

        with pytest.raises(ZeroDivisionError), transaction.atomic():
            transaction.on_commit(lambda: calls.append(1))
            1 / 0

        assert calls == []

    def test_on_commit_outside_runs_at_once(self):
        """As in Django."""
        calls = []

        transaction.on_commit(lambda: calls.append(1))

        assert calls == [1]

    def test_robust_hooks_log_their_errors(self, books, caplog):
        """The next hook runs."""
        calls = []

        with transaction.atomic():
            transaction.on_commit(lambda: 1 / 0, robust=True)
            transaction.on_commit(lambda: calls.append(1))

        assert calls == [1]
        assert [record.name for record in caplog.records] == ["docmodels.transaction"]

    def test_on_commit_wants_a_callable(self):
        """A mistake is told where it was made."""
        with pytest.raises(TypeError) as excinfo:
            transaction.on_commit("nope")

        assert str(excinfo.value) == "on_commit()'s callback must be a callable."

    def test_on_rollback(self, books):
        """It runs, last first, after a rollback only."""
        calls = []

        with transaction.atomic():
            transaction.on_rollback(lambda: calls.append("committed"))
        transaction.on_rollback(lambda: calls.append("outside"))
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            transaction.on_rollback(lambda: calls.append("first"))
            transaction.on_rollback(lambda: calls.append("second"))
            1 / 0

        assert calls == ["second", "first"]
