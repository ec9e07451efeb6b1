"""What is measured in fresh processes: memory, and the time of an import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from functools import cache
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, NamedTuple

from bench.setup import ROOT
from bench.systems import System
from bench.workloads import Target


class Place(NamedTuple):
    """Where the documents are."""

    uri: str
    database: str
    documents: int


class Probe(ABC):
    """One figure of a system that is no time of an operation."""

    #: The name in reports and of the option `--workload`.
    name: str
    #: One line for the report.
    about: str
    #: What the figure is.
    unit: str
    #: What targets are about: the "ratio" to the first system, or the "amount".
    judged_by: str
    #: How often it is measured.
    rounds: ClassVar[int] = 1
    #: The targets by the name of the system.
    targets: ClassVar[dict[str, Target]] = {}

    def suits(self, system: type[System]) -> bool:
        """Tell whether the system has such a figure."""
        return True

    @abstractmethod
    def measure(self, system: type[System], place: Place) -> float:
        """Return the figure."""


class MemoryHeld(Probe):
    """W11."""

    name = "W11"
    about = "memory held, nothing touched"
    unit = "bytes a document"
    judged_by = "ratio"
    targets: ClassVar = {"docmodels": Target(1.05, 0.85)}

    def measure(self, system: type[System], place: Place) -> float:
        """Read all in a new process."""
        return _memory(system.name, place)[0]


class MemoryTouched(MemoryHeld):
    """W11T."""

    name = "W11T"
    about = "memory held, all touched"
    targets: ClassVar = {"docmodels": Target(1.15, 0.90)}

    def measure(self, system: type[System], place: Place) -> float:
        """Read all in a new process, and touch."""
        return _memory(system.name, place)[1]


class Import(Probe):
    """W12."""

    name = "W12"
    about = "import beyond pymongo and Django"
    unit = "ms"
    judged_by = "amount"
    rounds = 7
    targets: ClassVar = {"docmodels": Target(80.0, 40.0)}

    def __init__(self) -> None:
        self.compiled: set[str] = set()
        self.folder = TemporaryDirectory(prefix="docmodels_bench_")

    def suits(self, system: type[System]) -> bool:
        """Need something to import."""
        return bool(system.imports)

    def measure(self, system: type[System], place: Place) -> float:
        """Import in a new process, from bytecode as every start but the first does."""
        if system.name not in self.compiled:
            self._import(system)
            self.compiled.add(system.name)
        return self._import(system)

    def _import(self, system: type[System]) -> float:
        # Wherever the environment says that bytecode is not to be written.
        env = {"PYTHONPYCACHEPREFIX": self.folder.name, "PYTHONDONTWRITEBYTECODE": ""}
        return float(_ask("import", *system.imports, env=env))


#: The probes in the order of the report, after the workloads.
PROBES: tuple[type[Probe], ...] = (MemoryHeld, MemoryTouched, Import)


class Amount(NamedTuple):
    """What a probe found."""

    probe: Probe
    system: type[System]
    amount: float


def measure_all(
    probes: list[type[Probe]], systems: list[type[System]], place: Place, tell: Any
) -> list[Amount]:
    """Return what all probes find, in turns."""
    found = []
    for probe in [make() for make in probes]:
        suited = [system for system in systems if probe.suits(system)]
        amounts: dict[str, list[float]] = {system.name: [] for system in suited}
        for number in range(probe.rounds):
            for system in suited:
                amounts[system.name].append(probe.measure(system, place))
            tell(f"{probe.name} {probe.about}: round {number + 1} of {probe.rounds}")
        found += [Amount(probe, system, median(amounts[system.name])) for system in suited]
    return found


@cache
def _memory(name: str, place: Place) -> list[float]:
    return [held / place.documents for held in _ask("memory", name, place.uri, place.database)]


def _ask(*args: str, env: dict[str, str] | None = None) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "bench.probe", *args],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"python -m bench.probe {' '.join(args)} failed:\n{done.stderr}")
    return json.loads(done.stdout)
