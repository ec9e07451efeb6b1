"""
Pages in light and dark, on a desk and on a phone.

The pictures are left in `build/screenshots` for eyes; what a program can see is asserted.
"""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "build" / "screenshots"
SIZES = {"wide": {"width": 1400, "height": 900}, "narrow": {"width": 390, "height": 844}}
FILM = "/admin/films/film/s:e2e-film/"
PAGES = {
    "home": "/",
    "dashboard": "/dashboard/",
    "index": "/admin/",
    "list": "/admin/films/film/",
    "cities": "/admin/geo/city/",
    "detail": FILM,
    "change": f"{FILM}change/",
    "add": "/admin/geo/city/add/",
    "delete": f"{FILM}delete/",
    "protected": "/admin/geo/country/s:CN/delete/",
    "history": f"{FILM}history/",
    "users": "/admin/auth/user/",
}
#: What is fetched when the page is there, such as numbers of documents.
LATER = "[hx-trigger=load]"
#: The lowest contrast of text on the page's ground that WCAG AA accepts.
CONTRAST = 4.5
#: Contrast of the colour of an element to the first painted ground behind it.
MEASURE = """(element) => {
  const parse = (text) => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  let ground = element;
  while (ground.parentElement && parse(getComputedStyle(ground).backgroundColor)[3] === 0) {
    ground = ground.parentElement;
  }
  const pair = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor]
    .map((text) => light(parse(text))).sort((one, other) => other - one);
  return (pair[0] + 0.05) / (pair[1] + 0.05);
}"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit(open_page, film, scheme, size):
    """No page is wider than the screen; headings are one per page, and can be read."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    page = open_page("/", color_scheme=scheme, viewport=SIZES[size])
    found = {}
    for name, path in PAGES.items():
        page.goto(path)
        page.locator(LATER).first.wait_for(state="detached")
        page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png")
        heading = page.get_by_role("heading", level=1)
        found[name] = (
            heading.count(),
            page.evaluate("document.documentElement.scrollWidth"),
            heading.first.evaluate(MEASURE) >= CONTRAST,
        )

    assert found == dict.fromkeys(PAGES, (1, SIZES[size]["width"], True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read(open_page, film, scheme):
    """Values, quiet remarks, links and buttons stand out from their ground."""
    page = open_page(f"{FILM}change/", color_scheme=scheme)
    weak = {
        selector: contrast
        for selector in (
            ".dm-key",
            ".help",
            ".badge",
            ".button.primary",
            ".breadcrumbs a",
            ".bar .quiet",
        )
        if (contrast := page.locator(selector).locator("visible=true").first.evaluate(MEASURE))
        < CONTRAST
    }

    assert weak == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_conflict_page(open_page, watch, film, films, scheme):
    """The page of two edits fits a phone as well."""
    watch.allow(409)
    page = open_page(f"{FILM}change/", color_scheme=scheme, viewport=SIZES["narrow"])
    films.update_one({"_id": film}, {"$set": {"title": "Theirs " * 20}})
    page.locator("[name='f:title']").fill("Mine " * 20)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="Two edits at once").wait_for()
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"conflict-narrow-{scheme}.png")

    assert page.evaluate("document.documentElement.scrollWidth") == SIZES["narrow"]["width"]


def test_menu_of_the_phone(open_page):
    """The sidebar opens by its button and leads on."""
    page = open_page("/admin/films/film/", viewport=SIZES["narrow"])
    link = page.get_by_role("link", name="Cities", exact=True)
    hidden = not link.is_visible()
    page.get_by_role("button", name="Menu").click()
    page.screenshot(path=FOLDER / "menu-narrow-light.png")
    link.click()
    page.wait_for_url("**/geo/city/")

    assert hidden
    assert page.get_by_role("heading", level=1).inner_text() == "Cities"


def test_drawer_of_filters(open_page, film):
    """It opens beside the list on a desk, over it on a phone."""
    for size, viewport in SIZES.items():
        page = open_page("/admin/films/film/?year__gte=2000", viewport=viewport)
        page.get_by_role("button", name="Filters").click()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"filters-{size}-light.png")

        assert page.locator("#filters").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]


def test_theme_is_chosen_and_kept(open_page):
    """The button changes the colours, also of the pages that follow."""
    page = open_page("/admin/", color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.locator("[data-theme-toggle]").first.click()
    after = page.evaluate(ground)
    page.goto("/admin/films/film/")

    assert before != after
    assert page.evaluate(ground) == after
