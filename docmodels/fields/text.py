"""Fields that hold text."""

from __future__ import annotations

import enum
from typing import Any, ClassVar

from django.core import validators
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from docmodels.fields.base import Field
from docmodels.validators import as_match


class TextField(Field[str]):
    """Text of any length. Numbers become text; dicts and lists are refused."""

    description: ClassVar[str] = "text"
    bson_types: ClassVar[frozenset[str]] = frozenset({"string"})
    python_types: ClassVar[tuple[type, ...]] = (str,)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "null_character": _("Null characters are not allowed."),
        "surrogate": _("The text has a lone surrogate, which UTF-8 cannot store."),
    }

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        max_length: int | None = None,
        min_length: int | None = None,
        match: Any = None,
        **options: Any,
    ) -> None:
        """
        Take `max_length` and `min_length`, in characters, and `match`.

        The last is a regular expression that has to be found in the text, or
        a pair of one and a message.
        """
        super().__init__(verbose_name, **options)
        self.max_length = max_length
        self.min_length = min_length
        if max_length is not None:
            self._validators.append(validators.MaxLengthValidator(max_length))
        if min_length is not None:
            self._validators.append(validators.MinLengthValidator(min_length))
        if match is not None:
            self._validators.append(as_match(match))

    def to_python(self, value: Any) -> Any:
        """Cast numbers and enums to text; refuse what MongoDB cannot store."""
        if value.__class__ is not str:
            if value is None:
                return None
            if isinstance(value, enum.Enum):
                value = value.value
            if not isinstance(value, (str, int, float, Promise)) or isinstance(value, bool):
                raise self.invalid(value)
            value = str(value)
        if "\x00" in value:
            raise self.error("null_character")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise self.error("surrogate") from error
        return value


class CharField(TextField):
    """Text of one line, usually with a `max_length`."""


class EmailField(CharField):
    """An email address."""

    description: ClassVar[str] = "an email address"
    default_validators: ClassVar[list[Any]] = [validators.validate_email]


class URLField(CharField):
    """A URL with scheme http, https, ftp or ftps."""

    description: ClassVar[str] = "a URL"
    default_validators: ClassVar[list[Any]] = [validators.URLValidator()]


class SlugField(CharField):
    """Letters, numbers, underscores and hyphens; Unicode if allowed."""

    description: ClassVar[str] = "a slug"

    def __init__(
        self, verbose_name: str | None = None, *, allow_unicode: bool = False, **options: Any
    ) -> None:
        super().__init__(verbose_name, **options)
        self.allow_unicode = allow_unicode
        self._validators.append(
            validators.validate_unicode_slug if allow_unicode else validators.validate_slug
        )
