"""Run one ``mongod`` as a child process and make it a replica set of one."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from docmodels.exceptions import EmbeddedServerError

if TYPE_CHECKING:
    from docmodels.connections.embedded.folder import ServerFolder

#: The name of the replica set.
REPLICA_SET = "docmodels"
#: How long a start may take, recovery of a big journal included, in seconds.
START_SECONDS = 120
#: How long a clean stop may take before the server is killed, in seconds.
STOP_SECONDS = 20
#: The size from which the log starts anew, in bytes.
MAX_LOG_BYTES = 10 * 1024 * 1024

_ADDRESS = "127.0.0.1"
_PR_SET_PDEATHSIG = 1
_NOT_YET_INITIALIZED = 94


class Mongod:
    """The server's process, a child of the supervisor."""

    def __init__(self, folder: ServerFolder, options: dict[str, Any]) -> None:
        self.folder = folder
        self.options = options
        self.port: int = self._choose_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, None where none runs."""
        return self._process.pid if self._process and self.is_running() else None

    @property
    def uri(self) -> str:
        """The connection string."""
        return f"mongodb://{_ADDRESS}:{self.port}/?replicaSet={REPLICA_SET}"

    def start(self) -> None:
        """Start the server, which takes writes once `await_writes` returns."""
        stop_orphan(self.folder)
        if not _is_free(self.port):
            self._refuse_port()
        self._rotate_by_name()
        self._process = subprocess.Popen(
            self._arguments(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,
        )

    def await_writes(self) -> None:
        """Wait until the server takes writes."""
        deadline = time.monotonic() + START_SECONDS
        self._await_port(deadline)
        client: MongoClient[dict[str, Any]] = MongoClient(
            _ADDRESS, self.port, directConnection=True, timeoutMS=5_000
        )
        with client:
            self._await_primary(client, deadline)
        self.folder.write_port(self.port)

    def is_running(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the server cleanly, by force if it does not obey."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def rotate_log(self) -> None:
        """Start the log anew once it is large."""
        if self._rotate_by_name() and self._process is not None:
            # With --logRotate reopen the signal makes the server open the path again.
            self._process.send_signal(signal.SIGUSR1)

    def _rotate_by_name(self) -> bool:
        log = self.folder.log
        if not log.exists() or log.stat().st_size < MAX_LOG_BYTES:
            return False
        os.replace(log, log.with_suffix(".log.1"))
        return True

    def _arguments(self) -> list[str]:
        return [
            self.options["binary"],
            *("--dbpath", str(self.folder.data)),
            *("--port", str(self.port)),
            *("--bind_ip", _ADDRESS),
            *("--replSet", REPLICA_SET),
            *("--oplogSize", str(self.options["oplog_size_mb"])),
            *("--wiredTigerCacheSizeGB", str(self.options["cache_size_gb"])),
            *("--logpath", str(self.folder.log)),
            *("--logappend", "--logRotate", "reopen", "--quiet", "--nounixsocket"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *map(str, self.options["args"]),
        ]

    def _choose_port(self) -> int:
        chosen = self.options["port"]
        if chosen:
            return int(chosen)
        last = self.folder.read_port()
        return last if last and _is_free(last) else _free_port()

    def _refuse_port(self) -> None:
        if self.options["port"]:
            raise EmbeddedServerError(
                f"Port {self.port} of the embedded server is taken. Choose another in "
                "EMBEDDED['port'], or leave it out for a free one."
            )
        self.port = _free_port()

    def _await_port(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            self._require_running()
            try:
                socket.create_connection((_ADDRESS, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.03)
            else:
                return
        raise EmbeddedServerError(self._failure("did not answer in time"))

    def _await_primary(self, client: MongoClient[dict[str, Any]], deadline: float) -> None:
        configured = False
        while time.monotonic() < deadline:
            self._require_running()
            try:
                if not configured:
                    self._configure(client)
                    configured = True
                if client.admin.command("hello")["isWritablePrimary"]:
                    return
            except PyMongoError:
                # Starting up; _require_running tells when it gave up.
                pass
            time.sleep(0.03)
        raise EmbeddedServerError(self._failure("did not become writable in time"))

    def _configure(self, client: MongoClient[dict[str, Any]]) -> None:
        member = {"_id": 0, "host": f"{_ADDRESS}:{self.port}"}
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as exc:
            if exc.code != _NOT_YET_INITIALIZED:
                raise
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
            return
        if config["members"][0]["host"] != member["host"]:
            # The folder was served on another port before.
            config["members"] = [config["members"][0] | member]
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)

    def _require_running(self) -> None:
        if not self.is_running():
            code = self._process.returncode if self._process else None
            raise EmbeddedServerError(self._failure(f"ended with code {code}"))

    def _failure(self, what: str) -> str:
        return (
            f"The embedded server {what}. From its log, {self.folder.log}:\n"
            f"{complaints(self.folder.log)}"
        )


def stop_orphan(folder: ServerFolder) -> None:
    """End a server that a killed supervisor left on the folder."""
    pid = orphan_pid(folder)
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while orphan_pid(folder) == pid:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            deadline += STOP_SECONDS
        time.sleep(0.05)


def orphan_pid(folder: ServerFolder) -> int | None:
    """Give the id of the process that serves the folder, None if there is none."""
    try:
        pid = int((folder.data / "mongod.lock").read_text() or 0)
    except (OSError, ValueError):
        return None
    # The id may have passed to another program since; only ours names the data folder.
    return pid if pid and str(folder.data) in command_line(pid) else None


def command_line(pid: int) -> list[str]:
    """Give the arguments of a running process, none when it is gone."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        if Path("/proc/self").exists():
            return []
        done = subprocess.run(
            ["ps", "-ww", "-p", str(pid), "-o", "args="],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.split()
    return raw.decode(errors="replace").split("\0")


def tail(path: Path, lines: int = 8) -> str:
    """Give the last lines of a log."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(line[:2_000] for line in text.splitlines()[-lines:]) or "(empty)"


def complaints(path: Path, lines: int = 4) -> str:
    """Give the last errors of the server's log, which has one JSON object per line."""
    found: list[str] = []
    for line in tail(path, 200).splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry.get("s") in {"E", "F"}:
            found.append(f"{entry.get('msg')} {json.dumps(entry.get('attr', {}))}")
    return "\n".join(found[-lines:]) or tail(path)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the server itself does: connections that linger after a restart do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_ADDRESS, port))
        except OSError:
            return False
        return True


def _die_with_parent() -> None:
    # Runs between fork and exec: a supervisor that is killed takes the server with it.
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


# Loaded before the fork: loading a library after it is not safe.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
