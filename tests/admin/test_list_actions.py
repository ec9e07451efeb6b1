"""Actions on the selection: deleting with confirmation, and those of the admin class."""

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.http import HttpResponse

from docmodels import admin
from tests.admin.library.models import Author, Book, Shelf

URL = "/admin/library/book/"


def chosen(books, *numbers):
    """Return the keys of some books, as the check boxes send them."""
    return [str(books[number]["_id"]) for number in numbers]


class TestDeleteSelected:
    """Nothing is deleted without a confirmation."""

    def test_confirmation_names_the_documents(self, visitor, books):
        """The first answer lists what would be deleted, and deletes nothing."""
        page = visitor.post(
            URL, {"action": "delete_selected", "_selected_action": chosen(books, 1, 2)}
        )

        assert page.status == 200
        assert "Delete 2 books?" in page.text
        assert "Book 01" in page.text
        assert Book.objects.count() == 60

    def test_confirmed(self, visitor, books):
        """They are deleted, logged and told."""
        page = visitor.post(
            f"{URL}?genre=novel",
            {"action": "delete_selected", "_selected_action": chosen(books, 1, 2), "post": "yes"},
            follow=True,
        )

        assert page.response.redirect_chain == [(f"{URL}?genre=novel", 302)]
        assert "Deleted 2 books." in page.text
        assert Book.objects.count() == 58
        logged = LogEntry.objects.filter(action_flag=DELETION)
        assert {entry.object_id for entry in logged} == set(chosen(books, 1, 2))
        assert all("978-0" in entry.change_message for entry in logged)
        assert not any("canary" in entry.change_message for entry in logged)

    def test_keys_of_any_type(self, visitor, mongo):
        """Documents with unusual keys can be selected too."""
        mongo.collection(Shelf._meta.collection).insert_many(
            [{"_id": {"a": 1}}, {"_id": "a/b"}, {"_id": 7}]
        )
        data = {"action": "delete_selected", "post": "yes", "_selected_action": [
            "i:7", "x:eyJrIjogeyJhIjogeyIkbnVtYmVySW50IjogIjEifX19"]}  # fmt: skip

        visitor.post("/admin/library/shelf/", data)

        assert [shelf.pk for shelf in Shelf.objects.all()] == ["a/b"]

    def test_protected_documents_stay(self, visitor, books, authors):
        """A reference that protects is told, and nothing is deleted."""
        page = visitor.post(
            "/admin/library/author/",
            {
                "action": "delete_selected",
                "post": "yes",
                "_selected_action": str(authors["Calvino"]),
            },
            follow=True,
        )

        assert "Cannot delete author Calvino" in page.text
        assert Author.objects.count() == 2
        assert not LogEntry.objects.exists()

    def test_needs_the_permission(self, staff, books):
        """Somebody who may only look cannot post an action."""
        page = staff("view_book").post(
            URL, {"action": "delete_selected", "post": "yes", "_selected_action": chosen(books, 1)}
        )

        assert page.status == 403
        assert Book.objects.count() == 60


class TestActions:
    """Actions as in Django's admin."""

    @pytest.fixture(autouse=True)
    def actions(self, monkeypatch):
        """Give the list two actions."""

        @admin.action(description="Mark as sold out")
        def sell_out(model_admin, request, queryset):
            queryset.update(available=False)
            model_admin.message_user(request, "Sold out.")

        def list_titles(model_admin, request, queryset):
            return HttpResponse(", ".join(book.title for book in queryset.order_by("title")))

        book_admin = admin.site.get_model_admin(Book)
        monkeypatch.setattr(book_admin, "actions", [sell_out, list_titles])

    def test_queryset_is_the_selection(self, visitor, books):
        """The action changes what was selected, and its message is shown."""
        page = visitor.post(
            URL, {"action": "sell_out", "_selected_action": chosen(books, 0, 2)}, follow=True
        )

        assert "Sold out." in page.text
        assert Book.objects.filter(available=True).count() == 28

    def test_answer_of_an_action(self, visitor, books):
        """What the action returns is the answer."""
        page = visitor.post(URL, {"action": "list_titles", "_selected_action": chosen(books, 5, 4)})

        assert page.html == "Book 04, Book 05"

    def test_descriptions(self, visitor, books):
        """Actions are offered by their description."""
        html = visitor.get(URL).html

        assert '<option value="sell_out">Mark as sold out</option>' in html
        assert '<option value="list_titles">List titles</option>' in html
        assert '<option value="delete_selected">Delete selected books</option>' in html

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({"action": "sell_out"}, "Select the documents to do it with first."),
            ({"action": "sell_out", "_selected_action": "zz"}, "Select the documents"),
            ({"action": "bogus", "_selected_action": "i:1"}, "Choose what to do."),
            ({}, "Choose what to do."),
        ],
    )
    def test_incomplete_forms_are_told(self, visitor, books, data, message):
        """A form without selection or action leads back with a message."""
        assert message in visitor.post(URL, data, follow=True).text
