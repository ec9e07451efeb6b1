"""Run commands, and write projects, apart from this one."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: `make` downloads the dependencies of docmodels to this folder, so that no index is asked here.
WHEELHOUSE = Path(sys.prefix) / "wheelhouse"


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Give what a command wrote; fail with all of it when it failed."""
    outer = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "DJANGO_", "DOCMODELS_", "PYTEST_"))
    }
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=outer | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files of text by their path in `folder`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
