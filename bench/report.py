"""Turn results into plain data."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from statistics import median
from typing import Any

import docmodels
from bench.probes import Amount
from bench.runner import Result, Runner, Times
from bench.systems import System


def make_report(
    runner: Runner, results: list[Result | Amount], systems: list[type[System]]
) -> dict[str, Any]:
    """Return the conditions, a row for each result, and the notes."""
    found = {(_name(r), r.system.name): r for r in results}
    return {
        "conditions": {
            **{system.distribution: _version(system.distribution) for system in systems},
            "django": version("django"),
            "python": platform.python_version(),
            "server": runner.server,
            "processors": os.cpu_count(),
            "documents": runner.sizes.documents,
            "document_bytes": round(runner.document_bytes),
            "rounds": runner.rounds,
            "repeats": runner.sizes.repeats,
            "bulk": runner.sizes.bulk,
        },
        "systems": [system.name for system in systems],
        "results": [_row(r, found.get((_name(r), r.system.compared_with))) for r in results],
        "notes": _notes(results, systems),
    }


def _version(distribution: str) -> str:
    # The one that is measured, which need not be the one that is installed.
    return docmodels.__version__ if distribution == "docmodels" else version(distribution)


def _name(result: Result | Amount) -> str:
    return _subject(result).name


def _subject(result: Result | Amount) -> Any:
    return result.workload if isinstance(result, Result) else result.probe


def _row(result: Result | Amount, reference: Any) -> dict[str, Any]:
    subject = _subject(result)
    target = subject.targets.get(result.system.name)
    row: dict[str, Any] = {
        "workload": subject.name,
        "about": subject.about,
        "system": result.system.name,
        "judged_by": subject.judged_by,
        # In microseconds for one document or one operation.
        "wall": None,
        "cpu": None,
        "wall_ratio": None,
        "cpu_ratio": None,
        "bytes_sent": None,
        "amount": None,
        "unit": None,
        "must": target.must if target else None,
        "aim": target.aim if target else None,
    }
    judged: float | None
    if isinstance(result, Result):
        for clock in ("wall", "cpu"):
            row[clock] = _per_operation(result, clock)
            if reference is not None:
                row[f"{clock}_ratio"] = _ratio(result.rounds, reference.rounds, clock)
        row["bytes_sent"] = result.bytes_sent
        judged = row["cpu"] if row["judged_by"] == "cpu_us" else row[f"{row['judged_by']}_ratio"]
    else:
        row["amount"] = judged = round(result.amount, 2)
        row["unit"] = subject.unit
        if subject.judged_by == "ratio":
            judged = round(result.amount / reference.amount, 3)
    return {**row, "judged": judged}


def _per_operation(result: Result, clock: str) -> float:
    seconds = median(getattr(times, clock) for times in result.rounds)
    return round(seconds / result.workload.operations() * 1e6, 2)


def _ratio(rounds: list[Times], reference: list[Times], clock: str) -> float:
    # Of the times of one round, so that a machine that slows down slows both.
    pairs = zip(rounds, reference, strict=True)
    return round(median(getattr(a, clock) / getattr(b, clock) for a, b in pairs), 3)


def _notes(results: list[Result | Amount], systems: list[type[System]]) -> list[str]:
    names = list(dict.fromkeys(map(_name, results)))
    notes = [
        f"{name}: {system.notes[name]}."
        for name in names
        for system in systems
        if name in system.notes
    ]
    return list(dict.fromkeys(notes))
