"""Send many writes at once, and read the answer of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pymongo
from pymongo.errors import OperationFailure, WriteError

from docmodels.connections.backends.errors import translate
from docmodels.exceptions import DuplicateKey, OperationFailed
from docmodels.transaction import current_session

#: How many operations are sent at a time, unless a `batch_size` is given.
CHUNK = 1000

_MODELS = {
    "insert_one": pymongo.InsertOne,
    "update_one": pymongo.UpdateOne,
    "update_many": pymongo.UpdateMany,
    "delete_one": pymongo.DeleteOne,
    "delete_many": pymongo.DeleteMany,
}


class Command(NamedTuple):
    """One write: the driver's method and its arguments."""

    method: str
    args: tuple[Any, ...]
    options: dict[str, Any]


@dataclasses.dataclass
class BulkResult:
    """What a bulk did, in numbers of documents."""

    inserted: int = 0
    #: How many documents the updates and replacements matched.
    matched: int = 0
    #: How many of them are other than before.
    modified: int = 0
    deleted: int = 0
    #: The keys of what upserts inserted, by the position of the operation.
    upserted: dict[int, Any] = dataclasses.field(default_factory=dict)

    def add(self, answer: Any, offset: int) -> None:
        """Add the server's answer to the operations from `offset` on."""
        self.inserted += answer.get("nInserted", 0)
        self.matched += answer.get("nMatched", 0)
        self.modified += answer.get("nModified", 0)
        self.deleted += answer.get("nRemoved", 0)
        for entry in answer.get("upserted", ()):
            self.upserted[offset + entry["index"]] = entry["_id"]


def send(
    collection: Any, commands: Sequence[Command], connection: Any, *, ordered: bool, **options: Any
) -> dict[str, Any]:
    """
    Send the commands; return the answer, with `writeErrors` of what was refused.

    An error that concerns all of them is raised.
    """
    session = current_session(connection.alias)
    if not connection.supports_bulk:
        return _one_by_one(collection, commands, ordered=ordered)
    models = [_MODELS[method](*args, **given) for method, args, given in commands]
    try:
        with connection.wrap_write_errors:
            result = collection.bulk_write(models, ordered=ordered, session=session, **options)
    except OperationFailed as error:
        if not error.write_errors:
            raise
        return dict(error.details)
    return dict(result.bulk_api_result)


def _one_by_one(collection: Any, commands: Sequence[Command], *, ordered: bool) -> dict[str, Any]:
    """Do what the server does with a bulk, for the fake that does not."""
    counts = dict.fromkeys(("nInserted", "nMatched", "nModified", "nRemoved"), 0)
    errors: list[dict[str, Any]] = []
    upserted: list[dict[str, Any]] = []
    for index, (method, args, options) in enumerate(commands):
        try:
            result = getattr(collection, method)(*args, **options)
        except OperationFailure as error:
            details = dict(error.details or {})
            errors.append({"code": error.code, "errmsg": str(error), **details, "index": index})
            if ordered:
                break
            continue
        counts["nInserted"] += method == "insert_one"
        counts["nRemoved"] += getattr(result, "deleted_count", 0)
        if method.startswith("update"):
            counts["nMatched"] += result.matched_count
            counts["nModified"] += result.modified_count
            if result.upserted_id is not None:
                upserted.append({"index": index, "_id": result.upserted_id})
    return {**counts, "writeErrors": errors, "upserted": upserted}


def error_of(entry: dict[str, Any], model: Any, alias: str) -> Exception:
    """Return the error of one refused operation; a duplicate key is one of its fields."""
    found = translate(WriteError(entry.get("errmsg", ""), entry.get("code"), entry), alias)
    if isinstance(found, DuplicateKey):
        by_field: Exception = model._duplicate_error(found)
        by_field.__cause__ = found
        return by_field
    return found


def list_of(objects: Any, where: str) -> list[Any]:
    """Return the list of what was given; raise TypeError where that is nothing to iterate over."""
    if not isinstance(objects, Iterable):
        raise TypeError(f"{where}: {objects!r}, expected an iterable of objects.")
    return list(objects)


def check_batch_size(batch_size: int | None, document: str) -> None:
    """Raise ValueError for a batch of no operations."""
    if batch_size is not None and batch_size <= 0:
        raise ValueError(f"{document}: Batch size must be a positive integer.")
