"""Around a document: what uses it, its neighbours in the list, where else it is."""

from urllib.parse import parse_qs, urlsplit

import pytest
from bson import ObjectId
from django.test import override_settings
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from docmodels import documents, rest
from docmodels.admin import referring, site
from docmodels.exceptions import DeadlineExceeded, OperationFailed
from docmodels.queryset.queryset import QuerySet
from tests.admin.library.models import Author, Book
from tests.admin.stored import insert

pytestmark = pytest.mark.django_db

LIST = "/admin/library/book/"


class BookViewSet(rest.ReadOnlyDocumentViewSet):
    queryset = Book.objects.all()
    fields = ["title"]


router = SimpleRouter()
router.register("books", BookViewSet, basename="book")
urlpatterns = [
    path("admin/", site.urls),
    path("api/", include((router.urls, "api"), namespace="v1")),
]


def detail_url(document, model=Book):
    """Return the address of the page."""
    return site._registry[model].get_url("detail", document)


def author_url(authors, name="Calvino"):
    """Return the address of an author's page."""
    return detail_url(Author(id=authors[name]), Author)


class TestUsedBy:
    """Documents that refer to this one."""

    def test_does_not_delay_the_page(self, visitor, books, authors, monkeypatch):
        """Nothing is counted before it is asked for."""
        monkeypatch.setattr(QuerySet, "count_up_to", None)

        page = visitor.get(author_url(authors))

        assert page.status == 200
        assert 'hx-get="?_part=used-by" hx-trigger="load"' in page.html

    def test_counts_by_path_with_links(self, visitor, books, authors):
        """Each path leads to the list of its documents; empty ones are left out."""
        fragment = visitor.fragment(f"{author_url(authors)}?_part=used-by")

        assert fragment.text.startswith("30 books author Book 01 , Book 03 , Book 05 …")
        assert f'href="{LIST}?author={authors["Calvino"]}"' in fragment.html
        assert "translators" not in fragment.html
        assert "<html" not in fragment.html
        assert len(visitor.get(f"{LIST}?author={authors['Calvino']}&_size=50").rows) == 30

    def test_without_scripts_it_is_a_page(self, visitor, books, authors):
        """The same address without htmx shows it in its place."""
        page = visitor.get(f"{author_url(authors)}?_part=used-by")

        assert "<html" in page.html
        assert "30 books author" in page.text

    def test_many_are_not_counted_to_the_end(self, visitor, books, authors, monkeypatch):
        """More than the limit is told as such."""
        monkeypatch.setattr(referring, "COUNT_LIMIT", 10)

        assert "10+ books" in visitor.fragment(f"{author_url(authors)}?_part=used-by").text

    def test_over_the_deadline(self, visitor, books, authors, monkeypatch):
        """A count that takes too long leaves the link."""

        def count_up_to(queryset, limit):
            raise DeadlineExceeded("Too slow.")

        monkeypatch.setattr(QuerySet, "count_up_to", count_up_to)

        assert visitor.fragment(f"{author_url(authors)}?_part=used-by").text.startswith("? books")

    def test_tells_only_what_may_be_seen(self, staff, books, authors):
        """A count is an oracle too."""
        clerk = staff("view_author")

        text = clerk.fragment(f"{author_url(authors)}?_part=used-by").text

        assert text == "Nothing that you may see"

    def test_null_refers_to_nothing(self, visitor, mongo):
        """A document whose referred key is null is used by none of those that hold null."""

        class Tag(documents.Document):
            code = documents.CharField(blank=True, null=True)

            class Meta:
                app_label = "library"

        class Note(documents.Document):
            tag = documents.ReferenceField(Tag, to_field="code", on_delete=documents.DO_NOTHING)

            class Meta:
                app_label = "library"

        mongo.collection("library_note").insert_one({"tag": None})

        assert list(referring.referring(None, site, Tag(code=None))) == []

    def test_who_is_not_referred_to_has_none(self, visitor, books):
        """Where no class refers to this one, nothing is asked."""
        assert "used-by" not in visitor.get(detail_url(Book(id=books[0]["_id"]))).html


class TestNeighbours:
    """The next and the previous document of the list."""

    def step(self, visitor, url, rel):
        """Follow a link of the page; return the address that it leads to."""
        page = visitor.get(url)
        link = page.link(rel)
        answer = visitor.client.get(f"{urlsplit(url).path}{link}")
        assert answer.status_code == 302
        return answer.url

    def key(self, url):
        """Return the key in an address."""
        return ObjectId(urlsplit(url).path.split("/")[-2])

    def test_in_the_order_of_the_list(self, visitor, books):
        """The plain list has the order of the admin."""
        url = detail_url(Book(id=books[5]["_id"]))

        assert self.key(self.step(visitor, url, "next")) == books[6]["_id"]
        assert self.key(self.step(visitor, url, "prev")) == books[4]["_id"]

    def test_in_a_filtered_and_sorted_list(self, visitor, books):
        """The links of a list remember its conditions and order, page after page."""
        page = visitor.get(f"{LIST}?genre=novel&o=-pages&_size=10")
        link = page.html.partition('class="object-link" href="')[2].partition('"')[0]

        second = self.step(visitor, link, "next")
        third = self.step(visitor, second, "next")

        assert [self.key(url) for url in (link, second, third)] == [
            books[n]["_id"] for n in (57, 54, 51)
        ]
        assert parse_qs(urlsplit(third).query) == {"_list": ["genre=novel&o=-pages&_size=10"]}
        assert self.step(visitor, third, "prev") == second

    def test_ties_and_nulls(self, visitor, mongo):
        """Equal and missing values do not end the walk or repeat it."""
        rows = [{"title": "x", **({"pages": n % 2} if n < 4 else {})} for n in range(6)]
        stored = [insert(mongo, row) for row in rows]
        listed = visitor.get(f"{LIST}?o=pages")
        url = listed.html.partition('class="object-link" href="')[2].partition('"')[0]
        walked = [self.key(url)]

        for _step in range(5):
            url = self.step(visitor, url, "next")
            walked.append(self.key(url))

        assert sorted(walked) == sorted(book.pk for book in stored)

    def test_the_ends(self, visitor, books):
        """The page stays and says so."""
        url = detail_url(Book(id=books[-1]["_id"]))

        assert self.step(visitor, url, "next") == url
        assert "This is the last one of the list." in visitor.get(url).text
        first = detail_url(Book(id=books[0]["_id"]))
        assert self.step(visitor, first, "prev") == first
        assert "This is the first one of the list." in visitor.get(first).text

    def test_a_document_outside_of_its_list(self, visitor, books):
        """One that no longer fits the conditions still has a place in the order."""
        url = f"{detail_url(Book(id=books[4]['_id']))}?_list=genre%3Dnovel"

        assert self.key(self.step(visitor, url, "next")) == books[6]["_id"]

    @pytest.mark.parametrize("query", ["titel=x", "o=titel", "pages__gte=x"])
    def test_a_forged_list(self, visitor, books, query):
        """What fits nothing is answered as on the list."""
        page = visitor.get(f"{detail_url(Book(id=books[4]['_id']))}?_go=next&_list={query}")

        assert page.status == 400

    def test_only_what_may_be_seen(self, visitor, books, monkeypatch):
        """The queryset of the admin bounds the walk."""
        monkeypatch.setattr(
            type(site._registry[Book]),
            "get_queryset",
            lambda self, request: Book.objects.filter(genre="novel"),
        )

        url = detail_url(Book(id=books[3]["_id"]))

        assert self.key(self.step(visitor, url, "next")) == books[6]["_id"]


class TestWayBack:
    """The list that led to a page is found again."""

    def test_breadcrumbs_and_buttons(self, visitor, books):
        """From page to page of one document."""
        url = detail_url(Book(id=books[0]["_id"]))

        page = visitor.get(f"{url}?_list=genre%3Dnovel%26o%3D-pages")

        assert f'<a href="{LIST}?genre=novel&amp;o=-pages">Books</a>' in page.html
        assert f'href="{url}change/?_list=genre%3Dnovel%26o%3D-pages"' in page.html

    def test_after_a_save(self, visitor, books):
        """The page after it still knows."""
        url = detail_url(Book(id=books[0]["_id"]))

        answer = visitor.client.post(f"{url}change/?_list=genre%3Dnovel", {"_base": "damaged"})
        assert answer.status_code == 422
        token = answer.context_data["token"]
        answer = visitor.client.post(
            f"{url}change/?_list=genre%3Dnovel", {"_base": token, "f:title": "New"}
        )

        assert answer.url == f"{url}?_list=genre%3Dnovel"

    def test_it_leads_to_our_list_only(self, visitor, books):
        """It is a query and never an address."""
        url = detail_url(Book(id=books[0]["_id"]))

        page = visitor.get(f"{url}?_list=//evil.example/%22%3E%3Cscript%3E")

        assert f'<a href="{LIST}?%2F%2Fevil.example%2F%22%3E%3Cscript%3E=">' in page.html


class TestElsewhere:
    """The plan, and the address in the API."""

    def test_the_plan_on_demand(self, visitor, books):
        """How many documents were examined, by which index."""
        url = detail_url(Book(id=books[0]["_id"]))

        assert 'hx-get="?_part=plan"' in visitor.get(url).html
        text = visitor.fragment(f"{url}?_part=plan").text
        assert text == "Documents examined: 1, index keys: 1 (_id_)"

    def test_a_server_that_does_not_explain(self, visitor, books, monkeypatch):
        """The page does not fail for it."""

        def explain(queryset, verbosity):
            raise OperationFailed("Unknown command.")

        monkeypatch.setattr(QuerySet, "explain", explain)

        fragment = visitor.fragment(f"{detail_url(Book(id=books[0]['_id']))}?_part=plan")

        assert fragment.text == "The server does not say"

    @override_settings(ROOT_URLCONF="tests.admin.test_detail_around")
    def test_the_address_in_the_api(self, visitor, books, authors):
        """Where a viewset of the document is routed; in namespaces too."""
        book, author = Book(id=books[0]["_id"]), Author(id=authors["Calvino"])

        assert f'<a href="/api/books/{book.pk}/">' in visitor.get(detail_url(book)).html
        assert "<h3>REST" not in visitor.get(detail_url(author, Author)).html
