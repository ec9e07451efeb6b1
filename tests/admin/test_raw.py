"""A document as one text: types, locks, reviews, and the way back through the log."""

import datetime
import json

import pytest
from bson import Int64, ObjectId
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User

from docmodels import documents
from docmodels.admin import EmbeddedInline, site
from docmodels.admin.tree.edit import EditTree
from docmodels.admin.tree.raw import RawReader, document_text
from docmodels.admin.tree.snapshot import Snapshot
from docmodels.forms.texts import from_ejson, to_ejson
from docmodels.tracking import MISSING
from tests.admin.browser import Browser
from tests.admin.library.models import Book
from tests.admin.raw_pages import many_types, open_raw, raw_url, send
from tests.admin.stored import insert, same, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(mongo):
    """Give a book with values of many types."""
    return many_types(mongo)


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
