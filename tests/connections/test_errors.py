"""Driver errors become ours."""

from functools import reduce

import pytest
from bson import errors as bson_errors
from pymongo import InsertOne, errors

from docmodels.connections.backends.errors import translate
from docmodels.exceptions import (
    ConnectionUnavailable,
    DeadlineExceeded,
    DocumentTooLarge,
    DuplicateKey,
    InvalidDocument,
    NotSupportedError,
    OperationFailed,
)


class TestDuplicateKey:
    """A taken value of a unique index, on a real server."""

    @pytest.fixture
    def orders(self, mongo):
        """Give a collection with a unique index and one document."""
        collection = mongo.collection("orders")
        collection.create_index([("number", 1), ("year", -1)], unique=True)
        collection.insert_one({"_id": 0, "number": "A", "year": 1})
        return collection

    def test_single_write(self, mongo, orders):
        """The index and the values are told apart from the text."""
        with pytest.raises(DuplicateKey) as excinfo, mongo.wrap_write_errors:
            orders.insert_one({"_id": 1, "number": "A", "year": 1})

        error = excinfo.value
        assert str(error) == (
            "The value for number, year is taken by another document on 'default'."
        )
        assert error.key_pattern == {"number": 1, "year": -1}
        assert error.key_value == {"number": "A", "year": 1}
        assert (error.index, error.code, error.alias) == (None, 11000, "default")
        assert isinstance(error.__cause__, errors.DuplicateKeyError)

    def test_find_and_modify(self, mongo, orders):
        """It is the same error there."""
        with pytest.raises(DuplicateKey) as excinfo, mongo.wrap_write_errors:
            orders.find_one_and_update(
                {"_id": 2}, {"$set": {"number": "A", "year": 1}}, upsert=True
            )

        assert excinfo.value.key_value == {"number": "A", "year": 1}

    def test_bulk_write_has_the_index_of_the_operation(self, mongo, orders):
        """The others of an unordered write are stored, all failures are listed."""
        requests = [
            InsertOne({"_id": 1, "number": "B", "year": 1}),
            InsertOne({"_id": 2, "number": "A", "year": 1}),
            InsertOne({"_id": 3, "number": "B", "year": 1}),
            InsertOne({"_id": 4, "number": "C", "year": 1}),
        ]

        with pytest.raises(DuplicateKey) as excinfo, mongo.wrap_write_errors:
            orders.bulk_write(requests, ordered=False)

        assert str(excinfo.value) == (
            "Operation 1 of the bulk write: The value for number, year is taken by another "
            "document on 'default'."
        )
        assert excinfo.value.index == 1
        assert [failed["index"] for failed in excinfo.value.write_errors] == [1, 2]
        assert orders.count_documents({}) == 3


class TestServerErrors:
    """Other refusals of a real server."""

    def test_operation_failed_has_the_code(self, mongo):
        """The server's code and answer are kept."""
        with pytest.raises(OperationFailed) as excinfo, mongo.wrap_errors:
            list(mongo.collection("a").find({"$nope": 1}))

        assert str(excinfo.value) == (
            "unknown top level operator: $nope. If you have a field name that starts with a "
            "'$' symbol, consider using $getField or $setField."
        )
        assert (excinfo.value.code, excinfo.value.details["codeName"]) == (2, "BadValue")

    def test_bulk_failure_of_another_kind(self, mongo):
        """It names the operation and has the server's code."""
        with pytest.raises(OperationFailed) as excinfo, mongo.wrap_write_errors:
            mongo.collection("a").insert_many([{"_id": 1}, {"_id": [2]}])

        assert type(excinfo.value) is OperationFailed
        assert str(excinfo.value) == (
            "Operation 1 of the bulk write: The '_id' value cannot be of type array"
        )
        assert excinfo.value.code == 53

    def test_unknown_command_is_not_supported(self, mongo):
        """An old server that lacks a command is told apart."""
        with pytest.raises(NotSupportedError) as excinfo, mongo.wrap_errors:
            mongo.database.command("nope")

        assert str(excinfo.value).startswith(
            "The server of 'default' cannot do this: no such command: 'nope'"
        )

    def test_document_too_large(self, mongo):
        """The driver refuses it, or the server does."""
        with pytest.raises(DocumentTooLarge) as excinfo, mongo.wrap_write_errors:
            mongo.collection("a").insert_one({"text": "x" * (16 * 1024 * 1024 + 20_000)})

        assert str(excinfo.value) == (
            "The document is too large for 'default': expected at most 16 MB of BSON."
        )

    @pytest.mark.parametrize(
        ("value", "cause"),
        [
            (object, bson_errors.InvalidDocument),
            ({"a\0b": 1}, bson_errors.InvalidDocument),
            (2**63, OverflowError),
            ("\ud800", UnicodeEncodeError),
            (reduce(lambda inner, _: {"a": inner}, range(100_000), {}), RecursionError),
        ],
        ids=["class", "NUL in a key", "2^63", "surrogate", "nesting"],
    )
    def test_invalid_document(self, mongo, value, cause):
        """A value without a BSON form is an error of ours and a ValueError."""
        with pytest.raises(InvalidDocument) as excinfo, mongo.wrap_write_errors:
            mongo.collection("a").insert_one({"a": value})

        assert isinstance(excinfo.value, ValueError)
        assert isinstance(excinfo.value.__cause__, cause)

    def test_other_exceptions_pass(self, mongo):
        """Only the driver's errors are wrapped."""
        with pytest.raises(ZeroDivisionError), mongo.wrap_errors:
            1 / 0


UNKNOWN = " Whether it was applied is unknown."
LATE = "The operation on 'shop' took longer than its deadline."
LOST = "The connection to the server of 'shop' was lost."


class TestTranslate:
    """`translate`."""

    @pytest.mark.parametrize(
        ("exc", "kind", "message"),
        [
            (
                errors.ServerSelectionTimeoutError("db.example:27017: refused"),
                ConnectionUnavailable,
                "The server of 'shop' cannot be reached. Is it running, and is HOST right?",
            ),
            (
                errors.WaitQueueTimeoutError("db.example:27017"),
                ConnectionUnavailable,
                "All connections of 'shop' are busy. Try again, or raise maxPoolSize in its "
                "OPTIONS.",
            ),
            (errors.AutoReconnect("db.example:27017: closed"), ConnectionUnavailable, LOST),
            (errors.NetworkTimeout("db.example:27017: timed out"), DeadlineExceeded, LATE),
            (errors.ExecutionTimeout("too late", 50, {}), DeadlineExceeded, LATE),
            (errors.WTimeoutError("waiting", 64, {}), DeadlineExceeded, LATE),
            (
                errors.OperationFailure("x", 8, {"errmsg": "no host db.example:27017 found"}),
                OperationFailed,
                "no host <server> found",
            ),
            (
                errors.ConfigurationError("mongodb://me:secret@db/ is bad"),
                OperationFailed,
                "<server> is bad",
            ),
        ],
        ids=[
            "selection",
            "queue",
            "reconnect",
            "network",
            "execution",
            "write concern",
            "failure",
            "configuration",
        ],
    )
    def test_kinds(self, exc, kind, message):
        """Each has its class, and no message carries an address."""
        error = translate(exc, "shop")

        assert type(error) is kind
        assert str(error) == message
        assert error.alias == "shop"

    @pytest.mark.parametrize(
        ("exc", "message"),
        [
            (errors.NetworkTimeout("timed out"), LATE),
            (errors.ExecutionTimeout("too late", 50, {}), LATE),
            (errors.AutoReconnect("closed"), LOST),
        ],
        ids=["network", "execution", "reconnect"],
    )
    def test_a_write_without_an_answer_is_unknown(self, exc, message):
        """The text and the attribute say so."""
        error = translate(exc, "shop", writing=True)

        assert str(error) == message + UNKNOWN
        assert error.outcome_unknown

    def test_reads_are_never_unknown(self):
        """Nothing can have been applied."""
        assert not translate(errors.NetworkTimeout("x"), "shop").outcome_unknown

    def test_a_write_that_the_driver_could_retry_is_recognised(self):
        """The label on the driver's error is enough."""
        exc = errors.NetworkTimeout("x")
        exc._add_error_label("RetryableWriteError")

        error = translate(exc, "shop")

        assert error.outcome_unknown
        assert error.has_error_label("RetryableWriteError")
        assert not error.has_error_label("TransientTransactionError")
