"""`manage.py demo` as a user runs it: its own process, port, folder and database."""

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

from docmodels.connections import DEFAULT_ALIAS, connections
from docmodels.testing.databases import URI_VARIABLE

ROOT = Path(__file__).resolve().parents[1]
#: How many documents of each kind are loaded.
LIMIT = 200
START_SECONDS = 90
OURS = {"MONGODB_URI", "MONGODB_NAME", "DJANGO_SETTINGS_MODULE"}


def free_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# A shell lets what it starts with `&` ignore the interrupt, and so would the demos that are to end
# by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Demo:
    """One demo folder, served any number of times; without a URI on a server of its own."""

    def __init__(self, folder: Path, uri: str = "", name: str = "") -> None:
        self.folder = folder
        self.uri = uri
        self.name = name or "docmodels_demo"
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None
        self.output = folder.parent / f"{folder.name}.txt"

    @property
    def url(self) -> str:
        """Give the address of the site, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Give an environment in which the demo uses its own folder and database."""
        outer = {key: value for key, value in os.environ.items() if key not in OURS}
        chosen = {"DEMO_DIR": str(self.folder), "DEMO_PORT": str(self.port)}
        if self.uri:
            chosen["MONGODB_URI"] = self.uri
        return outer | chosen | {"MONGODB_NAME": self.name}

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
        with urllib.request.urlopen(f"{self.url}{path}", timeout=30) as answer:
            return answer.read().decode()

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def kill(self) -> None:
        """End it if it still runs."""
        if self.process is not None and self.process.poll() is None:
            self.end(signal.SIGKILL)

    def database(self) -> MongoClient:
        """Give a client of the server."""
        if self.uri:
            return MongoClient(self.uri)
        result = subprocess.run(
            [sys.executable, "manage.py", "embedded", "uri"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return MongoClient(result.stdout.strip().splitlines()[-1])

    def processes(self) -> list[str]:
        """Give the command lines of the processes that work in the folder."""
        # Without -ww the lines may be cut, and the folder with them.
        listed = subprocess.run(
            ["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True
        )
        return [line for line in listed.stdout.splitlines() if str(self.folder) in line]

    def await_silence(self) -> list[str]:
        """Wait until no process of the folder is left, and give those that stay."""
        deadline = time.monotonic() + 30
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.2)
        return left


@pytest.fixture(scope="session")
def demo_site(mongo_databases, tmp_path_factory):
    """Serve the demo for all tests that only visit it, on the server of the tests."""
    connection = connections[DEFAULT_ALIAS]
    uri = os.environ.get(URI_VARIABLE)
    if not uri:
        connection.client.admin.command("ping")
        host, port = connection.client.address
        uri = f"mongodb://{host}:{port}/?directConnection=true"
    site = Demo(tmp_path_factory.mktemp("site") / "demo", uri, f"{connection.name}_site")
    try:
        site.start()
        yield site
    finally:
        site.kill()
        with site.database() as client:
            client.drop_database(site.name)


@pytest.fixture
def demo_database(demo_site):
    """Give the demo's database, by a client of its own."""
    with demo_site.database() as client:
        yield client[demo_site.name]
