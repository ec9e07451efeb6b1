"""What must be true before the demo can start, each with a remedy when it is not."""

import os
import shutil
import socket
from pathlib import Path

from django.core.management.base import CommandError

from docmodels.connections import connections
from docmodels.exceptions import DocmodelsError

HOST = "127.0.0.1"
#: Sample data, indexes, the server's journal and its log of operations.
MIN_FREE_MB = 600


def chosen_port() -> int:
    """Give the port of DEMO_PORT, or 8000."""
    text = os.environ.get("DEMO_PORT") or "8000"
    if not (text.isdecimal() and 0 < int(text) < 65_536):
        raise CommandError(f"DEMO_PORT: {text!r}, expected a port number from 1 to 65535.")
    return int(text)


def require_free_port(port: int) -> None:
    """Refuse a port on which another program listens."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError as error:
            raise CommandError(
                f"Port {port} needs more rights. Choose another: make demo DEMO_PORT=8010"
            ) from error
        except OSError as error:
            raise CommandError(
                f"Port {port} is taken, perhaps by another demo. "
                f"End that program, or choose another port: make demo DEMO_PORT={port + 1}"
            ) from error


def require_space(folder: Path) -> None:
    """Make the folder and refuse a disk that is too full for the data."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(
            f"The folder {folder} cannot be made ({error.strerror}). "
            "Name another in the environment variable DEMO_DIR."
        ) from error
    free = shutil.disk_usage(folder).free // 2**20
    if free < MIN_FREE_MB:
        raise CommandError(
            f"Only {free} MB are free in {folder}; the demo needs {MIN_FREE_MB} MB. "
            "Free some, or name another folder in the environment variable DEMO_DIR."
        )


def require_database() -> None:
    """Start or reach the database; say what to do where that is impossible."""
    connection = connections["default"]
    try:
        with connection.wrap_errors:
            connection.client.admin.command("ping")
    except DocmodelsError as error:
        raise CommandError(f"The database cannot be used. {error}") from error
