"""Filters and search: conditions in the address, links beside the list, chips above it."""

import pytest
from bson import ObjectId

from docmodels import admin
from docmodels.admin.filters import (
    BooleanFilter,
    ChoicesFilter,
    DateFilter,
    RangeFilter,
    ReferenceFilter,
    ValuesFilter,
    filter_class_for,
)
from tests.admin.library.models import Author, Book

URL = "/admin/library/book/"


def titles(page):
    """Return the numbers of the books that are listed."""
    return [int(title.removeprefix("Book ")) for title in page.first_cells]


class TestConditions:
    """Conditions in an address."""

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("genre=novel&pages__lt=90", [0, 3, 6]),
            ("genre__exact=novel&pages__lt=90", [0, 3, 6]),
            ("genre=novel&genre=poems&pages__lt=50", [0, 1, 3, 4]),
            ("genre__in=novel,poems&pages__lt=50", [0, 1, 3, 4]),
            ("pages__gte=100&pages__lte=120", [10, 11, 12]),
            ("available=false&pages__lt=50", [1, 3]),
            ("available=0&pages__lt=50", [1, 3]),
            ("price__gt=57", [57, 58, 59]),
            ("title__icontains=BOOK+1&pages__lt=120", [10, 11]),
            ("title__startswith=Book+05", [5]),
            ("publisher__address__city=Rome&pages__lt=150", [0, 5, 10]),
            ("tags=blue&pages__lt=90", [2, 5, 8]),
            ("added_at__on=2024-01-05", [4]),
            ("added_at__lte=2024-01-02", [0, 1]),
            ("added_at__gt=2024-02-28", [59]),
            ("published__gte=2058-01-01", [58, 59]),
            ("title__ne=Book+00&pages__lt=20", [1]),
            ("pages__gte=&genre=&language=fr&pages__lt=50", [0, 4]),
            ("isbn=978-07", [7]),
        ],
    )
    def test_rows(self, visitor, books, query, expected):
        """A condition leaves the rows that meet it; a blank one says nothing."""
        page = visitor.get(f"{URL}?{query}")

        assert page.status == 200
        assert titles(page) == expected

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("isbn__state=missing", ["c", "d", "e"]),
            ("isbn__state=null", ["b"]),
            ("isbn__state=empty", ["a"]),
            ("isbn__isnull=true", ["b", "c", "d", "e"]),
            ("pages__state=wrong", ["a", "c"]),
            ("tags__state=empty", ["a"]),
            ("tags__state=wrong", ["b"]),
            ("author__state=wrong", ["d"]),
        ],
    )
    def test_states(self, visitor, mongo, query, expected):
        """Missing, null, empty and wrong type are told apart."""
        mongo.collection(Book._meta.collection).insert_many(
            [
                {"title": "a", "isbn_13": "", "pages": "many", "tags": []},
                {"title": "b", "isbn_13": None, "pages": 5, "tags": "red"},
                {"title": "c", "pages": [5], "tags": ["red"]},
                {"title": "d", "pages": None, "author": "someone"},
                {"title": "e", "author": ObjectId()},
            ]
        )

        assert visitor.get(f"{URL}?{query}").first_cells == expected

    def test_values_are_literals(self, visitor, mongo):
        """Text that looks like an operator is compared as text."""
        mongo.collection(Book._meta.collection).insert_one({"title": '{"$gt": ""}'})

        page = visitor.get(URL, **{})
        found = visitor.get(f'{URL}?title={{"$gt": ""}}')

        assert len(page.rows) == len(found.rows) == 1

    def test_chips(self, visitor, books, authors):
        """Each condition is a chip in words, with the address without it."""
        key = authors["Calvino"]
        page = visitor.get(f"{URL}?genre=novel&pages__gte=100&author={key}&isbn__state=missing")

        assert "Genre: Novel" in page.text
        assert "Pages ≥ 100" in page.text
        assert "Author: Calvino" in page.text
        assert "Isbn: missing" in page.text
        assert f'href="?genre=novel&amp;pages__gte=100&amp;author={key}" aria-label' in page.html

    def test_chip_of_a_reference_that_leads_nowhere(self, visitor, books):
        """The key stands for the document that does not exist."""
        page = visitor.get(f"{URL}?author__ne=65a1b2c3d4e5f60718293a4b")

        assert "Author is not 65a1b2c3d4e5f60718293a4b" in page.text

    def test_values_are_buttons_that_filter(self, visitor, books):
        """A click on a value sends the address with one more condition."""
        page = visitor.get(f"{URL}?genre=novel&_size=1")

        assert '<input type="hidden" name="genre" value="novel">' in page.html
        assert '<button form="by" class="by" name="pages" value="0">0</button>' in page.html
        assert 'name="added_at__on" value="2024-01-01"' in page.html
        assert 'name="available" value="true"' in page.html


class TestFilters:
    """The links and inputs in the drawer."""

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("genre", ChoicesFilter),
            ("available", BooleanFilter),
            ("published", DateFilter),
            ("added_at", DateFilter),
            ("pages", RangeFilter),
            ("price", RangeFilter),
            ("author", ReferenceFilter),
            ("translators", ReferenceFilter),
            ("title", ValuesFilter),
            ("tags", ValuesFilter),
        ],
    )
    def test_each_field_has_its_filter(self, path, expected):
        """The class of the field decides, of a list that of its elements."""
        assert filter_class_for(Book._meta.resolve(path).field) is expected

    def test_choices_go_in_and_out(self, visitor, books):
        """A link adds its value, the link of a chosen one takes it out."""
        page = visitor.get(f"{URL}?genre=novel&pages__gte=10")

        assert 'href="?genre=novel&amp;genre=poems&amp;pages__gte=10"' in page.html
        assert '<a href="?pages__gte=10" aria-current="true">Novel</a>' in page.html

    def test_range_keeps_its_values(self, visitor, books):
        """The inputs show what the address has."""
        page = visitor.get(f"{URL}?pages__gte=10")

        assert 'name="pages__gte" value="10"' in page.html
        assert 'name="published__lte" value=""' in page.html

    def test_values_are_looked_up_when_asked_for(self, visitor, books):
        """The page asks for no values; the fragment has the most frequent ones first."""
        page = visitor.get(URL)
        languages = visitor.fragment(f"{URL}?_facet=language&genre=novel")
        authors = visitor.fragment(f"{URL}?_facet=author")

        assert 'hx-get="?_facet=language"' in page.html
        assert languages.text == "en fr"
        assert 'href="?genre=novel&amp;language=en"' in languages.html
        assert set(authors.text.split()) == {"Calvino", "Lispector"}

    def test_values_without_scripts(self, visitor, books):
        """The link gives the whole page with the values in it."""
        page = visitor.get(f"{URL}?_facet=language")

        assert len(page.rows) == 25
        assert 'href="?language=fr"' in page.html


class LengthFilter(admin.SimpleListFilter):
    """A filter in Django's API."""

    title = "length"
    parameter_name = "length"

    def lookups(self, request, model_admin):
        return [("long", "Long"), ("short", "Short")]

    def queryset(self, request, queryset):
        if self.value() == "long":
            return queryset.filter(pages__gt=550)
        return None


class TestSimpleListFilter:
    """Django's own class works as it is."""

    @pytest.fixture(autouse=True)
    def length_filter(self, monkeypatch):
        """Put the filter into the list."""
        monkeypatch.setattr(
            admin.site.get_model_admin(Book), "list_filter", [LengthFilter, "genre"]
        )

    def test_narrows(self, visitor, books):
        """Its queryset is used, and its choice is a chip."""
        page = visitor.get(f"{URL}?length=long")

        assert titles(page) == [56, 57, 58, 59]
        assert "Length: Long" in page.text
        assert 'href="?length=short"' in page.html

    def test_keeps_the_other_conditions(self, visitor, books):
        """Its links keep the rest of the address."""
        assert 'href="?genre=novel&amp;length=long"' in visitor.get(f"{URL}?genre=novel").html


class TestSearch:
    """The search box."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("book 07", [7]),
            ('"Book 07"', [7]),
            ('"07 Book"', []),
            ("978-1", [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]),
            ("8-10", []),
            ("590", [59]),
            ("blue 05", [5]),
            (".*", []),
        ],
    )
    def test_words(self, visitor, books, text, expected):
        """Every word is found in one of the fields; input is never a pattern."""
        assert titles(visitor.get(f"{URL}?q={text}")) == expected

    def test_references(self, visitor, books, monkeypatch):
        """Words are looked for in the documents that references lead to."""
        author = Author.objects.create(name="Zoe")
        Book.objects.filter(title="Book 07").update(author=author)
        monkeypatch.setattr(
            admin.site.get_model_admin(Book), "search_fields", ["title", "^author__name"]
        )

        assert titles(visitor.get(f"{URL}?q=zoe")) == [7]

    def test_no_search_box_without_fields(self, visitor, mongo):
        """A list without `search_fields` has no box."""
        assert 'type="search"' not in visitor.get("/admin/library/shelf/").html

    def test_search_is_kept_with_conditions(self, visitor, books):
        """The form of the search carries the conditions, and their links the search."""
        page = visitor.get(f"{URL}?q=book&genre=novel")

        assert 'name="q" value="book"' in page.html
        assert 'href="?q=book"' in page.html


def test_lists_of_references_show_names(visitor, mongo, authors, assert_num_commands):
    """The popover of a list of keys has the names of their documents, one query for all."""
    keys = [authors["Calvino"], authors["Lispector"], ObjectId()]
    mongo.collection(Book._meta.collection).insert_many(
        [{"title": str(n), "translators": keys[n:]} for n in range(3)]
        + [{"title": "3", "translators": "nobody"}, {"title": "4", "translators": [None, {}]}]
    )

    with assert_num_commands(2):
        page = visitor.get(f"{URL}?_cols=title,translators")

    assert page.rows[0] == ["0", f"[3]Calvino Lispector {keys[2]}"]
    assert page.rows[3] == ["3", "nobody string"]
    assert f'<a href="/admin/library/author/{keys[0]}/">Calvino</a>' in page.html


def test_references_are_looked_up_in_one_query(visitor, mongo, assert_num_commands):
    """Hundred references of a page are one query."""
    authors = [Author(name=f"Author {n:03}") for n in range(100)]
    Author.objects.bulk_create(authors)
    mongo.collection(Book._meta.collection).insert_many(
        [{"title": f"{n:03}", "author": author.pk} for n, author in enumerate(authors)]
    )

    with assert_num_commands(2):
        page = visitor.get(f"{URL}?_size=100")

    assert page.rows[99][1] == "Author 099="
