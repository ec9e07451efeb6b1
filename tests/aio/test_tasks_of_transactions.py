"""What transactions of coroutines have to themselves: tasks, callbacks, the driver's session."""

import asyncio
import contextvars

import pytest
from django.db.transaction import TransactionManagementError
from pymongo.asynchronous.client_session import AsyncClientSession

from docmodels import documents, transaction
from docmodels.connections import connections
from docmodels.exceptions import AsynchronousOnlyOperation
from docmodels.transaction import atomic
from tests.aio.models import Author


class Tally(documents.Document):
    number = documents.IntegerField(default=0)

    class Meta:
        app_label = "aio"


def names():
    """Return the names of the stored authors."""
    return sorted(Author.objects.values_list("name", flat=True))


def test_children_take_turns(mongo):
    """Tasks that are gathered inside of a block are in its transaction."""

    async def main():
        async with atomic():
            await asyncio.gather(*(Author.objects.acreate(name=f"{n}") for n in range(20)))
            return await Author.objects.acount()

    assert asyncio.run(main()) == 20
    assert len(names()) == 20


def test_tasks_have_transactions_of_their_own(mongo):
    """Two tasks with a block each: one is aborted, the other one is not."""

    async def work(name, fails):
        async with atomic():
            await Author.objects.acreate(name=name)
            await asyncio.sleep(0.02)
            if fails:
                raise ZeroDivisionError

    async def main():
        return await asyncio.gather(work("a", False), work("b", True), return_exceptions=True)

    assert [type(result) for result in asyncio.run(main())] == [type(None), ZeroDivisionError]
    assert names() == ["a"]


def test_a_task_that_outlives_its_block(mongo):
    """It is told so, instead of writing outside of the transaction."""

    async def late():
        await asyncio.sleep(0.02)
        await Author.objects.acreate(name="late")

    async def main():
        async with atomic():
            task = asyncio.create_task(late())
        await task

    with pytest.raises(TransactionManagementError) as excinfo:
        asyncio.run(main())
    assert str(excinfo.value) == (
        "The atomic block on 'default' that this task was started in has ended. Await it inside "
        "of the block, or start it outside."
    )


def test_cancellation_aborts(mongo):
    """A cancelled block is rolled back before the cancellation goes on."""

    async def work(begun):
        async with atomic():
            await Author.objects.acreate(name="a")
            begun.set_result(transaction.current_session().session_id["id"])
            await asyncio.sleep(10)

    async def open_transactions(session_id):
        # Of this session alone: other tests share the server.
        admin = connections["default"].async_client.admin
        own = {"lsid.id": session_id, "transaction": {"$exists": True}}
        found = await admin.aggregate([{"$currentOp": {"idleSessions": True}}, {"$match": own}])
        return len(await found.to_list())

    async def main():
        begun = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(work(begun))
        session_id = await begun
        before = await open_transactions(session_id)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return before, await open_transactions(session_id)

    assert asyncio.run(main()) == (1, 0)
    assert names() == []


def test_the_driver_s_session(mongo):
    """The block gives the driver's own session, for its own asynchronous objects."""

    async def main():
        authors = connections["default"].async_collection("aio_author")
        async with atomic() as session:
            assert isinstance(session, AsyncClientSession)
            assert transaction.current_session() is session
            await authors.insert_one({"name": "raw"}, session=session)
            return await Author.objects.acount(), await authors.count_documents({})

    assert asyncio.run(main()) == (1, 0)
    assert names() == ["raw"]


def test_callbacks_that_are_coroutine_functions(mongo):
    """They are awaited after the commit; without a transaction by `aon_commit`."""
    heard = []

    async def tell():
        heard.append(await Author.objects.acount())

    async def main():
        async with atomic():
            transaction.on_commit(tell)
            await Author.objects.acreate(name="a")
            assert heard == []
        await transaction.aon_commit(tell)
        with pytest.raises(AsynchronousOnlyOperation):
            transaction.on_commit(tell)

    asyncio.run(main())

    assert heard == [1, 1]


def test_a_callback_that_nothing_awaits(mongo):
    """A coroutine function in a synchronous transaction is refused at once."""

    async def tell():
        """Tell nobody."""

    with atomic(), pytest.raises(AsynchronousOnlyOperation) as excinfo:
        transaction.on_commit(tell)

    assert str(excinfo.value) == (
        "on_commit(): test_a_callback_that_nothing_awaits.<locals>.tell() is a coroutine "
        "function, and nothing awaits it here; expected `await aon_commit()`, or `async with "
        "atomic()` around."
    )


def test_synchronous_code_in_an_asynchronous_block(mongo):
    """What runs through `arun` is in the transaction, blocks of its own join."""

    def work():
        with atomic():
            Author.objects.create(name="inner")

    async def main():
        async with atomic():
            await documents.arun(work)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(main())
    assert names() == []


def test_threads_are_no_part_of_it(mongo):
    """A thread that took the context over is refused: the session is the loop's."""

    async def main():
        async with atomic():
            await asyncio.to_thread(Author.objects.count)

    with pytest.raises(TransactionManagementError) as excinfo:
        asyncio.run(main())
    assert str(excinfo.value) == (
        "a synchronous call inside `async with atomic()` on 'default': a session belongs to "
        "one client, expected calls of the API that began it."
    )


def test_loops_are_no_part_of_a_synchronous_block(mongo):
    """A loop that runs inside of a block has another client."""
    with pytest.raises(TransactionManagementError) as excinfo, atomic():
        asyncio.run(Author.objects.acount())
    assert str(excinfo.value) == (
        "`await` inside `atomic()` on 'default': a session belongs to one client, expected "
        "calls of the API that began it."
    )


def test_sessions_without_a_transaction(mongo):
    """Reads of a block see one moment, or what it wrote before."""

    async def main():
        await Author.objects.acreate(name="a")
        async with transaction.session(snapshot=True) as session:
            before = await Author.objects.acount()
            other = asyncio.create_task(create_elsewhere())
            await other
            inside = await Author.objects.acount()
        assert isinstance(session, AsyncClientSession)
        return before, inside, await Author.objects.acount()

    assert asyncio.run(main()) == (1, 1, 2)


async def create_elsewhere():
    """Store an author beside the session of the task."""
    await asyncio.to_thread(contextvars.Context().run, create_one)


def create_one():
    """Store an author."""
    Author.objects.create(name="b")


def test_conflicts_are_tried_again(mongo):
    """Tasks that count up one number in transactions lose none, and never stop the loop."""
    Tally.objects.create()
    turns = []

    @atomic
    async def count():
        tally = await Tally.objects.aget()
        tally.number += 1
        await tally.asave()

    async def watch():
        while True:
            turns.append(1)
            await asyncio.sleep(0.001)

    async def main():
        watching = asyncio.create_task(watch())
        await asyncio.gather(*(count() for _number in range(20)))
        watching.cancel()

    asyncio.run(main())

    assert Tally.objects.get().number == 20
    assert len(turns) > 20
