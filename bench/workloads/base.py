"""What a workload is."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

from bench.systems import System

#: How many single operations a system does before the next one takes its turn.
TURN = 60
#: How many it does at the beginning of each turn that are not measured.
WARM_UP = 12


class Target(NamedTuple):
    """What a system must reach, and what it is to aim for."""

    must: float
    aim: float


class Sizes(NamedTuple):
    """How much is done in one run."""

    #: How many documents are stored and read.
    documents: int
    #: How many single operations.
    repeats: int
    #: How many documents are inserted at once.
    bulk: int


class Workload(ABC):
    """One thing that programs do with documents."""

    #: The name in reports and of the option `--workload`.
    name: str
    #: One line for the report.
    about: str
    #: What targets are about: the ratio of "wall" time, or of "cpu" time where the server's disk
    #: decides about the wall time, or "cpu_us", the CPU time of one operation in microseconds.
    judged_by: ClassVar[str] = "wall"
    #: Whether the bytes that are sent are counted as well.
    counts_bytes: ClassVar[bool] = False
    #: Whether it writes new documents, which go into a database of their own.
    inserts: ClassVar[bool] = False
    #: The greatest number of rounds, for what takes long.
    most_rounds: ClassVar[int] = 100
    #: What a system has to have.
    action: str
    #: The targets by the name of the system.
    targets: ClassVar[dict[str, Target]] = {}

    def __init__(self, keys: list[Any], sizes: Sizes) -> None:
        """Take the keys of the stored documents, and how much to do."""
        self.keys = keys
        self.sizes = sizes
        self.chance = random.Random(11)

    def suits(self, system: System) -> bool:
        """Tell whether the system has a way to do it."""
        return getattr(system, self.action) is not None

    def operations(self) -> int:
        """Return how many things are done in one run, to divide times by."""
        return self.sizes.repeats

    @abstractmethod
    def prepare(self) -> Any:
        """Return the arguments of the next round, the same for all systems."""

    def parts_of(self, prepared: Any) -> list[Any]:
        """Return what the systems do in turns within a round."""
        return [prepared]

    def warm_up(self, system: System) -> None:  # noqa: B027
        """Do a little of it before the clock runs, where it is short."""

    def before(self, system: System, prepared: Any) -> Any:
        """Return what `run` takes, made by the system before the clock runs."""
        return prepared

    @abstractmethod
    def run(self, system: System, prepared: Any) -> Any:
        """Do it; what is returned is freed when the clock has stopped."""


class Repeated(Workload):
    """
    A single operation, often.

    The systems take turns after every few: a machine that is slow for a second
    is slow for all of them.
    """

    def arguments(self, count: int) -> list[Any]:
        """Return those of so many operations."""
        return [(self.chance.choice(self.keys),) for _number in range(count)]

    def prepare(self) -> Any:
        """Return those of all operations."""
        return self.arguments(self.operations())

    def parts_of(self, prepared: Any) -> list[Any]:
        """Return a few at a time."""
        return [prepared[start : start + TURN] for start in range(0, len(prepared), TURN)]

    def warm_up(self, system: System) -> None:
        """Do some that are not counted, as the connection is new."""
        self.run(system, self.before(system, self.arguments(WARM_UP)))

    def run(self, system: System, prepared: Any) -> Any:
        """Do one after the other."""
        system.each(self.action, prepared)
