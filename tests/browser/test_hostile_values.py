"""Stored values that want to be code are text, on every page that shows them."""

import pytest

SCRIPT = "<script>window.hacked = 1</script>"
BREAKOUT = "\"'></textarea></select></title></script><img src=x onerror='window.hacked = 1'>"
LINK = "javascript:window.hacked=1"
#: It needs every kind of quoting when it is part of an address.
KEY = "e2e-\"'/<script>?#&%"
OPEN_ALL = "document.querySelectorAll('details').forEach((details) => { details.open = true; })"


@pytest.fixture
def hostile(films, demo_database):
    """Store a film of hostile values, with a hostile director."""
    people = demo_database["people"]
    person = people.insert_one({"name": f"Z {BREAKOUT}"}).inserted_id
    films.insert_one(
        {
            "_id": KEY,
            "title": SCRIPT,
            "year": 2099,
            "certificate": BREAKOUT,
            "runtime": LINK,
            "genres": [SCRIPT, BREAKOUT],
            "languages": BREAKOUT,
            "countries": [LINK],
            "director": person,
            "cast": [LINK, BREAKOUT, "\u202egnp.exe"],
            "ratings": {"average": BREAKOUT, SCRIPT: SCRIPT},
            "box_office": 10**15,
            "homepage": LINK,
            SCRIPT: {BREAKOUT: [BREAKOUT]},
            "__proto__": {"hacked": 1},
        }
    )
    yield films
    people.delete_one({"_id": person})


def assert_inert(page):
    """Check that nothing ran, and that no link or form would run anything."""
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("({}).hacked") is None
    assert page.locator("img[src=x], main script, [onerror]").count() == 0
    for attribute in ("href", "src", "action", "formaction", "hx-get"):
        assert page.locator(f"[{attribute}^='javascript:' i]").count() == 0


@pytest.fixture
def detail(open_page, hostile):
    """Open the hostile film from the list."""
    page = open_page("/admin/films/film/")
    page.locator("table.grid tbody tr").first.get_by_role("link").first.click()
    page.wait_for_url("**/film/x:*/")
    return page


class TestPages:
    def test_list(self, open_page, hostile):
        """Cells, popovers and the facets of filters."""
        page = open_page("/admin/films/film/")
        first = page.locator("table.grid tbody tr").first
        page.keyboard.press("f")
        page.evaluate(OPEN_ALL)
        page.wait_for_load_state("networkidle")

        assert first.locator("td").nth(1).inner_text() == SCRIPT
        assert_inert(page)

    def test_list_of_people(self, open_page, hostile):
        """A name in the first column."""
        page = open_page("/admin/films/person/?o=-name")

        assert page.get_by_text("window.hacked").is_visible()
        assert_inert(page)

    def test_detail(self, detail):
        """The tree, the Extended JSON and the code."""
        detail.evaluate(OPEN_ALL)

        text = detail.get_by_role("main").inner_text()
        assert all(value in text for value in (SCRIPT, BREAKOUT, LINK))
        assert_inert(detail)

    def test_change(self, detail, hostile):
        """The form shows each value in its input, and saves what was changed alone."""
        before = hostile.find_one(KEY)
        detail.get_by_role("link", name="Edit").click()
        detail.wait_for_url("**/change/")
        shown = detail.locator("[name='f:title']").input_value()
        assert_inert(detail)
        detail.locator("[name='f:year']").fill("2098")
        detail.get_by_role("button", name="Save", exact=True).click()
        detail.get_by_role("status").wait_for()

        after = hostile.find_one(KEY)
        after.pop("__v", None)
        assert shown == SCRIPT
        assert after == before | {"year": 2098}
        assert_inert(detail)

    def test_history(self, detail, hostile):
        """The log shows old and new values."""
        detail.get_by_role("link", name="Edit").click()
        detail.wait_for_url("**/change/")
        detail.locator("[name='f:title']").fill(f"{SCRIPT}{BREAKOUT}")
        detail.get_by_role("button", name="Save", exact=True).click()
        detail.get_by_role("status").wait_for()
        assert_inert(detail)
        detail.get_by_role("link", name="History").click()
        detail.wait_for_url("**/history/")

        assert SCRIPT in detail.get_by_role("main").inner_text()
        assert_inert(detail)
        detail.goto("/admin/")
        assert_inert(detail)

    def test_conflict(self, detail, watch, hostile):
        """Mine, theirs and before."""
        watch.allow(409)
        detail.get_by_role("link", name="Edit").click()
        detail.wait_for_url("**/change/")
        hostile.update_one({"_id": KEY}, {"$set": {"title": BREAKOUT}})
        detail.locator("[name='f:title']").fill(f"Mine {SCRIPT}")
        detail.get_by_role("button", name="Save", exact=True).click()
        detail.get_by_role("heading", name="Two edits at once").wait_for()

        sides = detail.locator(".dm-side-value").all_inner_texts()
        assert sides == [f"Mine {SCRIPT}", BREAKOUT, SCRIPT]
        assert_inert(detail)

    def test_delete(self, detail, hostile):
        """The page that asks, and the message after it."""
        detail.get_by_role("link", name="Delete").click()
        detail.wait_for_url("**/delete/")
        assert_inert(detail)
        detail.get_by_role("button", name="Delete").click()
        detail.wait_for_url("**/admin/films/film/")

        assert SCRIPT in detail.get_by_role("status").inner_text()
        assert hostile.find_one(KEY) is None
        assert_inert(detail)

    def test_suggestions(self, detail):
        """Names that are offered for a reference."""
        detail.get_by_role("link", name="Edit").click()
        detail.wait_for_url("**/change/")
        director = detail.locator("[name='f:director']")
        director.fill("")
        director.press_sequentially(f"Z {BREAKOUT[:3]}")
        offered = detail.locator(".dm-suggestions button")
        offered.wait_for()

        assert offered.inner_text().startswith(f"Z {BREAKOUT}")
        assert_inert(detail)

    def test_dashboard(self, open_page, hostile):
        """Labels of charts."""
        page = open_page("/dashboard/")

        assert "window.hacked" in page.get_by_role("main").text_content()
        assert_inert(page)
