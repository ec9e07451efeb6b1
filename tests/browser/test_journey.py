"""From the login to a deleted film, as a person with a browser sees it."""

import pytest

LIST = "/admin/films/film/"
DETAIL = "/admin/films/film/s:e2e-film/"
CHANGE = f"{DETAIL}change/"


def titles(page):
    """Give what the list shows in its first column."""
    return page.locator("table.grid tbody tr td:nth-child(2)").all_inner_texts()


class TestFirstSteps:
    def test_login(self, visit):
        """A wrong password is told, the right one leads to where the visitor wanted to go."""
        page = visit(LIST)
        page.get_by_label("Username").fill("admin")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Log in").click()
        told = page.get_by_role("alert").inner_text()

        page.get_by_label("Username").fill("admin")
        page.get_by_label("Password").fill("admin")
        page.get_by_role("button", name="Log in").click()

        assert told.startswith("Please enter the correct username and password")
        assert page.get_by_role("heading", level=1).inner_text() == "Films"

    def test_index_leads_to_the_list(self, open_page, demo_database):
        """The overview shows every collection with its size."""
        page = open_page("/admin/")
        cities = page.locator("#collections").get_by_role("row", name="Cities")
        cities.get_by_text("200").wait_for()
        names = page.locator("#collections td:first-child").all_inner_texts()
        cities.get_by_role("link", name="Cities", exact=True).click()

        assert names == ["Groups", "Users", "Films", "People", "Cities", "Countries"]
        assert page.get_by_role("heading", level=1).inner_text() == "Cities"
        assert len(titles(page)) == 25


class TestList:
    def test_shows_values_and_states(self, open_page, film):
        """Text, numbers, names of references, lists and what is missing."""
        page = open_page(LIST)
        cells = page.locator("table.grid tbody tr").first.locator("td")
        page.get_by_text("201 documents").wait_for()

        assert cells.nth(1).inner_text() == "The Long Take"
        assert cells.nth(2).inner_text() == "2099"
        assert cells.nth(3).locator("summary").inner_text() == "[2]"
        assert cells.nth(4).get_by_role("link").count() == 1
        assert cells.nth(5).inner_text() == "90"
        assert cells.nth(6).locator(".missing").count() == 1

    def test_pages(self, open_page):
        """Next shows other films, Previous the same as before."""
        page = open_page(LIST)
        first = titles(page)
        page.get_by_role("link", name="Next").click()
        page.wait_for_url("**_after=**")
        second = titles(page)
        page.get_by_role("link", name="Previous").click()
        page.wait_for_url("**_before=**")

        assert len(first) == len(second) == 25
        assert set(first).isdisjoint(second)
        assert titles(page) == first

    def test_sort(self, open_page, films):
        """A click on a heading sorts by it; the address says so and can be shared."""
        page = open_page(LIST)
        page.get_by_role("columnheader", name="Title").get_by_role("link").first.click()
        page.wait_for_url("**o=**")
        heading = page.get_by_role("columnheader", name="Title")
        shared = open_page(page.url)
        expected = [film["title"] for film in films.find(sort={"title": -1}, limit=25)]

        assert heading.get_attribute("aria-sort") == "descending"
        assert titles(page) == titles(shared) == expected

    def test_filter(self, open_page, film, films):
        """A choice in the drawer narrows the list; its chip takes it away again."""
        page = open_page(LIST)
        page.keyboard.press("f")
        page.locator("#filters").get_by_role("link", name="Restricted").click()
        page.wait_for_url("**certificate=R**")
        page.get_by_text(f"{films.count_documents({'certificate': 'R'})} documents").wait_for()
        chips = page.locator(".chips .chip > span").all_inner_texts()
        shown = titles(page)
        page.locator(".chip-remove").click()
        page.wait_for_url(lambda url: "certificate" not in url)

        restricted = {film["title"] for film in films.find({"certificate": "R"})}
        assert chips == ["Certificate: Restricted"]
        assert "The Long Take" in shown
        assert set(shown) <= restricted
        assert not set(titles(page)) <= restricted

    def test_search_by_keyboard(self, open_page, film):
        """The slash key leads to the search box."""
        page = open_page(LIST)
        page.keyboard.press("/")
        focused = page.evaluate("document.activeElement.name")
        page.keyboard.type("long take")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=long**")

        assert focused == "q"
        assert titles(page) == ["The Long Take"]

    def test_nothing_fits(self, open_page):
        """An empty list says why, and offers the way back."""
        page = open_page(f"{LIST}?q=no+such+film+anywhere")
        page.get_by_role("main").get_by_role("link", name="Clear all").click()

        assert len(titles(page)) == 25

    def test_help(self, open_page):
        """The question mark shows what keys do."""
        page = open_page(LIST)
        page.keyboard.press("?")
        page.get_by_role("dialog").wait_for()
        page.keyboard.press("Escape")

        assert page.get_by_role("dialog").count() == 0


class TestDocument:
    def test_open(self, open_page, film):
        """The tree shows nested, referred and undeclared values."""
        page = open_page(LIST)
        page.get_by_role("link", name="The Long Take").click()
        page.wait_for_url(f"**{DETAIL}")
        text = page.locator(".dm-tree").first.inner_text()

        assert page.get_by_role("heading", level=1).inner_text() == "The Long Take (2099)"
        assert all(value in text for value in ("8.5", "Player 2", "Restricted", "Nobody & Sons"))
        assert page.locator(".dm-rail").get_by_role("link", name="China").count() == 1

    def test_change_a_nested_value(self, open_page, film, films):
        """One number deep inside is saved, and nothing else is touched."""
        before = films.find_one(film)
        page = open_page(DETAIL)
        page.keyboard.press("e")
        page.wait_for_url(f"**{CHANGE}")
        counter = page.locator("[data-changed-count]")
        untouched = counter.inner_text()
        page.locator("[name='f:ratings.average']").fill("9.25")
        touched = counter.inner_text()
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url(f"**{DETAIL}")

        after = films.find_one(film)
        before["ratings"]["average"] = 9.25
        assert (untouched, touched) == ("Nothing changed", "1 changed path")
        assert page.get_by_role("status").inner_text() == (
            "“The Long Take (2099)” was saved, 1 path changed: ratings.average."
        )
        assert {key: after[key] for key in before} == before
        assert list(after) in (list(before), [*before, "__v"])
        assert "The Long Take" in open_page("/admin/").locator(".recent").inner_text()

    def test_change_a_list(self, open_page, film, films):
        """Elements are added and removed in place."""
        page = open_page(CHANGE)
        genres = page.locator("details[data-path='genres']")
        genres.get_by_role("button", name="Add element").click()
        genres.locator("[data-new] input:not([type=hidden])").first.fill("War")
        genres.get_by_label("Remove").first.check()
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url(f"**{DETAIL}")

        assert films.find_one(film)["genres"] == ["Documentary", "War"]

    def test_choose_a_reference(self, open_page, film, films, demo_database):
        """Typing a name offers people; a click takes one."""
        other = demo_database["people"].find_one(sort={"_id": -1})
        page = open_page(CHANGE)
        director = page.locator("[name='f:director']")
        director.fill("")
        director.press_sequentially(other["name"])
        page.locator(".dm-suggestions button", has_text=other["name"]).first.click()
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url(f"**{DETAIL}")

        assert films.find_one(film)["director"] == other["_id"]

    def test_error_stands_at_its_path(self, open_page, watch, film, films):
        """A wrong value is kept in its input, with what is wrong about it."""
        watch.allow(422)
        before = films.find_one(film)
        page = open_page(CHANGE)
        page.locator("[name='f:year']").fill("soon")
        page.locator("[name='f:title']").fill("Not yet")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("alert").wait_for()

        assert page.locator("[name='f:year']").input_value() == "soon"
        assert page.locator("[name='f:year']").get_attribute("aria-invalid") == "true"
        assert page.locator("[name='f:title']").input_value() == "Not yet"
        assert "year" in page.get_by_role("alert").inner_text()
        assert films.find_one(film) == before

    def test_unsaved_changes(self, open_page, film):
        """Who leaves with unsaved changes is asked first."""
        page = open_page(CHANGE)
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.locator("[name='f:title']").press_sequentially("!")
        page.get_by_role("link", name="Cancel").click()
        page.wait_for_url(f"**{DETAIL}")

        assert asked == ["beforeunload"]

    def test_delete(self, open_page, film, films):
        """It takes a second page, which shows what goes."""
        page = open_page(DETAIL)
        page.get_by_role("link", name="Delete").click()
        page.wait_for_url(f"**{DETAIL}delete/")
        shown = page.get_by_role("main").inner_text()
        kept = films.find_one(film)
        page.get_by_role("button", name="Delete").click()
        page.wait_for_url(f"**{LIST}")

        assert "The Long Take (2099)" in shown
        assert kept is not None
        assert "The Long Take (2099)" in page.get_by_role("status").inner_text()
        assert "The Long Take" not in titles(page)
        assert films.find_one(film) is None

    def test_protected_document(self, open_page, demo_database):
        """A country with cities stays, and the page says which they are."""
        page = open_page("/admin/geo/country/s:CN/delete/")

        assert page.get_by_role("button", name="Delete").count() == 0
        assert page.get_by_role("link", name="Shanghai").count() == 1
        assert demo_database["countries"].count_documents({"_id": "CN"}) == 1


class TestTwoEditors:
    @pytest.fixture
    def tabs(self, open_page, film):
        """Open the same film for editing twice."""
        return open_page(CHANGE), open_page(CHANGE)

    def save(self, page, path, value):
        """Change one value and save."""
        page.locator(f"[name='f:{path}']").fill(value)
        page.get_by_role("button", name="Save", exact=True).click()

    def test_conflict(self, tabs, watch, film, films):
        """The second editor sees mine, theirs and before, and decides."""
        watch.allow(409)
        first, second = tabs
        self.save(first, "ratings.average", "1.5")
        first.wait_for_url(f"**{DETAIL}")
        second.locator("[name='f:title']").fill("The Short Take")
        self.save(second, "ratings.average", "9.5")
        second.get_by_role("heading", name="Two edits at once").wait_for()
        sides = second.locator(".dm-side-value").all_inner_texts()
        meanwhile = films.find_one(film)
        second.get_by_role("radio", name="Mine").check()
        second.get_by_role("button", name="Save these choices").click()
        second.wait_for_url(f"**{DETAIL}")

        stored = films.find_one(film)
        assert sides == ["9.5", "1.5", "8.5"]
        assert (meanwhile["title"], meanwhile["ratings"]["average"]) == ("The Long Take", 1.5)
        assert (stored["title"], stored["ratings"]["average"]) == ("The Short Take", 9.5)

    def test_theirs(self, tabs, watch, film, films):
        """Who takes the other value keeps the rest of the own changes."""
        watch.allow(409)
        first, second = tabs
        self.save(first, "ratings.average", "1.5")
        first.wait_for_url(f"**{DETAIL}")
        second.locator("[name='f:title']").fill("The Short Take")
        self.save(second, "ratings.average", "9.5")
        second.get_by_role("radio", name="Theirs").check()
        second.get_by_role("button", name="Save these choices").click()
        second.wait_for_url(f"**{DETAIL}")

        stored = films.find_one(film)
        assert (stored["title"], stored["ratings"]["average"]) == ("The Short Take", 1.5)

    def test_different_paths(self, tabs, film, films):
        """Changes of different paths go together, and the second editor is told."""
        first, second = tabs
        self.save(first, "ratings.average", "1.5")
        first.wait_for_url(f"**{DETAIL}")
        self.save(second, "ratings.reviews", "13")
        second.wait_for_url(f"**{DETAIL}")

        assert films.find_one(film)["ratings"] == {
            "tomatometer": 90,
            "average": 1.5,
            "reviews": 13,
        }
        assert (
            "Somebody else changed ratings.average while you were editing; that is kept."
            in second.get_by_role("status").inner_text()
        )

    def test_deleted_meanwhile(self, tabs, watch, film, films):
        """What was typed is shown, so that it can be used elsewhere."""
        watch.allow(409)
        _first, second = tabs
        films.delete_one({"_id": film})
        self.save(second, "title", "A title that took long to find")
        second.get_by_role("alert").wait_for()

        assert "was deleted while you were editing it" in second.get_by_role("alert").inner_text()
        assert "A title that took long to find" in second.get_by_role("main").inner_text()


class TestDashboard:
    def test_charts_and_tables(self, open_page):
        """Each report has a picture, its table, its alias and its time."""
        page = open_page("/")
        page.get_by_role("navigation").get_by_role("link", name="Dashboard").click()
        page.wait_for_url("**/dashboard/")
        panels = page.locator("article, section").filter(has=page.locator("svg"))
        page.get_by_text("Table", exact=True).first.click()

        assert panels.count() >= 3
        assert all(box.is_visible() for box in panels.locator("svg").all())
        assert page.get_by_role("table").first.is_visible()
        assert page.get_by_text("slow", exact=True).count() == panels.count()
