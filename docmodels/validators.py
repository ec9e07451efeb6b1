"""Validators that Django does not have, and the forms in which one may be given."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

Validator = Callable[[Any], Any]


@deconstructible
class MatchValidator(RegexValidator):
    """Demand that a regular expression is found in the text; anchor it yourself."""

    message = _("“%(value)s” does not match %(pattern)s.")
    code = "match"
    regex: Any

    def __call__(self, value: Any) -> None:
        """Judge the text."""
        if bool(self.regex.search(str(value))) is self.inverse_match:
            params = {"value": value, "pattern": self.regex.pattern}
            raise ValidationError(self.message, code=self.code, params=params)


@deconstructible
class Check:
    """Demand that a function of the value does not return false."""

    message = _("“%(value)s” is not valid.")
    code = "check"

    def __init__(self, function: Validator, message: Any = None) -> None:
        """Take the message too, in which `%(value)s` is the value."""
        self.function = function
        if message is not None:
            self.message = message

    def __call__(self, value: Any) -> None:
        """Judge the value; None and other answers are as good as true."""
        if self.function(value) is False:
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Check)
            and self.function == other.function
            and self.message == other.message
        )

    def __hash__(self) -> int:
        return hash(self.function)

    def __repr__(self) -> str:
        return f"Check({self.function!r})"


def as_validator(given: Any) -> Validator:
    """
    Return the validator that a declaration means.

    A class is called for an instance, a pair is a function that returns False
    for what it refuses, with its message.
    """
    if isinstance(given, type):
        given = given()
    if isinstance(given, (tuple, list)):
        return Check(*given)
    if not callable(given):
        raise TypeError(f"validators: {given!r}, expected a callable, a class or a pair.")
    validator: Validator = given
    return validator


def as_match(given: Any) -> MatchValidator:
    """Return the validator of a pattern, or of a pair of a pattern and a message."""
    pattern, message = given if isinstance(given, (tuple, list)) else (given, None)
    if not isinstance(pattern, (str, re.Pattern)):
        raise TypeError(f"match={given!r}, expected a regular expression, or one and a message.")
    return MatchValidator(pattern, message)


def with_value(error: ValidationError, value: Any) -> ValidationError:
    """Let the texts of `error` name the value where they have a place for it."""
    for one in error.error_list:
        # An error without parameters is not formatted, and may have any percent sign.
        if not one.params and "%(value)" in str(one.message):
            one.params = {"value": value}
    return error
