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
        (
            "fields",
            ["title", "pags"],
            309,
            "'pags', expected a field of Book. Did you mean 'pages'?",
        ),
        ("exclude", ["zzz"], 309, "'zzz', expected a field of Book."),
        ("readonly_fields", [("zzz",)], 309, "'zzz', expected a field of Book."),
        ("fieldsets", [(None, {"fields": ["zzz"]})], 309, "'zzz', expected a field of Book."),
        ("fieldsets", ["title"], 310, "'title', expected (title, {\"fields\": […]})."),
        (
            "fieldsets",
            [("A", {"fields": ["title"]}), ("B", {"fields": ["title"]})],
            310,
            "'title' stands in two places, expected one.",
        ),
        (
            "form",
            object,
            308,
            "is not used: the edit page is a tree of stored values, no form. Validate in the "
            "document's clean(), or raise ValidationError in save_model().",
        ),
        (
            "formfield_overrides",
            {},
            308,
            "is not used: the edit page is a tree of stored values, no form. Inputs follow from "
            "the fields of the document: choose another field class there.",
        ),
    ],
)
def test_mistakes(option, value, number, message):
    """Each has an id, and a message that says what was expected."""
    bad_admin = type("BadAdmin", (admin.DocumentAdmin,), {"list_display": ["title"], option: value})

    errors = bad_admin(Book, admin.site).check()

    assert [error.id for error in errors] == [f"docmodels.E{number}"]
    assert [error.msg for error in errors] == [f"BadAdmin.{option}: {message}"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"path": "chapter"},
            "path: Book.chapter: Book has no field 'chapter'. Did you mean 'chapters'?",
        ),
        ({"path": "tags"}, "path: 'tags', expected an embedded document or a list of them."),
        ({"exclude": ["x"]}, "exclude: 'x', expected a field of Chapter."),
        ({"layout": "wide"}, "layout: 'wide'. Choices are: stacked, tabular."),
        (
            {"path": "publisher", "layout": "tabular"},
            "layout: 'tabular' for 'publisher', which is no list; expected 'stacked'.",
        ),
        ({"min_num": 3, "max_num": 2}, "min_num: 3, expected at most max_num, which is 2."),
    ],
)
def test_mistakes_of_inlines(options, message):
    """Each names the inline and its option."""
    inline = type("Chapters", (admin.EmbeddedInline,), {"path": "chapters"} | options)
    bad_admin = type("BadAdmin", (admin.DocumentAdmin,), {"inlines": [inline]})

    errors = bad_admin(Book, admin.site).check()

    assert [error.id for error in errors] == ["docmodels.E311"]
    assert [error.msg for error in errors] == [f"BadAdmin.inlines: Chapters.{message}"]


def test_fields_and_fieldsets_are_one_choice():
    """As in Django."""
    options = {"fields": ["title"], "fieldsets": [(None, {"fields": ["title"]})]}
    bad_admin = type("BadAdmin", (admin.DocumentAdmin,), options)

    assert [error.msg for error in bad_admin(Book, admin.site).check()] == [
        "BadAdmin.fieldsets: given beside fields, expected one of the two."
    ]


def test_our_own_classes_are_right():
    """The admin classes of the tests and the demo have no mistakes."""
    assert admin.site.check(None) == []
