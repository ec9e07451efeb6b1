"""
Where a run is, kept in a file so that one that was killed can go on.

The file is replaced as a whole after each batch: whenever a run ends, the file
holds the last batch that was done, with what was found up to there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bson import json_util

from docmodels.exceptions import DocmodelsError
from docmodels.tracking import MISSING

if TYPE_CHECKING:
    from docmodels.integrity.running import Finding

#: How many keys of broken documents are kept for each path.
EXAMPLES = 5

_OPTIONS = json_util.CANONICAL_JSON_OPTIONS


class PositionError(DocmodelsError):
    """A file is no position, or that of another run."""


class Position:
    """What was done so far, and what was found."""

    def __init__(self, path: str | Path | None = None, *, task: dict[str, Any]) -> None:
        self.path = None if path is None else Path(path)
        #: What the run does; another one cannot go on from its position.
        self.task = task
        #: The names of the checks that are done.
        self.done: list[str] = []
        #: The name of the check that is running.
        self.current = ""
        #: The `_id` behind which it goes on.
        self.after: Any = MISSING
        #: How many documents each check looked at.
        self.checked: dict[str, int] = {}
        #: What was found, by label.
        self.findings: dict[str, dict[str, Any]] = {}
        #: Whether it was read from a file.
        self.is_resumed = False
        if self.path is not None and self.path.exists():
            self._load(self.path)

    @property
    def broken(self) -> int:
        """Return how many documents something is wrong with, once for each path."""
        return sum(found["broken"] for found in self.findings.values())

    @property
    def left(self) -> int:
        """Return how many of them were not mended."""
        return self.broken - sum(found["mended"] for found in self.findings.values())

    def add(self, finding: Finding) -> None:
        """Count what was found in one batch."""
        found = self.findings.setdefault(
            finding.label,
            {"action": finding.action, "broken": 0, "mended": 0, "examples": [], "refusal": ""},
        )
        found["broken"] += len(finding.ids)
        found["mended"] += finding.mended
        found["refusal"] = found["refusal"] or finding.refusal
        found["examples"] += finding.ids[: EXAMPLES - len(found["examples"])]

    def move(self, name: str, key: Any, count: int) -> None:
        """Note that a check is done with all documents up to a key."""
        self.current, self.after = name, key
        self.checked[name] = self.checked.get(name, 0) + count
        self._save()

    def finish(self, name: str) -> None:
        """Note that a check is done."""
        self.done.append(name)
        self.current, self.after = "", MISSING
        self._save()

    def forget(self) -> None:
        """Remove the file: the run is at its end."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _load(self, path: Path) -> None:
        try:
            stored = json_util.loads(path.read_text(), json_options=_OPTIONS)
            task = stored["task"]
            self.done, self.current = stored["done"], stored["current"]
            self.after = stored.get("after", MISSING)
            self.checked = stored["checked"]
            self.findings = stored["findings"]
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise PositionError(
                f"{path}: not the position of a run, expected a file that one wrote, or none."
            ) from error
        if task != self.task:
            raise PositionError(
                f"{path}: the position of another run ({_shown(task)}), expected one of "
                f"{_shown(self.task)}."
            )
        self.checked = {name: int(count) for name, count in self.checked.items()}
        self.is_resumed = True

    def _save(self) -> None:
        if self.path is None:
            return
        stored = {
            "task": self.task,
            "done": self.done,
            "current": self.current,
            "checked": self.checked,
            "findings": self.findings,
        }
        if self.after is not MISSING:
            stored["after"] = self.after
        # A kill in the middle of it leaves the file that was there.
        part = self.path.with_name(f"{self.path.name}.part")
        with part.open("w") as file:
            file.write(json_util.dumps(stored, json_options=_OPTIONS))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self.path)


def _shown(task: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in task.items())
