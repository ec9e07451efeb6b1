"""Files in a `DocumentForm`."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from docmodels import documents
from docmodels.forms import DocumentForm
from tests.fields.test_files import files, png


class Scan(documents.Document):
    name = documents.CharField(max_length=5)
    paper = documents.FileField(blank=True, null=True, max_size=10)
    photo = documents.ImageField(blank=True, url=lambda file: f"/photos/{file.id}/")

    class Meta:
        collection = "form_scans"


class ScanForm(DocumentForm):
    class Meta:
        model = Scan
        fields = "__all__"


@pytest.fixture
def scan(mongo):
    """Store a scan with both files, and load it."""
    Scan(name="a", paper=ContentFile(b"1", "<a>.txt"), photo=ContentFile(png(), "p.png")).save()
    return Scan.objects.get()


def test_upload(mongo):
    """The form is sent in parts, and stores what was chosen."""
    form = ScanForm({"name": "a"}, {"paper": SimpleUploadedFile("a.txt", b"123")})

    form.save()

    assert form.is_multipart()
    assert (Scan.objects.get().paper.read(), Scan.objects.get().is_set("photo")) == (b"123", False)


def test_untouched(scan):
    """Without a new file the stored ones stay."""
    ScanForm({"name": "b"}, {}, instance=scan).save()

    found = Scan.objects.get()
    assert (found.name, found.paper.name, found.photo.name) == ("b", "<a>.txt", "p.png")


def test_shown(scan):
    """A stored file is named, with its address where it has one, and a box to clear it."""
    form = ScanForm(instance=scan)

    paper, photo = str(form["paper"]), str(form["photo"])

    assert "Currently: &lt;a&gt;.txt" in paper
    assert "<a href" not in paper
    assert f'<a href="/photos/{scan.photo.id}/">p.png</a>' in photo
    for name, html in (("paper", paper), ("photo", photo)):
        assert f'<input type="checkbox" name="{name}-clear"' in html


@pytest.mark.parametrize("name", ["paper", "photo"])
def test_clear(scan, name):
    """The box takes the file away: the field is missing, or null."""
    ScanForm({"name": "a", f"{name}-clear": "on"}, {}, instance=scan).save()

    found = Scan.objects.get()
    assert not getattr(found, name)
    assert found.to_mongo().get(name, "missing") == (None if name == "paper" else "missing")


def test_both(scan):
    """A file and the box at once are refused."""
    form = ScanForm(
        {"name": "a", "paper-clear": "on"},
        {"paper": SimpleUploadedFile("b.txt", b"1")},
        instance=scan,
    )

    assert form.errors == {
        "paper": ["Please either submit a file or check the clear checkbox, not both."]
    }


@pytest.mark.parametrize(
    ("data", "file", "errors"),
    [
        ({"name": "a"}, {"paper": SimpleUploadedFile("a.txt", b"x" * 11)},
         {"paper": ["“a.txt” has 11 bytes, at most 10 are allowed."]}),
        ({"name": "abcdef"}, {"paper": SimpleUploadedFile("a.txt", b"x")},
         {"name": ["Ensure this value has at most 5 characters (it has 6)."]}),
    ],
    ids=["size", "another field"],
)  # fmt: skip
def test_refused(mongo, data, file, errors):
    """Errors stand at their fields, and nothing is left in GridFS."""
    form = ScanForm(data, file)

    assert form.errors == errors
    assert files(mongo) == []


def test_vanished(scan):
    """A file that somebody removed from GridFS is shown by its key."""
    Scan._meta.get_field("paper").remove(scan.paper.id, "default")

    assert f"Currently: {scan.paper.id}" in str(ScanForm(instance=Scan.objects.get())["paper"])
