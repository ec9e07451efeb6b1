"""What is in a tree of conditions."""

from __future__ import annotations

from typing import Any

from django.db.models import Q


def keys_of(q: Q) -> list[str]:
    """Return the keys of all the conditions of a Q."""
    keys: list[str] = []
    children: list[Any] = list(q.children)
    for child in children:
        if isinstance(child, Q):
            keys += keys_of(child)
        elif isinstance(child, tuple):
            keys.append(child[0])
    return keys
