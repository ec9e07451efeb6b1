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

from bench.data import COLLECTION, CUSTOMERS, INDEX, make_customers, make_documents
from bench.probes import Amount, Place, Probe, measure_all
from bench.systems import System
from bench.workloads import Sizes, Workload

#: How many operations are counted for the bytes that they send.
COUNTED_OPERATIONS = 20


class Times(NamedTuple):
    """What one run took, in seconds."""

    wall: float
    cpu: float


class Result(NamedTuple):
    """All the rounds of one workload on one system."""

    workload: Workload
    system: type[System]
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
    """Fill databases of its own, measure, and drop them."""

    def __init__(
        self,
        uri: str,
        database: str,
        sizes: Sizes,
        *,
        rounds: int,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.uri = uri
        self.database = database
        #: Where new documents go, so that reads find what they expect.
        self.database_of_new = f"{database}_new"
        self.sizes = sizes
        self.rounds = rounds
        self.tell = tell
        #: The server's version, and the mean size of a document, once it is filled.
        self.server = ""
        self.document_bytes = 0.0

    def run(
        self,
        workloads: Iterable[type[Workload]],
        probes: Iterable[type[Probe]],
        systems: Iterable[type[System]],
    ) -> list[Result | Amount]:
        """Return the results by workload, then by system."""
        place = Place(self.uri, self.database, self.sizes.documents)
        with MongoClient[dict[str, Any]](self.uri) as client:
            self.client = client
            try:
                made = [make() for make in systems]
                keys = self._fill(made)
                results: list[Result | Amount] = []
                for workload in [make(keys, self.sizes) for make in workloads]:
                    suited = [system for system in made if workload.suits(system)]
                    results += self._measure(workload, suited) if suited else []
                results += measure_all(list(probes), list(systems), place, self.tell)
            finally:
                client.drop_database(self.database)
                client.drop_database(self.database_of_new)
        return results

    def _fill(self, systems: list[System]) -> list[Any]:
        self.server = self.client.server_info()["version"]
        documents = make_documents(self.sizes.documents)
        self.document_bytes = sum(len(bson.encode(d)) for d in documents) / len(documents)
        database = self.client[self.database]
        for system in {s.collection: s for s in systems}.values():
            collection = database[system.collection]
            collection.drop()
            collection.insert_many([system.stored(document) for document in documents])
            collection.create_index(INDEX)
        database[CUSTOMERS].drop()
        database[CUSTOMERS].insert_many(make_customers())
        return [document["_id"] for document in documents]

    def _measure(self, workload: Workload, systems: list[System]) -> list[Result]:
        rounds: dict[str, list[Times]] = {system.name: [] for system in systems}
        last = min(self.rounds, workload.most_rounds)
        for number in range(last + 1):
            taken = self._round(workload, systems, number)
            if number:
                for system in systems:
                    rounds[system.name].append(taken[system.name])
            self.tell(f"{workload.name} {workload.about}: round {number} of {last}")
        return [
            Result(workload, type(system), rounds[system.name], self._count_bytes(workload, system))
            for system in systems
        ]

    def _round(self, workload: Workload, systems: list[System], number: int) -> dict[str, Times]:
        """Let each system do the same, in turns; return what it took."""
        if workload.inserts:
            for system in systems:
                self._empty_new(system)
        taken = dict.fromkeys((system.name for system in systems), Times(0, 0))
        for position, part in enumerate(workload.parts_of(workload.prepare())):
            # Another one begins each time, so that none has the warmer server.
            first = (number + position) % len(systems)
            for system in systems[first:] + systems[:first]:
                before, now = taken[system.name], self._time(workload, system, part)
                taken[system.name] = Times(before.wall + now.wall, before.cpu + now.cpu)
        return taken

    def _time(self, workload: Workload, system: System, prepared: Any) -> Times:
        system.open(self.uri, self.database_of_new if workload.inserts else self.database)
        try:
            # Connected and compiled before the clock starts.
            system.do("page", "")
            workload.warm_up(system)
            taken = workload.before(system, prepared)
            gc.collect()
            # The CPU time of the process: some drivers have threads of their own.
            wall, cpu = time.perf_counter(), time.process_time()
            kept = workload.run(system, taken)
            times = Times(time.perf_counter() - wall, time.process_time() - cpu)
            del kept, taken
        finally:
            system.close()
        return times

    def _empty_new(self, system: System) -> None:
        database = self.client[self.database_of_new]
        for name in (COLLECTION, system.collection):
            database.drop_collection(name)
        database.create_collection(system.collection)

    def _count_bytes(self, workload: Workload, system: System) -> float | None:
        if not workload.counts_bytes:
            return None
        counter = ByteCounter()
        prepared = workload.prepare()[:COUNTED_OPERATIONS]
        system.open(self.uri, self.database, counter)
        try:
            # What opens a connection belongs to no operation.
            system.do("page", "")
            taken = workload.before(system, prepared)
            counter.total = 0
            workload.run(system, taken)
        finally:
            system.close()
        return counter.total / len(prepared)
