"""Read-only aliases."""

import pytest
from pymongo import InsertOne

from docmodels.connections import connections
from docmodels.connections.backends.readonly import COLLECTION_WRITES
from docmodels.exceptions import ReadOnlyConnection

WAYS = {
    "out": lambda slow: slow.collection("a").aggregate([{"$out": "b"}]),
    "merge": lambda slow: slow.collection("a").aggregate([{"$match": {}}, {"$merge": "b"}]),
    "raw batches": lambda slow: slow.collection("a").aggregate_raw_batches([{"$out": "b"}]),
    "with_options": lambda slow: slow.collection("a").with_options().insert_one({}),
    "attribute": lambda slow: slow.collection("a").sub.insert_one({}),
    "item": lambda slow: slow.collection("a")["sub"].delete_many({}),
    "database item": lambda slow: slow.database["a"].insert_one({}),
    "database attribute": lambda slow: slow.database.a.insert_one({}),
    "database with_options": lambda slow: (
        slow.database.with_options().get_collection("a").insert_one({})
    ),
    "create_collection": lambda slow: slow.database.create_collection("b"),
    "drop_collection": lambda slow: slow.database.drop_collection("a"),
    "command": lambda slow: slow.database.command("drop", "a"),
    "command dict": lambda slow: slow.database.command({"insert": "a", "documents": [{}]}),
    "aggregate command": lambda slow: slow.database.command(
        {"aggregate": "a", "pipeline": [{"$out": "b"}], "cursor": {}}
    ),
    "database aggregate": lambda slow: slow.database.aggregate([{"$documents": []}, {"$out": "b"}]),
    "client item": lambda slow: slow.client[slow.name].a.insert_one({}),
    "client get_database": lambda slow: slow.client.get_database(slow.name).a.insert_one({}),
    "drop_database": lambda slow: slow.client.drop_database(slow.name),
    "client bulk_write": lambda slow: slow.client.bulk_write([InsertOne({}, namespace="a.b")]),
    "find and update": lambda slow: slow.collection("a").find_one_and_update(
        {}, {"$set": {"x": 1}}
    ),
}


@pytest.fixture
def slow(mongo):
    """Give the derived slow connection, with one document to read."""
    mongo.collection("a").insert_one({"_id": 1})
    return connections["slow"]


class TestReadOnly:
    """What a read-only alias lets through."""

    def test_reads(self, slow):
        """Finding, counting and aggregating work."""
        collection = slow.collection("a")

        assert collection.find_one() == {"_id": 1}
        assert collection.count_documents({}) == 1
        assert list(collection.aggregate([{"$match": {}}])) == [{"_id": 1}]
        assert slow.database.command("ping")["ok"] == 1

    def test_require_writable(self, mongo, slow):
        """The error names alias, operation and remedy; a writable alias says nothing."""
        mongo.require_writable("save")
        with pytest.raises(ReadOnlyConnection) as excinfo:
            slow.require_writable("Order.save()")

        assert str(excinfo.value) == (
            "The connection 'slow' is read-only: Order.save() needs an alias without READ_ONLY."
        )
        assert (excinfo.value.alias, excinfo.value.operation) == ("slow", "Order.save()")

    @pytest.mark.parametrize("name", COLLECTION_WRITES)
    def test_every_write_method_of_a_collection(self, slow, name):
        """It raises before anything is sent, whatever the arguments."""
        with pytest.raises(ReadOnlyConnection) as excinfo:
            getattr(slow.collection("a"), name)()

        assert str(excinfo.value) == (
            f"The connection 'slow' is read-only: {name} needs an alias without READ_ONLY."
        )

    @pytest.mark.parametrize("write", WAYS.values(), ids=WAYS)
    def test_no_way_round(self, mongo, slow, write):
        """Neither the driver's shortcuts nor commands write."""
        with pytest.raises(ReadOnlyConnection):
            write(slow)

        assert mongo.database.list_collection_names(filter={"name": "b"}) == []
        assert list(mongo.collection("a").find()) == [{"_id": 1}]
