"""Form fields for values with choices, which may be the members of an enumeration."""

from __future__ import annotations

import enum
from typing import Any

from django import forms


def _plain(value: Any) -> Any:
    # The options of a select are the values, not the members.
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, enum.Enum) else value


class TypedChoiceField(forms.TypedChoiceField):
    """One of the choices."""

    def prepare_value(self, value: Any) -> Any:
        """Return the value of a member."""
        return _plain(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the values."""
        return super().has_changed(_plain(initial), data)


class TypedMultipleChoiceField(forms.TypedMultipleChoiceField):
    """Several of the choices."""

    def prepare_value(self, value: Any) -> Any:
        """Return the values of members."""
        return _plain(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the values."""
        return super().has_changed(_plain(initial), data)
