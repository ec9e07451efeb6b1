"""Users and pages of the admin site."""

import datetime
import re

import pytest
from bson import Decimal128, ObjectId
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from tests.admin.browser import Browser
from tests.admin.library.models import Author, Book


class Page:
    """An answer of the site, and what a test asks of it."""

    def __init__(self, response):
        self.response = response
        self.status = response.status_code
        self.html = response.content.decode()

    @property
    def text(self):
        """Return the text between the tags, spaces collapsed."""
        inside = re.sub(r"<(script|style)\b.*?</\1>", " ", self.html, flags=re.S)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", inside)).strip()

    @property
    def rows(self):
        """Return the texts of the cells of the list, row by row."""
        body = self.html.partition("<tbody>")[2].partition("</tbody>")[0]
        return [
            [clean(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)[1:]]
            for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)
        ]

    @property
    def first_cells(self):
        """Return the texts of the first column."""
        return [row[0] for row in self.rows]

    def link(self, rel):
        """Return the address of the link of a relation, None where there is none."""
        found = re.search(rf'rel="{rel}"[^>]*href="([^"]*)"', self.html)
        return found and found[1].replace("&amp;", "&")


def clean(html):
    """Return the text of a cell."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).strip()


class Visitor:
    """A logged-in user who opens pages."""

    def __init__(self, user):
        self.user = user
        self.client = Client()
        self.client.force_login(user)

    def get(self, path, **headers):
        """Open a page."""
        return Page(self.client.get(path, headers=headers))

    def fragment(self, path):
        """Ask for a part of a page, as htmx does."""
        return self.get(path, HX_Request="true")

    def post(self, path, data, **options):
        """Send a form."""
        return Page(self.client.post(path, data, **options))


@pytest.fixture
def visitor(db):
    """Give a superuser."""
    return Visitor(User.objects.create_superuser("root", "r@example.org", "secret"))


@pytest.fixture
def browser(db):
    """Give a superuser's browser without JavaScript."""
    return Browser(User.objects.create_superuser("editor", "e@example.org", "secret"))


@pytest.fixture
def staff(db):
    """Give a function that makes a user of the staff with some permissions."""

    def make(*codenames):
        user = User.objects.create_user("clerk", "c@example.org", "secret", is_staff=True)
        for codename in codenames:
            model = codename.rpartition("_")[2]
            content_type, _made = ContentType.objects.get_or_create(
                app_label="library", model=model
            )
            permission, _made = Permission.objects.get_or_create(
                codename=codename, content_type=content_type, defaults={"name": codename}
            )
            user.user_permissions.add(permission)
        return Visitor(user)

    return make


@pytest.fixture
def authors(mongo):
    """Store two authors; return their keys by name."""
    found = [Author(name="Calvino"), Author(name="Lispector")]
    for author in found:
        author.save()
    return {author.name: author.pk for author in found}


@pytest.fixture
def books(mongo, authors):
    """Store 60 books in the order of their titles; return the stored dicts."""
    start = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC)
    stored = [
        {
            "_id": ObjectId(),
            "title": f"Book {n:02}",
            "isbn_13": f"978-{n:02}",
            "author": authors["Calvino" if n % 2 else "Lispector"],
            "genre": ["novel", "poems", "essay"][n % 3],
            "language": "en" if n % 4 else "fr",
            "price": Decimal128(f"{n}.50"),
            "pages": n * 10,
            "available": n % 2 == 0,
            "published": datetime.datetime(2000 + n, 1, 1, tzinfo=datetime.UTC),
            "added_at": start + datetime.timedelta(days=n, milliseconds=n),
            "tags": ["red", "blue"][: n % 3],
            "publisher": {"name": "Minuit", "address": {"city": "Paris" if n % 5 else "Rome"}},
            "secret": "canary",
        }
        for n in range(60)
    ]
    mongo.collection(Book._meta.collection).insert_many([dict(book) for book in stored])
    return stored
