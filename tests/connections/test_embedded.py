"""The embedded server, used by real processes that come, go and are killed."""

import json
import os
import signal
import subprocess
import time
from types import SimpleNamespace

from pymongo import MongoClient

from docmodels.connections.embedded import EmbeddedServer, supervisor
from docmodels.connections.embedded.binary import find_binary
from docmodels.connections.embedded.folder import ServerFolder
from tests.connections.applications import eventually, is_alive, supervisor_of


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

        owner = supervisor_of(folder)
        second.end()
        assert eventually(lambda: not is_alive(pid) and not is_alive(owner))
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

    def test_what_is_told_meanwhile(self, tmp_path, monkeypatch):
        """Before clients can find a server its process is told, not the one that died."""
        folder = ServerFolder(tmp_path)
        folder.prepare()
        mongod = SimpleNamespace(pid=None, port=1, uri="")
        monkeypatch.setattr(supervisor, "Mongod", lambda *args: mongod)
        told = []

        def look():
            state = folder.read_state()
            told.append((state["status"], state["mongod"]))

        mongod.start = lambda: (look(), setattr(mongod, "pid", 77))
        mongod.await_writes = look
        supervisor.Supervisor(folder, {}, "token")._start()
        look()

        assert told == [("starting", None), ("starting", 77), ("ready", 77)]

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
