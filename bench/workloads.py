"""What is measured: one class for each workload, on any system."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

from bench.data import TITLES
from bench.systems.base import System


class Target(NamedTuple):
    """The ratio to raw pymongo that a system must reach, and the one to aim for."""

    must: float
    aim: float


class Workload(ABC):
    """One thing that programs do with documents."""

    #: The name in reports and of the option `--workload`.
    name: str
    #: One line for the report.
    about: str
    #: "wall", or "cpu" where the server's disk decides about the wall time.
    judged_by: ClassVar[str] = "wall"
    #: Whether the bytes that are sent are counted as well.
    counts_bytes: ClassVar[bool] = False
    #: The targets by the name of the system.
    targets: ClassVar[dict[str, Target]] = {}

    def __init__(self, keys: list[Any], repeats: int) -> None:
        """Take the keys of the stored documents, and how often to do single things."""
        self.keys = keys
        self.repeats = repeats
        self.chance = random.Random(11)

    def operations(self) -> int:
        """Return how many things are done in one run, to divide times by."""
        return self.repeats

    def prepare(self) -> Any:
        """Return the arguments of the next round, the same for all systems."""
        return [self.chance.choice(self.keys) for _number in range(self.repeats)]

    @abstractmethod
    def run(self, system: System, prepared: Any) -> Any:
        """Do it; what is returned is freed when the clock has stopped."""


class ReadAll(Workload):
    """W1."""

    name = "W1"
    about = "read all, touch nothing"
    targets: ClassVar = {
        "docmodels": Target(1.00, 0.75),
        "docmodels-unpaused": Target(1.35, 1.20),
    }

    def operations(self) -> int:
        """Count documents."""
        return len(self.keys)

    def prepare(self) -> Any:
        """Need nothing."""
        return None

    def run(self, system: System, prepared: Any) -> Any:
        """Read."""
        documents = system.read_all()
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


class Get(Workload):
    """W4."""

    name = "W4"
    about = "get by key"
    targets: ClassVar = {"docmodels": Target(1.25, 1.10)}

    def run(self, system: System, prepared: Any) -> Any:
        """Get one after the other."""
        for key in prepared:
            system.get(key)


class ChangeOne(Workload):
    """W7."""

    name = "W7"
    about = "load, change one field, save"
    judged_by = "cpu"
    counts_bytes = True
    targets: ClassVar = {"docmodels": Target(1.25, 1.10)}

    def prepare(self) -> Any:
        """Pair keys with values that are new in each round."""
        keys = super().prepare()
        return [(key, self.chance.randrange(10**9)) for key in keys]

    def run(self, system: System, prepared: Any) -> Any:
        """Change one after the other."""
        for key, quantity in prepared:
            system.change_one(key, quantity)


class Page(Workload):
    """W8."""

    name = "W8"
    about = "filter, sort, limit 25"
    targets: ClassVar = {"docmodels": Target(1.35, 1.15)}

    def prepare(self) -> Any:
        """Choose titles."""
        return [self.chance.choice(TITLES) for _number in range(self.repeats)]

    def run(self, system: System, prepared: Any) -> Any:
        """Read page after page."""
        for title in prepared:
            system.page(title)


#: The workloads in the order of the report.
WORKLOADS: tuple[type[Workload], ...] = (
    ReadAll,
    ReadAllTouchScalars,
    ReadAllTouchAll,
    Get,
    ChangeOne,
    Page,
)
