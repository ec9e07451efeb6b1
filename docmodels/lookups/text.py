"""Comparisons of text, as regular expressions whose input is escaped."""

from __future__ import annotations

import re
from typing import Any

from bson import Regex

from docmodels.fields import Field
from docmodels.lookups.base import Lookup

#: The longest pattern that the server compiles is 16 KB; nobody types that.
MAX_PATTERN = 1000

# Python's re.escape also escapes what PCRE reads otherwise inside (?x), and spaces.
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}#\-]")

#: Python's flags with MongoDB's `$options`.
_FLAGS = ((re.IGNORECASE, "i"), (re.MULTILINE, "m"), (re.DOTALL, "s"), (re.VERBOSE, "x"))


def escape(text: str) -> str:
    """Return a pattern that matches exactly `text`."""
    return _SPECIAL.sub(r"\\\g<0>", text)


class Pattern(Lookup):
    """The base of text lookups: `template` around the escaped value."""

    template = "{}"
    options = ""

    def prepare(self, value: Any) -> str:
        """Take text, or what is written as text."""
        if value is None or isinstance(value, (dict, list, tuple, set, bytes)):
            raise self.error(value, "expected text.")
        text = str(value)
        if "\x00" in text:
            raise self.error(value, "a pattern cannot have a null character.")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise self.error(value, "a lone surrogate is no text.") from error
        if len(text) > MAX_PATTERN:
            raise self.error(value, f"expected at most {MAX_PATTERN} characters.")
        return text

    def condition(self) -> Any:
        """Return a `$regex`; a case-sensitive prefix can use an index."""
        pattern = self.template.format(escape(self.value))
        condition: dict[str, Any] = {"$regex": pattern}
        if self.options:
            condition["$options"] = self.options
        return condition


@Field.register_lookup
class Contains(Pattern):
    """Text that contains the value."""

    lookup_name = "contains"


@Field.register_lookup
class IContains(Pattern):
    """Text that contains the value, whatever the case."""

    lookup_name, options = "icontains", "i"


@Field.register_lookup
class StartsWith(Pattern):
    """Text that starts with the value."""

    lookup_name, template = "startswith", "^{}"


@Field.register_lookup
class IStartsWith(StartsWith):
    """Text that starts with the value, whatever the case."""

    lookup_name, options = "istartswith", "i"


@Field.register_lookup
class EndsWith(Pattern):
    """Text that ends with the value."""

    lookup_name, template = "endswith", "{}\\z"


@Field.register_lookup
class IEndsWith(EndsWith):
    """Text that ends with the value, whatever the case."""

    lookup_name, options = "iendswith", "i"


@Field.register_lookup
class IExact(Pattern):
    """Text that equals the value, whatever the case."""

    lookup_name, template, options = "iexact", "^{}\\z", "i"


@Field.register_lookup
class RegexLookup(Pattern):
    """Text that a regular expression matches."""

    lookup_name = "regex"

    def prepare(self, value: Any) -> str:
        """Check that the pattern can be compiled."""
        if isinstance(value, (re.Pattern, Regex)):
            flags = (letter for flag, letter in _FLAGS if value.flags & flag)
            self.options = "".join(sorted({*self.options, *flags}))
            value = value.pattern
        text = super().prepare(value)
        try:
            re.compile(text)
        except (re.error, OverflowError, RecursionError) as error:
            raise self.error(value, f"not a regular expression: {error}.") from error
        return text

    def condition(self) -> Any:
        """Return the `$regex` as it was given."""
        condition: dict[str, Any] = {"$regex": self.value}
        if self.options:
            condition["$options"] = self.options
        return condition


@Field.register_lookup
class IRegex(RegexLookup):
    """Text that a regular expression matches, whatever the case."""

    lookup_name, options = "iregex", "i"
