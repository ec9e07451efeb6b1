"""A real browser in front of the demo, which runs as a process of its own."""

import contextlib
import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = (
    "These tests need Chromium, and none of {} is on PATH. "
    "Install it with the package manager of this system, for instance: apt-get install chromium"
).format(", ".join(NAMES))
WIDE = {"width": 1400, "height": 900}
FILM = "e2e-film"


class Watch:
    """What went wrong on the pages of a visit, besides what a test expects."""

    def __init__(self, url):
        self.host = urlsplit(url).netloc
        self.allowed = set()
        self.problems = []

    def allow(self, *statuses):
        """Expect answers with these statuses."""
        self.allowed.update(statuses)

    def follow(self, page):
        """Note errors of scripts, violations of the policy, failed and foreign requests."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)

    def _console(self, message):
        # Failed requests are noted with their status.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def _request(self, request):
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self.host:
            self.problems.append(f"foreign: {request.url}")

    def _response(self, response):
        if response.status >= 400 and response.status not in self.allowed:
            self.problems.append(f"{response.status}: {response.url}")


@pytest.fixture(scope="module")
def browser():
    """
    Start one browser for the tests of a module.

    Playwright keeps an event loop in this thread, where Django's ORM then refuses to work. So
    tests here look at the stored documents through the driver, and the browser ends with the
    module: those that follow in the same process may use the ORM again.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.fail(MISSING, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def login_state(browser, demo_site):
    """Log in once, and give the cookies."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{demo_site.url}/admin/login/?next=/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill("admin")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{demo_site.url}/admin/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def watch(demo_site):
    """Watch the pages of a test, and fail where anything went wrong."""
    watch = Watch(demo_site.url)
    yield watch
    assert watch.problems == []


@pytest.fixture
def visit(browser, demo_site, watch):
    """Give a function that opens a browser window; each has cookies of its own."""
    with contextlib.ExitStack() as windows:

        def open_window(path="", **options):
            context = browser.new_context(
                base_url=demo_site.url, **({"viewport": WIDE, "locale": "en-GB"} | options)
            )
            windows.callback(context.close)
            context.set_default_timeout(15_000)
            page = context.new_page()
            watch.follow(page)
            if path:
                page.goto(path)
            return page

        yield open_window


@pytest.fixture
def open_page(visit, login_state):
    """Give a function that opens a page for the logged-in user in a new window."""
    return lambda path, **options: visit(path, storage_state=login_state, **options)


@pytest.fixture
def films(demo_database):
    """Give the stored films; those of this folder are removed at the end."""
    films = demo_database["films"]
    yield films
    films.delete_many({"_id": {"$regex": "^e2e-"}})


@pytest.fixture
def film(films, demo_database):
    """Store a film that comes first in the list, and give its key."""
    director = demo_database["people"].find_one(sort={"_id": 1})
    films.insert_one(
        {
            "_id": FILM,
            "title": "The Long Take",
            "year": 2099,
            "certificate": "R",
            "genres": ["Drama", "Documentary"],
            "countries": ["CN"],
            "director": director["_id"],
            "cast": [f"Player {number}" for number in range(3)],
            "ratings": {"tomatometer": 90, "average": 8.5, "reviews": 12},
            "studios": ["Nobody & Sons"],
        }
    )
    return FILM
