"""Turn a report into Markdown."""

from __future__ import annotations

from typing import Any

#: What the figures of a row are, by `judged_by`.
_KINDS = {
    "wall": "wall time",
    "cpu": "CPU time",
    "cpu_us": "CPU us a document",
    "ratio": "memory",
}
#: The systems that others are compared with, whose times are shown.
_REFERENCES = ("pymongo", "pymongo-async")


def format_overview(report: dict[str, Any]) -> str:
    """Return a table with a line for each workload and a column for each system."""
    systems = report["systems"]
    lines = [
        f"| workload | judged by | {' | '.join(systems)} | must | aim |",
        f"|---|---|{'--:|' * (len(systems) + 2)}",
    ]
    rows: dict[str, dict[str, Any]] = {}
    for row in report["results"]:
        rows.setdefault(row["workload"], {})[row["system"]] = row
    for workload, found in rows.items():
        some = next(iter(found.values()))
        with_target = found.get("docmodels", some)
        cells = [
            f"{workload} {some['about']}",
            _KINDS.get(some["judged_by"], some["unit"]),
            *[_overview_cell(found.get(system), system in _REFERENCES) for system in systems],
            _number(with_target["must"]),
            _number(with_target["aim"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _overview_cell(row: dict[str, Any] | None, is_reference: bool) -> str:
    if row is None:
        return "-"
    if is_reference and row["judged_by"] in {"wall", "cpu"}:
        return f"{row[row['judged_by']]:.1f} us"
    if is_reference and row["amount"] is not None:
        return f"{row['amount']:.0f} bytes"
    return _number(row["judged"])


def format_details(report: dict[str, Any]) -> str:
    """Return a table with a line for each workload and system, and all the figures."""
    lines = [
        "| workload | system | wall us | cpu us | wall | cpu | bytes | amount | must | aim |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in report["results"]:
        cells = [
            f"{row['workload']} {row['about']}",
            row["system"],
            _number(row["wall"], 1),
            _number(row["cpu"], 1),
            _number(row["wall_ratio"]),
            _number(row["cpu_ratio"]),
            _number(row["bytes_sent"], 0),
            "" if row["amount"] is None else f"{row['amount']:.1f} {row['unit']}",
            _number(row["must"]),
            _number(row["aim"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _number(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def format_conditions(report: dict[str, Any]) -> str:
    """Return the notes, and the conditions as a line of text."""
    conditions = ", ".join(f"{name} {value}" for name, value in report["conditions"].items())
    return "\n".join([*report["notes"], conditions])
