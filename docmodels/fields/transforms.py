"""The options `get` and `set`: functions that a value passes on its way out and in."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

Transform = Callable[[Any], Any]


def _text(function: Callable[[str], str]) -> Transform:
    def transform(value: Any) -> Any:
        return function(value) if isinstance(value, str) else value

    return transform


#: Transforms that have a name.
NAMED: dict[str, Transform] = {
    "lowercase": _text(str.lower),
    "uppercase": _text(str.upper),
    "trim": _text(str.strip),
}


def make_transforms(given: Any, option: str) -> tuple[Transform, ...]:
    """Return the functions of an option: one or several, by name or as they are."""
    if given is None:
        return ()
    several = given if isinstance(given, (list, tuple)) else [given]
    return tuple(_as_transform(item, option) for item in several)


def _as_transform(given: Any, option: str) -> Transform:
    if isinstance(given, str):
        if given in NAMED:
            return NAMED[given]
        near = difflib.get_close_matches(given, NAMED, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Choices are: {', '.join(NAMED)}."
        raise TypeError(f"{option}={given!r}: no transform of that name. {hint}")
    if not callable(given):
        raise TypeError(f"{option}={given!r}, expected a function of the value or a name.")
    transform: Transform = given
    return transform


def apply(transforms: tuple[Transform, ...], value: Any) -> Any:
    """Return `value` after all the transforms; None passes as it is."""
    for transform in transforms:
        if value is None:
            return None
        value = transform(value)
    return value
