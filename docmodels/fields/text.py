"""Fields that hold text."""

from __future__ import annotations

import decimal
import enum
import ipaddress
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from bson import Decimal128
from django.core import validators
from django.utils.functional import Promise
from django.utils.ipv6 import clean_ipv6_address
from django.utils.translation import gettext_lazy as _

from docmodels.fields.base import Field
from docmodels.fields.typed import Blank, Default, Null
from docmodels.validators import as_match

#: Classes of values that become text.
TEXTS = (str, int, float, decimal.Decimal, Decimal128, Promise)

if TYPE_CHECKING:
    from docmodels.fields.typed import Options

    TextInput = str | int | float | decimal.Decimal | enum.Enum | Promise


class TextField(Field[str, "TextInput", Null, Blank, Default]):
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
        **options: Unpack[Options[Null, Blank, Default]],
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
            if not isinstance(value, TEXTS) or isinstance(value, bool):
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


class CharField(TextField[Null, Blank, Default]):
    """Text of one line, usually with a `max_length`."""


class EmailField(CharField[Null, Blank, Default]):
    """An email address."""

    description: ClassVar[str] = "an email address"
    default_validators: ClassVar[list[Any]] = [validators.validate_email]


class URLField(CharField[Null, Blank, Default]):
    """A URL with scheme http, https, ftp or ftps."""

    description: ClassVar[str] = "a URL"
    default_validators: ClassVar[list[Any]] = [validators.URLValidator()]


class IPAddressField(CharField[Null, Blank, Default]):
    """
    An IPv4 or IPv6 address, an IPv6 one in its shortest form.

    `protocol` is "both", "ipv4" or "ipv6"; `unpack_ipv4` makes an IPv4 address
    of one that is mapped (`::ffff:10.0.0.1`). It is Django's
    GenericIPAddressField, which is another name of it.
    """

    description: ClassVar[str] = "an IP address"

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        protocol: str = "both",
        unpack_ipv4: bool = False,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        super().__init__(verbose_name, **options)
        self.protocol = protocol
        self.unpack_ipv4 = unpack_ipv4
        found: Any = validators.ip_address_validators(protocol, unpack_ipv4)
        self._validators += found

    def to_python(self, value: Any) -> Any:
        """Cast addresses of `ipaddress` as well; shorten those of IPv6."""
        if isinstance(value, (ipaddress.IPv4Address, ipaddress.IPv6Address)):
            value = str(value)
        value = super().to_python(value)
        if value and ":" in value:
            return clean_ipv6_address(value.strip(), self.unpack_ipv4)
        return value.strip() if value else value


#: Django's name.
GenericIPAddressField = IPAddressField


class SlugField(CharField[Null, Blank, Default]):
    """Letters, numbers, underscores and hyphens; those of Unicode with `allow_unicode`."""

    description: ClassVar[str] = "a slug"

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        allow_unicode: bool = False,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        super().__init__(verbose_name, **options)
        self.allow_unicode = allow_unicode
        self._validators.append(
            validators.validate_unicode_slug if allow_unicode else validators.validate_slug
        )
