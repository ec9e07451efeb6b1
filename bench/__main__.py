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

import django
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--uri",
        default=os.environ.get("DOCMODELS_BENCH_URI"),
        help="a server (default: $DOCMODELS_BENCH_URI, else the embedded one)",
    )
    parser.add_argument("--database", default=f"docmodels_bench_{os.getpid()}")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=500, help="of single operations in a round")
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


def configure() -> None:
    """Set Django up with docmodels alone."""
    settings.configure(
        BASE_DIR=ROOT,
        USE_TZ=True,
        INSTALLED_APPS=["docmodels"],
        MONGO_DATABASES={"default": {"HOST": "embedded://.demo/bench", "NAME": "bench"}},
    )
    django.setup()


def choose(parser: argparse.ArgumentParser, things: Any, names: list[str] | None) -> list[Any]:
    """Return the things of these names, all if there are none."""
    known = [thing.name for thing in things]
    for name in names or ():
        if name not in known:
            parser.error(f"{name!r} is not known. Choices are: {', '.join(known)}.")
    return [thing for thing in things if names is None or thing.name in names]


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = make_parser()
    options = parser.parse_args()
    configure()
    # Documents can be declared only now.
    from bench.report import format_conditions, format_table, make_report
    from bench.runner import Runner
    from bench.systems import SYSTEMS
    from bench.workloads import WORKLOADS

    reference = SYSTEMS[0]
    systems = choose(parser, SYSTEMS, options.system and [reference.name, *options.system])
    workloads = choose(parser, WORKLOADS, options.workload)
    with server(options.uri) as uri:
        runner = Runner(
            uri,
            options.database,
            documents=options.documents,
            rounds=options.rounds,
            repeats=options.repeats,
            tell=lambda text: print(text, file=sys.stderr),
        )
        report = make_report(runner, runner.run(workloads, systems))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    print(format_table(report))
    print(f"\n{format_conditions(report)}")


if __name__ == "__main__":
    main()
