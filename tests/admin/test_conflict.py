"""Two people edit one document at once, and nothing is lost."""

import pytest
from bson import Int64

from docmodels.admin.tree.diff import align
from tests.admin.library.admin import BookAdmin
from tests.admin.stored import change_url, insert, same, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(mongo):
    """Give a book with lists and an embedded document."""
    chapters = [{"title": title, "pages": 1, "n": Int64(1)} for title in "abc"]
    return insert(
        mongo,
        {
            "title": "T",
            "pages": 5,
            "chapters": chapters,
            "tags": ["x", "y", "z"],
            "publisher": {"name": "P", "address": {"city": "C"}},
        },
    )


def meanwhile(mongo, book, update):
    """Do what somebody else does."""
    mongo.collection("library_books").update_one({"_id": book.pk}, update)


def conflicts(page):
    """Return the sides of the conflicts that a page shows, by path."""
    assert page.status == 409
    return {
        conflict.path: (conflict.base, conflict.mine, conflict.theirs)
        for conflict in page.response.context_data["merge"].conflicts
    }


def open_and_edit(browser, book, changes, mongo, update, **options):
    """Edit a page that was opened before somebody else's `update`."""
    page = browser.open(change_url(book))
    meanwhile(mongo, book, update)
    page = page.send(changes, **options)
    # The page of a conflict has a form of its own.
    return type(page)(browser, page.url, page.response, "conflict-form")


class TestDisjoint:
    """Changes of different paths merge by themselves."""

    def test_both_are_kept_and_the_user_is_told(self, mongo, browser, book):
        """The second editor saves, and learns what the first one did."""
        page = open_and_edit(browser, book, {"title": "Mine"}, mongo, {"$set": {"pages": 9}})

        assert page.status == 302
        assert stored(mongo, book)["title"] == "Mine"
        assert stored(mongo, book)["pages"] == 9
        told = browser.client.get(page.response.url).content.decode()
        assert "Somebody else changed pages while you were editing; that is kept." in told

    def test_in_one_embedded_document(self, mongo, browser, book):
        """Two paths of one element are two paths."""
        open_and_edit(
            browser, book, {"chapters.1.title": "B"}, mongo, {"$set": {"chapters.1.pages": 7}}
        )

        assert stored(mongo, book)["chapters"][1] == {"title": "B", "pages": 7, "n": 1}

    def test_an_element_is_found_again(self, mongo, browser, book):
        """What was inserted or removed before it moves the change along."""
        first = {"$push": {"chapters": {"$each": [{"title": "new", "pages": 1}], "$position": 0}}}

        open_and_edit(browser, book, {"chapters.1.title": "B"}, mongo, first)

        assert [c["title"] for c in stored(mongo, book)["chapters"]] == ["new", "a", "B", "c"]

    def test_both_append(self, mongo, browser, book):
        """Neither element is lost."""
        page = browser.open(change_url(book)).send(button="_add", value="tags")
        meanwhile(mongo, book, {"$push": {"tags": "theirs"}})

        page.send({"tags.+1": "mine"})

        assert stored(mongo, book)["tags"] == ["x", "y", "z", "theirs", "mine"]

    def test_a_new_order_and_a_new_element(self, mongo, browser, book):
        """A moved and a removed element fit what others appended."""
        open_and_edit(
            browser,
            book,
            {"tags.0:delete": "1", "tags.2:position": "1"},
            mongo,
            {"$push": {"tags": "theirs"}},
        )

        assert stored(mongo, book)["tags"] == ["z", "theirs", "y"]

    def test_the_same_change_twice_is_no_conflict(self, mongo, browser, book):
        """Both wanted the same."""
        page = open_and_edit(browser, book, {"title": "N"}, mongo, {"$set": {"title": "N"}})

        assert page.status == 302


class TestConflicts:
    """One path, two values."""

    def test_three_sides_are_shown_and_nothing_is_saved(self, mongo, browser, book):
        """Mine, theirs and the base; what fits waits with it."""
        page = open_and_edit(
            browser,
            book,
            {"title": "Mine", "pages": "6"},
            mongo,
            {"$set": {"title": "<b>Theirs</b>"}},
        )

        assert conflicts(page) == {"title": ("T", "Mine", "<b>Theirs</b>")}
        assert "&lt;b&gt;Theirs&lt;/b&gt;" in page
        assert stored(mongo, book)["title"] == "<b>Theirs</b>"
        assert stored(mongo, book)["pages"] == 5

    @pytest.mark.parametrize(("choice", "title"), [("mine", "Mine"), ("theirs", "Theirs")])
    def test_the_choice_is_saved_with_the_rest(self, mongo, browser, book, choice, title):
        """One click for each path."""
        page = open_and_edit(
            browser,
            book,
            {"title": "Mine", "pages": "6"},
            mongo,
            {"$set": {"title": "Theirs"}},
        )

        page = page.send(raw={"choice:title": choice})

        assert page.status == 302
        assert stored(mongo, book)["title"] == title
        assert stored(mongo, book)["pages"] == 6

    def test_a_choice_about_something_else_is_asked_again(self, mongo, browser, book):
        """A third value, stored while the page was read, is not overwritten unseen."""
        page = open_and_edit(browser, book, {"title": "Mine"}, mongo, {"$set": {"title": "Theirs"}})
        meanwhile(mongo, book, {"$set": {"title": "Third"}})

        page = page.send(raw={"choice:title": "mine"})

        assert conflicts(page) == {"title": ("T", "Mine", "Third")}
        assert "It was changed again in the meantime: choose anew." in page
        assert stored(mongo, book)["title"] == "Third"

    def test_no_side_is_chosen_at_first(self, mongo, browser, book):
        """A browser asks for the choice, and so does the server."""
        page = open_and_edit(browser, book, {"title": "Mine"}, mongo, {"$set": {"title": "Theirs"}})

        assert page.text.count("required") == 2
        assert " checked" not in page
        assert "Choose one of the two sides." not in page

        page = page.send()

        assert conflicts(page) == {"title": ("T", "Mine", "Theirs")}
        assert "Nothing was saved: 1 path still needs your choice." in page
        assert "Choose one of the two sides." in page
        assert stored(mongo, book)["title"] == "Theirs"

    def test_made_choices_are_kept_while_others_are_open(self, mongo, browser, book):
        """Nobody has to choose twice."""
        page = open_and_edit(
            browser,
            book,
            {"title": "Mine", "pages": "6"},
            mongo,
            {"$set": {"title": "Theirs", "pages": 7}},
        )

        page = page.send(raw={"choice:title": "theirs"})
        page = type(page)(browser, page.url, page.response, "conflict-form")
        assert list(conflicts(page)) == ["pages"]
        page = page.send(raw={"choice:pages": "mine"})

        assert page.status == 302
        assert stored(mongo, book)["title"] == "Theirs"
        assert stored(mongo, book)["pages"] == 6

    def test_back_to_the_edits(self, mongo, browser, book):
        """The form is shown again as it was sent."""
        page = open_and_edit(browser, book, {"title": "Mine"}, mongo, {"$set": {"title": "Theirs"}})

        page = page.send(button="_edit", form_id="document-form")

        assert page.status == 200
        assert page.value("title") == "Mine"

    def test_an_edited_element_was_removed(self, mongo, browser, book):
        """My side brings the element back, with the change in it."""
        page = open_and_edit(
            browser,
            book,
            {"chapters.1.title": "B"},
            mongo,
            {"$pull": {"chapters": {"title": "b"}}},
        )
        assert list(conflicts(page)) == ["chapters.1.title"]

        page.send(raw={"choice:chapters.1.title": "mine"})

        chapters = stored(mongo, book)["chapters"]
        assert [chapter["title"] for chapter in chapters] == ["a", "c", "B"]
        assert same(chapters[2], {"title": "B", "pages": 1, "n": Int64(1)})

    def test_an_edited_embedded_document_was_removed(self, mongo, browser, book):
        """My side brings it back as it was on the page."""
        page = open_and_edit(
            browser,
            book,
            {"publisher.address.city": "Mine"},
            mongo,
            {"$unset": {"publisher": 1}},
        )

        page.send(raw={"choice:publisher.address.city": "mine"})

        assert stored(mongo, book)["publisher"] == {"name": "P", "address": {"city": "Mine"}}

    def test_a_removed_element_was_edited(self, mongo, browser, book):
        """A removal does not take an edit with it unseen."""
        page = open_and_edit(
            browser,
            book,
            {"chapters.1:delete": "1"},
            mongo,
            {"$set": {"chapters.1.title": "B"}},
        )

        assert list(conflicts(page)) == ["chapters"]
        assert len(stored(mongo, book)["chapters"]) == 3

        page.send(raw={"choice:chapters": "mine"})

        assert [chapter["title"] for chapter in stored(mongo, book)["chapters"]] == ["a", "c"]

    def test_an_unset_embedded_document_was_edited(self, mongo, browser, book):
        """The same for an embedded document."""
        page = open_and_edit(
            browser,
            book,
            {"publisher:state": "unset"},
            mongo,
            {"$set": {"publisher.name": "New"}},
        )

        assert list(conflicts(page)) == ["publisher"]

    def test_a_cut_list_counts_whole(self, mongo, browser):
        """An element that is not on the page is still compared."""
        book = insert(mongo, {"title": "T", "extra": {"list": list(range(30))}})

        page = open_and_edit(
            browser, book, {"extra.list:state": "unset"}, mongo, {"$set": {"extra.list.25": -1}}
        )

        assert list(conflicts(page)) == ["extra.list"]

    def test_the_document_was_deleted(self, mongo, browser, book):
        """What was typed is shown, with what happened."""
        page = browser.open(change_url(book))
        mongo.collection("library_books").delete_one({"_id": book.pk})

        page = page.send({"title": "Mine"})

        assert page.status == 409
        assert "This document was deleted while you were editing it." in page
        assert "Mine" in page

    def test_a_write_between_read_and_save_is_noticed(self, mongo, browser, book, monkeypatch):
        """The save itself demands the values that were compared."""
        original = BookAdmin.save_model
        calls = []

        def save_model(self, request, obj, form, change):
            if not calls:
                meanwhile(mongo, book, {"$set": {"title": "Theirs"}})
            calls.append(obj)
            original(self, request, obj, form, change)

        monkeypatch.setattr(BookAdmin, "save_model", save_model)

        page = browser.open(change_url(book)).send({"title": "Mine"})

        assert conflicts(page) == {"title": ("T", "Mine", "Theirs")}
        assert stored(mongo, book)["title"] == "Theirs"


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ("abc", "abc", [0, 1, 2]),
        ("abc", "xabc", [1, 2, 3]),
        ("abc", "ac", [0, None, 1]),
        ("abc", "aXc", [0, 1, 2]),
        ("abc", "", [None, None, None]),
        ("abc", "xaYc", [1, 2, 3]),
        ("", "abc", []),
    ],
)
def test_align(before, after, places):
    """Elements are found by what they hold, changed ones between their neighbours."""
    assert align([c.encode() for c in before], [c.encode() for c in after]) == places
