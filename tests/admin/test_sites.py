"""Registration, the overview, the login, and Django's models beside documents."""

import pytest
from django.contrib.admin import ModelAdmin
from django.contrib.admin.exceptions import AlreadyRegistered
from django.contrib.auth.models import Group, User
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

import docmodels.admin
from docmodels import admin, documents
from docmodels.admin.options import DocumentAdmin
from tests.admin.conftest import Page
from tests.admin.library.models import Address, Author, Book


class TestRegister:
    """`register` takes documents and models, and says what is wrong."""

    def test_importing_the_package_loads_nothing(self):
        """Names are there, and a name that is not there is an AttributeError."""
        assert "DocumentAdmin" in dir(docmodels.admin)
        with pytest.raises(AttributeError, match="has no attribute 'ModelAdmin'"):
            docmodels.admin.ModelAdmin

    def test_second_registration_names_the_first(self):
        """The error says with which class the document is registered."""
        with pytest.raises(AlreadyRegistered) as caught:
            admin.site.register(Book)

        assert str(caught.value) == (
            "The document Book is already registered with tests.admin.library.admin.BookAdmin."
        )

    def test_embedded_documents_cannot_be_registered(self):
        """The error names the way out."""
        with pytest.raises(ImproperlyConfigured) as caught:
            admin.AdminSite().register(Address)

        assert str(caught.value) == (
            "Address is an embedded document, it has no collection. Register the document that "
            "holds it; EmbeddedInline says how it is shown there."
        )

    def test_abstract_documents_cannot_be_registered(self):
        """As in Django."""

        class Base(documents.Document):
            class Meta:
                abstract = True
                app_label = "library"

        with pytest.raises(ImproperlyConfigured) as caught:
            admin.AdminSite().register(Base)

        assert str(caught.value) == (
            "The document Base is abstract, so it cannot be registered with admin."
        )

    def test_a_model_admin_is_refused_for_a_document(self):
        """The error names the base that is expected."""
        with pytest.raises(ImproperlyConfigured) as caught:
            admin.AdminSite().register(Author, ModelAdmin)

        assert str(caught.value) == (
            "ModelAdmin cannot be used for the document Author, expected a subclass of "
            "docmodels.admin.DocumentAdmin."
        )

    def test_options_make_a_subclass(self):
        """`register(Author, list_per_page=7)` works as in Django."""
        site = admin.AdminSite()

        site.register(Author, list_per_page=7)

        assert isinstance(site.get_model_admin(Author), DocumentAdmin)
        assert site.get_model_admin(Author).list_per_page == 7

    def test_decorator_takes_a_site_and_models(self):
        """Documents and Django's models can be registered with one decorator."""
        site = admin.AdminSite()

        @admin.register(Author, site=site)
        class AuthorAdmin(admin.DocumentAdmin):
            pass

        @admin.register(Group, site=site)
        class GroupAdmin(ModelAdmin):
            pass

        assert isinstance(site.get_model_admin(Author), AuthorAdmin)
        assert isinstance(site.get_model_admin(Group), GroupAdmin)

    def test_decorator_refuses_other_classes(self):
        """A class that is no admin cannot be registered."""
        with pytest.raises(ValueError) as caught:
            admin.register(Author)(dict)

        assert str(caught.value) == "dict: expected a subclass of DocumentAdmin to register."


class TestOverview:
    """The first page, and the page of an app."""

    def test_documents_stand_beside_djangos_models(self, visitor):
        """Both are on the overview and in the sidebar."""
        page = visitor.get("/admin/")

        assert page.status == 200
        assert page.html.count('href="/admin/library/book/"') == 2
        assert page.html.count('href="/admin/auth/user/"') == 2

    def test_names_do_not_wait_for_the_database(self, visitor, assert_num_commands):
        """The page itself asks MongoDB nothing."""
        with assert_num_commands(0):
            visitor.get("/admin/")

    def test_counts_come_with_a_second_request(self, visitor, books):
        """`?counts` shows how many documents and rows there are."""
        page = visitor.get("/admin/?counts=1")

        assert "Books 60" in page.text
        assert "Users 1" in page.text

    def test_only_what_may_be_seen_is_shown(self, staff):
        """A user with one permission sees one collection."""
        page = staff("view_book").get("/admin/")

        assert "/admin/library/book/" in page.html
        assert "/admin/library/author/" not in page.html
        assert "/admin/library/book/add/" not in page.html

    def test_app_page(self, visitor):
        """An app has a page of its own."""
        page = visitor.get("/admin/library/")

        assert page.status == 200
        assert 'id="app-library"' in page.html
        assert 'id="app-auth"' not in page.html

    def test_own_actions_are_shown(self, visitor, books):
        """The last entries of the user's log are on the overview, with their addresses."""
        book = Book.objects.get(title="Book 07")
        book_admin = admin.site.get_model_admin(Book)
        request = visitor.client.get("/admin/").wsgi_request

        book_admin.log_change(request, book, "Changed pages.")
        page = visitor.get("/admin/")

        assert "Book 07" in page.text
        assert f'href="/admin/library/book/{book.pk}/change/"' in page.html


class TestFrame:
    """One frame around documents and Django's own pages."""

    @pytest.mark.parametrize(
        "path", ["/admin/auth/user/", "/admin/auth/user/add/", "/admin/password_change/"]
    )
    def test_djangos_pages_have_our_sidebar(self, visitor, path):
        """Django's templates are drawn in our frame."""
        page = visitor.get(path)

        assert page.status == 200
        assert 'href="/admin/library/book/"' in page.html
        assert "docmodels/admin/css/base.css" in page.html

    def test_another_admin_site_keeps_djangos_look(self, visitor):
        """Only pages of our site are framed."""
        page = visitor.get("/django-admin/auth/user/")

        assert page.status == 200
        assert "docmodels/admin/css" not in page.html

    def test_login_page_leads_back(self, db):
        """A stranger is asked to log in and comes back to the page."""
        User.objects.create_superuser("root", "r@example.org", "secret")
        client = Client()

        asked = client.get("/admin/library/author/")
        page = Page(client.get(asked["Location"]))
        done = client.post(asked["Location"], {"username": "root", "password": "secret",
                                               "next": "/admin/library/author/"})  # fmt: skip

        assert asked["Location"] == "/admin/login/?next=/admin/library/author/"
        assert page.status == 200
        assert 'name="username"' in page.html
        assert done["Location"] == "/admin/library/author/"

    def test_wrong_password_is_told(self, db):
        """The login page says that it did not work."""
        page = Page(Client().post("/admin/login/", {"username": "a", "password": "b"}))

        assert 'class="message error"' in page.html

    def test_someone_without_staff_status_is_told(self, db):
        """Somebody who is logged in without being of the staff sees who he is."""
        client = Client()
        client.force_login(User.objects.create_user("guest"))

        page = Page(client.get("/admin/login/?next=/admin/"))

        assert "You are logged in as guest, who may not see this page." in page.text
