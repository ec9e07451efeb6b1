"""The command: `python -m bench`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.setup import ROOT, configure


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure docmodels and others.")
    parser.add_argument(
        "what",
        nargs="?",
        choices=["systems", "paging"],
        default="systems",
        help="the systems side by side (default), or docmodels' pages in a large collection",
    )
    parser.add_argument(
        "--uri",
        default=os.environ.get("DOCMODELS_BENCH_URI"),
        help="a server (default: $DOCMODELS_BENCH_URI, else the embedded one)",
    )
    parser.add_argument("--database", default=f"docmodels_bench_{os.getpid()}")
    parser.add_argument("--documents", type=int, help="default 20000; for paging 1000000")
    parser.add_argument("--bulk", type=int, default=20_000, help="inserted at once")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=300, help="of single operations in a round")
    parser.add_argument("--workload", action="append", help="only these, such as W1")
    parser.add_argument("--system", action="append", help="only these, besides pymongo")
    parser.add_argument("--json", type=Path, help="write the report to this file as well")
    return parser


@contextmanager
def server(uri: str | None) -> Iterator[str]:
    """Give the address of a server: the one named, or an embedded one."""
    from docmodels.connections.embedded import EmbeddedServer

    if uri is not None:
        yield uri
        return
    embedded = EmbeddedServer(ROOT / ".demo" / "bench")
    try:
        yield embedded.acquire("bench")
    finally:
        embedded.release("bench")


def tell(text: str) -> None:
    """Say how far it is, beside the report."""
    print(text, file=sys.stderr)


def check_names(parser: argparse.ArgumentParser, names: list[str] | None, known: list[str]) -> None:
    """End with the choices if a name is not known."""
    for name in names or ():
        if name not in known:
            parser.error(f"{name!r} is not known. Choices are: {', '.join(known)}.")


def load_systems(names: list[str] | None) -> list[Any]:
    """Return the systems of these names, all if there are none; tell what is not installed."""
    from bench.systems import NAMES, NotInstalledError, load_system

    found = []
    for name in NAMES:
        if names is None or name in names or name == NAMES[0]:
            try:
                found.append(load_system(name))
            except NotInstalledError as error:
                tell(f"{error} `make bench` installs it.")
    return found


def measure_systems(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Measure the systems, print the tables, write the JSON."""
    from bench.probes import PROBES
    from bench.report import make_report
    from bench.runner import Runner
    from bench.systems import NAMES
    from bench.tables import format_conditions, format_details, format_overview
    from bench.workloads import WORKLOADS, Sizes

    check_names(parser, options.system, list(NAMES))
    check_names(parser, options.workload, [w.name for w in (*WORKLOADS, *PROBES)])
    systems = load_systems(options.system)

    def wanted(thing: Any) -> bool:
        return options.workload is None or thing.name in options.workload

    with server(options.uri) as uri:
        runner = Runner(
            uri,
            options.database,
            Sizes(options.documents or 20_000, options.repeats, options.bulk),
            rounds=options.rounds,
            tell=tell,
        )
        results = runner.run(filter(wanted, WORKLOADS), filter(wanted, PROBES), systems)
        report = make_report(runner, results, systems)
    write(options.json, report)
    print(f"{format_overview(report)}\n\n{format_details(report)}\n\n{format_conditions(report)}")


def measure_pages(options: argparse.Namespace) -> None:
    """Measure pages and counts, print the table, write the JSON."""
    from bench.paging import format_paging, measure_paging

    with server(options.uri) as uri:
        report = measure_paging(uri, options.database, options.documents or 1_000_000, tell)
    write(options.json, report)
    print(format_paging(report))


def write(path: Path | None, report: dict[str, Any]) -> None:
    """Write the report, if a file is named."""
    if path:
        path.write_text(json.dumps(report, indent=2) + "\n")


def main() -> None:
    """Measure what is asked for."""
    parser = make_parser()
    options = parser.parse_args()
    configure()
    if options.what == "paging":
        measure_pages(options)
    else:
        measure_systems(parser, options)


if __name__ == "__main__":
    main()
