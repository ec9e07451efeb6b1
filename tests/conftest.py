"""Fixtures of the test suite; the ones for MongoDB are those that users get."""

pytest_plugins = [
    "docmodels.testing.pytest_plugin",
    "tests.demo",
    "tests.faults",
    "tests.standalone",
]
