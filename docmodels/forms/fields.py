"""Form fields that tell a changed value from one that only passed through a browser."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from docmodels.forms.texts import from_ejson, same_text, submitted_text, to_ejson
from docmodels.forms.widgets import (
    NULL,
    STATE_LABELS,
    UNSET,
    VALUE,
    DateInput,
    DateTimeInput,
    ExtendedJSONInput,
    StateInput,
)
from docmodels.tracking import MISSING, same


class Kept:
    """What a field gives for a stored value that it cannot read and nobody changed."""

    def __repr__(self) -> str:
        return "KEEP"


KEEP = Kept()


class TextField(forms.CharField):
    """Text with its spaces and line breaks."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("strip", False)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """Return the text with line feeds, as most stored text has them."""
        return submitted_text(None, super().to_python(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as a browser would send it."""
        return not same_text("" if initial is None else str(initial), "" if data is None else data)


class DateTimeField(forms.DateTimeField):
    """A moment with milliseconds."""

    widget = DateTimeInput

    def prepare_value(self, value: Any) -> Any:
        """Leave the time zone to the widget, which keeps the milliseconds."""
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare moments."""
        try:
            new = self.to_python(data)
        except ValidationError:
            return True
        if new is not None and isinstance(initial, datetime.datetime):
            return bool(new != initial)
        return (initial or None) != new


class DateField(forms.DateField):
    """A day."""

    widget = DateInput


class DecimalField(forms.DecimalField):
    """A decimal of which the zeros at the end count: 1.50 is not 1.5 in BSON."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the written numbers."""
        return ("" if initial is None else str(initial)) != (
            "" if data is None else str(data).strip()
        )


class ExtendedJSONField(forms.Field):
    """Any value, typed as Extended JSON."""

    widget = ExtendedJSONInput
    #: Turns a Python value of the document into BSON; set by the mapping.
    encode: Any = staticmethod(lambda value: value)

    def prepare_value(self, value: Any) -> Any:
        """Show the value; text that was sent comes back as it is."""
        return value if isinstance(value, str) and value.startswith("\x00") else self.show(value)

    def show(self, value: Any) -> str:
        """Return the text of a value."""
        if value is None or isinstance(value, SentText):
            return value or ""
        return to_ejson(self.encode(value))

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Mark what was sent, so that it is not taken for a stored text."""
        return SentText(data or "")

    def to_python(self, value: Any) -> Any:
        """Read the text."""
        text = value or ""
        return from_ejson(text) if text.strip() else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the values with their types."""
        try:
            new = self.to_python(data)
        except ValidationError:
            return True
        old = None if initial is None else self.encode(initial)
        return not same(old, new)


class SentText(str):
    """Text as a browser sent it."""

    __slots__ = ()


class LinesField(forms.CharField):
    """A list of plain values, one in each line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def __init__(self, *, base: forms.Field, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.base = base

    def prepare_value(self, value: Any) -> Any:
        """Return the lines of a list."""
        if isinstance(value, (list, tuple)):
            return "\n".join("" if item is None else str(item) for item in value)
        return value

    def to_python(self, value: Any) -> Any:
        """Return the values of all lines that are not empty."""
        items, errors = [], []
        for number, line in enumerate((value or "").splitlines(), 1):
            if line.strip():
                try:
                    items.append(self.base.clean(line))
                except ValidationError as error:
                    errors += [f"{number}: {message}" for message in error.messages]
        if errors:
            raise ValidationError(errors)
        return items

    def run_validators(self, value: Any) -> None:
        """Leave validators to the document, which has them."""

    def validate(self, value: Any) -> None:
        """Accept an empty list unless a value is required."""
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the lines."""
        return not same_text(self.prepare_value(list(initial or ())), data or "")


class PointField(forms.CharField):
    """Longitude and latitude in one input."""

    default_error_messages = {"invalid": _("Enter longitude and latitude, such as 7.4, 46.9.")}

    def prepare_value(self, value: Any) -> Any:
        """Return the two numbers as text."""
        return f"{value[0]!r}, {value[1]!r}" if isinstance(value, tuple) else value

    def to_python(self, value: Any) -> Any:
        """Return the pair of numbers."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            longitude, latitude = (float(piece) for piece in text.split(","))
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        return (longitude, latitude)

    def run_validators(self, value: Any) -> None:
        """Leave the position to the document's field."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the numbers."""
        try:
            new = self.to_python(data)
        except ValidationError:
            return True
        return (None if initial is None else tuple(initial)) != new


class KeyField(forms.CharField):
    """A key of the document's own type, such as an ObjectId."""

    default_error_messages = {"invalid": _("“%(value)s” is not a key.")}

    def __init__(self, *, field: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.field = field

    def to_python(self, value: Any) -> Any:
        """Cast the key."""
        text = super().to_python(value)
        return self.field.to_python(text) if text else None

    def run_validators(self, value: Any) -> None:
        """Leave validators to the document, which has them."""


class ReferenceField(KeyField):
    """The key of a document that exists."""

    default_error_messages = {"unknown": _("No %(name)s with the key “%(key)s” is stored.")}

    def clean(self, value: Any) -> Any:
        """Cast the key and look the document up."""
        key = super().clean(value)
        if key is not None and not self.get_queryset().filter(**self.condition(key)).exists():
            name = self.field.related_model._meta.verbose_name
            raise ValidationError(
                self.error_messages["unknown"], code="unknown", params={"name": name, "key": key}
            )
        return key

    def get_queryset(self) -> Any:
        """Return the documents that may be chosen; override it to narrow them."""
        return self.field.related_model._default_manager.all()

    def condition(self, key: Any) -> dict[str, Any]:
        """Return the filter of one document."""
        return {self.field.target_field.name: key}


class StateField(forms.Field):
    """A field whose value may be absent in more than one way."""

    def __init__(self, field: forms.Field, states: tuple[str, ...]) -> None:
        self.inner = field
        self.states = states
        #: The state that the form was shown with; set by the form.
        self.initial_state = VALUE
        super().__init__(
            required=False,
            label=field.label,
            help_text=field.help_text,
            initial=field.initial,
            widget=StateInput(field.widget, states),
        )

    def start_with(self, value: Any) -> None:
        """Take the state of a stored value as the one to start with."""
        self.initial_state = state_of(value)
        if self.initial_state not in self.states:
            # Stored, though not allowed: it must be possible to leave it as it is.
            self.states = (*self.states, self.initial_state)
            label = STATE_LABELS[self.initial_state]
            self.widget.widgets[1].choices += [(self.initial_state, label)]

    def __deepcopy__(self, memo: Any) -> StateField:
        copied: Any = super().__deepcopy__(memo)
        copied.inner = self.inner.__deepcopy__(memo)
        copied.inner.widget = copied.widget.widgets[0]
        return copied

    def prepare_value(self, value: Any) -> Any:
        """Return what the two inputs show."""
        if isinstance(value, list) and len(value) == 2 and not isinstance(value, SentText):
            text, state = value
            return [self.inner.prepare_value(text), state or self.initial_state]
        if value is None or value is MISSING:
            return ["", self.initial_state]
        return [self.inner.prepare_value(value), VALUE]

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was sent, with the state that it means."""
        text, state = data
        return [self.inner.bound_data(text, initial), self.meant(text, state)]

    def meant(self, text: Any, state: str | None) -> str:
        """Return the state that a person means: whoever types a value wants it."""
        state = state if state in self.states else self.initial_state
        if text not in (None, "") and state == self.initial_state:
            return VALUE
        return state

    def clean(self, value: Any) -> Any:
        """Return the value, None, or MISSING."""
        text, state = value if isinstance(value, list) else (value, None)
        state = self.meant(text, state)
        if state == VALUE:
            cleaned = self.inner.clean(text)
            if cleaned is None:
                return MISSING if UNSET in self.states else None
            return cleaned
        return None if state == NULL else MISSING

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare state and value."""
        text, state = data if isinstance(data, list) else (data, None)
        state = self.meant(text, state)
        if state != self.initial_state:
            return True
        return state == VALUE and bool(self.inner.has_changed(initial, text))


def state_of(value: Any) -> str:
    """Return the state of a stored value."""
    if value is MISSING:
        return UNSET
    return NULL if value is None else VALUE


class StoredValueField(forms.CharField):
    """
    The input of a stored value that its field cannot read.

    It shows the value as it is, and gives KEEP for it; anything else is read
    by the field that it stands in for.
    """

    def __init__(self, field: forms.Field, text: str) -> None:
        super().__init__(
            required=field.required, label=field.label, help_text=field.help_text, strip=False
        )
        self.inner = field
        self.text = text

    def prepare_value(self, value: Any) -> Any:
        """Show the stored value, or what was sent."""
        return value if isinstance(value, SentText) else self.text

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Mark what was sent."""
        return SentText(data or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare texts."""
        return not same_text(self.text, data or "")

    def clean(self, value: Any) -> Any:
        """Return KEEP for the stored text."""
        return KEEP if same_text(self.text, value or "") else self.inner.clean(value)
