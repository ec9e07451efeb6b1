"""The demo is killed while somebody writes, and started again."""

import base64
import json
import os
import signal
import threading
import urllib.request

import pytest

from tests.demo import Demo

#: How many answers to wait for before the kill.
ENOUGH = 5


class Writer(threading.Thread):
    """Creates people through the API, one after the other, and remembers those acknowledged."""

    def __init__(self, url):
        super().__init__()
        self.url = f"{url}/api/people/"
        self.acknowledged = []
        self.enough = threading.Event()

    def run(self):
        """Write until the server is gone."""
        login = base64.b64encode(b"admin:admin").decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
        for number in range(10_000):
            body = json.dumps({"name": f"Person {number}"}).encode()
            request = urllib.request.Request(self.url, body, headers)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    self.acknowledged.append(json.load(answer)["name"])
            except OSError:
                break
            if len(self.acknowledged) >= ENOUGH:
                self.enough.set()


@pytest.fixture
def demo(tmp_path):
    """Give a demo with a server of its own; end whatever still runs in it."""
    demo = Demo(tmp_path / "demo")
    yield demo
    demo.kill()
    demo.await_silence()


@pytest.mark.parametrize("killed", ["application", "application and server"])
def test_acknowledged_writes_stay(demo, killed):
    """What was answered with 201 is there after a kill -9 amid further writes."""
    demo.start()
    writer = Writer(demo.url)
    writer.start()
    writer.enough.wait(60)
    servers = [int(line.split()[0]) for line in demo.processes() if "mongod" in line]
    demo.process.kill()
    if killed == "application and server":
        for server in servers:
            os.kill(server, signal.SIGKILL)
    demo.process.wait(30)
    writer.join(60)
    left = demo.await_silence()

    demo.start()
    with demo.database() as client:
        people = client[demo.name]["people"]
        stored = {person["name"] for person in people.find({"name": {"$regex": "^Person "}})}
    ended = demo.end(signal.SIGINT)

    assert servers
    assert left == []
    assert len(writer.acknowledged) >= ENOUGH
    assert set(writer.acknowledged) <= stored
    # The write that was under way may be there or not, but none beyond it.
    assert len(stored) <= len(writer.acknowledged) + 1
    assert (ended, demo.await_silence()) == (0, [])
