"""A document as one text: types, locks, reviews, and the way back through the log."""

import datetime
import json

import pytest
from bson import Decimal128, Int64, ObjectId
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User

from docmodels import documents
from docmodels.admin import EmbeddedInline, site
from docmodels.admin.audit import MAX_LENGTH
from docmodels.admin.tree.diff import Difference
from docmodels.admin.tree.edit import EditTree
from docmodels.admin.tree.raw import RawReader, document_text
from docmodels.admin.tree.revert import revert
from docmodels.admin.tree.snapshot import Snapshot
from docmodels.forms.texts import from_ejson, to_ejson
from docmodels.tracking import MISSING
from tests.admin.browser import Browser
from tests.admin.library.models import Book
from tests.admin.stored import change_url, insert, same, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    """Give a superuser's browser."""
    return Browser(User.objects.create_superuser("editor", "e@example.org", "secret"))


@pytest.fixture
def book(mongo):
    """Give a book with values of many types."""
    return insert(
        mongo,
        {
            "title": "T",
            "pages": Int64(5),
            "price": Decimal128("1.10"),
            "added_at": datetime.datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.UTC),
            "tags": ["x", "y", "z"],
            "chapters": [{"title": title, "pages": 1, "n": Int64(1)} for title in "abc"],
            "publisher": {"name": "P", "address": {"city": "C"}},
            "legacy": {"double": 5.0, "list": [1, Int64(2)]},
            "secret": "CANARY",
        },
    )


def raw_url(document):
    """Return the address of the page."""
    return site._registry[Book].get_url("raw", document)


def open_raw(browser, document, form="raw-form"):
    """Open the page; return it and the document of its text."""
    page = browser.open(raw_url(document), form)
    return page, from_ejson(dict(page.fields)["raw"])


def send(page, document, button="_save"):
    """Send a document as text."""
    text = document if isinstance(document, str) else to_ejson(document)
    return page.send(raw={"raw": [text]}, button=button, form_id="raw-form")


def theirs(mongo, book):
    """Change the title as somebody else does."""
    update = {"$set": {"title": "Theirs"}}
    mongo.collection("library_books").update_one({"_id": book.pk}, update)


def test_each_value_has_one_line():
    """Wrappers of types do not break the text into pieces, and strings stay as they are."""
    document = {
        "n": 1,
        "at": datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC),
        "text": '{\n  "$numberInt": "1"\n}',
    }

    text = document_text(document)

    assert text.splitlines() == [
        "{",
        '  "n": {"$numberInt": "1"},',
        '  "at": {"$date": {"$numberLong": "0"}},',
        r'''  "text": "{\n  \"$numberInt\": \"1\"\n}"''',
        "}",
    ]
    assert from_ejson(text) == document


class TestSaving:
    """What the text changes is saved path by path."""

    def test_the_text_has_every_type(self, mongo, browser, book):
        """It reads back to what is stored, without hidden fields."""
        page, document = open_raw(browser, book)

        expected = stored(mongo, book)
        del expected["secret"]
        assert same(document, expected)
        assert "CANARY" not in page

    def test_nothing_changed(self, mongo, browser, book):
        """The same text in another form writes nothing."""
        before = stored(mongo, book)
        page, document = open_raw(browser, book)

        answer = send(page, json.dumps(json.loads(to_ejson(document))))

        assert answer.status == 302
        assert same(stored(mongo, book), before)
        assert not LogEntry.objects.exists()

    def test_only_changed_paths_are_written(self, mongo, browser, book):
        """Deep in lists and undeclared data; what others write meanwhile stays."""
        page, document = open_raw(browser, book)
        mongo.collection("library_books").update_one(
            {"_id": book.pk}, {"$set": {"title": "Theirs"}}
        )
        document["chapters"][1]["title"] = "B"
        document["legacy"]["list"][1] = 3.5
        del document["publisher"]["address"]

        assert send(page, document).status == 302

        found = stored(mongo, book)
        assert found["title"] == "Theirs"
        assert same(found["chapters"][1], {"title": "B", "pages": 1, "n": Int64(1)})
        assert same(found["legacy"], {"double": 5.0, "list": [1, 3.5]})
        assert found["publisher"] == {"name": "P"}
        assert found["secret"] == "CANARY"
        assert same(found["pages"], Int64(5))

    def test_the_type_alone_is_a_change(self, mongo, browser, book):
        """Of what nobody declared; a declared field keeps the stored type of an equal number."""
        page, document = open_raw(browser, book)
        document["pages"] = 5
        document["legacy"]["double"] = Int64(5)

        send(page, document)

        assert same(stored(mongo, book)["pages"], Int64(5))
        assert same(stored(mongo, book)["legacy"]["double"], Int64(5))

    @pytest.mark.parametrize(
        "tags", [["x", "y", "z", "w"], ["z", "y", "x", "w"], ["y", "z"], [], ["n", "x", "z"]]
    )
    def test_lists(self, mongo, browser, book, tags):
        """Elements are added, moved and removed."""
        page, document = open_raw(browser, book)
        document["tags"] = tags

        assert send(page, document).status == 302
        assert stored(mongo, book)["tags"] == tags

    def test_lists_of_embedded_documents(self, mongo, browser, book):
        """Elements that stay keep their undeclared values and types."""
        page, document = open_raw(browser, book)
        document["chapters"] = [document["chapters"][2], {"title": "new", "pages": 3}]

        assert send(page, document).status == 302
        chapters = stored(mongo, book)["chapters"]
        assert same(chapters[0], {"title": "c", "pages": 1, "n": Int64(1)})
        assert chapters[1]["title"] == "new"

    def test_conflicts(self, mongo, browser, book):
        """Two edits of one path meet on the page of conflicts, and the choice is saved."""
        page, document = open_raw(browser, book)
        mongo.collection("library_books").update_one(
            {"_id": book.pk}, {"$set": {"title": "Theirs"}}
        )
        document["title"] = "Mine"

        answer = send(page, document)
        assert answer.status == 409
        answer = type(page)(browser, page.url, answer.response, "conflict-form")
        answer = answer.send(raw={"choice:title": ["mine"]})

        assert answer.status == 302
        assert stored(mongo, book)["title"] == "Mine"

    def test_it_is_logged(self, browser, book):
        """As any other save."""
        page, document = open_raw(browser, book)
        document["title"] = "New"

        send(page, document)

        assert LogEntry.objects.get().get_change_message() == "Changed title."

    def test_the_document_was_deleted(self, mongo, browser, book):
        """The text is shown, with what happened."""
        page, document = open_raw(browser, book)
        mongo.collection("library_books").delete_one({"_id": book.pk})
        document["title"] = "Typed in vain"

        answer = send(page, document)

        assert answer.status == 409
        assert "Typed in vain" in answer

    def test_a_damaged_token(self, mongo, browser, book):
        """The text is not lost."""
        page, document = open_raw(browser, book)
        document["title"] = "New"

        answer = page.send(
            raw={"raw": [to_ejson(document)], "_base": ["damaged"]}, form_id="raw-form"
        )

        assert answer.status == 422
        assert "The page was damaged on its way." in answer
        assert dict(answer.fields)["raw"] == to_ejson(document)


class TestRefused:
    """What a text may not change."""

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "Not Extended JSON: Expecting value"),
            ("{", "Not Extended JSON"),
            ("[]", "Expected an object: { … }."),
            ('{"a": 1, "b": {"c": 1, "c": 2}}', "The key “c” stands there twice."),
            ('{"a": ' + "[" * 200 + "]" * 200 + "}", "Nested deeper than"),
            ('{"a": {"$oid": "x"}}', "Not Extended JSON"),
        ],
    )
    def test_no_document(self, mongo, browser, book, text, message):
        """The page says why, and keeps the text."""
        before = stored(mongo, book)
        page, _document = open_raw(browser, book)

        answer = send(page, text)

        assert answer.status == 422
        assert message in answer
        assert dict(answer.fields)["raw"] == text
        assert same(stored(mongo, book), before)

    @pytest.mark.parametrize(
        ("path", "value", "message"),
        [
            ("_id", ObjectId(), "id: This cannot be changed here."),
            ("_id", MISSING, "id: This cannot be changed here."),
            ("__v", 9, "__v: This cannot be changed here."),
            ("isbn_13", "locked", "isbn: This cannot be changed here."),
            ("language", "de", "language: This cannot be changed here."),
            ("secret", "guessed", "secret: This key cannot be changed here."),
            ("a.b", 1, "a.b: No path can name this key"),
            ("$set", 1, "$set: No path can name this key"),
            ("title", 5.5, ""),
            ("title", "x" * 121, "Ensure this value has at most 120 characters"),
            ("tags", ["x" * 21, "y", "z"], "tags.0"),
            ("genre", "pulp", "genre"),
        ],
    )
    def test_locked_and_bad_values(self, mongo, browser, book, monkeypatch, path, value, message):
        """Nothing at all is saved, and the path is named."""
        admin = site._registry[Book]
        monkeypatch.setattr(admin, "readonly_fields", ["isbn"], raising=False)
        monkeypatch.setattr(admin, "exclude", ["language"], raising=False)
        before = stored(mongo, book)
        page, document = open_raw(browser, book)
        document["pages"] = 6
        document[path] = value
        if value is MISSING:
            del document[path]

        answer = send(page, document)

        if message:
            assert answer.status == 422
            assert message in answer.text.replace("<code>", "").replace("</code>", "")
            assert same(stored(mongo, book), before)
        else:
            assert stored(mongo, book)["title"] == "5.5"

    def test_bad_elements_of_rebuilt_lists(self, mongo, browser, book):
        """New elements are judged, also where others were removed."""
        before = stored(mongo, book)
        page, document = open_raw(browser, book)
        document["chapters"] = [document["chapters"][2], {"title": "new", "pages": 0}]

        answer = send(page, document)

        assert answer.status == 422
        assert "+2.pages: Ensure this value is greater than or equal to 1." in answer
        assert same(stored(mongo, book), before)

    def test_inlines_lock_too(self, mongo, browser, book, monkeypatch):
        """`readonly_fields` and `exclude` of an EmbeddedInline hold for the text."""

        class Chapters(EmbeddedInline):
            path = "chapters"
            readonly_fields = ["pages"]
            exclude = ["topics"]

        monkeypatch.setattr(site._registry[Book], "inlines", [Chapters], raising=False)
        page, document = open_raw(browser, book)
        document["chapters"][0]["pages"] = 2
        document["chapters"][0]["topics"] = ["x"]

        answer = send(page, document)

        assert sorted(answer.response.context_data["tree"].errors["__all__"]) == [
            "chapters.0.pages: This cannot be changed here.",
            "chapters.0.topics: This cannot be changed here.",
        ]

    def test_only_the_fields_of_the_form(self, browser, book, monkeypatch):
        """`fields` says what there is to edit."""
        monkeypatch.setattr(site._registry[Book], "fields", ["title", "pages"], raising=False)

        page, document = open_raw(browser, book)
        document["legacy"] = 1

        assert list(document) == ["title", "pages", "legacy"]
        assert "legacy: This cannot be changed here." in send(page, document)

    def test_permissions(self, book):
        """Who may not change the document has no text to change."""
        clerk = User.objects.create_user("clerk", is_staff=True)
        clerk.user_permissions.add(Permission.objects.get(codename="view_book"))

        assert Browser(clerk).open(raw_url(book)).status == 403
        assert Browser(clerk).client.post(raw_url(book), {"raw": "{}"}).status_code == 403

    def test_large_documents(self, mongo, browser):
        """They are edited in the form alone."""
        book = insert(mongo, {"title": "T", "legacy": "x" * 600_000})

        page = browser.open(raw_url(book))

        assert page.status == 404
        assert "The document is too large to be edited as one text." in page

    def test_hidden_fields_in_elements_are_not_lost(self):
        """A rebuilt list would drop them, so it is refused."""

        class Seat(documents.EmbeddedDocument):
            name = documents.CharField()
            code = documents.CharField(blank=True, hidden=True)

        class Room(documents.Document):
            seats = documents.EmbeddedListField(Seat, blank=True)

            class Meta:
                app_label = "library"

        key = ObjectId()
        shown = {"_id": key, "seats": [{"name": name} for name in "abc"]}

        def read(names):
            tree = EditTree(Room._meta, Snapshot(shown, {}, b""))
            reader = RawReader(tree)
            reader.read({"_id": key, "seats": [{"name": name} for name in names]})
            return [change.path for change in reader.changes], tree.errors

        assert read("Abc") == (["seats.0.name"], {})
        assert read("bc") == (["seats"], {})
        assert read("abcd") == (["seats"], {})
        assert read("AB")[1] == {
            "seats": ["Nobody can tell which elements were kept. Edit them in the form."]
        }


class TestReview:
    """What a save would change, before it is one."""

    def test_of_the_form(self, mongo, browser, book):
        """Nothing is saved; the same page saves, or leads back to the inputs."""
        page = browser.open(change_url(book))

        review = page.send({"pages": "6", "tags.0": "<b>"}, button="_review")
        review = type(page)(browser, page.url, review.response, "review-form")

        assert review.response.context_data["differences"] == [
            ("pages", "5", "6"),
            ("tags.0", "x", "&lt;b&gt;"),
        ]
        assert stored(mongo, book)["pages"] == 5
        assert not LogEntry.objects.exists()
        assert review.send(button="_edit").value("pages") == "6"
        assert review.send().status == 302
        assert same(stored(mongo, book)["pages"], Int64(6))
        assert stored(mongo, book)["tags"] == ["<b>", "y", "z"]

    def test_of_a_text(self, mongo, browser, book):
        """The same for Extended JSON."""
        page, document = open_raw(browser, book)
        document["title"] = "New"

        review = send(page, document, button="_review")
        review = type(page)(browser, page.url, review.response, "review-form")

        assert review.response.context_data["differences"] == [("title", "T", "New")]
        assert stored(mongo, book)["title"] == "T"
        again = review.send(button="_edit", form_id="raw-form")
        assert from_ejson(dict(again.fields)["raw"])["title"] == "New"
        assert review.send().status == 302
        assert stored(mongo, book)["title"] == "New"

    def test_errors_come_first(self, browser, book):
        """A review of what cannot be saved is the form with its errors."""
        page = browser.open(change_url(book)).send({"pages": "many"}, button="_review")

        assert page.status == 422

    def test_hidden_values_are_not_reviewed(self, browser, book):
        """Neither in the table nor in the inputs."""
        page = browser.open(change_url(book)).send({"title": "New"}, button="_review")

        assert page.status == 200
        assert "CANARY" not in page

    def test_after_a_conflict(self, mongo, browser, book):
        """A review of conflicting changes asks for the choice first."""
        page = browser.open(change_url(book))
        mongo.collection("library_books").update_one(
            {"_id": book.pk}, {"$set": {"title": "Theirs"}}
        )

        assert page.send({"title": "Mine"}, button="_review").status == 409


class TestRevert:
    """Old values come back as an ordinary change."""

    def change(self, browser, book, changes):
        """Save through the form; return the number of the entry in the log."""
        assert browser.open(change_url(book)).send(changes).status == 302
        return LogEntry.objects.latest("pk").pk

    def review(self, browser, book, number):
        """Open the page that asks."""
        return browser.open(f"{raw_url(book)}?revert={number}", "review-form")

    def test_there_and_back(self, mongo, browser, book):
        """The page asks first; then values, types and order are as they were."""
        before = stored(mongo, book)
        changes = {
            "title": "New", "pages": "6", "chapters.1.title": "B", "tags.0:delete": "1",
            "publisher.address:state": "unset", "price": "2.5",
        }  # fmt: skip
        number = self.change(browser, book, changes)

        review = self.review(browser, book, number)
        assert review.status == 200
        assert stored(mongo, book)["title"] == "New"
        answer = review.send()

        assert answer.status == 302
        after = stored(mongo, book)
        assert {k: v for k, v in after.items() if k != "__v"} == before
        assert same(after["pages"], before["pages"])
        assert same(after["price"], before["price"])
        assert LogEntry.objects.count() == 2

    def test_the_history_links_to_it(self, browser, book):
        """Each change that is whole in the log has the link."""
        number = self.change(browser, book, {"title": "New"})

        page = browser.open(site._registry[Book].get_url("history", book))

        assert f'href="{raw_url(book)}?revert={number}"' in page

    def test_changed_again_since(self, mongo, browser, book):
        """It is told, and the later value of another path stays."""
        number = self.change(browser, book, {"title": "Second", "pages": "6"})
        self.change(browser, book, {"title": "Third", "tags.2": "w"})

        review = self.review(browser, book, number)

        assert review.response.context_data["changed_since"] == ["title"]
        assert "Changed again since then, and taken back too:" in review
        assert review.send().status == 302
        found = stored(mongo, book)
        assert (found["title"], found["pages"], found["tags"]) == ("T", 5, ["x", "y", "w"])

    def test_a_save_between_review_and_revert(self, mongo, browser, book):
        """The return is guarded as any other change."""
        number = self.change(browser, book, {"title": "Second"})
        review = self.review(browser, book, number)
        mongo.collection("library_books").update_one(
            {"_id": book.pk}, {"$set": {"title": "Theirs"}}
        )

        assert review.send().status == 409
        assert stored(mongo, book)["title"] == "Theirs"

    def test_nothing_left_to_do(self, browser, book):
        """What is as it was is not reverted twice."""
        number = self.change(browser, book, {"title": "Second"})
        self.review(browser, book, number).send()

        answer = self.review(browser, book, number)

        assert answer.status == 302
        assert "The document holds these values already." in browser.open(answer.response.url)

    def test_values_that_were_cut_cannot_come_back(self, mongo, browser):
        """The log has not all of them, so there is no link."""
        book = insert(mongo, {"title": "T", "legacy": "x" * (MAX_LENGTH + 1)})
        number = self.change(browser, book, {"legacy": "short"})

        assert self.review(browser, book, number).status == 404
        history = browser.open(site._registry[Book].get_url("history", book))
        assert "?revert=" not in history

    @pytest.mark.parametrize("number", ["0", "x", "", "9" * 30])
    def test_no_such_entry(self, browser, book, number):
        """Nor one of another document."""
        assert self.review(browser, book, number).status == 404

    def test_an_entry_of_another_document(self, mongo, browser, book):
        """Its values do not belong here."""
        other = insert(mongo, {"title": "Other"})
        number = self.change(browser, other, {"title": "New"})

        assert self.review(browser, book, number).status == 404

    def test_locked_fields_stay_locked(self, mongo, browser, book, monkeypatch):
        """What became read-only is not reverted either."""
        number = self.change(browser, book, {"title": "New"})
        monkeypatch.setattr(site._registry[Book], "readonly_fields", ["title"], raising=False)

        assert self.review(browser, book, number).status == 422


@pytest.mark.parametrize(
    ("now", "differences", "expected", "lost"),
    [
        ({"a": [1, 2, 3]}, [("a.1", MISSING, 2), ("a.2", MISSING, 3)], {"a": [1]}, []),
        ({"a": [1]}, [("a.1", 2, MISSING), ("a.2", 3, MISSING)], {"a": [1, 2, 3]}, []),
        ({"a": []}, [("a.1", 2, MISSING)], {"a": []}, ["a.1"]),
        ({"a": [1, 9]}, [("a.1", MISSING, 2)], {"a": [1, 9]}, ["a.1"]),
        ({"a": 1}, [("a.b", 1, 2)], {"a": 1}, ["a.b"]),
        ({}, [("a", 1, 2)], {"a": 1}, []),
        ({"a": 1}, [("a", MISSING, 1)], {}, []),
        ({"isbn_13": "x"}, [("isbn", "y", "x")], {"isbn_13": "y"}, []),
        ({"isbn_13": "x"}, [("isbn", MISSING, "x")], {}, []),
    ],
)
def test_revert(now, differences, expected, lost):
    """Elements go and come in the reverse order; what has no place is told."""
    result = revert(now, Book._meta, [Difference(*item) for item in differences])

    assert (result.document, result.lost) == (expected, lost)
