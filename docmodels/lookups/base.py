"""
The lookup: one comparison of a path with a value, as a MongoDB condition.

A new operator is one class with `@Field.register_lookup`; the compiler is not
touched. A lookup gives the condition of one path, always index-friendly, and
never an `$expr`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from bson import Regex
from django.core.exceptions import ValidationError

from docmodels.exceptions import FilterValueError
from docmodels.fields import Field, ListField


class Lookup:
    """A comparison of the path of `field` with `value`, which is cast."""

    lookup_name: ClassVar[str]

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

    def cast(self, field: Field[Any], value: Any) -> Any:
        """Cast one value by `field`."""
        try:
            return field.prepare_lookup_value(value)
        except ValidationError as error:
            message = "; ".join(error.messages)
            raise FilterValueError(
                f"{self.label}: {message}", path=self.path, value=value
            ) from error

    @property
    def label(self) -> str:
        """Return the document and the path, for messages."""
        model = self.field.model
        if model is None or "__" in self.path:
            return self.path
        return f"{model._meta.object_name}.{self.path}"

    def refuse_pattern(self, value: Any) -> None:
        """Raise FilterValueError for a pattern where the server would apply or refuse it."""
        if isinstance(value, (Regex, re.Pattern)):
            raise self.error(value, "expected a value; the lookup regex takes patterns.")

    def error(self, value: Any, message: str) -> FilterValueError:
        """Make the error of a value that does not fit."""
        return FilterValueError(
            f"{self.label}: {shorten(value)}, {message}", path=self.path, value=value
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}={self.value!r}>"


def element_field(field: Field[Any]) -> Field[Any]:
    """Return the field of a list's elements, else the field itself."""
    while isinstance(field, ListField):
        field = field.base_field
    return field


def literal(value: Any) -> Any:
    """Return a condition that compares with `value` and can be nothing else."""
    if isinstance(value, (Mapping, list, Regex)):
        return {"$eq": value}
    return value


def shorten(value: Any) -> str:
    """Return the repr of a value, cut to a line."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
