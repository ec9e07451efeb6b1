"""Tables of casts: what a field makes of a value, or the message that it gives."""

import re

import pytest
from django.core.exceptions import ValidationError


def name_of(value):
    """Give a short name of a value, for the table's rows."""
    # Two workers must give the same name, so no address in memory.
    shown = re.sub(" at 0x[0-9a-f]+", "", repr(value)).encode("ascii", "replace").decode()
    return f"{type(value).__name__} {shown[:50]}"


def assert_cast(field, given, expected):
    """Assert the value and its class: `1 == True == 1.0` in Python, not in BSON."""
    value = field.to_python(given)

    assert value == expected
    assert type(value) is type(expected)


def assert_refused(field, given, message):
    """Assert the whole message of the error."""
    with pytest.raises(ValidationError) as caught:
        field.clean(given)

    assert caught.value.messages == [message]
