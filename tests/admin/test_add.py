"""Adding a document."""

import pytest
from django.contrib.auth.models import Permission, User

from docmodels.admin import site
from tests.admin.browser import Browser
from tests.admin.library.models import Author, Book, Shelf
from tests.admin.stored import insert

pytestmark = pytest.mark.django_db


def add_url(model=Book):
    """Return the address of the page."""
    return site._registry[model].get_url("add")


def only_document(mongo, name="library_books"):
    """Return the one stored document, without key and version."""
    (found,) = mongo.collection(name).find({}, {"_id": 0, "__v": 0})
    return found


def test_with_nested_documents(mongo, browser):
    """Embedded documents and elements of lists are filled in the same form."""
    author = insert(mongo, {"name": "Ursula"}, Author)
    page = browser.open(add_url())
    page = page.send({"title": "T", "author": str(author.pk)}, button="_add", value="chapters")
    page = page.send(button="_add", value="chapters.+1.topics")
    assert page.value("title") == "T"

    page = page.send(
        {
            "chapters.+1.title": "One",
            "chapters.+1.pages": "3",
            "chapters.+1.topics.+1": "a",
            "publisher.name": "P",
            "publisher.address.city": "C",
            "price": "12.50",
        }
    )

    assert page.status == 302
    found = only_document(mongo)
    assert str(found.pop("price")) == "12.50"
    assert found == {
        "title": "T",
        "author": author.pk,
        "tags": [],
        "publisher": {"name": "P", "address": {"city": "C"}},
        "chapters": [{"title": "One", "pages": 3, "topics": ["a"]}],
        "translators": [],
    }


def test_errors_stand_at_their_inputs(mongo, browser):
    """All at once, also in new elements, and nothing is stored."""
    page = browser.open(add_url()).send(button="_add", value="chapters")

    page = page.send({"pages": "x", "chapters.+1.title": "One", "publisher.address.street": "S"})

    assert page.status == 422
    assert page.response.context_data["tree"].errors == {
        "title": ["This field is required."],
        "pages": ["“x” is not valid, expected a whole number."],
        "publisher.name": ["This field is required."],
        "publisher.address.city": ["This field is required."],
        "chapters.+1.pages": ["This field is required."],
    }
    assert Book.objects.count() == 0


def test_values_of_the_address_are_filled_in(browser):
    """As in Django's admin; hidden and unknown names are ignored."""
    page = browser.open(add_url() + "?title=T&pages=5&secret=x&nothing=1")

    assert page.value("title") == "T"
    assert page.value("pages") == "5"
    assert "f:secret" not in page


def test_a_key_that_is_given(mongo, browser):
    """A primary key of the document's own is an input, with its type."""
    browser.open(add_url(Shelf)).send({"key": "7", "key:type": "int", "label": "L"})

    assert Shelf.objects.get(pk=7).label == "L"
    page = browser.open(add_url(Shelf)).send({"key": "7", "key:type": "int", "label": "L"})
    assert page.status == 422


@pytest.mark.parametrize(
    ("button", "target"), [("_save", "detail"), ("_continue", "change"), ("_addanother", "add")]
)
def test_where_the_buttons_lead(mongo, browser, button, target):
    """As in Django's admin."""
    page = browser.open(add_url()).send({"title": "T"}, button=button)

    admin, book = site._registry[Book], Book.objects.get()
    expected = admin.get_url(target) if target == "add" else admin.get_url(target, book)
    assert page.response.url == expected


def test_permissions(mongo):
    """Rows are made after migrate, for each document and verb."""
    names = set(
        Permission.objects.filter(content_type__app_label="library").values_list(
            "codename", flat=True
        )
    )
    assert {"add_book", "change_book", "delete_book", "view_book", "view_shelf"} <= names
    clerk = User.objects.create_user("clerk", is_staff=True)
    assert Browser(clerk).open(add_url()).status == 403

    clerk.user_permissions.add(Permission.objects.get(codename="add_book"))

    browser = Browser(User.objects.get(pk=clerk.pk))
    assert browser.open(add_url()).send({"title": "T"}).status == 302
