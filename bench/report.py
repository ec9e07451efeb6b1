"""Turn results into JSON and into a table."""

from __future__ import annotations

import os
import platform
from statistics import median
from typing import Any

import django
import pymongo

import docmodels
from bench.runner import Result, Runner, Times


def make_report(runner: Runner, results: list[Result]) -> dict[str, Any]:
    """Return plain data: the conditions, and a row for each result."""
    reference = {r.workload.name: r for r in reversed(results) if r.system is results[0].system}
    return {
        "conditions": {
            "docmodels": docmodels.__version__,
            "python": platform.python_version(),
            "django": django.get_version(),
            "pymongo": pymongo.version,
            "server": runner.server,
            "processors": os.cpu_count(),
            "documents": runner.documents,
            "document_bytes": round(runner.document_bytes),
            "rounds": runner.rounds,
            "repeats": runner.repeats,
        },
        "results": [_row(result, reference[result.workload.name]) for result in results],
    }


def _row(result: Result, reference: Result) -> dict[str, Any]:
    workload = result.workload
    target = workload.targets.get(result.system.name)
    return {
        "workload": workload.name,
        "about": workload.about,
        "system": result.system.name,
        "judged_by": workload.judged_by,
        # In microseconds for one document or one operation.
        "wall": _per_operation(result, "wall"),
        "cpu": _per_operation(result, "cpu"),
        "wall_ratio": _ratio(result.rounds, reference.rounds, "wall"),
        "cpu_ratio": _ratio(result.rounds, reference.rounds, "cpu"),
        "bytes_sent": result.bytes_sent,
        "must": target.must if target else None,
        "aim": target.aim if target else None,
    }


def _per_operation(result: Result, clock: str) -> float:
    seconds = median(getattr(times, clock) for times in result.rounds)
    return round(seconds / result.workload.operations() * 1e6, 2)


def _ratio(rounds: list[Times], reference: list[Times], clock: str) -> float:
    # Of the times of one round, so that a machine that slows down slows both.
    pairs = zip(rounds, reference, strict=True)
    return round(median(getattr(a, clock) / getattr(b, clock) for a, b in pairs), 3)


def format_table(report: dict[str, Any]) -> str:
    """Return the report as a Markdown table."""
    lines = [
        "| workload | system | wall us | cpu us | wall | cpu | bytes | must | aim |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in report["results"]:
        cells = [
            f"{row['workload']} {row['about']}",
            row["system"],
            f"{row['wall']:.1f}",
            f"{row['cpu']:.1f}",
            _mark(row, "wall"),
            _mark(row, "cpu"),
            "" if row["bytes_sent"] is None else f"{row['bytes_sent']:.0f}",
            "" if row["must"] is None else f"{row['must']:.2f}",
            "" if row["aim"] is None else f"{row['aim']:.2f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _mark(row: dict[str, Any], clock: str) -> str:
    ratio = f"{row[f'{clock}_ratio']:.2f}"
    return f"**{ratio}**" if clock == row["judged_by"] else ratio


def format_conditions(report: dict[str, Any]) -> str:
    """Return the conditions as a line of text."""
    return ", ".join(f"{name} {value}" for name, value in report["conditions"].items())
