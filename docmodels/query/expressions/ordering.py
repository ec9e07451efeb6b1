"""The direction of an order: `F("price").desc(nulls_last=True)`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldError


class OrderBy:
    """
    A value to order by, as `asc()` and `desc()` of an expression make it.

    MongoDB has what is null or missing first where it ascends and last where it
    descends; `nulls_first` and `nulls_last` say it otherwise. Raise ValueError
    for both.
    """

    def __init__(
        self,
        expression: Any,
        *,
        descending: bool = False,
        nulls_first: bool | None = None,
        nulls_last: bool | None = None,
    ) -> None:
        if nulls_first and nulls_last:
            raise ValueError("nulls_first and nulls_last are mutually exclusive")
        self.expression = expression
        self.descending = descending
        self.nulls_first, self.nulls_last = nulls_first, nulls_last

    @property
    def moves_nulls(self) -> bool:
        """Return whether null is to be elsewhere than the server has it."""
        return bool(self.nulls_first if self.descending else self.nulls_last)

    def __repr__(self) -> str:
        return f"{self.expression!r}.{'desc' if self.descending else 'asc'}()"


def ordered_paths(given: Any, label: str) -> tuple[str, ...]:
    """Return paths with `-` in front for descending; raise FieldError for what is no path."""
    several = isinstance(given, Iterable) and not isinstance(given, str)
    return tuple(_path(item, label) for item in (given if several else (given,)))


def _path(item: Any, label: str) -> str:
    if isinstance(item, str):
        return item
    order = item if isinstance(item, OrderBy) else OrderBy(item)
    name = getattr(order.expression, "name", None)
    if not isinstance(name, str) or order.moves_nulls:
        raise FieldError(f"{label}: order_by {item!r}, expected paths, which annotate() can name.")
    return f"-{name}" if order.descending else name
