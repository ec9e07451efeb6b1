"""The page that shows one document: any value, any mess, quickly."""

import datetime
import sys
import uuid
from contextlib import contextmanager

import pytest
from bson import Binary, Code, DatetimeMS, Decimal128, Int64, ObjectId, Regex, Timestamp, json_util
from django.contrib.auth.models import Permission, User

from docmodels.admin import site
from tests.admin.browser import Browser
from tests.admin.library.models import Author, Book
from tests.admin.stored import insert

pytestmark = pytest.mark.django_db

UTC = datetime.UTC


@pytest.fixture
def browser():
    """Give a superuser's browser."""
    return Browser(User.objects.create_superuser("reader", "e@example.org", "secret"))


@contextmanager
def count_calls():
    """Give a list that gets an entry for each call of a Python function."""
    called = []
    sys.setprofile(lambda frame, event, argument: called.append(1) if event == "call" else None)
    try:
        yield called
    finally:
        sys.setprofile(None)


def detail_url(document, model=Book):
    """Return the address of the page."""
    return site._registry[model].get_url("detail", document)


def nodes_of(page):
    """Return the nodes of the tree by path."""
    found = {}

    def collect(nodes):
        for node in nodes:
            found[node.path] = node
            collect(node.children)

    collect(page.response.context_data["nodes"])
    return found


class TestTree:
    """What the tree tells of each value."""

    def test_every_value_has_its_type(self, mongo, browser):
        """Badges carry MongoDB's names."""
        values = {
            "string": "x", "int": 1, "long": Int64(1), "double": 1.0, "decimal": Decimal128("1"),
            "bool": True, "null": None, "date": datetime.datetime(2024, 1, 1, tzinfo=UTC),
            "objectId": ObjectId(), "uuid": uuid.UUID(int=1), "binary": Binary(b"x", 5),
            "array": [1], "object": {"a": 1}, "regex": Regex("a"), "timestamp": Timestamp(1, 1),
            "javascript": Code("x"),
        }  # fmt: skip
        book = insert(mongo, {"title": "T", **values})

        nodes = nodes_of(browser.open(detail_url(book)))

        assert {path: nodes[path].type for path in values} == {path: path for path in values}

    def test_missing_null_and_empty_are_three(self, mongo, browser):
        """Each is drawn in its own way."""
        book = insert(mongo, {"title": "", "pages": None})

        page = browser.open(detail_url(book))

        assert '<span class="quiet v">""</span>' in page
        assert '<span class="null">null</span>' in page
        assert "isbn" in page.response.context_data["absent"]
        assert "pages" not in page.response.context_data["absent"]

    def test_wrong_types_have_a_reason(self, mongo, browser):
        """A value of another type than declared is shown with what was expected."""
        book = insert(mongo, {"title": 5, "pages": "many", "chapters": "none", "tags": ["a", 1]})

        nodes = nodes_of(browser.open(detail_url(book)))

        assert {path: node.error for path, node in nodes.items() if node.error} == {
            "title": "Stored as int, expected text.",
            "pages": "Stored as string, expected a whole number.",
            "chapters": "Stored as string, expected a list.",
            "tags.1": "Stored as int, expected text.",
        }

    def test_undeclared_fields_are_marked(self, mongo, browser):
        """At the top and inside of embedded documents, not inside of free-form data."""
        book = insert(
            mongo,
            {
                "title": "T",
                "new": 1,
                "publisher": {"name": "P", "x": 1},
                "extra": {"y": 1},
                "__v": 1,
            },
        )

        nodes = nodes_of(browser.open(detail_url(book)))

        assert [path for path, node in nodes.items() if node.extra] == ["publisher.x", "new"]

    def test_references_have_names(self, mongo, browser):
        """One query for each class; a key without a document says so."""
        author = insert(mongo, {"name": "Ursula"}, Author)
        gone = ObjectId()
        book = insert(mongo, {"title": "T", "author": author.pk, "translators": [gone, author.pk]})

        nodes = nodes_of(browser.open(detail_url(book)))

        assert nodes["author"].note == "Ursula"
        assert nodes["author"].url == detail_url(author, Author)
        assert nodes["translators.0"].error == "No such document is stored."
        assert nodes["translators.1"].note == "Ursula"

    def test_references_need_permission(self, mongo):
        """Names of documents that the user may not see are not shown."""
        user = User.objects.create_user("clerk", is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="view_book"))
        author = insert(mongo, {"name": "Ursula"}, Author)
        book = insert(mongo, {"title": "T", "author": author.pk})

        page = Browser(user).open(detail_url(book))

        assert page.status == 200
        assert "Ursula" not in page
        assert "/change/" not in page

    def test_hidden_fields_are_absent(self, mongo, browser):
        """From the tree, from the raw document and from its download."""
        book = insert(mongo, {"title": "T", "secret": "CANARY"})

        url = detail_url(book)

        assert "CANARY" not in browser.open(url)
        assert "CANARY" not in browser.open(f"{url}?format=json")
        assert browser.open(f"{url}?path=secret").status == 404


class TestHostileValues:
    """Nothing that is stored acts."""

    def test_everything_is_escaped(self, mongo, browser):
        """Markup in values, keys, choices, names and the raw document."""
        book = insert(
            mongo,
            {
                "title": "<script>alert(1)</script>",
                "</pre><script>": "</script><script>",
                "link": "javascript:alert(1)",
                "list": [{'"><img src=x>': "<b>"}, {"a": "<i>"}],
            },
        )

        page = browser.open(detail_url(book))

        for text in ("<script>alert", "</script><script>", "<img", "<b>", "<i>"):
            assert text not in page
        assert 'href="javascript:' not in page

    def test_controls_are_spelt_out(self, mongo, browser):
        """Right-to-left overrides and control characters cannot act."""
        book = insert(mongo, {"title": "abc\u202edef\x01\x00"})

        page = browser.open(detail_url(book))

        assert "\u202e" not in page
        assert "\x01" not in page
        assert '<span class="dm-ctl">\\u202e</span>' in page
        assert "<title>abc\\u202edef\\u0001\\u0000" in page

    def test_no_inline_script_or_style(self, mongo, browser):
        """A strict policy for content holds on every page of a document."""
        book = insert(mongo, {"title": "T", "tags": ["a"], "chapters": [{"title": "a"}]})
        admin = site._registry[Book]
        urls = [admin.get_url(name, book) for name in ("detail", "change", "delete", "history")]

        for url in [*urls, admin.get_url("add")]:
            page = browser.open(url)
            assert " style=" not in page
            assert "<style" not in page
            assert " onclick=" not in page
            assert "<script>" not in page

    def test_a_date_that_python_cannot_hold(self, mongo, browser):
        """The value is shown raw, the page is there, and the document can be edited."""
        key = ObjectId()
        raw = {"_id": key, "title": "T", "added_at": DatetimeMS(253_402_300_800_000_000)}
        mongo.collection("library_books").insert_one(raw)
        book = Book(id=key)

        page = browser.open(detail_url(book))
        assert page.status == 200
        assert "253402300800000000" in page

        edit = browser.open(site._registry[Book].get_url("change", book))
        assert edit.send({"title": "New"}).status == 302
        titles = list(mongo.collection("library_books").find({"_id": key}, {"title": 1}))
        assert titles == [{"_id": key, "title": "New"}]

    def test_a_key_that_no_path_can_name(self, mongo, browser):
        """Dots, dollars and empty keys are shown, with the reason that they stay."""
        book = insert(mongo, {"title": "T", "a.b": {"c": 1}, "$x": 1, "": 2})

        page = browser.open(detail_url(book))

        assert page.status == 200
        assert "No path can name this key; it is kept as it is." in page


class TestLongArrays:
    """Pages stay small whatever the document holds."""

    def insert_reviewed(self, mongo, count):
        """Insert a document with so many embedded reviews."""
        text = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. " * 3
        reviews = [
            {"user": f"user {i}", "stars": i % 5, "text": text, "votes": {"up": i, "down": 0}}
            for i in range(count)
        ]
        return insert(mongo, {"title": "T", "reviews": reviews, "numbers": list(range(100))})

    @pytest.fixture
    def book(self, mongo):
        """Give a document with 400 embedded reviews."""
        return self.insert_reviewed(mongo, 400)

    def test_size_and_work(self, browser, mongo, book):
        """At most 60 KB; of ten times the reviews most are not worked on."""
        smaller = self.insert_reviewed(mongo, 40)
        calls = []
        for key in (book, smaller, book, smaller):
            with count_calls() as counted:
                page = browser.open(detail_url(key))
            calls.append(len(counted))

        assert len(page.response.content) <= 60_000
        # The first two rounds made what is made once.
        assert calls[2] <= calls[3] * 3

    def test_the_edit_page_is_paged_too(self, browser, book):
        """Ten elements with inputs, not 400."""
        page = browser.open(site._registry[Book].get_url("change", book))

        assert len(page.response.content) <= 160_000
        assert len(page.fields) < 300

    def test_first_twenty_and_next_fifty(self, browser, book):
        """The address of more works with and without scripts."""
        url = detail_url(book)
        page = browser.open(url)
        numbers = nodes_of(page)["numbers"]
        assert (len(numbers.children), numbers.next) == (20, 20)

        query = {"path": "numbers", "offset": "20"}
        whole = browser.client.get(url, query)
        fragment = browser.client.get(url, query, headers={"HX-Request": "true"})

        assert "<html" in whole.content.decode()
        text = fragment.content.decode()
        assert "<html" not in text
        assert 'data-path="numbers.20"' in text
        assert 'data-path="numbers.69"' in text
        assert 'data-path="numbers.70"' not in text

    def test_embedded_documents_are_a_table(self, browser, book):
        """With a row for each; or a tree, on request."""
        url = detail_url(book)
        page = browser.open(url)
        reviews = nodes_of(page)["reviews"]

        assert reviews.columns == ["user", "stars", "text", "votes"]
        assert len(reviews.rows) == 20
        tree = nodes_of(browser.open(f"{url}?tree=reviews"))["reviews"]
        assert (len(tree.rows), len(tree.children)) == (0, 20)

    def test_one_path(self, browser, book):
        """Any path is a page; one that is not there is a 404."""
        url = detail_url(book)

        nodes = nodes_of(browser.open(f"{url}?path=reviews.399"))

        assert nodes["reviews.399.votes.up"].value == "399"
        assert browser.open(f"{url}?path=reviews.400").status == 404
        assert browser.open(f"{url}?path=a..b").status == 404

    def test_a_page_needs_few_queries(self, browser, book, assert_num_commands):
        """One for the document; none for what it does not refer to."""
        with assert_num_commands(1):
            browser.open(detail_url(book))


def test_the_same_view_in_code(mongo, browser):
    """For the shell and for Python, with the alias that served it."""
    book = insert(mongo, {"title": "T"})

    context = browser.open(detail_url(book)).response.context_data

    assert context["shell"] == (
        f'db.getCollection("library_books").findOne({{_id: ObjectId("{book.pk}")}})'
    )
    assert context["python"] == f'Book.objects.get(pk=ObjectId("{book.pk}"))'
    assert context["view"].alias == "default"


def test_the_download_has_all_types(mongo, browser):
    """Canonical Extended JSON reads back to the same document."""
    book = insert(mongo, {"title": "T", "n": Int64(5), "d": 5.0})

    response = browser.client.get(detail_url(book) + "?format=json")

    assert json_util.loads(response.content) == {"_id": book.pk, "title": "T", "n": 5, "d": 5.0}
    assert b'"$numberLong": "5"' in response.content
    assert response.headers["Content-Disposition"] == 'attachment; filename="book.json"'
