"""Transactions behave alike over both APIs; see `apis`."""

import pytest
from django.db.transaction import TransactionManagementError

from docmodels import transaction
from docmodels.exceptions import OperationFailed
from docmodels.transaction import atomic
from tests.aio.models import Author, Book


class Stop(Exception):
    """What ends a block."""


def abort(api, *actions):
    """Run the actions in a block that fails."""

    def work():
        for action in actions:
            action()
        raise Stop

    with pytest.raises(Stop), api.enter(atomic()):
        work()


def test_commit(api, mongo):
    """What was written is there, for others only after the block."""
    with api.enter(atomic()):
        api.call(Author.objects, "create", name="Ann")
        inside = api.call(Author.objects, "count")
        outside = mongo.collection("aio_author").count_documents({})

    assert (inside, outside, Author.objects.count()) == (1, 0, 1)


def test_abort(api, shelf):
    """Nothing stays, and the objects are as before."""
    book, new = shelf.get(title="a"), Book(title="n")
    book.pages = 99

    abort(
        api,
        lambda: api.call(book, "save"),
        lambda: api.call(new, "save"),
        lambda: api.call(shelf.filter(title="c"), "delete"),
    )

    assert [b.pages for b in shelf.all()] == [10, 20, 40]
    assert (book.is_modified("pages"), new._state.adding) == (True, True)
    api.call(book, "save")
    api.call(new, "save")
    assert [b.pages for b in shelf.all()] == [99, 20, 40, 1]


def test_nested_blocks(api, mongo):
    """An inner block joins; its failure fails the outer one."""

    def work():
        api.call(Author.objects, "create", name="Ann")
        abort(api)

    with pytest.raises(TransactionManagementError), api.enter(atomic()):
        work()
    assert Author.objects.count() == 0

    with api.enter(atomic()), api.enter(atomic()):
        api.call(Author.objects, "create", name="Ann")
    assert Author.objects.count() == 1


def test_on_commit(api, mongo):
    """It runs once, after the commit, never after an abort."""
    heard = []

    with api.enter(atomic()):
        api.plainly(lambda: transaction.on_commit(lambda: heard.append("a")))
        assert heard == []
    abort(api, lambda: api.plainly(lambda: transaction.on_commit(lambda: heard.append("b"))))

    assert heard == ["a"]


def test_a_decorated_function_runs_again(api, mongo):
    """What a transient error ended begins anew, with nothing of the first trial."""
    tried = []

    def fail_twice():
        tried.append(transaction.in_transaction())
        if len(tried) < 3:
            error = OperationFailed("write conflict")
            error.error_labels = frozenset({"TransientTransactionError"})
            raise error

    made = api.decorated(atomic, fail_twice, Author.objects, "create", name="Ann")

    assert (tried, made.name, Author.objects.count()) == ([True, True, True], "Ann", 1)


def test_iteration_inside(api, shelf):
    """Cursors of several batches read in the transaction."""
    with api.enter(atomic()):
        api.call(shelf.filter(title="a"), "update", pages=77)
        rows = api.rows(shelf, "iterator", chunk_size=2)

    assert [book.pages for book in rows] == [77, 20, 40]
