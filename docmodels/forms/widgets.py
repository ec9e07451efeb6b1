"""Inputs that show a value without loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from docmodels.forms.texts import local_text

VALUE, NULL, UNSET = "value", "null", "unset"

STATE_LABELS = {VALUE: _("a value"), NULL: _("null"), UNSET: _("unset")}


class DateTimeInput(forms.DateTimeInput):
    """A browser's own picker, with milliseconds, in the current time zone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"step": "0.001", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        """Return ISO text with milliseconds; text that was sent comes back as it is."""
        if value is None or isinstance(value, str):
            return value
        return local_text(value)


class DateInput(forms.DateInput):
    """A browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, "%Y-%m-%d")


class ExtendedJSONInput(forms.Textarea):
    """Extended JSON, which names the BSON type of each value."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 4, "spellcheck": "false", "class": "mono", **(attrs or {})})


class StateInput(forms.MultiWidget):
    """An input with the choice of a value, null and unset beside it."""

    template_name = "docmodels/forms/state.html"

    def __init__(self, widget: Any, states: Sequence[str], attrs: Any = None) -> None:
        choices = [(state, STATE_LABELS[state]) for state in states]
        select = forms.Select({"data-state": ""}, choices)
        super().__init__({"": widget, "state": select}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        """Return what the two inputs show."""
        return list(value) if isinstance(value, (list, tuple)) else [value, VALUE]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return text and state; the state may be left out."""
        found = super().value_from_datadict(data, files, name)
        return [found[0], found[1] if len(found) > 1 else None]
