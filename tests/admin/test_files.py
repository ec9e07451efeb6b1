"""Files in the forms of the admin: uploading, replacing, clearing, and reading them back."""

import re

import pytest
from bson import ObjectId
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from docmodels.admin import site
from docmodels.indexing import plan, sync
from tests.admin.browser import FormParser
from tests.admin.conftest import Visitor
from tests.admin.library.models import Poster
from tests.fields.test_files import files, png

pytestmark = pytest.mark.django_db

AGAIN = "Choose the file again: a page cannot keep it."


@pytest.fixture
def poster(mongo):
    """Store a poster with both files, and give it."""
    Poster(
        name="Fair",
        photo=SimpleUploadedFile("fair.png", png(4, 3), "image/png"),
        paper=SimpleUploadedFile("paper.txt", b"12345", "text/plain"),
    ).save()
    return Poster.objects.get()


def url(page, poster=None):
    """Return the address of a page of posters."""
    return site._registry[Poster].get_url(page, poster)


def fields_of(page, form_id="document-form"):
    """Return what a browser sends of a form, without its files."""
    parser = FormParser(form_id)
    parser.feed(page.html)
    chosen = re.findall(r'type="file" name="([^"]+)"', page.html)
    return {name: value for name, value in parser.fields if name not in chosen}


def upload(name="new.png", content=None, kind="image/png"):
    """Return a file as a browser sends it."""
    return SimpleUploadedFile(name, png() if content is None else content, kind)


def send(visitor, address, given, form_id="document-form", button="_save"):
    """Open a page, fill it in, and send it."""
    page = visitor.get(address)
    return visitor.post(address, fields_of(page, form_id) | {button: "1"} | given)


class TestUpload:
    """Files that are sent."""

    def test_add(self, mongo, visitor):
        """A new document gets its files, with name, type and dimensions."""
        page = visitor.get(url("add"))

        sent = {"f:name": "New", "f:photo": upload(), "_save": "1"}
        answer = visitor.post(url("add"), fields_of(page) | sent)

        assert answer.status == 302
        found = Poster.objects.get()
        assert (found.photo.name, found.photo.width, found.photo.height) == ("new.png", 3, 2)
        assert found.photo.content_type == "image/png"
        assert not found.is_set("paper")
        assert 'enctype="multipart/form-data"' in page.html

    def test_replace(self, mongo, visitor, poster):
        """The other file and the other fields stay; the replaced file is kept, as in Django."""
        answer = send(visitor, url("change", poster), {"f:photo": upload()})

        assert answer.status == 302
        found = Poster.objects.get()
        assert (found.photo.name, found.paper.name) == ("new.png", "paper.txt")
        assert found.paper.id == poster.paper.id
        assert files(mongo, "posters") == ["fair.png", "new.png"]

    def test_nothing_chosen(self, mongo, visitor, poster):
        """A file that nobody touched stays; text sent in its place means nothing."""
        send(visitor, url("change", poster), {"f:words": "x", "f:paper": str(ObjectId())})

        found = Poster.objects.get()
        assert (found.words, found.paper.id) == ("x", poster.paper.id)

    @pytest.mark.parametrize(
        ("path", "file", "message"),
        [
            ("paper", upload("a.txt", b"x" * 1001, "text/plain"),
             "“a.txt” has 1001 bytes, at most 1000 are allowed."),
            ("paper", upload("a.txt", b"", "text/plain"), "The submitted file is empty."),
            ("photo", upload("a.png", b"no image"),
             "Upload a valid image. The file you uploaded was either not an image or a "
             "corrupted image."),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("page", ["add", "change"])
    def test_refused(self, mongo, visitor, poster, page, path, file, message):
        """Size, emptiness and damage are errors at the path, and leave nothing behind."""
        before = files(mongo), files(mongo, "posters")
        address = url(page, poster if page == "change" else None)

        file.seek(0)
        answer = send(visitor, address, {"f:name": "Other", f"f:{path}": file})

        assert answer.status == 422
        assert message in answer.html
        assert re.search(rf'data-goto="{path}"', answer.html)
        assert f"Choose “{file.name}” again: a page cannot keep it." in answer.html
        assert (files(mongo), files(mongo, "posters")) == before
        assert Poster.objects.get().name == "Fair"

    def test_refused_by_the_server(self, mongo, visitor, poster):
        """A file is removed again when its document cannot be stored."""
        sync(plan(Poster))

        answer = send(visitor, url("add"), {"f:name": "Fair", "f:paper": upload("b.txt")})

        assert answer.status == 422
        assert "Poster with this name already exists." in answer.html
        assert files(mongo) == ["paper.txt"]

    def test_lost_race(self, mongo, visitor, poster, monkeypatch):
        """A save that is always beaten leaves no file of its attempts."""
        save = Poster.save

        def beaten(self, **options):
            Poster._default_manager.raw_filter({"_id": self.pk}).update(
                words=f"{ObjectId()}", validate=False
            )
            self.words = "mine"
            return save(self, **options)

        monkeypatch.setattr(Poster, "save", beaten)
        answer = send(visitor, url("change", poster), {"f:paper": upload("b.txt")})

        assert answer.status == 409
        assert files(mongo) == ["paper.txt"]


class TestClear:
    """The box that takes a file away."""

    def test_clear(self, mongo, visitor, poster):
        """The document has no file afterwards."""
        send(visitor, url("change", poster), {"f:photo:clear": "1"})

        found = Poster.objects.get()
        assert (found.is_set("photo"), found.paper.name) == (False, "paper.txt")

    def test_with_a_file(self, mongo, visitor, poster):
        """Both at once say two things."""
        given = {"f:photo:clear": "1", "f:photo": upload()}
        answer = send(visitor, url("change", poster), given)

        assert answer.status == 422
        assert "Please either submit a file or check the clear checkbox, not both." in answer.html
        assert Poster.objects.get().photo.id == poster.photo.id


class TestReview:
    """Pages between the form and the save."""

    def test_review(self, mongo, visitor, poster):
        """The page shows the file's name, stores nothing, and asks for the file again."""
        address = url("change", poster)
        page = send(visitor, address, {"f:paper": upload("b.txt", b"123")}, button="_review")

        assert page.status == 200
        assert "b.txt (3 bytes)" in page.text
        assert files(mongo) == ["paper.txt"]
        assert 'enctype="multipart/form-data"' in page.html
        given = fields_of(page, "review-form") | {"_save": "1"}
        assert AGAIN in visitor.post(address, given).html
        answer = visitor.post(address, given | {"f:paper": upload("b.txt", b"123")})
        assert answer.status == 302
        assert Poster.objects.get().paper.name == "b.txt"

    @pytest.mark.parametrize("side", ["mine", "theirs"])
    def test_conflict(self, mongo, visitor, poster, side):
        """Two editors that replace one file choose, and nothing is stored before."""
        address = url("change", poster)
        data = fields_of(visitor.get(address)) | {"_save": "1"}
        other = Poster.objects.get()
        other.paper = ContentFile(b"theirs", "theirs.txt")
        other.save()
        page = visitor.post(address, data | {"f:paper": upload("mine.txt", b"mine")})
        assert page.status == 409
        assert files(mongo) == ["paper.txt", "theirs.txt"]

        given = fields_of(page, "conflict-form") | {"_save": "1", "choice:paper": side}
        if side == "mine":
            assert AGAIN in visitor.post(address, given).html
            given["f:paper"] = upload("mine.txt", b"mine")
        answer = visitor.post(address, given)

        assert answer.status == 302
        assert Poster.objects.get().paper.name == f"{side}.txt"


class TestReading:
    """The address of a stored file."""

    def read(self, visitor, poster, name, query=""):
        """Ask for the file of a field."""
        return visitor.client.get(site._registry[Poster].get_file_url(poster, name) + query)

    def test_image(self, mongo, visitor, poster):
        """An image of a known kind is shown, and cannot run anything."""
        answer = self.read(visitor, poster, "photo")

        assert answer.status_code == 200
        assert b"".join(answer.streaming_content) == png(4, 3)
        assert answer["Content-Type"] == "image/png"
        assert answer["Content-Disposition"] == 'inline; filename="fair.png"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
        assert answer["Content-Length"] == str(len(png(4, 3)))
        assert answer["Content-Security-Policy"].endswith("sandbox")

    @pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/pdf", ""])
    def test_anything_else(self, mongo, visitor, poster, kind):
        """A type that an upload told of itself is not trusted: it is a download."""
        poster.paper = SimpleUploadedFile('a"\r\n.html', b"<script>alert(1)</script>", kind)
        poster.save()

        answer = self.read(visitor, poster, "paper")

        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment; filename")
        assert "\n" not in answer["Content-Disposition"]

    def test_download(self, mongo, visitor, poster):
        """An image can be asked for as a download."""
        answer = self.read(visitor, poster, "photo", "?download=1")

        assert answer["Content-Disposition"] == 'attachment; filename="fair.png"'

    @pytest.mark.parametrize("name", ["name", "plan", "nothing", "_id", "paper.x"])
    def test_no_file(self, mongo, visitor, poster, name):
        """Other fields, hidden ones and empty ones are no file."""
        poster.plan = ContentFile(b"secret", "plan.txt")
        poster.save()

        assert self.read(visitor, poster, name).status_code == 404

    def test_vanished(self, mongo, visitor, poster):
        """A key without a file is said so on the pages, and is no error of the server."""
        Poster._meta.get_field("photo").remove(poster.photo.id, "default")

        assert self.read(visitor, poster, "photo").status_code == 404
        for page in ("detail", "change"):
            found = visitor.get(url(page, poster))
            assert found.status == 200
            assert "There is no file under this key." in found.html

    def test_permission(self, mongo, staff, poster):
        """Who may not see the document gets nothing of its file."""
        visitor = staff("view_book")

        assert self.read(visitor, poster, "photo").status_code == 403
        may = Visitor(User.objects.create_superuser("boss", "b@example.org", "secret"))
        assert self.read(may, poster, "photo").status_code == 200

    @pytest.mark.parametrize("page", ["detail", "change"])
    def test_link(self, mongo, visitor, poster, page):
        """The pages show name, size and a preview; a name with markup is text."""
        poster.paper = SimpleUploadedFile("<b>x.txt", b"123", "text/plain")
        poster.save()

        found = visitor.get(url(page, poster))

        address = site._registry[Poster].get_file_url(poster, "photo")
        assert f'<img src="{address}" alt="Preview of fair.png"' in found.html
        assert "&lt;b&gt;x.txt" in found.html
        assert "<b>x" not in found.html
        assert "3\xa0bytes" in found.html
