"""What the pages of the reference name, in their text or through autodoc."""

import importlib
import inspect
import re
from pathlib import Path

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"

DIRECTIVE = re.compile(r"^\.\. auto(\w+):: ([\w.]+)\n((?:   :.*\n)*)", re.MULTILINE)
OPTION = re.compile(r"^   :([\w-]+):(.*)$", re.MULTILINE)


def names_on(*pages: str) -> set[str]:
    """Return the names that these pages show, those of the whole reference without any."""
    text = "".join((REFERENCE / page).read_text() for page in pages or sorted(all_pages()))
    found = set(re.findall(r"[A-Za-z_]\w*", text))
    for kind, target, options in DIRECTIVE.findall(text + "\n"):
        found |= _shown(kind, target, dict(OPTION.findall(options)))
    return found


def all_pages() -> list[str]:
    """Return the pages of the reference."""
    return [page.name for page in REFERENCE.glob("*.md")]


def _shown(kind: str, target: str, options: dict[str, str]) -> set[str]:
    """Return what a directive shows by itself: all members, where it names none."""
    if "members" not in options or options["members"].strip():
        return set()
    if kind == "module":
        module = importlib.import_module(target)
        return {
            name
            for name, value in vars(module).items()
            if getattr(value, "__module__", None) == target and inspect.getdoc(value)
        }
    module, _dot, name = target.rpartition(".")
    cls = getattr(importlib.import_module(module), name)
    names = dir(cls) if "inherited-members" in options else vars(cls)
    return {name for name in names if not name.startswith("_")}


def rows_of(page: str) -> dict[str, str]:
    """Return the rows of a page's tables, by each name in the first column."""
    rows: dict[str, str] = {}
    for line in (REFERENCE / page).read_text().splitlines():
        if line.startswith("| `"):
            first = line.split(" | ")[0]
            for name in re.findall(r"`(\w+)", first):
                rows.setdefault(name, line)
    return rows
