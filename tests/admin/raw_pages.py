"""Open and send the page of the Extended JSON editor."""

import datetime

from bson import Decimal128, Int64

from docmodels.admin import site
from docmodels.forms.texts import from_ejson, to_ejson
from tests.admin.library.models import Book
from tests.admin.stored import insert


def many_types(mongo):
    """Store a book with values of many types."""
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
