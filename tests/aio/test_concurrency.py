"""Many tasks, several loops, and what is closed when they end."""

import asyncio
import threading

import pytest
from django.test import override_settings
from pymongo.monitoring import ConnectionPoolListener

from docmodels.connections import connections, deadline
from docmodels.exceptions import ConnectionUnavailable, DeadlineExceeded
from docmodels.testing.commands import record_commands
from tests.aio.models import Author

POOL = 10


class Pool(ConnectionPoolListener):
    """Count the connections that are open, and the most that were."""

    def __init__(self):
        self.open = 0
        self.most = 0

    def connection_created(self, event):
        self.open += 1
        self.most = max(self.most, self.open)

    def connection_closed(self, event):
        self.open -= 1

    def _ignore(self, event):
        """Ignore what is no opening and no closing."""

    pool_created = pool_ready = pool_cleared = pool_closed = _ignore
    connection_ready = connection_check_out_started = connection_check_out_failed = _ignore
    connection_checked_out = connection_checked_in = _ignore


@pytest.fixture
def pool(settings, mongo):
    """Give the default alias a pool of 10 connections, and listen to it."""
    listener = Pool()
    databases = {alias: dict(given) for alias, given in settings.MONGO_DATABASES.items()}
    databases["default"]["OPTIONS"] = {
        **databases["default"]["OPTIONS"],
        "maxPoolSize": POOL,
        "waitQueueTimeoutMS": 60_000,
        "timeoutMS": 60_000,
        "event_listeners": [listener],
    }
    settings.MONGO_DATABASES = databases
    return listener


class TestTasks:
    """Tasks of one loop."""

    def test_a_thousand(self, pool):
        """1,000 tasks start no thread and open no connection beyond the pool."""
        author = Author.objects.create(name="a")
        connections.close_all()
        pool.most = pool.open

        async def work(number):
            made = await Author.objects.acreate(name=f"{number}")
            found = await Author.objects.aget(pk=author.pk)
            made.name = found.name
            await made.asave()
            return await Author.objects.filter(pk=made.pk).acount()

        async def main():
            # asyncio looks addresses up in a thread when a connection is opened.
            await asyncio.gather(*(work(number) for number in range(POOL * 3)))
            before = set(threading.enumerate())
            counts = await asyncio.gather(*(work(number) for number in range(1000)))
            return counts, set(threading.enumerate()) - before

        counts, started = asyncio.run(main())

        assert counts == [1] * 1000
        assert started == set()
        assert 0 < pool.most <= POOL
        assert Author.objects.count() == 1 + 1000 + POOL * 3

    def test_the_loop_is_free(self, mongo):
        """While the server works for one task, the others run."""
        Author.objects.create(name="a")

        async def main():
            sleeping = Author.objects.raw_filter({"$where": "sleep(400) || true"})
            task = asyncio.create_task(sleeping.aget())
            turns = 0
            while not task.done():
                turns += 1
                await asyncio.sleep(0.01)
            return turns, await task

        turns, author = asyncio.run(main())

        assert author.name == "a"
        assert turns >= 10

    def test_context_variables(self, mongo):
        """A deadline of a task holds for its calls, and for no other task's."""
        Author.objects.create(name="a")
        sleeping = Author.objects.raw_filter({"$where": "sleep(200) || true"})

        async def hurried():
            with deadline(0.05):
                await sleeping.aget()

        async def main():
            return await asyncio.gather(hurried(), sleeping.aget(), return_exceptions=True)

        first, second = asyncio.run(main())

        assert isinstance(first, DeadlineExceeded)
        assert second.name == "a"


class TestCancellation:
    """A task that is cancelled leaves nothing behind."""

    def test_cursors_are_closed(self, mongo):
        """The cursor of an iteration that is cancelled while it waits is killed at once."""
        mongo.collection("aio_author").insert_many({"name": f"{n}"} for n in range(500))
        sleeping = Author.objects.raw_filter({"$where": "sleep(10) || true"})

        async def read(begun):
            async for _author in sleeping.aiterator(chunk_size=20):
                begun.set()

        async def main():
            begun = asyncio.Event()
            before = await cursors()
            task = asyncio.create_task(read(begun))
            await begun.wait()
            during = await cursors()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            # What is killed while it works ends with its next document; a cursor that was left
            # alone would stay for ten minutes.
            for _attempt in range(100):
                if await cursors() == before:
                    break
                await asyncio.sleep(0.02)
            return during - before, await cursors() - before

        assert asyncio.run(main()) == (1, 0)

    def test_during_a_command(self, mongo):
        """One in flight is given up, and the next one works."""
        Author.objects.create(name="a")

        async def main():
            sleeping = Author.objects.raw_filter({"$where": "sleep(5000) || true"})
            # Connected before: to wait for a connection is another matter.
            await Author.objects.acount()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(sleeping.aget(), 0.5)
            return await Author.objects.acount()

        assert asyncio.run(main()) == 1

    def test_a_loop_that_is_left(self, mongo):
        """Breaking out of `async for` closes the cursor, too."""
        mongo.collection("aio_author").insert_many({"name": f"{n}"} for n in range(500))

        async def main():
            with record_commands() as commands:
                rows = Author.objects.aiterator(chunk_size=20)
                async for _author in rows:
                    break
                before = await cursors()
                await rows.aclose()
                return before - await cursors(), [c.name for c in commands if c.name != "aggregate"]

        assert asyncio.run(main()) == (1, ["find"])


async def cursors():
    """Return how many cursors are open on the collection: other tests share the server."""
    database = connections["default"].async_database
    own = {"ns": f"{database.name}.aio_author", "cursor": {"$exists": True}}
    stages = [{"$currentOp": {"idleCursors": True}}, {"$match": own}]
    return len(await (await database.client.admin.aggregate(stages)).to_list())


class TestLoops:
    """Each event loop has its client."""

    def test_one_after_the_other(self, mongo, pool):
        """The client of a loop is closed with the loop."""

        async def main(name):
            await Author.objects.acreate(name=name)
            return connections["default"].async_client

        first = asyncio.run(main("a"))
        second = asyncio.run(main("b"))
        connections["default"].close()

        assert first is not second
        assert pool.open == 0
        assert Author.objects.count() == 2

    def test_in_two_threads(self, mongo):
        """Two loops at the same time do not share anything."""
        clients, ready = [], threading.Barrier(2)

        async def main():
            ready.wait(10)
            for _number in range(50):
                await Author.objects.acreate(name="a")
            clients.append(connections["default"].async_client)

        threads = [threading.Thread(target=lambda: asyncio.run(main())) for _number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

        assert len(set(map(id, clients))) == 2
        assert Author.objects.count() == 100

    def test_closing(self, mongo, pool):
        """`aclose_all` closes the clients of the loop; the next call opens another."""

        async def main():
            await Author.objects.acount()
            first = connections["default"].async_client
            await connections.aclose_all()
            after = pool.open
            await Author.objects.acount()
            return after, connections["default"].async_client is first

        connections["default"].close()

        assert asyncio.run(main()) == (0, False)

    def test_settings_that_change(self, mongo):
        """Another setting is another client, inside of a coroutine, too."""

        async def main():
            await Author.objects.acreate(name="a")
            databases = {"default": {**connections.settings["default"], "NAME": f"{mongo.name}_b"}}
            with override_settings(MONGO_DATABASES=databases):
                elsewhere = await Author.objects.acount()
            return elsewhere, await Author.objects.acount()

        assert asyncio.run(main()) == (0, 1)

    def test_listeners(self, mongo):
        """Commands of coroutines are recorded like any others."""

        async def main():
            with record_commands() as commands:
                await Author.objects.acreate(name="a")
                await Author.objects.aget(name="a")
            return [command.name for command in commands]

        assert asyncio.run(main()) == ["insert", "find"]


def test_a_server_that_is_down(settings):
    """A call ends soon, and the others wait with it, not one after the other."""
    settings.MONGO_DATABASES = {"default": {"HOST": "mongodb://127.0.0.1:1/", "NAME": "aio"}}

    async def main():
        loop = asyncio.get_running_loop()
        begun = loop.time()
        results = await asyncio.gather(
            *(Author.objects.acount() for _number in range(3)), return_exceptions=True
        )
        return results, loop.time() - begun

    results, seconds = asyncio.run(main())

    assert [type(result) for result in results] == [ConnectionUnavailable] * 3
    assert seconds < 2.5
