"""Ask type checkers about a file, each in its own way."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from mypy import api

#: `module.Class` by its last name, and mypy's way of writing a named tuple.
QUALIFIED = re.compile(r"\b(?:\w+\.)+(\w+)")
NAMED_TUPLE = re.compile(r"tuple\[[^\[\]]*fallback=([\w.]+)\]")


def short(revealed: str) -> str:
    """Return a type without the modules of its names."""
    return QUALIFIED.sub(r"\1", NAMED_TUPLE.sub(r"\1", revealed))


class Answers:
    """What a checker says of a file, by line."""

    def __init__(self) -> None:
        self.revealed: dict[int, str] = {}
        self.errors: dict[int, str] = {}


def ask_mypy(files: list[Path], folder: Path) -> dict[str, Answers]:
    """Run mypy with its own defaults, as a user has it; return its answers by name of file."""
    output, _errors, _status = api.run(
        [
            "--config-file=",
            "--follow-imports=silent",
            "--no-error-summary",
            f"--cache-dir={folder}",
            *map(str, files),
        ]
    )
    told = {file.name: Answers() for file in files}
    for line in output.splitlines():
        place, _, text = line.partition(": ")
        path, _, number_text = place.rpartition(":")
        answers, number = told[Path(path).name], int(number_text)
        if found := re.fullmatch(r'note: Revealed type is "(.*)"', text):
            answers.revealed[number] = short(found[1])
        elif text.startswith("error: "):
            answers.errors.setdefault(number, text)
    return told


def ask_pyright(files: list[Path], folder: Path) -> dict[str, Answers]:
    """Run Pyright, in the build of it that needs nothing but PyPI; answer as `ask_mypy` does."""
    root = Path(__file__).resolve().parents[2]
    config = folder / "pyrightconfig.json"
    config.write_text(
        json.dumps(
            {
                "include": [str(file) for file in files],
                "typeCheckingMode": "standard",
                "extraPaths": [str(root)],
                "pythonVersion": "3.11",
            }
        )
    )
    run = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--outputjson", "--project", str(config),
         "--pythonpath", sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    told = {file.name: Answers() for file in files}
    for entry in json.loads(run.stdout)["generalDiagnostics"]:
        answers = told[Path(entry["file"]).name]
        number = entry["range"]["start"]["line"] + 1
        if found := re.fullmatch(r'Type of ".*" is "(.*)"', entry["message"]):
            answers.revealed[number] = short(found[1])
        elif entry["severity"] == "error":
            answers.errors.setdefault(number, entry["message"])
    return told
