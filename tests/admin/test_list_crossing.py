"""Filters and search of a list by what references lead to."""

import pytest

from docmodels import admin
from docmodels.admin.filters import ValuesFilter
from docmodels.testing import record_commands
from tests.admin.library.models import Author, Book

URL = "/admin/library/book/"


@pytest.fixture
def by_author(monkeypatch):
    """Offer filters by the author, and by those who translated."""
    site_admin = admin.site.get_model_admin(Book)
    monkeypatch.setattr(
        site_admin, "list_filter", ["author__name", ("translators__name", ValuesFilter)]
    )
    monkeypatch.setattr(site_admin, "search_fields", ["=author__name"])


@pytest.fixture
def shelf(mongo, by_author):
    """Store three books of two authors."""
    ann = Author.objects.create(name="Ann", email="a@example.org")
    bob = Author.objects.create(name="Bob", email="b@example.org")
    for title, author in (("a", ann), ("b", bob), ("c", ann)):
        Book.objects.create(title=title, author=author, translators=[bob, ann])
    Book.objects.create(title="d")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("author__name=Ann", ["a", "c"]),
        ("author__name=Ann&author__name=Bob", ["a", "b", "c"]),
        ("author__name__ne=Ann", ["b", "d"]),
        ("author__name__istartswith=b", ["b"]),
        ("translators__name=Bob&author__name=Ann", ["a", "c"]),
        ("q=ann", ["a", "c"]),
    ],
)
def test_rows(visitor, shelf, query, expected):
    """The rows are those whose documents match."""
    page = visitor.get(f"{URL}?{query}")

    assert (page.status, page.first_cells) == (200, expected)


def test_commands(visitor, shelf):
    """The keys are asked for first; the rows need no join."""
    with record_commands() as commands:
        visitor.get(f"{URL}?author__name=Ann")

    asked = [sent.command for sent in commands if sent.name == "find"]
    assert [sent["find"] for sent in asked[:2]] == ["library_authors", "library_books"]
    assert asked[1]["filter"]["author"].keys() == {"$in"}


def test_chip_and_filter(visitor, shelf):
    """The condition is a chip in words; the filter offers no states."""
    page = visitor.get(f"{URL}?author__name=Ann")

    assert "Author \u203a name: Ann" in page.text
    assert "author__name__state" not in page.html


def test_facet(visitor, shelf):
    """The values that are offered are those of the other documents."""
    page = visitor.fragment(f"{URL}?_facet=author__name")

    assert 'href="?author__name=Ann"' in page.html
    assert 'href="?author__name=Bob"' in page.html


@pytest.mark.parametrize(
    "query",
    ["author__email=a@example.org", "author__email__startswith=a", "author__name__state=null"],
)
def test_refused(visitor, shelf, query):
    """An address leads nowhere that no filter was declared for."""
    page = visitor.get(f"{URL}?{query}")

    assert page.status == 400


def test_without_permission(staff, shelf):
    """Who may not see authors sees no filter by them, and finds no book by one."""
    user = staff("view_book")

    assert "author__name" not in user.get(URL).html
    assert user.get(f"{URL}?author__name=Ann").status == 400
    assert user.get(f"{URL}?q=ann").rows == []


def test_with_permission(staff, shelf):
    """Who may see both has it."""
    assert staff("view_book", "view_author").get(f"{URL}?author__name=Ann").status == 200


def test_checks(monkeypatch):
    """A path that leads nowhere is told at the start."""

    class Wrong(admin.DocumentAdmin):
        list_filter = ["author__nam"]

    [error] = Wrong(Book, admin.site).check()
    assert (error.id, error.msg) == (
        "docmodels.E303",
        "Wrong.list_filter: Book.author__nam: Author has no field 'nam'. Did you mean 'name'?",
    )
