"""Indexes are made over both APIs, and the commands run for a coroutine; see `apis`."""

import asyncio
import io

import pytest
from bson import ObjectId
from django.core.management import call_command

from docmodels import documents, indexing
from docmodels.connections import connections
from docmodels.indexing import IndexBuildError
from docmodels.testing import record_commands


class Shelf(documents.Document):
    code = documents.CharField(unique=True)
    rank = documents.IntegerField(db_index=True, blank=True)

    class Meta:
        app_label = "aio_indexing"


class Tag(documents.Document):
    shelf = documents.ReferenceField(Shelf, on_delete=documents.SET_NULL, null=True)

    class Meta:
        app_label = "aio_indexing"


@pytest.fixture
def shelves(mongo):
    """Give the collection, without indexes."""
    collection = mongo.collection(Shelf._meta.collection)
    collection.drop()
    return collection


def test_sync(api, shelves):
    """What is missing is made; then nothing is left to do."""
    todo = api.call(indexing, "plan", Shelf)
    assert [spec.name for spec in todo.create] == ["code_1", "rank_1"]

    lines = []
    api.call(indexing, "sync", todo, progress=lines.append)

    assert lines[-2:] == ["created code_1", "created rank_1"]
    assert set(shelves.index_information()) == {"_id_", "code_1", "rank_1"}
    assert api.call(indexing, "plan", Shelf).in_sync


def test_duplicates(api, shelves):
    """What is in the way is told."""
    shelves.insert_many([{"code": "a"}, {"code": "a"}])
    todo = api.call(indexing, "plan", Shelf)

    with pytest.raises(IndexBuildError, match="stand in several documents"):
        api.call(indexing, "sync", todo)


def test_commands(shelves, mongo):
    """`arun()` runs the commands on the driver's asynchronous client."""
    mongo.collection(Tag._meta.collection).insert_one({"_id": 1, "shelf": ObjectId()})
    out = io.StringIO()

    async def run():
        with record_commands() as commands:
            await documents.arun(call_command, "syncindexes", "aio_indexing.Shelf", stdout=out)
            await documents.arun(
                call_command, "checkreferences", "aio_indexing.Tag", mend=True, stdout=out
            )
        assert connections["default"].async_client is not None
        return {sent.name for sent in commands}

    assert asyncio.run(run()) >= {"listIndexes", "createIndexes", "find", "update"}
    assert out.getvalue().splitlines()[-1] == "1 document(s) checked, 1 broken, 1 mended."
    assert "code_1" in shelves.index_information()
    assert mongo.collection(Tag._meta.collection).find_one() == {"_id": 1, "shelf": None}
