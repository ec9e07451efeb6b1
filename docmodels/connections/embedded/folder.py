"""The folder of an embedded server: its files, locks, leases and state."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from docmodels.exceptions import EmbeddedServerError

try:
    import fcntl
except ImportError:  # Windows has no flock.
    fcntl = None  # type: ignore[assignment]

#: The least free space to start with: the server preallocates its journal.
MIN_FREE_BYTES = 300 * 1024 * 1024


class FileLock:
    """An exclusive lock on a file, held until released or until the process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, *, blocking: bool = True) -> bool:
        """Take the lock; without `blocking`, tell whether that was possible."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if blocking else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(descriptor)
            return False
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_held(self) -> bool:
        """Tell whether anyone holds the lock now."""
        if not self.path.exists():
            return False
        probe = FileLock(self.path)
        if probe.acquire(blocking=False):
            probe.release()
            return False
        return True

    def __enter__(self) -> FileLock:
        """Take the lock, waiting for it."""
        self.acquire()
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Give the lock back."""
        self.release()


class ServerFolder:
    """Where everything of one embedded server lies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        #: The server's data.
        self.data = path / "data"
        #: The server's log.
        self.log = path / "mongod.log"
        #: What the supervisor has to say when it fails.
        self.supervisor_log = path / "supervisor.log"
        self.leases = path / "leases"
        #: Held while a server is being started or stopped.
        self.start_lock = FileLock(path / "start.lock")
        #: Held by the supervisor as long as it lives.
        self.supervisor_lock = FileLock(path / "supervisor.lock")
        self._state = path / "state.json"
        self._port = path / "port"

    def prepare(self) -> None:
        """Make the folder; raise with a remedy where that is impossible."""
        if fcntl is None:
            raise EmbeddedServerError(
                "The embedded server needs Linux or macOS. Set HOST to a mongodb:// address."
            )
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            self.leases.mkdir(exist_ok=True)
            probe = self.leases / f".probe-{secrets.token_hex(4)}"
            probe.touch()
            # Who counts the leases may have swept it away.
            probe.unlink(missing_ok=True)
        except OSError as exc:
            raise EmbeddedServerError(
                f"The folder of the embedded server, {self.path}, cannot be written to "
                f"({exc.strerror}). Name another folder in HOST, or correct its permissions."
            ) from exc

    def require_space(self) -> None:
        """Raise when the disk is too full to start a server."""
        free = shutil.disk_usage(self.path).free
        if free < MIN_FREE_BYTES:
            raise EmbeddedServerError(
                f"No space for the embedded server in {self.path}: {free // 2**20} MB are free, "
                f"expected at least {MIN_FREE_BYTES // 2**20} MB. Free some, or name another "
                "folder in HOST."
            )

    def read_state(self) -> dict[str, Any]:
        """Give what the supervisor last wrote."""
        try:
            state: dict[str, Any] = json.loads(self._state.read_text())
        except (OSError, ValueError):
            return {}
        return state

    def write_state(self, **state: Any) -> None:
        """Replace the state at once, so that no reader sees half of it."""
        _replace(self._state, json.dumps(state))

    def read_port(self) -> int | None:
        """Give the port of the last time."""
        try:
            return int(self._port.read_text())
        except (OSError, ValueError):
            return None

    def write_port(self, port: int) -> None:
        """Remember the port for the next time."""
        _replace(self._port, str(port))

    def take_lease(self) -> FileLock:
        """Give a lock that tells the supervisor of this process."""
        while True:
            path = self.leases / f"{os.getpid()}-{secrets.token_hex(4)}"
            lease = FileLock(path)
            lease.acquire()
            # The supervisor may have seen the file before it was locked, and removed it.
            if path.exists():
                return lease
            lease.release()

    def live_leases(self) -> int:
        """Count the processes that use the server; remove what dead ones left."""
        alive = 0
        for path in self.leases.iterdir():
            probe = FileLock(path)
            try:
                if not path.name.startswith(".") and not probe.acquire(blocking=False):
                    alive += 1
                    continue
            except OSError:
                continue
            path.unlink(missing_ok=True)
            probe.release()
        return alive

    def size(self) -> int:
        """Give the bytes that the data takes on disk, the journal included."""
        total = 0
        for root, _folders, files in os.walk(self.data):
            for name in files:
                try:
                    total += os.stat(os.path.join(root, name)).st_blocks * 512
                except OSError:
                    # The server removes files as it likes.
                    continue
        return total


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    temporary.write_text(text)
    os.replace(temporary, path)
