"""What a DocumentAdmin says about the edit page: groups, inlines, raw keys."""

import pytest
from django.core.exceptions import ValidationError

from docmodels.admin import EmbeddedInline, site
from tests.admin.library.admin import BookAdmin
from tests.admin.library.models import Book
from tests.admin.stored import change_url, insert, stored

pytestmark = pytest.mark.django_db

GROUPS = [
    (None, {"fields": ["title", ("isbn", "pages")]}),
    ("Shop", {"fields": ["price", "available"], "description": "What <b> costs."}),
    ("More", {"fields": ["language"], "classes": ["collapse", "wide"]}),
]


@pytest.fixture
def option(monkeypatch):
    """Give a function that sets an option of the admin of books."""

    def set_option(name, value):
        monkeypatch.setattr(site._registry[Book], name, value, raising=False)

    return set_option


def groups(page):
    """Return titles with the paths below them."""
    return [
        (group.title, [node.path for node in group.nodes])
        for group in page.response.context_data["groups"]
    ]


class TestFieldsets:
    """Groups of inputs."""

    def test_are_drawn(self, mongo, browser, option):
        """With legend, description, classes, and closed where that is wanted."""
        option("fieldsets", GROUPS)
        book = insert(mongo, {"title": "T", "legacy": 1})

        page = browser.open(change_url(book))

        assert groups(page) == [
            (None, ["title", "isbn", "pages"]),
            ("Shop", ["price", "available"]),
            ("More", ["language"]),
        ]
        assert '<fieldset class="dm-fieldset "><legend>Shop</legend>' in page
        assert "What &lt;b&gt; costs." in page
        assert '<details class="dm-fieldset collapse wide"><summary>More</summary>' in page
        assert "f:legacy" not in page

    def test_open_where_something_is_wrong(self, mongo, browser, option):
        """An error is never hidden."""
        option("fieldsets", GROUPS)
        book = insert(mongo, {"title": "T"})

        page = browser.open(change_url(book)).send({"language": "far too long"})

        assert page.status == 422
        assert '<details class="dm-fieldset collapse wide" open>' in page

    def test_the_hook_is_asked(self, mongo, browser, monkeypatch):
        """`get_fieldsets()` sees the document."""
        monkeypatch.setattr(
            BookAdmin,
            "get_fieldsets",
            lambda self, request, obj: [(str(obj), {"fields": ["pages"]})],
        )
        book = insert(mongo, {"title": "T"})

        assert groups(browser.open(change_url(book))) == [("T", ["pages"])]

    def test_get_fields_is_asked(self, mongo, browser, monkeypatch):
        """`get_fields()` too."""
        monkeypatch.setattr(BookAdmin, "get_fields", lambda self, request, obj=None: ["pages"])
        book = insert(mongo, {"title": "T"})

        assert groups(browser.open(change_url(book))) == [(None, ["pages"])]

    def test_none_are_one_group_of_all(self, mongo, browser):
        """What is not declared stands in it too."""
        book = insert(mongo, {"title": "T", "legacy": 1})

        ((title, paths),) = groups(browser.open(change_url(book)))

        assert title is None
        assert {"title", "legacy"} <= set(paths)


class TestInlines:
    """Embedded documents."""

    @pytest.fixture
    def chapters(self, option):
        """Give a function that declares the inline of chapters."""

        def declare(**options):
            inline = type("Chapters", (EmbeddedInline,), {"path": "chapters"} | options)
            option("inlines", [inline])

        return declare

    def test_as_many_as_needed_are_offered(self, mongo, browser, chapters):
        """`min_num` and `extra` count together as in Django: the greater one wins."""
        chapters(min_num=3, extra=1)
        book = insert(mongo, {"title": "T", "chapters": [{"title": "a", "pages": 1}]})

        page = browser.open(change_url(book))

        new = [value for name, value in page.fields if name == "f:chapters:new"]
        assert new == ["1", "2"]

    def test_empty_ones_are_not_stored(self, mongo, browser, chapters):
        """What was offered and not filled is nothing."""
        chapters(extra=2)
        book = insert(mongo, {"title": "T"})

        page = browser.open(change_url(book))
        answer = page.send({"chapters.+2.title": "b", "chapters.+2.pages": "2"})

        assert answer.status == 302
        assert [found["title"] for found in stored(mongo, book)["chapters"]] == ["b"]

    def test_only_empty_ones_change_nothing(self, mongo, browser, chapters):
        """The list is not made."""
        chapters(extra=2)
        book = insert(mongo, {"title": "T"})

        browser.open(change_url(book)).send({"title": "New"})

        assert stored(mongo, book) == {"_id": book.pk, "title": "New"}

    @pytest.mark.parametrize(
        ("limits", "changes", "message"),
        [
            ({"min_num": 2}, {"chapters.0:delete": "1"}, "1 given, expected at least 2."),
            (
                {"max_num": 2, "extra": 1},
                {"chapters.+1.title": "c", "chapters.+1.pages": "3"},
                "3 given, expected at most 2.",
            ),
        ],
    )
    def test_limits(self, mongo, browser, chapters, limits, changes, message):
        """They hold on the server, also for a page that was made before."""
        book = insert(mongo, {"title": "T", "chapters": [{"title": t, "pages": 1} for t in "ab"]})
        chapters(**limits | {"max_num": None})
        page = browser.open(change_url(book))
        chapters(**limits)

        page = page.send(changes)

        assert page.status == 422
        assert page.response.context_data["tree"].errors == {"chapters": [message]}
        assert len(stored(mongo, book)["chapters"]) == 2

    def test_an_untouched_list_may_be_too_short(self, mongo, browser, chapters):
        """It does not stand in the way of another change."""
        chapters(min_num=2)
        book = insert(mongo, {"title": "T", "chapters": [{"title": "a", "pages": 1}]})

        assert browser.open(change_url(book)).send({"title": "New"}).status == 302

    def test_a_new_document_needs_them(self, mongo, browser, chapters):
        """The add page judges every list that is filled."""
        chapters(min_num=2)
        page = browser.open(site._registry[Book].get_url("add"))

        page = page.send({"title": "T", "chapters.+1.title": "a", "chapters.+1.pages": "1"})

        assert page.status == 422
        assert "1 given, expected at least 2." in page

    def test_tabular(self, mongo, browser, chapters):
        """One row for each element, below headings."""
        chapters(layout="tabular", exclude=["topics"])
        book = insert(mongo, {"title": "T", "chapters": [{"title": "a", "pages": 1}]})

        page = browser.open(change_url(book))
        answer = page.send({"chapters.0.title": "A"})

        assert '<div class="dm-cells"><span>title</span><span>pages</span></div>' in page
        assert answer.status == 302
        assert stored(mongo, book)["chapters"] == [{"title": "A", "pages": 1}]

    def test_tabular_elements_are_added_one_by_one(self, mongo, browser, chapters):
        """A fragment for JavaScript has the same form."""
        chapters(layout="tabular")
        book = insert(mongo, {"title": "T"})

        answer = browser.client.get(
            f"{change_url(book)}?item=chapters&number=1", headers={"HX-Request": "true"}
        )

        assert 'class="dm-cells"' in answer.content.decode()
        assert "dm-headings" not in answer.content.decode()


def test_raw_keys(mongo, browser, option, authors):
    """A reference of `raw_id_fields` has no search box."""
    option("raw_id_fields", ["author"])
    book = insert(mongo, {"title": "T", "author": authors["Calvino"]})

    page = browser.open(change_url(book))

    assert 'data-reference="author"' not in page
    assert page.value("author") == str(authors["Calvino"])


def test_save_model_may_refuse(mongo, browser, monkeypatch):
    """A ValidationError of the hook stands at its path."""

    def save_model(self, request, obj, form, change):
        raise ValidationError({"pages": "Not on a Sunday."})

    monkeypatch.setattr(BookAdmin, "save_model", save_model)
    book = insert(mongo, {"title": "T", "pages": 5})

    page = browser.open(change_url(book)).send({"pages": "6"})

    assert page.status == 422
    assert page.response.context_data["tree"].errors == {"pages": ["Not on a Sunday."]}
    assert stored(mongo, book)["pages"] == 5


def test_view_on_site(mongo, browser, option):
    """A function gives the address; documents without a page have no link."""
    book = insert(mongo, {"title": "T"})
    url = site._registry[Book].get_url("detail", book)
    assert "View on site" not in browser.open(url)

    option("view_on_site", lambda found: f"/books/{found.title}/")

    assert '<a class="button" href="/books/T/">View on site</a>' in browser.open(url)
