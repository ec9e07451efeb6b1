"""The choices of a field, in all forms that Django takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Choices = list[tuple[Any, Any]]


def normalize_choices(choices: Any) -> Choices | None:
    """Return (value, label) pairs, or (group, pairs), of what a declaration gave."""
    if choices is None:
        return None
    if hasattr(choices, "choices"):
        choices = choices.choices
    elif callable(choices):
        choices = choices()
    if isinstance(choices, dict):
        choices = choices.items()
    # A plain list of values is one of values that label themselves.
    return [
        tuple(choice) if isinstance(choice, (list, tuple)) else (choice, str(choice))
        for choice in choices
    ]


def flatten_choices(choices: Iterable[tuple[Any, Any]]) -> Choices:
    """Return the choices without their groups."""
    flat: Choices = []
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            flat.extend(label)
        else:
            flat.append((value, label))
    return flat
