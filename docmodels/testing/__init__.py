"""Help for the tests of projects that use documents."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docmodels.testing.commands import RecordedCommand, assert_num_commands, record_commands
    from docmodels.testing.indexes import sync_indexes
    from docmodels.testing.plans import assert_no_collscan, assert_pipeline, assert_uses_index
    from docmodels.testing.testcases import DocumentTestMixin, SimpleTestCase, TestCase

__all__ = [
    "DocumentTestMixin",
    "RecordedCommand",
    "SimpleTestCase",
    "TestCase",
    "assert_no_collscan",
    "assert_num_commands",
    "assert_pipeline",
    "assert_uses_index",
    "record_commands",
    "sync_indexes",
]

_MODULES = {
    "DocumentTestMixin": "testcases",
    "RecordedCommand": "commands",
    "SimpleTestCase": "testcases",
    "TestCase": "testcases",
    "assert_no_collscan": "plans",
    "assert_num_commands": "commands",
    "assert_pipeline": "plans",
    "assert_uses_index": "plans",
    "record_commands": "commands",
    "sync_indexes": "indexes",
}


def __getattr__(name: str) -> Any:
    # Late, because pytest imports the package for its plugin in every run, also where nobody
    # tests documents or Django.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
