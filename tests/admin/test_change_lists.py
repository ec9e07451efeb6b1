"""Lists on the edit page: edited, reordered, paged, and given in pieces."""

import datetime

import pytest
from bson import Int64

from tests.admin.library.models import Author
from tests.admin.stored import change_url, insert, same, stored

pytestmark = pytest.mark.django_db

UTC = datetime.UTC


class TestLists:
    """Elements are added, removed and moved without JavaScript."""

    @pytest.fixture
    def book(self, mongo):
        """Give a book with three chapters."""
        chapters = [{"title": title, "pages": 1, "n": Int64(1)} for title in "abc"]
        return insert(mongo, {"title": "T", "chapters": chapters, "tags": ["x", "y", "z"]})

    def titles(self, mongo, book):
        """Return the titles of the stored chapters."""
        return [chapter["title"] for chapter in stored(mongo, book)["chapters"]]

    def test_add(self, mongo, browser, book):
        """The button brings an empty element; the save appends it."""
        page = browser.open(change_url(book)).send(button="_add", value="chapters")
        assert page.status == 200
        page.send({"chapters.+1.title": "d", "chapters.+1.pages": "4"})

        assert stored(mongo, book)["chapters"][3] == {
            "title": "d",
            "pages": 4,
            "topics": [],
        }
        assert same(stored(mongo, book)["chapters"][0], {"title": "a", "pages": 1, "n": Int64(1)})

    def test_add_to_a_list_that_is_not_there(self, mongo, browser):
        """The list is made with its first element."""
        book = insert(mongo, {"title": "T"})

        page = browser.open(change_url(book)).send(button="_add", value="tags")
        page.send({"tags.+1": "new"})

        assert stored(mongo, book)["tags"] == ["new"]

    def test_remove_and_move(self, mongo, browser, book):
        """Positions are numbers; the rest of each element is kept."""
        browser.open(change_url(book)).send(
            {"chapters.0:delete": "1", "chapters.2:position": "1", "chapters.2.title": "C"}
        )

        assert self.titles(mongo, book) == ["C", "b"]
        assert same(stored(mongo, book)["chapters"][0]["n"], Int64(1))

    @pytest.mark.parametrize(
        ("positions", "expected"),
        [
            ({"0": "3"}, "yzx"),
            ({"2": "1"}, "zxy"),
            ({"0": "2", "1": "1"}, "yxz"),
            ({"0": "2", "1": "3", "2": "1"}, "zxy"),
        ],
    )
    def test_positions(self, mongo, browser, book, positions, expected):
        """Moving up stands before, moving down behind the element whose place is taken."""
        changes = {f"tags.{index}:position": place for index, place in positions.items()}

        browser.open(change_url(book)).send(changes)

        assert "".join(stored(mongo, book)["tags"]) == expected

    def test_errors_in_new_and_moved_elements(self, mongo, browser, book):
        """An error stands at the element's place on the page, not at its place in the list."""
        page = browser.open(change_url(book)).send(button="_add", value="chapters")
        page = page.send(
            {
                "chapters.0:delete": "1",
                "chapters.+1.title": "d",
                "chapters.+1.pages": "0",
                "chapters.1.pages": "0",
            }
        )

        message = ["Ensure this value is greater than or equal to 1."]
        assert page.response.context_data["tree"].errors == {
            "chapters.1.pages": message,
            "chapters.+1.pages": message,
        }

    def test_long_lists_are_paged(self, mongo, browser):
        """Only ten elements are on the page; the others are kept and can be reached."""
        chapters = [{"title": f"c{i}", "pages": 1} for i in range(25)]
        book = insert(mongo, {"title": "T", "chapters": chapters})
        first = browser.open(change_url(book))
        assert "f:chapters.10.title" not in dict(first.fields)
        assert "?at=chapters:10" in first

        page = browser.open(change_url(book) + "?at=chapters:20")
        page.send({"chapters.21.title": "new", "chapters.24:position": "1"})

        titles = self.titles(mongo, book)
        assert titles[:3] == ["c24", "c0", "c1"]
        assert titles[22] == "new"
        assert len(titles) == 25

    def test_a_map_takes_new_entries(self, mongo, browser):
        """An undeclared object gets a new key with a value of the chosen type."""
        book = insert(mongo, {"title": "T", "extra": {"a": 1}})

        page = browser.open(change_url(book)).send(button="_add", value="extra")
        page.send(
            {
                "extra.+1:key": "b",
                "extra.+1": "7",
                "extra.+1:type": "long",
                "extra.a:state": "unset",
            }
        )

        assert same(stored(mongo, book)["extra"], {"b": Int64(7)})


class TestFragments:
    """What scripts fetch from the same page."""

    def test_a_new_element(self, mongo, browser):
        """Also inside of an element that is new itself."""
        book = insert(mongo, {"title": "T"})
        url = change_url(book)

        answer = browser.client.get(url, {"item": "chapters", "number": "2"}).content.decode()
        inner = browser.client.get(url, {"item": "chapters.+2.topics", "number": "1"})

        assert 'name="f:chapters.+2.title"' in answer
        assert 'name="f:chapters:new" value="2"' in answer
        assert 'name="f:chapters.+2.topics.+1"' in inner.content.decode()
        assert browser.client.get(url, {"item": "title", "number": "1"}).status_code == 404

    def test_autocomplete_offers_documents(self, mongo, browser):
        """By the search fields of the other document's admin, also in lists."""
        author = insert(mongo, {"name": "Ursula <K.>"}, Author)
        insert(mongo, {"name": "Italo"}, Author)
        book = insert(mongo, {"title": "T"})

        answer = browser.client.get(change_url(book), {"autocomplete": "author", "q": "urs"})
        inner = browser.client.get(change_url(book), {"autocomplete": "translators.+1", "q": "urs"})

        text = answer.content.decode()
        assert f'data-choose="{author.pk}"' in text
        assert "Ursula &lt;K.&gt;" in text
        assert "Italo" not in text
        assert str(author.pk) in inner.content.decode()
        assert browser.client.get(change_url(book), {"autocomplete": "title"}).status_code == 404

    def test_a_reference_shows_its_name_and_no_select(self, mongo, browser):
        """An input with the key and the document's name."""
        author = insert(mongo, {"name": "Ursula"}, Author)
        book = insert(mongo, {"title": "T", "author": author.pk})

        page = browser.open(change_url(book))

        assert page.value("author") == str(author.pk)
        assert ">Ursula</a>" in page
