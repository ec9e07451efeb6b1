"""The systems that are compared: one file each."""

from bench.systems.base import System
from bench.systems.docmodels import DocmodelsSystem, UnpausedSystem
from bench.systems.raw import RawSystem

#: The systems in the order of the report; the first is what all are compared with.
SYSTEMS: tuple[type[System], ...] = (RawSystem, DocmodelsSystem, UnpausedSystem)

__all__ = ["SYSTEMS", "System"]
