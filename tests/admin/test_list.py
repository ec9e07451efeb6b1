"""The list: rows, columns, order, pages, numbers, and addresses that do not fit."""

import datetime

import pytest
from bson import DatetimeMS, ObjectId
from django.contrib.auth.models import User

from docmodels.admin import keys
from tests.admin.library.models import Author, Book, Shelf

URL = "/admin/library/book/"


def insert(mongo, model, *documents):
    """Store dicts as they are."""
    mongo.collection(model._meta.collection).insert_many(list(documents))


class TestRows:
    """What the rows show, and what it costs."""

    def test_first_page(self, visitor, books):
        """The first rows, in the document's order, each with a link to its page."""
        page = visitor.get(URL)

        assert page.status == 200
        assert page.first_cells == [f"Book {n:02}" for n in range(25)]
        assert page.rows[7] == [
            "Book 07", "Calvino=", "7.50", "70", "✗", "2024-01-08 12:00:00.007", "[1]red",
            "Paris", "✗",
        ]  # fmt: skip
        assert f'href="{URL}{books[7]["_id"]}/"' in page.html

    def test_one_query_for_rows_and_one_for_references(self, visitor, books, assert_num_commands):
        """The number of commands does not grow with the rows; nothing is counted."""
        visitor.get(URL)

        with assert_num_commands(2):
            visitor.get(URL)

    def test_only_listed_paths_are_fetched(self, visitor, books, assert_num_commands):
        """The projection has the columns' fields and the keys of the order."""
        with assert_num_commands(1) as commands:
            visitor.get(f"{URL}?_cols=title,pages&o=-pages")

        assert set(commands[0].command["projection"]) == {"_id", "title", "pages", "__v"}
        assert "skip" not in commands[0].command

    def test_page_is_small(self, visitor, books):
        """A page of 25 rows is below 60 KB."""
        assert len(visitor.get(URL).html.encode()) < 60_000

    def test_no_documents(self, visitor, mongo):
        """An empty collection offers to add the first document."""
        page = visitor.get("/admin/library/author/")

        assert "No authors yet" in page.text
        assert 'href="/admin/library/author/add/"' in page.html

    def test_nothing_fits(self, visitor, books):
        """A condition that nothing meets offers to clear it."""
        page = visitor.get(f"{URL}?pages=7")

        assert page.rows == []
        assert "No document meets all the conditions." in page.text

    def test_keys_of_any_type_are_listed(self, visitor, mongo):
        """A collection with keys of many types is listed, each row with an address."""
        made = ["a/b", 5, {"a": 1}, datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC), 1.5, None]
        insert(mongo, Shelf, *({"_id": key, "label": "x"} for key in made))

        page = visitor.get("/admin/library/shelf/")

        assert len(page.rows) == 6
        for key in made:
            assert f'href="/admin/library/shelf/{keys.quote(key)}/"' in page.html

    def test_stored_values_of_any_type_are_shown(self, visitor, mongo):
        """Wrong types, null, missing and dates beyond Python's range are cells, never a failure."""
        insert(
            mongo,
            Book,
            {
                "title": 5, "author": "nobody", "price": None, "pages": "many",
                "available": [1], "tags": "red", "publisher": "text",
            },
            {"title": "", "token": "", "added_at": ObjectId(), "tags": [1, {"a": 1}]},
            {"title": "nan", "pages": float("nan")},
        )  # fmt: skip
        insert(mongo, Book, {"title": "far", "added_at": DatetimeMS(10**16)})

        page = visitor.get(URL)

        assert page.status == 200
        by_title = {row[0]: row for row in page.rows}
        assert by_title["5 int"][1:4] == ["nobody string", "null", "many string"]
        assert by_title['""'][2] == ""
        assert "far" in by_title

    def test_hidden_fields_are_nowhere(self, visitor, books):
        """The value of a hidden field is on no page, and its name in no message."""
        for address in (URL, f"{URL}?_cols=secret", f"{URL}?secret=canary", f"{URL}?o=secret",
                        f"{URL}?bogus=1", f"{URL}?_cols=title"):  # fmt: skip
            page = visitor.get(address)

            assert "canary" not in page.html.replace("secret=canary", "")
            assert "secret" in address or "secret" not in page.html
        assert visitor.get(f"{URL}?q=canary").rows == []

    def test_hidden_and_undeclared_fields_are_answered_alike(self, visitor, books):
        """Nobody can tell a hidden field from one that does not exist."""
        hidden, unknown = visitor.get(f"{URL}?secret=x"), visitor.get(f"{URL}?zzzzzz=x")

        assert hidden.status == unknown.status == 400
        assert "Book has no field “secret”." in hidden.text
        assert "Book has no field “zzzzzz”." in unknown.text

    def test_permission_is_needed(self, staff, books):
        """Without a permission the list is forbidden; with "view" it has no actions."""
        clerk = staff("view_author")

        refused = clerk.get(URL)

        assert refused.status == 403
        assert "Your account may not do this." in refused.text
        assert f'href="{URL}"' not in refused.html
        page = clerk.get("/admin/library/author/")
        assert page.status == 200
        assert 'name="_selected_action"' not in page.html

    def test_names_of_documents_that_may_not_be_seen_stay_keys(self, staff, books, authors):
        """A reference shows its key where its document may not be seen."""
        page = staff("view_book").get(URL)

        assert "Calvino" not in page.html
        assert str(authors["Calvino"]) in page.html


class TestOrder:
    """Sorting by headings, and pages by place."""

    def test_heading_sorts_and_turns(self, visitor, books):
        """A heading leads to its order, then to the reverse, and says which it is."""
        up, down = visitor.get(f"{URL}?o=pages"), visitor.get(f"{URL}?o=-pages")

        assert up.first_cells[0] == "Book 00"
        assert down.first_cells[0] == "Book 59"
        assert 'aria-sort="ascending"><a href="?o=-pages">' in up.html
        assert 'aria-sort="descending"><a href="?o=pages">' in down.html

    def test_several_columns(self, visitor, books):
        """The address may name several columns; headings add themselves after the others."""
        page = visitor.get(f"{URL}?o=available,-pages")

        assert page.first_cells[:2] == ["Book 59", "Book 57"]
        assert 'href="?o=available,-pages,price"' in page.html

    def test_method_sorts_by_its_path(self, visitor, books):
        """A column of a method is sorted by the path that `@display` names."""
        assert visitor.get(f"{URL}?o=-thick").first_cells[0] == "Book 59"

    @pytest.mark.parametrize("order", ["title", "-title", "pages", "-available,added_at"])
    def test_next_and_previous_visit_every_row_once(self, visitor, books, order):
        """Following "next" to the end and "previous" back gives the same pages."""
        forwards = [visitor.get(f"{URL}?o={order}&_size=25")]
        while (link := forwards[-1].link("next")) is not None:
            forwards.append(visitor.get(URL + link))
        backwards = [forwards[-1]]
        while (link := backwards[-1].link("prev")) is not None:
            backwards.append(visitor.get(URL + link))

        titles = [title for page in forwards for title in page.first_cells]
        assert len(forwards) == 3
        assert sorted(titles) == [f"Book {n:02}" for n in range(60)]
        assert [p.first_cells for p in reversed(backwards)] == [p.first_cells for p in forwards]

    def test_mixed_types_and_nulls_are_paged(self, visitor, mongo):
        """Pages over values of all types lose no row."""
        values = [1, "x", None, 2.5, True, ObjectId(), float("nan"), {"a": 1}, "", -1]
        insert(mongo, Book, *({"title": f"t{n}", "pages": v} for n, v in enumerate(values)))
        insert(mongo, Book, {"title": "missing"})

        found, page = [], visitor.get(f"{URL}?o=pages&_size=2")
        while True:
            found += page.first_cells
            if (link := page.link("next")) is None:
                break
            page = visitor.get(URL + link)

        assert len(found) == len(set(found)) == 11


class TestColumns:
    """Chosen columns."""

    def test_chosen_columns(self, visitor, books):
        """`_cols` names paths, also embedded ones; the first one leads to the document."""
        page = visitor.get(f"{URL}?_cols=isbn,publisher__name&_cols=genre&_size=1")

        assert page.rows == [["978-00", "Minuit", "Novel"]]
        assert f'href="{URL}{books[0]["_id"]}/?_list=' in page.html

    def test_methods_cannot_be_called_by_an_address(self, visitor, books):
        """A method that is not in `list_display` is no column."""
        page = visitor.get(f"{URL}?_cols=delete")

        assert page.status == 400
        assert "Book has no field “delete”." in page.text

    def test_page_size(self, visitor, books):
        """`_size` gives the number of rows."""
        assert len(visitor.get(f"{URL}?_size=50").rows) == 50


class TestNumbers:
    """The count ladder: never waited for, estimated, capped, exact."""

    def test_page_leads_to_its_number(self, visitor, books):
        """The page holds a place that loads the number, and a link for those without scripts."""
        page = visitor.get(f"{URL}?genre=novel")

        assert 'hx-get="?genre=novel&amp;_count=1"' in page.html
        assert '<noscript><a href="?genre=novel&amp;_count=1">' in page.html

    def test_whole_collection_is_estimated(self, visitor, books, assert_num_commands):
        """Without conditions the number comes from metadata, and says so."""
        with assert_num_commands(1) as commands:
            page = visitor.fragment(f"{URL}?_count=1")

        assert page.text == "about 60 documents exact"
        assert commands[0].command.get("query") is None

    def test_conditions_are_counted_up_to_a_limit(self, visitor, books, monkeypatch):
        """Above the limit the number ends with a plus."""
        monkeypatch.setattr("docmodels.admin.changelist.COUNT_LIMIT", 10)

        assert visitor.fragment(f"{URL}?genre=novel&_count=1").text == "10+ documents exact"
        assert visitor.fragment(f"{URL}?pages__lt=30&_count=1").text == "3 documents exact"

    def test_exact_number(self, visitor, books):
        """The exact number has no further link."""
        assert visitor.fragment(f"{URL}?genre=novel&_count=exact").text == "20 documents"

    def test_exact_number_is_counted_on_the_slow_alias(self, visitor, books, settings):
        """With the slow alias down there is no exact number, and the list goes on."""
        settings.MONGO_DATABASES = settings.MONGO_DATABASES | {
            "slow": {"HOST": "mongodb://127.0.0.1:1/?directConnection=true", "NAME": "x"}
        }

        page = visitor.get(f"{URL}?_count=exact")

        assert page.status == 200
        assert len(page.rows) == 25
        assert "Not counted: it took too long" in page.text

    def test_without_scripts_the_page_shows_it(self, visitor, books):
        """The link gives the whole page with the number."""
        page = visitor.get(f"{URL}?genre=novel&_count=1")

        assert "20 documents exact" in page.text
        assert len(page.rows) == 20


class TestKeys:
    """Going to a document by its key."""

    def test_known_key(self, visitor, books):
        """A key leads to the document's page."""
        page = visitor.get(f"{URL}?_id={books[3]['_id']}")

        assert page.status == 302
        assert page.response["Location"] == f"{URL}{books[3]['_id']}/"

    def test_unknown_key(self, visitor, books):
        """The list comes again, with its conditions and a message."""
        page = visitor.get(f"{URL}?_id=zz<b>&genre=novel")

        assert page.response["Location"] == f"{URL}?genre=novel"
        assert "No book has the key “zz&lt;b&gt;”." in visitor.get(URL).html


class TestBadAddresses:
    """Whatever an address says, the answer is a page that says what does not fit."""

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("bogus=1", "Book has no field “bogus”."),
            ("titel=1", "Book has no field “titel”. Did you mean 'title'?"),
            ("title[$ne]=1", "Book has no field “title[$ne]”."),
            ("title__$where=1", "Book has no field “title__$where”."),
            ("_meta=1", "Book has no field “_meta”."),
            ("__class__=1", "Book has no field “__class__”."),
            ("pages=abc", "“abc” is not valid, expected a whole number."),
            ("pages=99999999999999999999", "is outside of the range"),
            ("pages__state=sleepy", "“sleepy” is no state. Choices are: missing, null"),
            ("added_at__on=tomorrow", "“tomorrow”, expected a day such as 2024-05-31."),
            ("o=tags", "“tags” cannot be sorted by. Choices are:"),
            ("o=pages,", "“” cannot be sorted by."),
            ("_size=0", "“0” rows, expected a number from 1 to 200."),
            ("_size=\uff19", "“\uff19” rows, expected a number from 1 to 200."),
            ("_size=1&_size=2", "“_size” is given more than once."),
            ("_cols=bogus", "Book has no field “bogus”."),
            ("_after=forged", "The page token is damaged or was not made here."),
            ("_before=forged", "The page token is damaged or was not made here."),
            ("_after=a&_before=b", "A page is either after or before a row."),
            ("_count=sloppy", "“sloppy”, expected 1 or exact."),
            ("title=%00", "A null character is no text."),
            ("title=" + "x" * 1001, "The value of “title” is too long."),
            ("q=" + "x" * 201, "Expected at most 200 characters to search for."),
            ("publisher__address__town=1", "Book has no field “publisher__address__town”."),
        ],
    )  # fmt: skip
    def test_answer_is_a_400_with_a_reason(self, visitor, books, query, message):
        """The page names what does not fit and leads to the list without it."""
        page = visitor.get(f"{URL}?{query}")

        assert page.status == 400
        assert message.replace("'", "&#x27;") in page.html
        assert "Show the list without it" in page.text

    def test_rest_of_the_address_is_kept(self, visitor, books):
        """The way out leaves only the bad part behind."""
        page = visitor.get(f"{URL}?genre=novel&bogus=1")

        assert f'href="{URL}?genre=novel"' in page.html

    def test_token_of_another_order(self, visitor, books):
        """A place in one order is none in another."""
        token = visitor.get(f"{URL}?o=pages").link("next")

        page = visitor.get(f"{URL}{token.replace('o=pages', 'o=-pages')}")

        assert page.status == 400
        assert "The page token was made for another query or order." in page.text


class TestDatabaseDown:
    """A server that is down is told within two seconds, with a way to try again."""

    @pytest.fixture
    def down(self, settings):
        """Point the aliases to a port where nobody listens."""
        settings.MONGO_DATABASES = {
            "default": {"HOST": "mongodb://127.0.0.1:1/?directConnection=true", "NAME": "x"}
        }

    def test_friendly_page(self, down, visitor):
        """Status 503, a reason without an address, and a link to the same page."""
        started = datetime.datetime.now(tz=datetime.UTC)

        page = visitor.get(f"{URL}?genre=novel")

        assert (datetime.datetime.now(tz=datetime.UTC) - started).total_seconds() < 2
        assert page.status == 503
        assert page.response["Retry-After"] == "2"
        assert "The database cannot be reached" in page.text
        assert "127.0.0.1" not in page.html
        assert f'href="{URL}?genre=novel">Try again</a>' in page.html

    def test_overview_still_opens(self, down, visitor):
        """The overview has its names, and no numbers for what is down."""
        page = visitor.get("/admin/?counts=1")

        assert page.status == 200
        assert f"Users {User.objects.count()}" in page.text
        assert "Books Add" in page.text


def test_author_names_are_escaped(visitor, mongo):
    """Stored markup is text, also in a reference, a tooltip and a chip."""
    evil = '<script>alert("x")</script>\u202e'
    author = Author(name=evil)
    author.save()
    insert(mongo, Book, {"title": evil * 5, "author": author.pk, "language": evil})

    page = visitor.get(f"{URL}?language=%3Cscript%3E")
    listed = visitor.get(URL)

    for found in (page, listed):
        assert "<script>alert" not in found.html
    assert "\u202e" not in listed.text
    assert "\\u202e" in listed.text
