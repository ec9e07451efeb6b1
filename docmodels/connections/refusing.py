"""The error of synchronous calls in coroutines, with the way out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from django.core.exceptions import SynchronousOnlyOperation

_PACKAGE = "docmodels."
#: Modules whose functions may stand between two of ours.
_BETWEEN = ("contextlib", "functools")
#: What to write in place of special methods.
_SPECIAL = {
    "__iter__": "`async for`",
    "__next__": "`async for`",
    "__len__": "`await ….acount()`, or `[… async for … in …]` for the result",
    "__bool__": "`await ….aexists()`, or `[… async for … in …]` for the result",
    "__contains__": "`await ….acontains()`, or `[… async for … in …]` for the result",
    "__getitem__": "`await ….afirst()`, or `[… async for … in …]` for the result",
    "__repr__": "`[… async for … in …]` for the result",
}
#: The methods whose rows these generators give.
_GENERATORS = {"_iterate": "iterator", "_raw_batches": "raw"}
_OTHERWISE = (
    "Asynchronous twins have an `a` in front of the name. `await documents.arun(function)` runs a "
    "whole function that calls the synchronous API; sync_to_async() runs it in a thread."
)


def make_refusal() -> SynchronousOnlyOperation:
    """Return the error of a call that would block the event loop; name what to use instead."""
    called, instead = "This", ""
    for owner, name in _calls():
        if name in _SPECIAL:
            called, instead = f"{owner}.{name}()", f" Use {_SPECIAL[name]}."
        else:
            called, instead = f"{owner}.{name}()", f" Use `await ….a{name}()`."
    return SynchronousOnlyOperation(
        f"{called} cannot be called from a coroutine: it would block the event loop.{instead} "
        f"{_OTHERWISE}"
    )


def _calls() -> Iterator[tuple[str, str]]:
    """Yield the calls of ours that led here and have a way out, the innermost first."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if not module.startswith((_PACKAGE, *_BETWEEN)):
            return
        name = _GENERATORS.get(frame.f_code.co_name, frame.f_code.co_name)
        if frame.f_code.co_argcount and module.startswith(_PACKAGE):
            owner: Any = frame.f_locals.get(frame.f_code.co_varnames[0])
            kind = owner if isinstance(owner, type) else type(owner)
            is_special = name in _SPECIAL and not kind.__module__.startswith(
                f"{_PACKAGE}connections"
            )
            if is_special or callable(getattr(kind, f"a{name}", None)):
                yield kind.__name__, name
        frame = frame.f_back
