"""Everything works in a browser that runs no scripts."""

import pytest

LIST = "/admin/films/film/"
DETAIL = "/admin/films/film/s:e2e-film/"
CHANGE = f"{DETAIL}change/"


@pytest.fixture
def plain(open_page):
    """Give a function that opens a page in a browser without JavaScript."""
    return lambda path: open_page(path, java_script_enabled=False)


def titles(page):
    """Give what the list shows in its first column."""
    return page.locator("table.grid tbody tr td:nth-child(2)").all_inner_texts()


class TestList:
    def test_pages(self, plain):
        """The pager is made of links."""
        page = plain(LIST)
        first = titles(page)
        page.get_by_role("link", name="Next").click()
        second = titles(page)
        page.get_by_role("link", name="Previous").click()

        assert len(first) == len(second) == 25
        assert set(first).isdisjoint(second)
        assert titles(page) == first

    def test_filter_by_link(self, plain, film, films):
        """The drawer is open, its choices are links."""
        page = plain(LIST)
        page.locator("#filters").get_by_role("link", name="Restricted").click()

        assert "The Long Take" in titles(page)
        assert set(titles(page)) <= {one["title"] for one in films.find({"certificate": "R"})}

    def test_filter_by_value(self, plain, film):
        """Its inputs are sent by its button."""
        page = plain(LIST)
        page.locator("#filters [name='year__gte']").fill("2099")
        page.locator("#filters").get_by_role("button", name="Apply").click()

        assert titles(page) == ["The Long Take"]

    def test_search(self, plain, film):
        """The Enter key sends the search."""
        page = plain(LIST)
        page.get_by_role("searchbox").fill("long take")
        page.get_by_role("searchbox").press("Enter")

        assert titles(page) == ["The Long Take"]

    def test_count(self, plain, film):
        """The number of documents is a link away."""
        page = plain(LIST)
        page.get_by_role("link", name="Count", exact=True).click()

        assert page.get_by_text("201 documents").is_visible()


class TestDocument:
    def test_change(self, plain, film, films):
        """Only the changed path is written, though every input was sent."""
        before = films.find_one(film)
        page = plain(LIST)
        page.get_by_role("link", name="The Long Take").click()
        page.get_by_role("link", name="Edit").click()
        page.locator("[name='f:ratings.average']").fill("9.25")
        page.get_by_role("button", name="Save", exact=True).last.click()

        after = films.find_one(film)
        before["ratings"]["average"] = 9.25
        assert page.get_by_role("status").inner_text() == (
            "“The Long Take (2099)” was saved, 1 path changed: ratings.average."
        )
        assert {key: after[key] for key in before} == before

    def test_add_to_a_list(self, plain, film, films):
        """The button for a further element asks the server for it."""
        page = plain(CHANGE)
        page.locator("[name='f:title']").fill("Kept meanwhile")
        genres = page.locator("details[data-path='genres']")
        genres.get_by_role("button", name="Add element").click()
        page.locator("details[data-path='genres'] [data-new] input[type=text]").first.fill("War")
        page.get_by_role("button", name="Save", exact=True).last.click()

        stored = films.find_one(film)
        assert stored["genres"] == ["Drama", "Documentary", "War"]
        assert stored["title"] == "Kept meanwhile"

    def test_conflict(self, plain, watch, film, films):
        """Two editors meet on the same page as with scripts."""
        watch.allow(409)
        page = plain(CHANGE)
        films.update_one({"_id": film}, {"$set": {"title": "Theirs"}})
        page.locator("[name='f:title']").fill("Mine")
        page.get_by_role("button", name="Save", exact=True).last.click()
        sides = page.locator(".dm-side-value").all_inner_texts()
        page.get_by_role("radio", name="Mine").check()
        page.get_by_role("button", name="Save these choices").click()

        assert sides == ["Mine", "Theirs", "The Long Take"]
        assert films.find_one(film)["title"] == "Mine"

    def test_delete(self, plain, film, films):
        """It takes two pages and no script."""
        page = plain(DETAIL)
        page.get_by_role("link", name="Delete").click()
        page.get_by_role("button", name="Delete").click()

        assert films.find_one(film) is None
        assert page.get_by_role("heading", level=1).inner_text() == "Films"

    def test_delete_selected(self, plain, film, films):
        """Ticked rows are deleted after a page that asks."""
        page = plain(LIST)
        page.locator("table.grid tbody tr").first.get_by_role("checkbox").check()
        page.get_by_label("Action", exact=True).select_option(index=0)
        page.get_by_role("button", name="Go").click()
        asked = page.get_by_role("main").inner_text()
        page.get_by_role("button", name="Delete").click()

        assert "The Long Take" in asked
        assert films.find_one(film) is None
        assert films.count_documents({}) == 200


def test_dashboard(plain):
    """Charts are drawn by the server."""
    page = plain("/dashboard/")

    assert page.locator("svg[role=img], figure svg, article svg").count() >= 3
