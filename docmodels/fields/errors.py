"""The messages of a field, and errors by path."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

#: Errors of a value by dotted path below it; the value's own are at `""`.
ErrorMap = dict[str, list[ValidationError]]


def join_path(path: str, part: str) -> str:
    """Join two pieces of a dotted path, of which either may be empty."""
    return f"{path}.{part}" if path and part else path or part


def add_errors(errors: ErrorMap, path: str, error: ValidationError) -> None:
    """Add the errors of `error`, which may have paths of its own, below `path`."""
    if hasattr(error, "error_dict"):
        for inner, found in error.error_dict.items():
            errors.setdefault(join_path(path, inner), []).extend(found)
    else:
        errors.setdefault(path, []).extend(error.error_list)


def about(error: ValidationError, value: Any) -> ValidationError:
    """Let the entries of `error` that know no value have this one, as `value`."""
    for entry in () if hasattr(error, "error_dict") else error.error_list:
        if not hasattr(entry, "value"):
            entry.value = value  # type: ignore[attr-defined]
    return error


class Messages:
    """The part of a field that makes its errors."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("This field is required."),
        "null": _("This field cannot be null."),
        "blank": _("This field cannot be blank."),
        "invalid": _("“%(value)s” is not valid, expected %(expected)s."),
        "invalid_choice": _("Value %(value)r is not a valid choice."),
        "stored_type": _("Stored as %(got)s, expected %(expected)s."),
        "unique": _("%(document_name)s with this %(field_label)s already exists."),
        "immutable": _("This field cannot be changed once it is stored."),
        "refused": _("“%(value)s” is not valid."),
        "key": _(
            "The key %(key)r cannot be stored: keys are text without '.', NUL or leading '$'."
        ),
    }
    #: What the field holds, for messages.
    description: ClassVar[str] = "a value"
    #: The messages that the declaration gave, by code.
    _error_messages: dict[str, Any] | None

    @cached_property
    def error_messages(self) -> dict[str, Any]:
        """Return the messages by code, merged along the class hierarchy."""
        messages: dict[str, Any] = {}
        for cls in reversed(type(self).__mro__):
            messages.update(getattr(cls, "default_error_messages", {}))
        messages.update(self._error_messages or {})
        return messages

    def error(self, code: str, **params: Any) -> ValidationError:
        """Make the ValidationError of a code of `error_messages`."""
        return ValidationError(self.error_messages[code], code=code, params=params)

    def invalid(self, value: Any) -> ValidationError:
        """Make the error of a value that cannot be cast."""
        shown = repr(value) if not isinstance(value, str) else value
        # A message is sent as UTF-8, which has no lone surrogates.
        shown = shown.encode(errors="backslashreplace").decode()
        if len(shown) > 100:
            shown = f"{shown[:97]}…"
        return about(self.error("invalid", value=shown, expected=self.description), value)
