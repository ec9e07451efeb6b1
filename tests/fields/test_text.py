"""Text, and what looks like text."""

import decimal
import enum

import pytest
from django.utils.translation import gettext_lazy

from docmodels import documents
from tests.fields.casting import assert_cast, assert_refused, name_of


class Colour(enum.Enum):
    RED = "red"


ACCEPTED = [
    ("", ""),
    ("a", "a"),
    ("日本 🎉", "日本 🎉"),
    (12, "12"),
    (1.5, "1.5"),
    (decimal.Decimal("1.50"), "1.50"),
    (Colour.RED, "red"),
    (gettext_lazy("Yes"), "Yes"),
    (" spaces stay ", " spaces stay "),
    ("line\nbreak", "line\nbreak"),
]

REFUSED = [
    (["a"], "“['a']” is not valid, expected text."),
    ({"a": 1}, "“{'a': 1}” is not valid, expected text."),
    (True, "“True” is not valid, expected text."),
    (b"bytes", "“b'bytes'” is not valid, expected text."),
    ("a\x00b", "Null characters are not allowed."),
    ("a\ud800", "The text has a lone surrogate, which UTF-8 cannot store."),
    (None, "This field cannot be null."),
    ("", "This field cannot be blank."),
]


class TestTextField:
    """`TextField` and `CharField`."""

    @pytest.mark.parametrize(("given", "expected"), ACCEPTED, ids=name_of)
    def test_accepted(self, given, expected):
        """Text, numbers, enums and lazy text become text."""
        assert_cast(documents.TextField(), given, expected)

    @pytest.mark.parametrize(("given", "message"), REFUSED, ids=name_of)
    def test_refused(self, given, message):
        """Containers, booleans, bytes and what UTF-8 cannot store are refused."""
        assert_refused(documents.CharField(), given, message)

    def test_null_passes_the_cast(self):
        """Rule C1: null passes every cast."""
        assert documents.TextField().to_python(None) is None

    def test_lengths(self):
        """`max_length` and `min_length` count characters."""
        field = documents.CharField(min_length=2, max_length=3)

        assert field.clean("äöü") == "äöü"
        assert_refused(field, "abcd", "Ensure this value has at most 3 characters (it has 4).")
        assert_refused(field, "a", "Ensure this value has at least 2 characters (it has 1).")

    def test_blank(self):
        """`blank=True` lets text be empty, and its validators do not run then."""
        assert documents.EmailField(blank=True, min_length=5).clean("") == ""

    def test_choices(self):
        """A value that is no choice is refused; grouped choices count."""
        field = documents.CharField(choices=[("a", "A"), ("Group", [("b", "B")])])

        assert field.clean("b") == "b"
        assert_refused(field, "c", "Value 'c' is not a valid choice.")


class TestSpecialText:
    """`EmailField`, `URLField` and `SlugField`."""

    @pytest.mark.parametrize(
        ("field", "good", "bad", "message"),
        [
            (documents.EmailField(), "a@b.org", "a@", "Enter a valid email address."),
            (documents.URLField(), "https://b.org/x", "javascript:alert(1)", "Enter a valid URL."),
            (
                documents.SlugField(),
                "a-b_1",
                "a b",
                "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
            ),
            (
                documents.SlugField(allow_unicode=True),
                "ä-1",
                "ä 1",
                "Enter a valid “slug” consisting of Unicode letters, numbers, underscores, or "
                "hyphens.",
            ),
        ],
        ids=["email", "url", "slug", "unicode slug"],
    )
    def test_validators(self, field, good, bad, message):
        """Django's validators judge the text."""
        assert field.clean(good) == good
        assert_refused(field, bad, message)

    def test_own_message(self):
        """`error_messages` replaces a message by its code."""
        field = documents.EmailField(error_messages={"invalid": "No address."})

        assert_refused(field, "a@", "No address.")
