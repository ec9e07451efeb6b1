"""
The lookup: one comparison of a path with a value, as a MongoDB condition.

A new operator is one class with `@Field.register_lookup`; the compiler is not
touched. A lookup gives the condition of one path, index-friendly and never an
`$expr`, unless it is one that only `docmodels.lookups.computed` can say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from bson import Regex
from django.core.exceptions import ValidationError

from docmodels.exceptions import FilterValueError
from docmodels.fields import Field, ListField
from docmodels.lookups.placing import place, place_condition


class Lookup:
    """A comparison of the path of `field` with `value`, which is cast."""

    lookup_name: ClassVar[str]
    #: Whether a list at the end of the path is compared as it is, not each element.
    whole: bool = False
    #: Whether the condition has several parts, which one element of a list must meet.
    one_element: ClassVar[bool] = False

    def __init__(self, field: Field[Any], value: Any, path: str) -> None:
        """Take the path as the user wrote it, for messages."""
        self.field = field
        self.path = path
        self.value = self.prepare(value)

    def prepare(self, value: Any) -> Any:
        """Cast the value; raise FilterValueError."""
        return self.cast(self.field, value)

    def condition(self) -> Any:
        """Return what stands for the path in a filter: a dict of operators or a value."""
        raise TypeError(f"{type(self).__name__} has no condition().")

    def compile(self, resolved: Any) -> dict[str, Any]:
        """Return the filter for a resolved path."""
        condition = self.condition()
        if self.one_element and (resolved.in_list or isinstance(self.field, ListField)):
            return place(
                resolved,
                lambda path: {path: condition} if path else condition,
                whole=self.whole,
                one_element=True,
            )
        if resolved.nested:
            return place_condition(resolved, condition, whole=self.whole)
        return {resolved.db_path: condition}

    def cast(self, field: Field[Any], value: Any) -> Any:
        """Cast one value by `field`."""
        try:
            return field.prepare_lookup_value(value)
        except ValidationError as error:
            message = "; ".join(error.messages)
            raise FilterValueError(
                f"{self.path}: {message}", path=self.path, value=value
            ) from error

    def refuse_pattern(self, value: Any) -> None:
        """Raise FilterValueError for a pattern where the server would apply or refuse it."""
        if isinstance(value, (Regex, re.Pattern)):
            raise self.error(value, "expected a value; the lookup regex takes patterns.")

    def error(self, value: Any, message: str) -> FilterValueError:
        """Make the error of a value that does not fit."""
        return FilterValueError(
            f"{self.path}: {shorten(value)}, {message}", path=self.path, value=value
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}={self.value!r}>"


def element_field(field: Field[Any]) -> Field[Any]:
    """Return the field of a list's elements, else the field itself."""
    while isinstance(field, ListField):
        field = field.base_field
    return field


def find_lookup(field: Field[Any], name: str) -> Any:
    """
    Return the class of a lookup of `field`, None where it knows none.

    What the elements know, a list knows of any of them; `year__gte` is a
    comparison of what the lookup `year` computes.
    """
    found = field.get_lookup(name)
    if found is None and "__" in name:
        head, _separator, comparison = name.partition("__")
        transform = field.get_lookup(head)
        found = transform.compared(comparison) if hasattr(transform, "compared") else None
    if found is None and isinstance(field, ListField):
        return find_lookup(element_field(field), name)
    return found


def literal(value: Any) -> Any:
    """Return a condition that compares with `value` and can be nothing else."""
    if isinstance(value, (Mapping, list, Regex)):
        return {"$eq": value}
    return value


def shorten(value: Any) -> str:
    """Return the repr of a value, cut to a line."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
