"""The driver's own asynchronous objects, and clients across forks and restarts."""

import asyncio
import os

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from docmodels.connections import connections
from docmodels.connections.bridging import arun
from docmodels.exceptions import DuplicateKey, NotSupportedError, ReadOnlyConnection
from docmodels.testing.commands import record_commands
from tests.aio.models import Author


class TestDriver:
    """`async_client`, `async_database` and `async_collection`."""

    def test_objects(self, mongo):
        """They are the driver's, and see the same data."""
        Author.objects.create(name="a")

        async def main():
            connection = connections["default"]
            collection = connection.async_collection("aio_author")
            assert isinstance(connection.async_client, AsyncMongoClient)
            assert isinstance(connection.async_database, AsyncDatabase)
            assert isinstance(collection, AsyncCollection)
            assert connection.async_database.name == connection.name
            return await collection.find_one({}, {"_id": 0})

        assert asyncio.run(main())["name"] == "a"

    def test_collections_of_the_server(self, mongo):
        """What belongs to the server is refused as elsewhere."""

        async def main():
            connections["default"].async_collection("system.users")

        with pytest.raises(NotSupportedError):
            asyncio.run(main())

    @pytest.mark.parametrize(
        "write",
        [
            lambda slow: slow.async_collection("a").insert_one({}),
            lambda slow: slow.async_collection("a").with_options().update_one({}, {}),
            lambda slow: slow.async_collection("a").sub.delete_many({}),
            lambda slow: slow.async_collection("a").aggregate([{"$out": "b"}]),
            lambda slow: slow.async_database["a"].drop(),
            lambda slow: slow.async_database.command("drop", "a"),
            lambda slow: slow.async_client["other"]["a"].insert_one({}),
            lambda slow: slow.async_client.get_database("other").create_collection("a"),
            lambda slow: slow.async_client.drop_database("other"),
        ],
        ids=[
            "insert", "options", "part", "out", "drop", "command", "other", "create",
            "drop_database",
        ],
    )  # fmt: skip
    def test_read_only(self, slow, write):
        """Whatever leads to a write through a read-only alias is refused."""

        async def main():
            await write(slow)

        with pytest.raises(ReadOnlyConnection):
            asyncio.run(main())

    def test_errors(self, mongo):
        """`async with` around the driver's calls gives docmodels' errors."""

        async def main():
            connection = connections["default"]
            authors = connection.async_collection("aio_author")
            async with connection.wrap_write_errors:
                await authors.insert_one({"_id": 1})
                await authors.insert_one({"_id": 1})

        with pytest.raises(DuplicateKey):
            asyncio.run(main())

    def test_reads(self, slow, shelf):
        """Everything that reads works."""

        async def main():
            books = slow.async_collection("aio_book")
            counted = await (await books.aggregate([{"$count": "n"}])).to_list()
            pong = await slow.async_database.command("ping")
            return counted, await books.count_documents({}), pong["ok"]

        assert asyncio.run(main()) == ([{"n": 3}], 3, 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="There is nothing to fork here.")
def test_a_fork(mongo):
    """The child has clients of its own; those of the parent go on."""
    Author.objects.create(name="a")
    with asyncio.Runner() as runner:
        runner.run(Author.objects.acount())
        child = os.fork()
        if not child:
            status = 1
            try:
                status = 0 if asyncio.run(Author.objects.acount()) == 1 else 2
            finally:
                os._exit(status)
        _pid, status = os.waitpid(child, 0)
        after = runner.run(Author.objects.acount())

    assert (os.waitstatus_to_exitcode(status), after) == (0, 1)


def test_connections_that_are_lost(mongo, fail):
    """A read is sent again, by the driver, until it is answered."""

    async def main():
        await Author.objects.acreate(name="a")
        fail(2, failCommands=["find"], closeConnection=True)
        with record_commands() as commands:
            author = await Author.objects.aget(name="a")
        return author.name, [command.name for command in commands]

    assert asyncio.run(main()) == ("a", ["find", "find", "find"])


def test_files_in_whole_functions(mongo):
    """What runs for a coroutine has the bucket's files, and a cursor over them."""

    def work():
        bucket = connections["default"].bucket("aio_files")
        for name in ("a", "b"):
            bucket.upload_from_stream(name, name.encode() * 3)
        found = sorted((one.filename, one.read()) for one in bucket.find({}))
        return found, bucket.open_download_stream_by_name("b").read()

    assert asyncio.run(arun(work)) == ([("a", b"aaa"), ("b", b"bbb")], b"bbb")
