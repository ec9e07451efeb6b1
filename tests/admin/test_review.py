"""The review of a change before it is saved, and the way back to earlier values."""

import pytest
from bson import Int64
from django.contrib.admin.models import LogEntry

from docmodels.admin import site
from docmodels.admin.audit import MAX_LENGTH
from docmodels.admin.tree.diff import Difference
from docmodels.admin.tree.revert import revert
from docmodels.forms.texts import from_ejson
from docmodels.tracking import MISSING
from tests.admin.library.models import Book
from tests.admin.raw_pages import many_types, open_raw, raw_url, send
from tests.admin.stored import change_url, insert, same, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(mongo):
    """Give a book with values of many types."""
    return many_types(mongo)


class TestReview:
    """What a save would change, before it is one."""

    def test_of_the_form(self, mongo, browser, book):
        """Nothing is saved; the same page saves, or leads back to the inputs."""
        page = browser.open(change_url(book))

        review = page.send({"pages": "6", "tags.0": "<b>"}, button="_review")
        review = type(page)(browser, page.url, review.response, "review-form")

        assert review.response.context_data["differences"] == [
            ("pages", "5", "6"),
            ("tags.0", "x", "&lt;b&gt;"),
        ]
        assert stored(mongo, book)["pages"] == 5
        assert not LogEntry.objects.exists()
        assert review.send(button="_edit").value("pages") == "6"
        assert review.send().status == 302
        assert same(stored(mongo, book)["pages"], Int64(6))
        assert stored(mongo, book)["tags"] == ["<b>", "y", "z"]

    def test_of_a_text(self, mongo, browser, book):
        """The same for Extended JSON."""
        page, document = open_raw(browser, book)
        document["title"] = "New"

        review = send(page, document, button="_review")
        review = type(page)(browser, page.url, review.response, "review-form")

        assert review.response.context_data["differences"] == [("title", "T", "New")]
        assert stored(mongo, book)["title"] == "T"
        again = review.send(button="_edit", form_id="raw-form")
        assert from_ejson(dict(again.fields)["raw"])["title"] == "New"
        assert review.send().status == 302
        assert stored(mongo, book)["title"] == "New"

    def test_errors_come_first(self, browser, book):
        """A review of what cannot be saved is the form with its errors."""
        page = browser.open(change_url(book)).send({"pages": "many"}, button="_review")

        assert page.status == 422

    def test_hidden_values_are_not_reviewed(self, browser, book):
        """Neither in the table nor in the inputs."""
        page = browser.open(change_url(book)).send({"title": "New"}, button="_review")

        assert page.status == 200
        assert "CANARY" not in page

    def test_after_a_conflict(self, mongo, browser, book):
        """A review of conflicting changes asks for the choice first."""
        page = browser.open(change_url(book))
        mongo.collection("library_books").update_one(
            {"_id": book.pk}, {"$set": {"title": "Theirs"}}
        )

        assert page.send({"title": "Mine"}, button="_review").status == 409


class TestRevert:
    """Old values come back as an ordinary change."""

    def change(self, browser, book, changes):
        """Save through the form; return the number of the entry in the log."""
        assert browser.open(change_url(book)).send(changes).status == 302
        return LogEntry.objects.latest("pk").pk

    def review(self, browser, book, number):
        """Open the page that asks."""
        return browser.open(f"{raw_url(book)}?revert={number}", "review-form")

    def test_there_and_back(self, mongo, browser, book):
        """The page asks first; then values, types and order are as they were."""
        before = stored(mongo, book)
        changes = {
            "title": "New", "pages": "6", "chapters.1.title": "B", "tags.0:delete": "1",
            "publisher.address:state": "unset", "price": "2.5",
        }  # fmt: skip
        number = self.change(browser, book, changes)

        review = self.review(browser, book, number)
        assert review.status == 200
        assert stored(mongo, book)["title"] == "New"
        answer = review.send()

        assert answer.status == 302
        after = stored(mongo, book)
        assert {k: v for k, v in after.items() if k != "__v"} == before
        assert same(after["pages"], before["pages"])
        assert same(after["price"], before["price"])
        assert LogEntry.objects.count() == 2

    def test_the_history_links_to_it(self, browser, book):
        """Each change that is whole in the log has the link."""
        number = self.change(browser, book, {"title": "New"})

        page = browser.open(site._registry[Book].get_url("history", book))

        assert f'href="{raw_url(book)}?revert={number}"' in page

    def test_changed_again_since(self, mongo, browser, book):
        """It is told, and the later value of another path stays."""
        number = self.change(browser, book, {"title": "Second", "pages": "6"})
        self.change(browser, book, {"title": "Third", "tags.2": "w"})

        review = self.review(browser, book, number)

        assert review.response.context_data["changed_since"] == ["title"]
        assert "Changed again since then, and taken back too:" in review
        assert review.send().status == 302
        found = stored(mongo, book)
        assert (found["title"], found["pages"], found["tags"]) == ("T", 5, ["x", "y", "w"])

    def test_a_save_between_review_and_revert(self, mongo, browser, book):
        """The return is guarded as any other change."""
        number = self.change(browser, book, {"title": "Second"})
        review = self.review(browser, book, number)
        mongo.collection("library_books").update_one(
            {"_id": book.pk}, {"$set": {"title": "Theirs"}}
        )

        assert review.send().status == 409
        assert stored(mongo, book)["title"] == "Theirs"

    def test_nothing_left_to_do(self, browser, book):
        """What is as it was is not reverted twice."""
        number = self.change(browser, book, {"title": "Second"})
        self.review(browser, book, number).send()

        answer = self.review(browser, book, number)

        assert answer.status == 302
        assert "The document holds these values already." in browser.open(answer.response.url)

    def test_values_that_were_cut_cannot_come_back(self, mongo, browser):
        """The log has not all of them, so there is no link."""
        book = insert(mongo, {"title": "T", "legacy": "x" * (MAX_LENGTH + 1)})
        number = self.change(browser, book, {"legacy": "short"})

        assert self.review(browser, book, number).status == 404
        history = browser.open(site._registry[Book].get_url("history", book))
        assert "?revert=" not in history

    @pytest.mark.parametrize("number", ["0", "x", "", "9" * 30])
    def test_no_such_entry(self, browser, book, number):
        """Nor one of another document."""
        assert self.review(browser, book, number).status == 404

    def test_an_entry_of_another_document(self, mongo, browser, book):
        """Its values do not belong here."""
        other = insert(mongo, {"title": "Other"})
        number = self.change(browser, other, {"title": "New"})

        assert self.review(browser, book, number).status == 404

    def test_locked_fields_stay_locked(self, mongo, browser, book, monkeypatch):
        """What became read-only is not reverted either."""
        number = self.change(browser, book, {"title": "New"})
        monkeypatch.setattr(site._registry[Book], "readonly_fields", ["title"], raising=False)

        assert self.review(browser, book, number).status == 422


@pytest.mark.parametrize(
    ("now", "differences", "expected", "lost"),
    [
        ({"a": [1, 2, 3]}, [("a.1", MISSING, 2), ("a.2", MISSING, 3)], {"a": [1]}, []),
        ({"a": [1]}, [("a.1", 2, MISSING), ("a.2", 3, MISSING)], {"a": [1, 2, 3]}, []),
        ({"a": []}, [("a.1", 2, MISSING)], {"a": []}, ["a.1"]),
        ({"a": [1, 9]}, [("a.1", MISSING, 2)], {"a": [1, 9]}, ["a.1"]),
        ({"a": 1}, [("a.b", 1, 2)], {"a": 1}, ["a.b"]),
        ({}, [("a", 1, 2)], {"a": 1}, []),
        ({"a": 1}, [("a", MISSING, 1)], {}, []),
        ({"isbn_13": "x"}, [("isbn", "y", "x")], {"isbn_13": "y"}, []),
        ({"isbn_13": "x"}, [("isbn", MISSING, "x")], {}, []),
    ],
)
def test_revert(now, differences, expected, lost):
    """Elements go and come in the reverse order; what has no place is told."""
    result = revert(now, Book._meta, [Difference(*item) for item in differences])

    assert (result.document, result.lost) == (expected, lost)
