"""Output: what is read is turned into what others take."""

from __future__ import annotations

from typing import Any, ClassVar

from bench.systems import System
from bench.workloads.base import Target, Workload
from bench.workloads.reads import SOME


class ToJson(Workload):
    """W10."""

    name = "W10"
    about = "2,000 loaded documents to JSON-ready dicts"
    action = "to_json_ready"
    targets: ClassVar = {"docmodels": Target(1.0, 0.7)}

    def operations(self) -> int:
        """Count documents."""
        return min(SOME, len(self.keys))

    def prepare(self) -> Any:
        """Need nothing."""
        return None

    def before(self, system: System, prepared: Any) -> Any:
        """Read them."""
        return system.do("read_some", self.operations())

    def run(self, system: System, prepared: Any) -> Any:
        """Convert them."""
        return system.do("to_json_ready", prepared)


class RestPage(ToJson):
    """W10R."""

    name = "W10R"
    about = "DRF pages of 100, serialise and render"
    judged_by = "cpu_us"
    action = "render"
    targets: ClassVar = {"docmodels": Target(12.0, 5.0)}

    #: How many documents are on a page.
    PAGE = 100

    def run(self, system: System, prepared: Any) -> Any:
        """Render page after page."""
        for start in range(0, len(prepared), self.PAGE):
            system.do("render", prepared[start : start + self.PAGE])
