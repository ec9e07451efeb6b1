"""The process that owns an embedded server: ``python -m …supervisor <folder> <json>``."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from docmodels.connections.embedded.folder import ServerFolder
from docmodels.connections.embedded.mongod import Mongod
from docmodels.exceptions import EmbeddedServerError

#: How long the server stays after the last process that used it, in seconds.
GRACE_SECONDS = 2.0
#: How often leases and the server are looked at, in seconds.
POLL_SECONDS = 0.25
#: How often a dying server is started again within `RESTART_WINDOW` seconds.
MAX_RESTARTS = 5
RESTART_WINDOW = 60.0
#: How often the size of the log is looked at, in seconds.
ROTATE_SECONDS = 60.0

#: The exit code that says: another supervisor serves the folder already.
ALREADY_RUNNING = 3


class Supervisor:
    """Start the server, restart it when it dies, end it when nobody uses it."""

    def __init__(self, folder: ServerFolder, options: dict[str, Any], token: str) -> None:
        self.folder = folder
        self.token = token
        self.mongod = Mongod(folder, options)
        self._stop = threading.Event()
        self._restarts: list[float] = []

    def request_stop(self, *signal_info: object) -> None:
        """End the server soon, whoever uses it."""
        self._stop.set()

    def run(self) -> None:
        """Serve until nobody is left or a stop was requested."""
        try:
            self._start()
            self._watch()
        except EmbeddedServerError as exc:
            self._fail(str(exc))
        except BaseException as exc:
            self._fail(f"The supervisor of the embedded server failed: {exc!r}")
            raise

    def _start(self) -> None:
        self._report("starting")
        self.mongod.start()
        # Clients that knew the server before find it again before it is ready.
        self._report("starting")
        self.mongod.await_writes()
        self._report("ready")

    def _watch(self) -> None:
        idle_since: float | None = None
        rotated = time.monotonic()
        while not self._stop.wait(POLL_SECONDS):
            now = time.monotonic()
            if not self.mongod.is_running():
                self._restart(now)
            if self.folder.live_leases():
                idle_since = None
            elif idle_since is None:
                idle_since = now
            elif now - idle_since > GRACE_SECONDS and self._end_if_unused():
                return
            if now - rotated > ROTATE_SECONDS:
                self.mongod.rotate_log()
                rotated = now
        self._end()

    def _restart(self, now: float) -> None:
        self._restarts = [moment for moment in self._restarts if now - moment < RESTART_WINDOW]
        self._restarts.append(now)
        if len(self._restarts) > MAX_RESTARTS:
            raise EmbeddedServerError(
                f"The embedded server ended {MAX_RESTARTS} times within a minute. "
                f"Its log, {self.folder.log}, tells why."
            )
        self._start()

    def _end_if_unused(self) -> bool:
        # Whoever starts a server holds this lock: nobody can come between the look and the end.
        if not self.folder.start_lock.acquire(blocking=False):
            return False
        try:
            if self.folder.live_leases():
                return False
            self._end()
            # Before the start lock, so that the next one finds the folder free.
            self.folder.supervisor_lock.release()
            return True
        finally:
            self.folder.start_lock.release()

    def _end(self) -> None:
        self._report("stopping")
        self.mongod.stop()
        self._report("stopped")

    def _fail(self, error: str) -> None:
        self.mongod.stop()
        # Without its folder there is nobody left to tell.
        if self.folder.path.exists():
            self._report("failed", error=error)

    def _report(self, status: str, **more: Any) -> None:
        self.folder.write_state(
            status=status,
            token=self.token,
            supervisor=os.getpid(),
            mongod=self.mongod.pid,
            port=self.mongod.port,
            uri=self.mongod.uri,
            **more,
        )


def main(path: str, options: str, token: str) -> int:
    """Take the folder's lock, leave the caller's process tree, and supervise."""
    folder = ServerFolder(Path(path))
    if not folder.supervisor_lock.acquire(blocking=False):
        return ALREADY_RUNNING
    # The child keeps the lock; the caller's wait ends here and leaves no zombie behind.
    if os.fork():
        os._exit(0)
    supervisor = Supervisor(folder, json.loads(options), token)
    signal.signal(signal.SIGTERM, supervisor.request_stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    supervisor.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
