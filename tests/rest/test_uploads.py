"""Files through the API: uploaded as parts of a form, shown as address or key."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.permissions import AllowAny
from rest_framework.test import APIRequestFactory

from docmodels import documents, rest
from tests.fields.test_files import files, png


class Scan(documents.Document):
    name = documents.CharField(max_length=5)
    paper = documents.FileField(blank=True, null=True, max_size=10)
    photo = documents.ImageField(blank=True, url=lambda file: f"/photos/{file.name}/")

    class Meta:
        collection = "rest_scans"


class Scans(rest.DocumentViewSet):
    queryset = Scan.objects.all()
    authentication_classes = ()
    permission_classes = (AllowAny,)


def send(method, data, pk=None, form="multipart"):
    """Return status and body of a request."""
    view = Scans.as_view({"post": "create", "patch": "partial_update"})
    request = getattr(APIRequestFactory(), method)("/", data, format=form)
    response = view(request, **({} if pk is None else {"pk": str(pk)}))
    return response.status_code, response.data


@pytest.fixture
def scan(mongo):
    """Create a scan by the API, and load it."""
    data = {
        "name": "a",
        "paper": SimpleUploadedFile("a.txt", b"123"),
        "photo": SimpleUploadedFile("p.png", png()),
    }
    status, body = send("post", data)
    assert status == 201
    found = Scan.objects.get()
    assert body == {
        "pk": str(found.pk),
        "name": "a",
        "paper": str(found.paper.id),
        "photo": "http://testserver/photos/p.png/",
    }
    return found


def test_upload(mongo, scan):
    """Content and name are stored, in pieces as ever."""
    assert (scan.paper.read(), scan.photo.width) == (b"123", 3)
    assert files(mongo) == ["a.txt", "p.png"]


def test_replace_and_clear(scan):
    """A part replaces the file, null takes it away, other changes leave it alone."""
    assert send("patch", {"paper": SimpleUploadedFile("b.txt", b"1")}, scan.pk)[0] == 200
    assert send("patch", {"name": "b"}, scan.pk, "json")[0] == 200
    assert Scan.objects.get().paper.name == "b.txt"

    assert send("patch", {"paper": None}, scan.pk, "json")[0] == 200
    assert not Scan.objects.get().paper


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"paper": SimpleUploadedFile("a.txt", b"x" * 11)},
         {"paper": ["“a.txt” has 11 bytes, at most 10 are allowed."]}),
        ({"paper": SimpleUploadedFile("a.txt", b"")},
         {"paper": ["The submitted file is empty."]}),
        ({"photo": SimpleUploadedFile("p.png", b"no")},
         {"photo": ["Upload a valid image. The file you uploaded was either not an image or a "
                    "corrupted image."]}),
        ({"name": "abcdef", "paper": SimpleUploadedFile("a.txt", b"x")},
         {"name": ["Ensure this field has no more than 5 characters."]}),
    ],
    ids=["size", "empty", "no image", "another field"],
)  # fmt: skip
def test_refused(mongo, data, errors):
    """Errors stand at their fields, and nothing is left in GridFS."""
    assert send("post", {"name": "a"} | data) == (400, errors)
    assert files(mongo) == []


def test_keys_are_no_uploads(scan):
    """Nobody gets at another file by its key."""
    status, body = send("patch", {"paper": str(scan.photo.id)}, scan.pk, "json")

    assert (status, list(body)) == (400, ["paper"])
