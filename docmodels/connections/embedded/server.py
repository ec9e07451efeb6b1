"""What a process that uses an embedded server does: lease it, start it, ask about it."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings

import docmodels
from docmodels.connections.configuration import EMBEDDED_DEFAULTS
from docmodels.connections.embedded.binary import find_binary
from docmodels.connections.embedded.folder import FileLock, ServerFolder
from docmodels.connections.embedded.mongod import command_line, tail
from docmodels.exceptions import EmbeddedServerError

#: How long to wait for the server, in seconds.
READY_SECONDS = 150
_SUPERVISOR = "docmodels.connections.embedded.supervisor"
_ALREADY_RUNNING = 3


class EmbeddedServer:
    """The server of one folder, as this process sees it."""

    def __init__(self, path: Path, options: dict[str, Any] | None = None) -> None:
        self.folder = ServerFolder(path)
        self.options = EMBEDDED_DEFAULTS | (options or {})
        self._lock = threading.RLock()
        self._lease: FileLock | None = None
        self._users: set[str] = set()

    def acquire(self, user: str) -> str:
        """Start the server if needed and keep it until `release`; give its URI."""
        with self._lock:
            self._users.add(user)
            return self.ensure()

    def release(self, user: str) -> None:
        """Give up the server; it ends soon after the last user of the last process."""
        with self._lock:
            self._users.discard(user)
            if not self._users and self._lease is not None:
                self._lease.path.unlink(missing_ok=True)
                self._lease.release()
                self._lease = None

    def ensure(self) -> str:
        """Make sure that a server runs, whatever was killed; give its URI."""
        with self._lock:
            self.folder.prepare()
            with self.folder.start_lock:
                if self._lease is None:
                    self._lease = self.folder.take_lease()
                return self._await_ready()

    def status(self) -> dict[str, Any]:
        """Tell about the server without starting it."""
        state = self.folder.read_state() if self.folder.supervisor_lock.is_held() else {}
        running = state.get("status") in {"starting", "ready"}
        return {
            "folder": str(self.folder.path),
            "running": running,
            "status": state.get("status", "stopped"),
            "pid": state.get("mongod") if running else None,
            "port": state.get("port") if running else None,
            "uri": state.get("uri") if running else None,
            "users": self.folder.live_leases() if self.folder.leases.exists() else 0,
            "size": self.folder.size(),
        }

    def stop(self) -> bool:
        """End the server cleanly, whoever uses it; tell whether one ran.

        A process that still uses it starts it again with its next operation.
        """
        if not self.folder.supervisor_lock.is_held():
            return False
        with self.folder.start_lock:
            deadline = time.monotonic() + READY_SECONDS
            asked = None
            while self.folder.supervisor_lock.is_held():
                pid = self.folder.read_state().get("supervisor")
                # A state that an earlier supervisor left may name another program by now.
                if pid and pid != asked and str(self.folder.path) in command_line(pid):
                    os.kill(pid, signal.SIGTERM)
                    asked = pid
                if time.monotonic() > deadline:
                    raise EmbeddedServerError(
                        f"The embedded server in {self.folder.path} did not stop in time."
                    )
                time.sleep(0.05)
        return True

    def after_fork(self) -> None:
        """Forget the parent's lease; the child takes its own when it needs one."""
        self._lock = threading.RLock()
        self._users = set()
        if self._lease is not None:
            # Closing the copy leaves the parent's lock in place.
            self._lease.release()
            self._lease = None

    def _await_ready(self) -> str:
        folder = self.folder
        deadline = time.monotonic() + READY_SECONDS
        token = ""
        while time.monotonic() < deadline:
            held = folder.supervisor_lock.is_held()
            state = folder.read_state()
            if held and state.get("status") == "ready":
                uri: str = state["uri"]
                return uri
            if token and state.get("token") == token and state.get("status") == "failed":
                raise EmbeddedServerError(state["error"])
            if not held:
                if token:
                    raise EmbeddedServerError(
                        "The supervisor of the embedded server ended. The end of its log, "
                        f"{folder.supervisor_log}:\n{tail(folder.supervisor_log)}"
                    )
                token = self._spawn()
            time.sleep(0.03)
        raise EmbeddedServerError(
            f"The embedded server in {folder.path} was not ready within {READY_SECONDS} seconds."
        )

    def _spawn(self) -> str:
        binary = find_binary(self.options["binary"])
        self.folder.require_space()
        token = secrets.token_hex(8)
        package_root = str(Path(docmodels.__file__).resolve().parent.parent)
        search = [package_root, os.environ.get("PYTHONPATH", "")]
        with self.folder.supervisor_log.open("wb") as log:
            done = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    _SUPERVISOR,
                    str(self.folder.path),
                    json.dumps({**self.options, "binary": binary}),
                    token,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder.path,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, search))},
                start_new_session=True,
                check=False,
            )
        return "" if done.returncode == _ALREADY_RUNNING else token


def resolve_folder(host: str) -> Path:
    """Give the folder of an ``embedded://`` HOST, relative to ``BASE_DIR``."""
    given = Path(host.partition("://")[2]).expanduser()
    base = Path(getattr(django_settings, "BASE_DIR", "") or Path.cwd())
    return (base / given).resolve()


_servers: dict[Path, EmbeddedServer] = {}
_servers_lock = threading.Lock()


def server_for(host: str, options: dict[str, Any] | None = None) -> EmbeddedServer:
    """Give the process's one object for the folder that `host` names."""
    path = resolve_folder(host)
    with _servers_lock:
        if path not in _servers:
            _servers[path] = EmbeddedServer(path, options)
        return _servers[path]


def _after_fork() -> None:
    # Another thread of the parent may have held the lock.
    global _servers_lock
    _servers_lock = threading.Lock()
    for server in _servers.values():
        server.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
