"""`manage.py demo` as a user runs it: its own process, port, folder and server."""

import signal
import socket
import time

import pytest

from tests.demo import LIMIT, Demo, free_port


@pytest.fixture
def demo(tmp_path):
    """Give a demo folder; end whatever still runs in it."""
    demo = Demo(tmp_path / "demo")
    yield demo
    demo.kill()
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
        assert any("mongod" in line for line in demo.processes())
        assert demo.end(signal.SIGINT) == 0
        assert demo.processes() == []

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
        assert demo.processes() == []


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
