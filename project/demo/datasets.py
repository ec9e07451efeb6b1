"""
Load real data into the collections of the demo.

Rows go into MongoDB as they are, past the documents' own checks, as if another program
had written them. What was loaded once is noted in a collection, so that a second run
changes nothing, brings back nothing that was deleted, and a broken run goes on.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from docmodels.connections import connections

BATCH = 2_000
#: Where finished loads are noted.
LOG = "demo_loads"

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Dataset:
    """The rows of one document class."""

    document: Any
    rows: Callable[[], Iterable[dict[str, Any]]]

    @property
    def name(self) -> str:
        """Give the collection's name."""
        return self.document._meta.collection

    @property
    def collection(self) -> Any:
        """Give pymongo's collection."""
        return connections["default"].collection(self.name)

    @property
    def log(self) -> Any:
        """Give the collection in which finished loads are noted."""
        return connections["default"].collection(LOG)

    def count(self) -> int:
        """Count the rows of the source."""
        return sum(1 for _row in self.rows())

    def is_loaded(self) -> bool:
        """Tell whether a load was finished."""
        return self.log.find_one({"_id": self.name}) is not None

    def reset(self) -> None:
        """Remove all documents and the note."""
        self.log.delete_one({"_id": self.name})
        self.collection.delete_many({})

    def load(self, limit: int | None = None, progress: Progress = lambda count: None) -> int:
        """Insert the rows that are not there yet and give the number of all."""
        known = {row["_id"] for row in self.collection.find({}, {"_id": 1})}
        count = 0
        rows = islice(self.rows(), limit)
        while batch := list(islice(rows, BATCH)):
            missing = [row for row in batch if row["_id"] not in known]
            if missing:
                self.collection.insert_many(missing, ordered=False)
            count += len(batch)
            progress(count)
        self.log.replace_one(
            {"_id": self.name},
            {"documents": count, "at": datetime.datetime.now(datetime.UTC)},
            upsert=True,
        )
        return count
