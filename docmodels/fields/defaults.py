"""What a callable default gives, with or without the document that it is for."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from docmodels.tracking import MISSING


def call_default(function: Callable[..., Any], document: Any) -> Any:
    """
    Call a default; a function that demands a parameter is given the document.

    Without a document there is no such default: MISSING is returned.
    """
    if not asks_document(function):
        return function()
    return MISSING if document is None else function(document)


@functools.cache
def asks_document(function: Callable[..., Any]) -> bool:
    """Return whether a function cannot be called without a parameter."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        # Some classes written in C do not say what they take.
        return False
    first = next(iter(parameters), None)
    return (
        first is not None
        and first.default is first.empty
        and first.kind in {first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD}
    )
