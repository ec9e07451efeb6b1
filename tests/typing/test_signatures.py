"""Managers show type checkers and editors what they pass on to a queryset."""

import inspect
import re

import pytest

from docmodels import documents
from tests.typing.signatures import PATH, Stub, names

REFRESH = "Run `python -m tests.typing.signatures`."


def test_every_method_is_written():
    """No method of the queryset is missing in the signatures of the manager, and none is gone."""
    written = set(re.findall(r"def (\w+)\(", PATH.read_text()))

    missing, gone = set(names()) - written, written - set(names())

    assert not missing, f"{PATH.name} lacks {', '.join(sorted(missing))}. {REFRESH}"
    assert not gone, f"{PATH.name} has {', '.join(sorted(gone))}. {REFRESH}"


def test_signatures_are_those_of_the_queryset():
    """The file is what the signatures of the queryset make."""
    assert PATH.read_text() == Stub().text(), REFRESH


@pytest.mark.parametrize("name", names())
def test_managers_tell_signatures_at_run_time(name):
    """Editors that ask the running program see the signature of the queryset's method."""
    own = inspect.signature(getattr(documents.Manager, name))

    assert own == inspect.signature(getattr(documents.QuerySet, name))
