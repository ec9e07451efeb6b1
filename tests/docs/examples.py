"""Find and run the Python examples of a page of documentation."""

import ast
import re
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.test import override_settings

FENCE = re.compile(r"^```python[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A block of code with the line at which it starts."""

    page: Path
    line: int
    source: str

    @property
    def is_settings(self) -> bool:
        """
        Tell whether the block is a fragment of settings.py, which can only be compiled.

        Such a block assigns names in capitals and does nothing else.
        """
        return all(
            isinstance(statement, ast.Assign)
            and all(isinstance(name, ast.Name) and name.id.isupper() for name in statement.targets)
            for statement in ast.parse(self.source).body
        )

    def compile(self) -> types.CodeType:
        """Compile the block so that a traceback shows its place in the page."""
        padded = "\n" * (self.line - 1) + self.source
        return compile(padded, str(self.page), "exec")


def examples_of(page: Path) -> list[Example]:
    """Give the examples of a page in their order."""
    text = page.read_text()
    return [
        Example(page, text.count("\n", 0, match.start(1)) + 1, match[1])
        for match in FENCE.finditer(text)
    ]


@contextmanager
def app_of(page: Path) -> Iterator[types.ModuleType]:
    """Install an app for the page, in whose models module its examples run."""
    label = f"page_{page.stem.lower().replace('-', '_')}"
    package, module = types.ModuleType(label), types.ModuleType(f"{label}.models")
    package.__path__ = []
    module.__package__ = label
    module.__spec__ = ModuleSpec(module.__name__, loader=None)
    sys.modules |= {label: package, module.__name__: module}
    config = type("PageConfig", (AppConfig,), {"path": str(page.parent)})(label, package)
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, config]):
        yield module
    del sys.modules[label], sys.modules[module.__name__]
