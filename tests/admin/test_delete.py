"""Deleting a document: what refers to it is told first."""

import pytest
from bson import ObjectId
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import Permission, User

from docmodels.admin import site
from docmodels.admin.audit import logged_changes
from tests.admin.browser import Browser
from tests.admin.library.models import Author, Book
from tests.admin.stored import insert, stored

pytestmark = pytest.mark.django_db


def open_page(browser, document, model=Book):
    """Open the page that asks."""
    return browser.open(site._registry[model].get_url("delete", document), "delete-form")


def test_it_asks_before_it_deletes(mongo, browser):
    """A GET deletes nothing, a POST does, and the log keeps what was there."""
    book = insert(mongo, {"title": "T <b>"})

    page = open_page(browser, book)
    assert "Delete the book <strong>T &lt;b&gt;</strong>?" in page
    assert stored(mongo, book)

    page = page.send(button="")

    assert page.response.url == site._registry[Book].get_url("changelist")
    assert stored(mongo, book) is None
    entry = LogEntry.objects.get(action_flag=DELETION)
    assert (entry.object_id, entry.object_repr) == (str(book.pk), "T <b>")
    assert ("title", "T &lt;b&gt;") in [c[:2] for c in logged_changes(entry)]


def test_references_are_counted(mongo, browser):
    """By class and path, with what their rule does; a protected one forbids."""
    author = insert(mongo, {"name": "Ursula"}, Author)
    books = [insert(mongo, {"title": f"B{i}", "author": author.pk}) for i in range(4)]
    insert(mongo, {"title": "X", "translators": [author.pk]})

    page = open_page(browser, author, Author)

    found = page.response.context_data["referring"]
    assert [(r.label, r.path, r.count, r.blocks) for r in found] == [
        ("books", "author", 4, True),
        ("books", "translators", 1, False),
    ]
    assert books[0].title in page
    assert "It cannot be deleted while protected references exist." in page

    refused = page.send(button="")

    assert refused.status == 409
    assert stored(mongo, author, Author)
    assert not LogEntry.objects.exists()


def test_a_document_that_was_changed_meanwhile_is_shown_again(mongo, browser):
    """Nobody deletes what they have not seen."""
    book = insert(mongo, {"title": "T"})
    page = open_page(browser, book)
    mongo.collection("library_books").update_one({"_id": book.pk}, {"$set": {"title": "New"}})

    page = page.send(button="")

    assert page.status == 409
    assert "Somebody changed the document since you were asked. Look again." in page
    assert stored(mongo, book)


def test_permission(mongo):
    """Who may only change cannot delete."""
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_book"))
    book = insert(mongo, {"title": "T"})
    admin = site._registry[Book]

    page = Browser(user).open(admin.get_url("detail", book))

    assert admin.get_url("delete", book) not in page
    assert open_page(Browser(user), book).status == 403


def test_a_document_that_is_gone(browser):
    """The page of a missing document is a 404."""
    assert open_page(browser, Book(id=ObjectId())).status == 404
