"""A check that is killed half-way and goes on."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bson import ObjectId
from django.core.management import CommandError, call_command

from docmodels.connections import connections
from docmodels.integrity import Position

ROOT = Path(__file__).resolve().parent.parent.parent
COUNT = 6_000
BATCH = 20


@pytest.fixture
def volumes(mongo):
    """Store many volumes, every third of which refers to a writer who is gone."""
    writer = ObjectId()
    mongo.collection("shelf_writers").insert_one({"_id": writer, "name": "Ann"})
    volumes = mongo.collection("shelf_volumes")
    volumes.insert_many(
        {"_id": number, "writers": [writer] if number % 3 else [writer, ObjectId()]}
        for number in range(COUNT)
    )
    return volumes


@pytest.fixture
def start(mongo, tmp_path):
    """Give a function that starts the command in a process of its own."""
    processes = []

    def run():
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.integrity.shelf.settings",
            "SHELF_HOST": connections["default"].uri,
            "SHELF_NAME": mongo.name,
            "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
        }
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "django", "checkreferences", "--mend"),
                *("--batch-size", str(BATCH), "--resume", str(tmp_path / "position")),
            ],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def await_position(path, count):
    """Wait until the file tells of so many documents; return of how many."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.exists():
            stored = json.loads(path.read_text())
            checked = sum(int(n["$numberInt"]) for n in stored["checked"].values())
            if checked >= count:
                return checked
        time.sleep(0.01)
    raise TimeoutError


def test_killed(volumes, start, tmp_path):
    """After kill -9 the next run goes on where the first was: nothing twice, nothing left."""
    path = tmp_path / "position"
    first = start()
    await_position(path, 1_000)
    first.kill()
    first.wait()
    done = await_position(path, 1_000)
    half_mended = volumes.count_documents({"writers": {"$size": 2}})

    second = start()
    out, err = second.communicate(timeout=120)

    assert second.returncode == 0, err
    assert 1_000 <= done < COUNT
    assert 0 < half_mended < COUNT / 3
    assert f"Going on behind {done:,} document(s)." in err
    # Of the whole, both runs together: a document that was looked at twice would count twice.
    assert f"{COUNT:,} document(s) checked" in out
    assert volumes.count_documents({"writers": {"$size": 1}}) == COUNT
    assert not path.exists()


class TestPosition:
    """The file."""

    def test_of_another_run(self, tmp_path):
        """A run does not go on from the position of another one."""
        path = tmp_path / "position"
        Position(path, task={"mend": True}).move("references of a.B", 5, 10)

        with pytest.raises(CommandError) as caught:
            call_command("checkreferences", "library", resume=str(path))

        assert str(caught.value).startswith(f"{path}: the position of another run (mend=True)")

    def test_no_position(self, tmp_path):
        """A file of something else is refused, and stays."""
        path = tmp_path / "position"
        path.write_text("my notes")

        with pytest.raises(CommandError) as caught:
            call_command("checkreferences", "library", resume=str(path))

        assert str(caught.value) == (
            f"{path}: not the position of a run, expected a file that one wrote, or none."
        )
        assert path.read_text() == "my notes"

    def test_keys(self, tmp_path):
        """Keys of every type are read as they were written."""
        for key in (5, 2.5, "a", ObjectId(), {"a": [1, None]}, b"\x00"):
            path = tmp_path / "position"
            Position(path, task={}).move("a", key, 1)

            assert Position(path, task={}).after == key
