"""Editing a document: types are kept, and only changed paths are written."""

import datetime
import uuid

import pytest
from bson import Binary, Code, Decimal128, Int64, MinKey, ObjectId, Regex, Timestamp
from django.contrib.auth.models import User

from docmodels.admin import EmbeddedInline, site
from tests.admin.browser import Browser
from tests.admin.library.models import Author, Book, Shelf
from tests.admin.stored import change_url, insert, same, stored

pytestmark = pytest.mark.django_db

UTC = datetime.UTC


def everything(author):
    """Return a document with a value of every kind, declared, undeclared and wrong."""
    return {
        "title": "Les Guérillères",
        "isbn_13": "978",
        "author": author,
        "genre": "unheard-of",
        "price": Decimal128("12.50"),
        "pages": Int64(387),
        "rating": 4.0,
        "available": True,
        "published": datetime.datetime(1974, 5, 1, tzinfo=UTC),
        "added_at": datetime.datetime(2024, 5, 6, 7, 8, 9, 123_000, tzinfo=UTC),
        "homepage": "not a url",
        "tags": ["a", 5, None, "two\r\nlines"],
        "publisher": {
            "name": "Minuit",
            "address": {"street": " rue  ", "city": "Paris", "zip": 75001},
            "founded": Int64(1941),
        },
        "chapters": [{"title": f"c{i}", "pages": i + 1, "n": Int64(i)} for i in range(25)],
        "translators": [author, ObjectId()],
        "shop": {"type": "Point", "coordinates": [7, 46.5]},
        "token": uuid.UUID(int=9),
        "extra": {"n": Int64(5), "d": 5.0, "deep": [[1, 2], {"x": None}], "when": None},
        "empty": "",
        "lines": "one\ntwo\r\nthree\rfour",
        "leading": "\nfirst",
        "spaces": "  x  ",
        "markup": "</textarea><script>alert(1)</script>",
        "control": "a\x00b\x01\u202ec",
        "regex": Regex("^a", "i"),
        "code": Code("x"),
        "stamp": Timestamp(1, 2),
        "least": MinKey(),
        "bytes": Binary(b"\x00\x01", 5),
        "many": list(range(30)),
        "a.b": 1,
        "$odd": {"x": 1},
        "flags": {"on": True, "off": False},
        "double": 1e300,
        "old": datetime.datetime(1, 1, 1, tzinfo=UTC),
        "midnight": datetime.datetime(2024, 1, 1, tzinfo=UTC),
        "precise": Decimal128("1.10E+3"),
        "__v": 7,
        "secret": "CANARY",
    }


class TestUnchanged:
    """Sending a page back as it came."""

    def test_sending_back_what_was_shown_writes_nothing(self, mongo, browser):
        """Every kind of value survives a round through a browser, in value and type."""
        author = insert(mongo, {"name": "Monique Wittig"}, Author)
        book = insert(mongo, everything(author.pk))
        before = stored(mongo, book)

        page = browser.open(change_url(book)).send()

        assert page.status == 302
        assert same(before, stored(mongo, book))

    def test_changing_one_value_leaves_all_others(self, mongo, browser):
        """One changed path is one difference."""
        author = insert(mongo, {"name": "Monique Wittig"}, Author)
        book = insert(mongo, everything(author.pk))
        before = stored(mongo, book)

        page = browser.open(change_url(book)).send({"publisher.address.zip": "75002"})

        after = stored(mongo, book)
        assert page.status == 302
        assert after["publisher"]["address"].pop("zip") == 75002
        before["publisher"]["address"].pop("zip")
        assert same(before, after)

    def test_an_empty_request_changes_nothing(self, mongo, browser):
        """What a browser does not send is unchanged."""
        book = insert(mongo, {"title": "T", "tags": ["a"]})
        page = browser.open(change_url(book))
        token = dict(page.fields)["_base"]

        response = browser.client.post(page.url, {"_base": token, "_save": "1"})

        assert response.status_code == 302
        assert stored(mongo, book) == {"_id": book.pk, "title": "T", "tags": ["a"]}


@pytest.mark.parametrize(
    ("key", "before", "text", "after"),
    [
        ("pages", Int64(387), "388", Int64(388)),
        ("pages", 380, "381", 381),
        ("pages", 5.0, "6", 6.0),
        ("rating", 4.0, "5", 5.0),
        ("price", Decimal128("12.50"), "12.5", Decimal128("12.5")),
        ("added_at", datetime.datetime(2024, 5, 6, 7, 8, 9, 123_000, tzinfo=UTC),
         "2024-05-06T07:08:09.124", datetime.datetime(2024, 5, 6, 7, 8, 9, 124_000, tzinfo=UTC)),
        ("published", datetime.datetime(2024, 5, 6, tzinfo=UTC),
         "2024-05-07", datetime.datetime(2024, 5, 7, tzinfo=UTC)),
        ("available", True, "false", False),
        ("available", True, "", None),
        ("genre", "unheard-of", "novel", "novel"),
        ("shop", {"type": "Point", "coordinates": [7, 46]}, "8.5, 47",
         {"type": "Point", "coordinates": [8.5, 47.0]}),
        ("other", Int64(5), "6", Int64(6)),
        ("other", 7, "8", 8),
        ("other", 5.0, "6", 6.0),
        ("other", Decimal128("1.10"), "1.20", Decimal128("1.20")),
        ("other", True, "false", False),
        ("other", "text", "<b>", "<b>"),
        ("other", "a\r\nb", "a\r\nc", "a\r\nc"),
        ("other", "a\nb", "a\r\nc", "a\nc"),
        ("other", Regex("a"), '{"$regularExpression": {"pattern": "b", "options": ""}}',
         Regex("b")),
    ],
)  # fmt: skip
def test_a_changed_value_keeps_its_type(mongo, browser, key, before, text, after):
    """The BSON type stays, whatever the text looks like."""
    book = insert(mongo, {"title": "T", key: before})

    page = browser.open(change_url(book)).send({key: text})

    assert page.status == 302
    found = stored(mongo, book).get(key)
    assert same(found, after) or found == after is None


class TestStates:
    """Unset, null and a value."""

    def test_a_text_may_be_unset_null_or_empty(self, mongo, browser):
        """The choice beside the input says which."""
        book = insert(mongo, {"title": "T", "isbn_13": "978"})
        page = browser.open(change_url(book))

        page.send({"isbn": "", "isbn:state": "value"})
        assert stored(mongo, book)["isbn_13"] == ""

        browser.open(change_url(book)).send({"isbn:state": "unset"})
        assert "isbn_13" not in stored(mongo, book)

    def test_typing_into_an_unset_text_sets_it(self, mongo, browser):
        """Without JavaScript nobody needs to think of the choice."""
        book = insert(mongo, {"title": "T"})

        browser.open(change_url(book)).send({"isbn": "978"})

        assert stored(mongo, book)["isbn_13"] == "978"

    def test_a_number_may_be_null_or_unset(self, mongo, browser):
        """A field with both options has the choice."""
        book = insert(mongo, {"title": "T", "pages": 5})

        browser.open(change_url(book)).send({"pages:state": "null"})
        assert stored(mongo, book)["pages"] is None

        browser.open(change_url(book)).send({"pages:state": "unset"})
        assert "pages" not in stored(mongo, book)

    def test_an_undeclared_value_can_change_its_type_and_go(self, mongo, browser):
        """The badge of an undeclared value is a choice."""
        book = insert(mongo, {"title": "T", "other": "5", "gone": 1})

        page = browser.open(change_url(book))
        page.send({"other:type": "long", "gone:state": "unset"})

        assert same(stored(mongo, book)["other"], Int64(5))
        assert "gone" not in stored(mongo, book)

    def test_an_embedded_document_is_made_by_filling_it(self, mongo, browser):
        """The inputs of a missing embedded document are there; nothing typed, nothing made."""
        book = insert(mongo, {"title": "T"})

        browser.open(change_url(book)).send()
        assert "publisher" not in stored(mongo, book)

        browser.open(change_url(book)).send({"publisher.name": "Minuit"})
        assert stored(mongo, book)["publisher"] == {"name": "Minuit"}

        browser.open(change_url(book)).send({"publisher:state": "unset"})
        assert "publisher" not in stored(mongo, book)


class TestErrors:
    """Errors stand at their paths."""

    def test_all_errors_come_together_and_nothing_is_saved(self, mongo, browser):
        """Bad text, a failed validator and one deep in a list, each at its input."""
        book = insert(
            mongo, {"title": "T", "pages": 5, "chapters": [{"title": "a", "pages": 1}], "x": 1}
        )
        before = stored(mongo, book)

        page = browser.open(change_url(book)).send(
            {"pages": "many", "homepage": "nowhere", "chapters.0.pages": "0", "x": "text"}
        )

        assert page.status == 422
        assert stored(mongo, book) == before
        errors = page.response.context_data["tree"].errors
        assert errors == {
            "pages": ["“many” is not valid, expected a whole number."],
            "homepage": ["Enter a valid URL."],
            "chapters.0.pages": ["Ensure this value is greater than or equal to 1."],
            "x": ["“text” is not valid, expected a whole number of 32 bits."],
        }
        assert page.value("pages") == "many"
        assert 'aria-describedby="f-chapters.0.pages-e"' in page

    def test_a_refused_page_can_be_corrected(self, mongo, browser):
        """The page with errors carries everything that was typed."""
        book = insert(mongo, {"title": "T", "pages": 5})

        page = browser.open(change_url(book)).send({"title": "New", "pages": "many"})
        page.send({"pages": "6"})

        assert stored(mongo, book) == {"_id": book.pk, "title": "New", "pages": 6}

    def test_a_bad_value_elsewhere_does_not_stand_in_the_way(self, mongo, browser):
        """Messy data can be edited one path at a time."""
        book = insert(mongo, {"title": "T", "pages": "many", "chapters": [{"pages": -1}, {}]})

        page = browser.open(change_url(book)).send({"title": "New", "chapters.0.title": "One"})

        assert page.status == 302
        assert stored(mongo, book) == {
            "_id": book.pk,
            "title": "New",
            "pages": "many",
            "chapters": [{"pages": -1, "title": "One"}, {}],
        }

    def test_a_taken_unique_value_is_an_error_of_its_field(self, mongo, browser):
        """The index's answer stands at the input."""
        mongo.collection("library_books").create_index("isbn_13", unique=True, sparse=True)
        insert(mongo, {"title": "A", "isbn_13": "1"})
        book = insert(mongo, {"title": "B", "isbn_13": "2"})
        try:
            page = browser.open(change_url(book)).send({"isbn": "1"})
        finally:
            mongo.collection("library_books").drop_index("isbn_13_1")

        assert page.status == 422
        assert page.response.context_data["tree"].errors == {
            "isbn": ["Book with this isbn already exists."]
        }


@pytest.mark.parametrize(
    "key",
    [
        "a/b", "plain", "5", 6, 5.5, True, Int64(2**40), Decimal128("1.10"), uuid.UUID(int=5),
        b"\x00", datetime.datetime(2020, 1, 1, tzinfo=UTC), {"a": 1, "b": {"c": "/?#"}},
        {"b": 1, "a": 1}, None,
    ],
)  # fmt: skip
def test_a_key_of_any_type(mongo, browser, key):
    """Every document can be opened, edited and deleted."""
    shelf = insert(mongo, {"_id": key, "label": "old"}, Shelf)
    admin = site._registry[Shelf]

    assert browser.open(admin.get_url("detail", shelf)).status == 200
    assert browser.open(change_url(shelf, Shelf)).send({"label": "new"}).status == 302
    assert stored(mongo, shelf, Shelf)["label"] == "new"
    assert browser.open(admin.get_url("history", shelf)).status == 200
    page = browser.open(admin.get_url("delete", shelf), "delete-form")
    assert page.send(button="").status == 302
    assert stored(mongo, shelf, Shelf) is None


class TestOptions:
    """What a DocumentAdmin says about the form."""

    def test_fields_and_readonly(self, mongo, browser, monkeypatch):
        """The order of `fields`; what is read-only is shown and a forged input ignored."""
        admin = site._registry[Book]
        monkeypatch.setattr(admin, "fields", ["pages", ("title", "isbn")], raising=False)
        monkeypatch.setattr(admin, "readonly_fields", ["title"], raising=False)
        book = insert(mongo, {"title": "T", "pages": 5, "language": "en"})

        page = browser.open(change_url(book))
        page.send({"pages": "6"}, raw={"f:title": "forged", "f:language": "de"})

        shown = [node.path for node in page.response.context_data["tree"].nodes]
        assert shown == ["pages", "title", "isbn"]
        assert stored(mongo, book) == {"_id": book.pk, "title": "T", "pages": 6, "language": "en"}

    def test_inlines(self, mongo, browser, monkeypatch):
        """An EmbeddedInline narrows what is edited inside of a list."""

        class Chapters(EmbeddedInline):
            path = "chapters"
            exclude = ["topics"]
            readonly_fields = ["pages"]
            can_delete = False
            max_num = 2
            verbose_name = "Parts"

        monkeypatch.setattr(site._registry[Book], "inlines", [Chapters], raising=False)
        chapters = [{"title": "a", "pages": 1, "topics": ["x"]}, {"title": "b", "pages": 2}]
        book = insert(mongo, {"title": "T", "chapters": chapters})

        page = browser.open(change_url(book))
        page.send(
            {"chapters.0.title": "A"}, raw={"f:chapters.1:delete": "1", "f:chapters.0.pages": "9"}
        )

        names = {name for name, _value in page.fields} | set(page.unticked)
        assert not names & {"f:chapters.0.topics", "f:chapters.0.pages", "f:chapters.0:delete"}
        assert 'data-add="chapters"' not in page
        assert ">Parts</span>" in page
        assert stored(mongo, book)["chapters"] == [{**chapters[0], "title": "A"}, chapters[1]]


class TestLimits:
    """What a page refuses."""

    def test_hidden_fields_are_nowhere(self, mongo, browser):
        """Neither on the page nor in its token, and a save keeps them."""
        book = insert(mongo, {"title": "T", "secret": "CANARY"})

        page = browser.open(change_url(book))
        page.send({"title": "New"}, raw={"f:secret": "mine"})

        assert "CANARY" not in page
        assert "f:secret" not in page
        assert stored(mongo, book)["secret"] == "CANARY"

    def test_the_key_and_the_version_are_not_inputs(self, mongo, browser):
        """A forged input for them is ignored."""
        book = insert(mongo, {"title": "T", "__v": 3})

        page = browser.open(change_url(book))
        page.send({"title": "New"}, raw={"f:id": str(ObjectId()), "f:__v": "99"})

        assert stored(mongo, book) == {"_id": book.pk, "title": "New", "__v": 3}

    def test_a_damaged_token_loses_nothing(self, mongo, browser):
        """What was typed is shown again, over what is stored."""
        book = insert(mongo, {"title": "T"})

        page = browser.open(change_url(book)).send({"title": "New"}, raw={"_base": ["forged"]})

        assert page.status == 422
        assert page.value("title") == "New"
        assert stored(mongo, book)["title"] == "T"

    def test_a_token_of_another_document_is_refused(self, mongo, browser):
        """A snapshot is bound to its document."""
        one, two = insert(mongo, {"title": "1"}), insert(mongo, {"title": "2"})
        token = dict(browser.open(change_url(one)).fields)["_base"]

        page = browser.open(change_url(two)).send({"title": "New"}, raw={"_base": [token]})

        assert page.status == 422

    def test_without_permission(self, mongo):
        """Who may only see gets 403, and an unknown key is a 404."""
        book = insert(mongo, {"title": "T"})
        nobody = Browser(User.objects.create_user("nobody", is_staff=True))
        editor = Browser(User.objects.create_superuser("root"))

        assert nobody.open(change_url(book)).status == 403
        missing = change_url(Book(id=ObjectId()))
        assert editor.open(missing).status == 404
        assert editor.open(change_url(book).replace(str(book.pk), "nonsense")).status == 404
