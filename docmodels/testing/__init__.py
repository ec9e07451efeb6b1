"""Help for the tests of projects that use documents."""

from docmodels.testing.commands import RecordedCommand, record_commands
from docmodels.testing.testcases import DocumentTestMixin, SimpleTestCase, TestCase

__all__ = [
    "DocumentTestMixin",
    "RecordedCommand",
    "SimpleTestCase",
    "TestCase",
    "record_commands",
]
