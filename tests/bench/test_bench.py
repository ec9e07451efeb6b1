"""The benchmarks run and report; how fast anything is, is not tested."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.runner import Runner
from bench.systems import NAMES, NotInstalledError, load_system
from bench.workloads import Sizes
from bench.workloads.base import TURN, WARM_UP
from bench.workloads.reads import Get
from docmodels.connections import connections

ROOT = Path(__file__).resolve().parent.parent.parent

CONDITIONS = {
    "bulk",
    "django",
    "docmodels",
    "document_bytes",
    "documents",
    "processors",
    "pymongo",
    "python",
    "repeats",
    "rounds",
    "server",
}
COLUMNS = {
    "about",
    "aim",
    "amount",
    "bytes_sent",
    "cpu",
    "cpu_ratio",
    "judged",
    "judged_by",
    "must",
    "system",
    "unit",
    "wall",
    "wall_ratio",
    "workload",
}
SYSTEMS = ["pymongo", "docmodels", "docmodels-unpaused"]
TIMED = ["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9", "W10", "W10R"]
PROBED = ["W11", "W11T", "W12"]
#: What pymongo has nothing for: nothing to render with, nothing more to import.
WITHOUT_REFERENCE = {"W10R", "W12"}


def run_bench(*options, uri):
    """Run the command as a user would, on little data."""
    return subprocess.run(
        [sys.executable, "-m", "bench", "--uri", uri, *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def report(mongo_databases, tmp_path_factory):
    """Give the JSON and the printed text of one small run."""
    path = tmp_path_factory.mktemp("bench") / "report.json"
    connection = connections["default"]
    small = ["--documents", "60", "--rounds", "2", "--repeats", "3", "--bulk", "30"]
    chosen = [option for name in SYSTEMS for option in ("--system", name)]
    done = run_bench(
        *small,
        *chosen,
        "--database",
        f"{connection.name}_bench",
        "--json",
        str(path),
        uri=connection.uri,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(path.read_text()), done.stdout


class TestReport:
    """The JSON has a row for each workload and system."""

    def test_conditions(self, report):
        """The conditions say on what the figures depend."""
        conditions = report[0]["conditions"]

        assert set(conditions) == CONDITIONS
        assert conditions["documents"] == 60
        assert 470 <= conditions["document_bytes"] <= 500

    def test_rows(self, report):
        """Every workload ran on every system that has a way for it, in order."""
        rows = report[0]["results"]

        assert [(row["workload"], row["system"]) for row in rows] == [
            (workload, system)
            for workload in [*TIMED, *PROBED]
            for system in SYSTEMS
            if system != "pymongo" or workload not in WITHOUT_REFERENCE
        ]
        assert all(set(row) == COLUMNS for row in rows)

    def test_times(self, report):
        """Times are positive, and pymongo is compared with itself."""
        for row in report[0]["results"]:
            if row["workload"] in PROBED:
                continue
            assert row["wall"] > 0
            assert row["cpu"] > 0
            if row["workload"] not in WITHOUT_REFERENCE:
                assert row["judged"] == row[f"{row['judged_by']}_ratio"] > 0
            if row["system"] == "pymongo":
                assert row["wall_ratio"] == row["cpu_ratio"] == 1

    def test_memory(self, report):
        """A document takes more memory than its bytes, and is compared with pymongo's."""
        rows = [row for row in report[0]["results"] if row["workload"] in {"W11", "W11T"}]

        assert all(row["amount"] > 490 and row["judged"] > 0 for row in rows)
        assert {row["judged"] for row in rows if row["system"] == "pymongo"} == {1}

    def test_import(self, report):
        """An import takes milliseconds."""
        rows = [row for row in report[0]["results"] if row["workload"] == "W12"]

        assert all(1 < row["amount"] == row["judged"] and row["unit"] == "ms" for row in rows)

    def test_bytes(self, report):
        """What a save sends is counted, and little more than what pymongo sends."""
        sent = {(row["workload"], row["system"]): row["bytes_sent"] for row in report[0]["results"]}

        assert sent["W7", "docmodels"] <= 1.15 * sent["W7", "pymongo"]
        assert {workload for workload, system in sent if sent[workload, system]} == {"W7"}

    def test_table(self, report):
        """A table with all rows and the conditions are printed."""
        data, text = report

        overview, details, rest = text.strip().split("\n\n")
        assert len([line for line in details.splitlines() if line[:3] == "| W"]) == len(
            data["results"]
        )
        assert [line.split()[1] for line in overview.splitlines()[2:]] == [*TIMED, *PROBED]
        assert "documents 60" in rest.splitlines()[-1]
        assert "W9: docmodels: populate()." in rest


class TestOptions:
    """The command measures what it is asked to."""

    def test_choice(self, mongo):
        """Systems are compared with pymongo, whatever was chosen."""
        options = ["--documents", "20", "--rounds", "1", "--repeats", "2"]

        done = run_bench(
            *options, "--database", f"{mongo.name}_bench", "--workload", "W4",
            "--system", "docmodels", uri=mongo.uri,
        )  # fmt: skip

        overview, details, _rest = done.stdout.strip().split("\n\n")
        rows = [line.split("|")[1:3] for line in details.splitlines()[2:]]
        assert rows == [[" W4 get by key ", " pymongo "], [" W4 get by key ", " docmodels "]]
        assert overview.startswith("| workload | judged by | pymongo | docmodels | must | aim |")

    def test_asynchronous_systems(self, mongo):
        """They are compared with pymongo's own asynchronous client."""
        options = ["--documents", "20", "--rounds", "1", "--repeats", "2", "--bulk", "5"]
        systems = ["pymongo-async", "pymongo-async-deadline", "docmodels-async"]
        chosen = [option for name in systems for option in ("--system", name)]

        done = run_bench(
            *options, *chosen, "--database", f"{mongo.name}_bench", "--json", "/dev/stderr",
            *(option for name in TIMED[:9] for option in ("--workload", name)), uri=mongo.uri,
        )  # fmt: skip

        assert done.returncode == 0, done.stderr
        rows = json.loads(done.stderr[done.stderr.index("{\n") :])["results"]
        ratios = {(r["workload"], r["system"]): r["wall_ratio"] for r in rows}
        assert {name for _workload, name in ratios} == {"pymongo", *systems}
        assert all(ratios[name, "pymongo-async"] == 1 for name in TIMED[:9])
        assert {r["must"] for r in rows if r["system"] == "docmodels-async"} == {None, 1.15}

    def test_unknown_workload(self, mongo):
        """An unknown name is refused with the known ones."""
        done = run_bench("--workload", "W99", uri=mongo.uri)

        assert done.returncode == 2
        assert done.stderr.splitlines()[-1] == (
            "bench: error: 'W99' is not known. Choices are: W1, W2, W3, W4, W5, W6, W7, W8, W9, "
            "W10, W10R, W11, W11T, W12."
        )


class TestPeers:
    """Other mappers are measured where they are installed."""

    def test_each(self, mongo):
        """Each is in the table, or is named as left out with what is missing."""
        options = ["--documents", "20", "--rounds", "1", "--repeats", "2", "--bulk", "5"]
        chosen = [option for name in ("W5", "W6", "W9", "W10") for option in ("--workload", name)]

        done = run_bench(*options, *chosen, "--database", f"{mongo.name}_bench", uri=mongo.uri)

        assert done.returncode == 0, done.stderr
        measured = [cell.strip() for cell in done.stdout.splitlines()[0].split("|")]
        for name in NAMES:
            assert (name in measured) != (f"{name} is left out: " in done.stderr)
        assert set(SYSTEMS) < set(measured)

    def test_missing(self, monkeypatch):
        """What is not installed is an error of its own, with the name of the package."""
        monkeypatch.setitem(sys.modules, "beanie", None)
        monkeypatch.delitem(sys.modules, "bench.systems.beanie", raising=False)

        with pytest.raises(NotInstalledError) as caught:
            load_system("beanie")

        assert str(caught.value) == "beanie is left out: beanie is not installed."


class TestPaging:
    """Pages far down are measured on demand."""

    def test_report(self, mongo, tmp_path):
        """First and far pages by each order, and the count, come as JSON and as a table."""
        path = tmp_path / "paging.json"

        done = run_bench(
            *("paging", "--documents", "300", "--json", str(path)),
            *("--database", f"{mongo.name}_bench"),
            uri=mongo.uri,
        )

        assert done.returncode == 0, done.stderr
        report = json.loads(path.read_text())
        assert report["row"] == 270
        assert set(report["orders"]) == {"by key", "by time"}
        assert all(times["first"] > 0 and times["far"] > 0 for times in report["orders"].values())
        assert report["count_up_to"] > 0
        assert "| of 300 documents | first page | page at row 270 | ratio | must |" in done.stdout


class Recorder:
    """A system that notes what it is asked to do."""

    def __init__(self, name, log):
        self.name, self.log = name, log

    def open(self, uri, database, listener=None):
        """Connect to nothing."""
        self.log.append((self.name, []))

    def close(self):
        """Close nothing."""

    def do(self, action, *args):
        """Do nothing."""

    def each(self, action, calls):
        """Note the arguments."""
        self.log[-1][1].append([args for (args,) in calls])


class TestTurns:
    """Systems take turns while single operations are measured."""

    def test_turns(self):
        """Each does a few of the same operations, warmed up by others, before the next one does."""
        log = []
        systems = [Recorder("a", log), Recorder("b", log)]
        runner = Runner("mongodb://nowhere", "none", Sizes(10, TURN * 2 + 1, 1), rounds=1)

        taken = runner._round(Get(range(10), runner.sizes), systems, 0)

        assert [name for name, _calls in log] == ["a", "b", "b", "a", "a", "b"]
        assert all(len(warm) == WARM_UP for _name, (warm, _measured) in log)
        done = {
            name: [key for who, (_warm, measured) in log if who == name for key in measured]
            for name in "ab"
        }
        assert done["a"] == done["b"]
        assert len(done["a"]) == TURN * 2 + 1
        assert all(times.wall > 0 for times in taken.values())
