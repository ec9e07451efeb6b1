"""Mistakes in an admin class are found before the first page."""

import pytest

from docmodels import admin
from tests.admin.library.models import Book

UNKNOWN = "Book.titel: Book has no field 'titel'. Did you mean 'title'?"


@pytest.mark.parametrize(
    ("option", "value", "number", "message"),
    [
        ("list_display", ["titel"], 301, UNKNOWN),
        ("list_display_links", ["pages"], 302, "'pages', expected a column of list_display."),
        ("list_filter", ["titel"], 303, UNKNOWN),
        ("list_filter", [dict], 303, "dict, expected a path or a subclass of SimpleListFilter."),
        (
            "list_filter",
            [("title", int)],
            303,
            "<class 'int'>, expected a subclass of PathFilter beside 'title'.",
        ),
        ("search_fields", ["^titel"], 304, UNKNOWN),
        ("ordering", ["-titel"], 305, UNKNOWN),
        ("list_per_page", 0, 306, "0, expected a number of rows."),
        (
            "actions",
            ["burn"],
            307,
            "'burn', expected a method, an action of the site or a function.",
        ),
    ],
)
def test_mistakes(option, value, number, message):
    """Each has an id, and a message that says what was expected."""
    bad_admin = type("BadAdmin", (admin.DocumentAdmin,), {"list_display": ["title"], option: value})

    errors = bad_admin(Book, admin.site).check()

    assert [error.id for error in errors] == [f"docmodels.E{number}"]
    assert [error.msg for error in errors] == [f"BadAdmin.{option}: {message}"]


def test_our_own_classes_are_right():
    """The admin classes of the tests and the demo have no mistakes."""
    assert admin.site.check(None) == []
