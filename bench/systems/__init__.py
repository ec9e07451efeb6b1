"""The systems that are compared: one file each."""

from bench.systems.base import System
from bench.systems.known import NAMES, NotInstalledError, load_system

__all__ = ["NAMES", "NotInstalledError", "System", "load_system"]
