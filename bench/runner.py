"""Run the workloads on the systems in turns, and measure."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import bson
from pymongo import MongoClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from bench.data import COLLECTION, INDEX, make_documents
from bench.systems import System
from bench.workloads import Workload

#: How many operations are counted for the bytes that they send.
COUNTED_OPERATIONS = 20


class Times(NamedTuple):
    """What one run took, in seconds."""

    wall: float
    cpu: float


class Result(NamedTuple):
    """All the rounds of one workload on one system."""

    workload: Workload
    system: System
    rounds: list[Times]
    #: Bytes sent for one operation, None where they are not counted.
    bytes_sent: float | None


class ByteCounter(CommandListener):
    """Add up the BSON of the commands that are sent."""

    def __init__(self) -> None:
        self.total = 0

    def started(self, event: CommandStartedEvent) -> None:
        """Count the command."""
        self.total += len(bson.encode(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Ignore the answer."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Ignore the failure."""


class Runner:
    """Fill a database of its own, measure, and drop it."""

    def __init__(
        self,
        uri: str,
        database: str,
        *,
        documents: int,
        rounds: int,
        repeats: int,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.uri = uri
        self.database = database
        self.documents = documents
        self.rounds = rounds
        self.repeats = repeats
        self.tell = tell
        #: The server's version, and the mean size of a document, once it is filled.
        self.server = ""
        self.document_bytes = 0.0

    def run(
        self, workloads: Iterable[type[Workload]], systems: Iterable[type[System]]
    ) -> list[Result]:
        """Return the results by workload, then by system."""
        with MongoClient[dict[str, Any]](self.uri) as client:
            try:
                keys = self._fill(client)
                made = [make() for make in systems]
                results: list[Result] = []
                for workload in [make(keys, self.repeats) for make in workloads]:
                    results += self._measure(workload, made)
            finally:
                client.drop_database(self.database)
        return results

    def _fill(self, client: MongoClient[dict[str, Any]]) -> list[Any]:
        self.server = client.server_info()["version"]
        collection = client[self.database][COLLECTION]
        collection.drop()
        documents = make_documents(self.documents)
        self.document_bytes = sum(len(bson.encode(d)) for d in documents) / len(documents)
        collection.insert_many(documents)
        collection.create_index(INDEX)
        return [document["_id"] for document in documents]

    def _measure(self, workload: Workload, systems: list[System]) -> list[Result]:
        rounds: dict[str, list[Times]] = {system.name: [] for system in systems}
        for number in range(self.rounds + 1):
            prepared = workload.prepare()
            # Another one begins each time, so that none has the warmer server.
            turn = number % len(systems)
            for system in systems[turn:] + systems[:turn]:
                times = self._time(workload, system, prepared)
                if number:
                    rounds[system.name].append(times)
            self.tell(f"{workload.name} {workload.about}: round {number} of {self.rounds}")
        return [
            Result(workload, system, rounds[system.name], self._count_bytes(workload, system))
            for system in systems
        ]

    def _time(self, workload: Workload, system: System, prepared: Any) -> Times:
        system.open(self.uri, self.database)
        try:
            # Connected and compiled before the clock starts.
            system.get(workload.keys[0])
            gc.collect()
            wall, cpu = time.perf_counter(), time.thread_time()
            kept = workload.run(system, prepared)
            times = Times(time.perf_counter() - wall, time.thread_time() - cpu)
            del kept
        finally:
            system.close()
        return times

    def _count_bytes(self, workload: Workload, system: System) -> float | None:
        if not workload.counts_bytes:
            return None
        counter = ByteCounter()
        prepared = workload.prepare()[:COUNTED_OPERATIONS]
        system.open(self.uri, self.database, counter)
        try:
            # What opens a connection belongs to no operation.
            system.get(workload.keys[0])
            counter.total = 0
            workload.run(system, prepared)
        finally:
            system.close()
        return counter.total / len(prepared)
