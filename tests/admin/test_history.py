"""The log: who changed which path, from what to what."""

import pytest
from bson import Int64, ObjectId
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User

from docmodels.admin import site
from docmodels.admin.audit import MAX_LENGTH, change_message, logged_changes
from docmodels.admin.tree.diff import Difference, differences
from docmodels.tracking import MISSING
from tests.admin.browser import Browser
from tests.admin.library.models import Book
from tests.admin.stored import change_url, insert

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    """Give a superuser's browser."""
    return Browser(User.objects.create_superuser("ursula", "e@example.org", "secret"))


def history_url(book):
    """Return the address of the page."""
    return site._registry[Book].get_url("history", book)


def test_a_save_is_logged_with_its_paths(mongo, browser):
    """Who, when, and each path before and after."""
    book = insert(
        mongo, {"title": "T", "pages": Int64(5), "chapters": [{"title": "a", "pages": 1}]}
    )

    browser.open(change_url(book)).send(
        {"pages": "6", "chapters.0.title": "<b>", "isbn": "978", "title": "T"}
    )

    entry = LogEntry.objects.get()
    assert entry.user.username == "ursula"
    assert entry.object_id == str(book.pk)
    assert logged_changes(entry) == [
        ("isbn", "—", "978"),
        ("pages", "5", "6"),
        ("chapters.0.title", "a", "&lt;b&gt;"),
    ]
    assert entry.get_change_message() == "Changed isbn, pages and chapters.0.title."
    page = browser.open(history_url(book))
    assert "<strong>ursula</strong> changed" in page
    assert "&lt;b&gt;" in page


def test_a_save_without_a_change_is_not_logged(mongo, browser):
    """The log has no empty entries."""
    book = insert(mongo, {"title": "T"})

    browser.open(change_url(book)).send()

    assert not LogEntry.objects.exists()


def test_hidden_values_are_not_logged(mongo, browser):
    """A hidden field appears in no diff."""
    book = insert(mongo, {"title": "T", "secret": "CANARY"})

    browser.open(change_url(book)).send({"title": "New"})

    assert "CANARY" not in LogEntry.objects.get().change_message


def test_adding_and_deleting_are_logged(mongo, browser):
    """The whole life of a document, also after its end."""
    admin = site._registry[Book]
    page = browser.open(admin.get_url("add")).send({"title": "T"})
    book = Book.objects.get()
    assert page.response.url == admin.get_url("detail", book)
    browser.open(admin.get_url("delete", book), "delete-form").send(button="")

    page = browser.open(history_url(book))

    assert [str(row["word"]) for row in page.response.context_data["rows"]] == ["deleted", "added"]


def test_long_values_are_cut():
    """A log entry never grows with its document."""
    message = change_message([Difference("a", "x" * 20_000, MISSING)])

    (entry,) = message[0]["changed"]["paths"]
    assert len(entry["before"]) == MAX_LENGTH
    assert entry["before_length"] == 20_002
    assert "after" not in entry


def test_entries_of_others_are_shown(mongo, browser):
    """An entry without a diff has Django's own words."""
    book = insert(mongo, {"title": "T"})
    admin = site._registry[Book]
    request = type("Request", (), {"user": User.objects.get()})
    admin.log_change(request, book, "By hand.")

    assert "By hand." in browser.open(history_url(book))


def test_permission_and_missing(mongo):
    """Who may not see the document may not see its history."""
    book = insert(mongo, {"title": "T"})
    clerk = User.objects.create_user("clerk", is_staff=True)

    assert Browser(clerk).open(history_url(book)).status == 403
    clerk.user_permissions.add(Permission.objects.get(codename="view_book"))
    assert Browser(User.objects.get(pk=clerk.pk)).open(history_url(book)).status == 200
    missing = history_url(Book(id=ObjectId()))
    assert Browser(User.objects.get(pk=clerk.pk)).open(missing).status == 404


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": Int64(1)}, ["a"]),
        ({"a": 1}, {"a": 1, "b": None}, ["b"]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, ["a.c"]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 2, "b": 1}}, ["a"]),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["a.1"]),
        ({"a": [1]}, {"a": [1, 2, 3]}, ["a.1", "a.2"]),
        ({"a": [1, 2]}, {"a": [2]}, ["a"]),
        ({"a": [1]}, {"a": {"0": 1}}, ["a"]),
        ({"isbn_13": 1}, {"isbn_13": 2}, ["isbn"]),
        ({"__v": 1}, {"__v": 2}, []),
    ],
)
def test_differences(before, after, expected):
    """As deep as the two can be told apart, by declared names."""
    found = differences(before, after, Book._meta, ignore=("__v",))

    assert [difference.path for difference in found] == expected
