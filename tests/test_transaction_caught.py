"""Errors inside of `atomic()` that are caught there, and functions that cannot be decorated."""

# ruff: noqa: PT012 - what is tested is the end of a block that did something before

import asyncio
import contextlib

import pytest
from django.core.exceptions import SynchronousOnlyOperation, ValidationError
from django.db.transaction import TransactionManagementError

from docmodels import documents
from docmodels.exceptions import OperationFailed, TransactionAborted
from docmodels.testing import record_commands
from docmodels.transaction import atomic


class Stamp(documents.Document):
    name = documents.CharField(unique=True)

    class Meta:
        app_label = "transaction_caught"


@pytest.fixture
def stamps(mongo):
    """Store a stamp whose name nobody else may have."""
    mongo.collection(Stamp._meta.collection).create_index("name", unique=True)
    Stamp.objects.create(name="a")


def duplicate():
    """Store a second one, and say nothing of the error."""
    with pytest.raises(ValidationError):
        Stamp.objects.create(name="a")


TOLD = (
    "The atomic block on 'default' cannot go on: an error in it was caught (DuplicateKey), with "
    "which the server ended the transaction; expected to be caught around the block."
)


def test_going_on(stamps):
    """The next operation tells why nothing more can be done."""
    with pytest.raises(TransactionAborted) as caught, atomic():
        Stamp.objects.create(name="b")
        duplicate()
        Stamp.objects.create(name="c")

    assert str(caught.value) == TOLD
    assert isinstance(caught.value, TransactionManagementError)
    assert Stamp.objects.count() == 1


def test_committing(stamps):
    """So does the end of the block; no half of it is stored silently."""
    with pytest.raises(TransactionAborted) as caught, atomic():
        Stamp.objects.create(name="b")
        duplicate()

    assert str(caught.value) == TOLD
    assert Stamp.objects.count() == 1


def test_decorated(stamps):
    """A function is not run again for half a minute: it would fail each time."""
    calls = []

    @atomic
    def work():
        calls.append(1)
        duplicate()
        Stamp.objects.create(name="c")

    with pytest.raises(TransactionAborted):
        work()

    assert calls == [1]


def test_a_conflict_that_was_caught(stamps, mongo):
    """What could be tried again is tried again, also when somebody swallowed it."""
    calls = []

    @atomic
    def work():
        stamp = Stamp.objects.get(name="a")
        if not calls:
            # Outside of the transaction.
            mongo.collection(Stamp._meta.collection).update_one({}, {"$set": {"other": 1}})
        calls.append(stamp)
        with contextlib.suppress(OperationFailed):
            Stamp.objects.filter(pk=stamp.pk).update(name="b")
        Stamp.objects.create(name=f"c{len(calls)}")

    work()

    assert len(calls) == 2
    assert sorted(Stamp.objects.values_list("name", flat=True)) == ["b", "c2"]


def test_async(stamps):
    """The same over the other API, also for tasks of the block."""

    async def work():
        async with atomic():
            results = await asyncio.gather(Stamp.objects.acreate(name="a"), return_exceptions=True)
            assert isinstance(results[0], ValidationError)
            await Stamp.objects.acreate(name="c")

    with pytest.raises(TransactionAborted) as caught:
        asyncio.run(work())

    assert str(caught.value) == TOLD


def test_before_it_is_sent(stamps):
    """What is refused before the server hears of it ends nothing."""
    with atomic():
        with pytest.raises(ValidationError):
            Stamp.objects.create(name=None)
        Stamp.objects.create(name="b")

    assert Stamp.objects.count() == 2


async def numbers():
    """Give numbers, later."""
    yield 1


def letters():
    """Give letters, later."""
    yield "a"


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (letters, "atomic(): letters is a generator, whose code would run after the transaction; "
         "expected `with atomic()` inside of it, or a list."),
        (numbers, "atomic(): numbers is a generator, whose code would run after the transaction; "
         "expected `with atomic()` inside of it, or a list."),
        (Stamp, "atomic(): Stamp is a class, whose code would run after the transaction; expected "
         "its methods to be decorated."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("decorate", [atomic, atomic(using="default")])
def test_what_runs_later(function, message, decorate):
    """A decorator that would do nothing is refused where it stands."""
    with pytest.raises(TypeError) as caught:
        decorate(function)

    assert str(caught.value) == message


def test_a_plain_with_in_a_coroutine(mongo):
    """The error names what to write."""

    async def work():
        with atomic():
            pass

    with record_commands() as commands, pytest.raises(SynchronousOnlyOperation) as caught:
        asyncio.run(work())

    assert str(caught.value) == (
        "atomic() in a coroutine: it would block the event loop; expected `async with atomic()`, "
        "or @atomic of a coroutine function."
    )
    assert commands == []
