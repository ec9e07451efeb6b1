"""The errors of docmodels."""

import pickle

import pytest

from docmodels import exceptions

ERRORS = [
    exceptions.ReadOnlyConnection("m", alias="slow", operation="save"),
    exceptions.AsynchronousOnlyOperation("m"),
    exceptions.ConnectionUnavailable("m", alias="a", outcome_unknown=True),
    exceptions.EmbeddedServerError("m"),
    exceptions.DeadlineExceeded("m", alias="a", outcome_unknown=True),
    exceptions.OperationFailed("m", alias="a", code=2, details={"ok": 0}),
    exceptions.DuplicateKey("m", key_pattern={"a": 1}, key_value={"a": 2}, index=3),
    exceptions.TransactionAborted("m", alias="a", code=251),
    exceptions.DocumentTooLarge("m"),
    exceptions.InvalidDocument("m"),
    exceptions.VersionConflict("m", paths=["a.b"]),
    exceptions.NotSupportedError("m"),
    exceptions.InvalidPageToken("m"),
    exceptions.FilterValueError("m", path="a", value="x"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
class TestErrors:
    """What holds for all of them."""

    def test_one_base(self, error):
        """One ``except`` catches everything."""
        assert isinstance(error, exceptions.DocmodelsError)
        assert str(error) == "m"

    def test_pickles(self, error):
        """They survive the way back from a worker process, attributes included."""
        copy = pickle.loads(pickle.dumps(error))

        assert (type(copy), copy.args, vars(copy)) == (type(error), error.args, vars(error))
