"""Writes: judged by the client's CPU time, the rest is that of the server's disk."""

from __future__ import annotations

from typing import Any, ClassVar

from bench.data import make_values
from bench.systems import System
from bench.workloads.base import Repeated, Target, Workload


class Insert(Repeated):
    """W5."""

    name = "W5"
    about = "insert one by one, validated"
    judged_by = "cpu"
    action = "insert"
    inserts = True
    targets: ClassVar = {"docmodels": Target(1.40, 1.20)}

    def arguments(self, count: int) -> list[Any]:
        """Make values."""
        return make_values(count, seed=self.chance.randrange(1000))

    def before(self, system: System, prepared: Any) -> Any:
        """Let the system prepare them."""
        return [(system.to_insert(values),) for values in prepared]


class InsertMany(Workload):
    """W6."""

    name = "W6"
    about = "bulk insert 20,000, validated"
    action = "insert_many"
    inserts = True
    most_rounds = 3
    targets: ClassVar = {"docmodels": Target(4.0, 2.5)}

    def operations(self) -> int:
        """Count documents."""
        return self.sizes.bulk

    def prepare(self) -> Any:
        """Make values."""
        return make_values(self.operations(), seed=self.chance.randrange(1000))

    def before(self, system: System, prepared: Any) -> Any:
        """Let the system prepare them."""
        return [system.to_insert(values) for values in prepared]

    def run(self, system: System, prepared: Any) -> Any:
        """Insert."""
        return system.do("insert_many", prepared)


class ChangeOne(Repeated):
    """W7."""

    name = "W7"
    about = "load, change one field, save"
    judged_by = "cpu"
    action = "change_one"
    counts_bytes = True
    targets: ClassVar = {"docmodels": Target(1.25, 1.10)}

    def before(self, system: System, prepared: Any) -> Any:
        """Pair the keys with values of this system: to write what is there already is no work."""
        return [(key, self.chance.randrange(10**9)) for (key,) in prepared]
