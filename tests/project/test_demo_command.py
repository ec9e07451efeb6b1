"""`manage.py demo` as a user runs it: its own process, port, folder and server."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from pymongo import MongoClient

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 200
START_SECONDS = 90


def free_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes_of(folder: Path) -> list[str]:
    """Give the command lines of the processes that work in the folder."""
    listed = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if str(folder) in line]


class Demo:
    """One demo folder, served any number of times."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None
        self.output = folder.parent / f"{folder.name}.txt"

    @property
    def environment(self) -> dict[str, str]:
        """Give an environment in which the demo uses its own folder and server."""
        outer = {
            key: value
            for key, value in os.environ.items()
            if key not in {"MONGODB_URI", "MONGODB_NAME", "DJANGO_SETTINGS_MODULE"}
        }
        return outer | {"DEMO_DIR": str(self.folder), "DEMO_PORT": str(self.port)}

    def command(self, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run the demo where it is expected to stop by itself."""
        return subprocess.run(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env=self.environment | changes,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )

    def start(self) -> str:
        """Serve, wait for the home page, and give it."""
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "manage.py", "demo", f"--limit={LIMIT}"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.output.read_text()
            try:
                return self.get("/")
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.output.read_text())

    def get(self, path: str) -> str:
        """Give a page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return answer.read().decode()

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def database(self) -> MongoClient:
        """Give a client of the embedded server."""
        result = subprocess.run(
            [sys.executable, "manage.py", "embedded", "uri"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return MongoClient(result.stdout.strip().splitlines()[-1])

    def await_silence(self) -> list[str]:
        """Wait until no process of the folder is left, and give those that stay."""
        deadline = time.monotonic() + 30
        while (left := processes_of(self.folder)) and time.monotonic() < deadline:
            time.sleep(0.2)
        return left


@pytest.fixture
def demo(tmp_path):
    """Give a demo folder; end whatever still runs in it."""
    demo = Demo(tmp_path / "demo")
    yield demo
    if demo.process is not None and demo.process.poll() is None:
        demo.end(signal.SIGKILL)
    demo.await_silence()


class TestDemo:
    def test_serves_and_leaves_nothing_behind(self, demo):
        """From nothing to a page with data; after Ctrl-C no process is left."""
        page = demo.start()

        assert f"<strong>{LIMIT}</strong> films" in page
        assert f"http://127.0.0.1:{demo.port}/" in demo.output.read_text()
        assert "log in as        admin / admin" in demo.output.read_text()
        assert "docmodels" in demo.get("/admin/login/")
        assert "results" in demo.get("/api/films/?format=json")
        assert demo.end(signal.SIGINT) == 0
        assert demo.await_silence() == []

    def test_kill_loses_nothing(self, demo):
        """After kill -9 of the demo the next start has every document and is quick."""
        demo.start()
        with demo.database() as client:
            films = client["docmodels_demo"]["films"]
            films.insert_one({"_id": "mine", "title": "My own", "year": 2000, "genres": []})
            before = sorted(film["_id"] for film in films.find({}, {"_id": 1}))
            demo.end(signal.SIGKILL)
        assert demo.await_silence() == []

        start = time.monotonic()
        demo.start()
        seconds = time.monotonic() - start

        with demo.database() as client:
            after = sorted(film["_id"] for film in client["docmodels_demo"]["films"].find())
        assert after == before
        assert "documents in" not in demo.output.read_text()
        assert seconds < 20
        demo.end(signal.SIGINT)
        assert demo.await_silence() == []


class TestPreflight:
    def test_taken_port(self, demo):
        """The message names the port and the way out."""
        with socket.create_server(("127.0.0.1", demo.port)):
            result = demo.command()

        assert result.returncode == 1
        assert result.stderr == (
            f"CommandError: Port {demo.port} is taken, perhaps by another demo. End that program, "
            f"or choose another port: make demo DEMO_PORT={demo.port + 1}\n"
        )

    def test_bad_port(self, demo):
        """A port must be a number."""
        result = demo.command(DEMO_PORT="http")

        assert result.stderr == (
            "CommandError: DEMO_PORT: 'http', expected a port number from 1 to 65535.\n"
        )

    def test_folder_that_cannot_be_made(self, demo):
        """The message names the folder and the variable that chooses another."""
        demo.folder.write_text("in the way")

        result = demo.command()

        assert result.stderr == (
            f"CommandError: The folder {demo.folder} cannot be made (File exists). "
            "Name another in the environment variable DEMO_DIR.\n"
        )

    def test_server_that_does_not_answer(self, demo):
        """A server that was named and is away is told within seconds."""
        result = demo.command(MONGODB_URI=f"mongodb://127.0.0.1:{free_port()}/")

        assert result.returncode == 1
        assert result.stderr.startswith("CommandError: The database cannot be used. ")
        assert "Traceback" not in result.stderr
