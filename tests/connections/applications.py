"""Processes that use an embedded server, and questions about processes."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

from docmodels.connections.embedded.folder import ServerFolder
from docmodels.connections.embedded.mongod import command_line

ROOT = Path(__file__).resolve().parent.parent.parent

# An application: settings, one operation per line of input, one answer per line of output.
APPLICATION = """
import sys
from django.conf import settings
settings.configure(
    MONGO_DATABASES={"default": {"HOST": "embedded://" + sys.argv[1], "NAME": "app"}}
)
from docmodels.connections import connections
for line in sys.stdin:
    connection = connections["default"]
    with connection.wrap_write_errors:
        if line.strip() != "count":
            connection.collection("a").insert_one({"_id": line.strip()})
        count = connection.collection("a").count_documents({})
    print(count, connection.server.status()["pid"], flush=True)
"""


class Application:
    """A process that uses the server of a folder."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", APPLICATION, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def ask(self, line):
        """Run an operation; give the number of documents and the server's process id."""
        self.send(line)
        return self.answer()

    def send(self, line):
        """Start an operation."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self):
        """Wait for the answer to an operation."""
        count, pid = self.process.stdout.readline().split()
        return int(count), int(pid)

    def kill(self):
        """End as nobody expects."""
        self.process.kill()
        self.process.wait()

    def end(self):
        """End as a program does."""
        self.process.stdin.close()
        assert self.process.wait(10) == 0

    def close(self):
        """Leave nothing behind."""
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()


def is_alive(pid):
    """Tell whether a process runs (one that waits to be reaped does not)."""
    return bool(list(filter(None, command_line(pid))))


def eventually(condition, seconds=10):
    """Wait for a condition; give whether it came true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def supervisor_of(folder):
    """Give the process id of the folder's supervisor."""
    return ServerFolder(folder).read_state()["supervisor"]
