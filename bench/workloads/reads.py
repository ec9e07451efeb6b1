"""Reads."""

from __future__ import annotations

from typing import Any, ClassVar

from bench.data import TITLES
from bench.systems import System
from bench.workloads.base import Repeated, Target, Workload

#: How many documents are read with what they refer to, or turned into JSON.
SOME = 2000
#: What the asynchronous side must reach, against pymongo's own.
ASYNC = Target(1.15, 1.15)


class ReadAll(Workload):
    """W1."""

    name = "W1"
    about = "read all, touch nothing"
    action = "read_all"
    targets: ClassVar = {
        "docmodels": Target(1.00, 0.75),
        "docmodels-unpaused": Target(1.35, 1.20),
        "docmodels-async": ASYNC,
    }

    def operations(self) -> int:
        """Count documents."""
        return len(self.keys)

    def prepare(self) -> Any:
        """Need nothing."""
        return None

    def run(self, system: System, prepared: Any) -> Any:
        """Read."""
        documents = system.do("read_all")
        assert len(documents) == len(self.keys)
        return documents


class ReadAllTouchScalars(ReadAll):
    """W2."""

    name = "W2"
    about = "read all, touch 3 scalars"

    def run(self, system: System, prepared: Any) -> Any:
        """Read and touch."""
        documents = super().run(system, prepared)
        system.touch_scalars(documents)
        return documents


class ReadAllTouchAll(ReadAll):
    """W3."""

    name = "W3"
    about = "read all, touch everything, nested too"
    targets: ClassVar = {
        "docmodels": Target(1.25, 1.00),
        "docmodels-unpaused": Target(1.70, 1.45),
    }

    def run(self, system: System, prepared: Any) -> Any:
        """Read and touch."""
        documents = super().run(system, prepared)
        system.touch_all(documents)
        return documents


class Get(Repeated):
    """W4."""

    name = "W4"
    about = "get by key"
    action = "get"
    targets: ClassVar = {"docmodels": Target(1.25, 1.10), "docmodels-async": ASYNC}


class Page(Repeated):
    """W8."""

    name = "W8"
    about = "filter, sort, limit 25"
    action = "page"
    targets: ClassVar = {"docmodels": Target(1.35, 1.15), "docmodels-async": ASYNC}

    def arguments(self, count: int) -> list[Any]:
        """Choose titles."""
        return [(self.chance.choice(TITLES),) for _number in range(count)]


class ReadWithCustomers(Workload):
    """W9."""

    name = "W9"
    about = "2,000 documents with their referenced document"
    action = "read_with_customers"
    targets: ClassVar = {"docmodels": Target(1.60, 1.30)}

    def operations(self) -> int:
        """Count documents."""
        return min(SOME, len(self.keys))

    def prepare(self) -> Any:
        """Need nothing."""
        return None

    def run(self, system: System, prepared: Any) -> Any:
        """Read."""
        return system.do("read_with_customers", self.operations())
