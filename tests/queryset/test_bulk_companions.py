"""Files and numbers of sequences are stored with what a bulk stores, and taken back with it."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from docmodels import documents
from docmodels.documents import Q, ops
from docmodels.exceptions import BulkError


class Scan(documents.Document):
    name = documents.CharField(max_length=20, unique=True)
    number = documents.SequenceField()
    page = documents.FileField(blank=True)

    class Meta:
        app_label = "bulk_companions"


def scan(name):
    """Return a new scan with a file."""
    return Scan(name=name, page=ContentFile(name.encode(), name=f"{name}.txt"))


@pytest.fixture
def scans(mongo):
    """Give the collection, with its unique index, and no files."""
    collection = mongo.collection(Scan._meta.collection)
    collection.create_index("name", unique=True)
    return collection


@pytest.fixture
def files(mongo):
    """Give a function that tells the names of the stored files."""
    return lambda: sorted(file["filename"] for file in mongo.collection("fs.files").find())


def content(name):
    """Return what is in the file of a stored scan."""
    with Scan.objects.get(name=name).page.open() as file:
        return file.read()


class TestStored:
    """Whatever the way in."""

    @pytest.mark.parametrize(
        "store",
        [
            Scan.objects.bulk_create,
            Scan.objects.bulk_save,
            lambda scans: Scan.objects.bulk_write([ops.InsertOne(s) for s in scans]),
            lambda scans: Scan.objects.bulk_create(
                scans, update_conflicts=True, update_fields=["page"], unique_fields=["name"]
            ),
        ],
        ids=["create", "save", "write", "conflicts"],
    )
    def test_inserted(self, scans, files, store):
        """Each document has its number and its file."""
        made = [scan("a"), scan("b")]

        store(made)

        assert files() == ["a.txt", "b.txt"]
        assert (content("a"), content("b")) == (b"a", b"b")
        numbers = [document.number for document in made]
        assert numbers[1] == numbers[0] + 1
        assert list(Scan.objects.order_by("name").values_list("number", flat=True)) == numbers

    def test_changed(self, scans, files):
        """A file that is exchanged by a bulk is stored as well."""
        Scan.objects.bulk_create([scan("a"), scan("b"), scan("c")])
        a, b, _c = Scan.objects.order_by("name")
        a.page, b.page = ContentFile(b"new a", name="x"), ContentFile(b"new b", name="y")

        Scan.objects.bulk_save([a])
        Scan.objects.bulk_update([b], ["page"])
        Scan.objects.bulk_write(
            [ops.ReplaceOne(Q(name="c"), {"name": "c", "page": ContentFile(b"new c", name="z")})]
        )

        assert [content(name) for name in "abc"] == [b"new a", b"new b", b"new c"]

    def test_replaced(self, scans, files):
        """So is one of a replacement."""
        Scan.objects.bulk_create([scan("a")])

        Scan.objects.filter(name="a").find_one_and_replace(scan("b"))

        assert content("b") == b"b"


class TestTakenBack:
    """What was stored for a write that failed is removed."""

    def test_save(self, scans, files):
        """Of the objects that failed alone."""
        Scan.objects.bulk_create([scan("a")])
        again, other = scan("a"), scan("b")

        with pytest.raises(BulkError):
            Scan.objects.bulk_save([again, other])

        assert files() == ["a.txt", "b.txt"]
        again.name = "c"
        assert Scan.objects.bulk_save([again]).inserted == 1
        assert content("c") == b"a"

    def test_create(self, scans, files):
        """Where some were stored, these keep what they need."""
        made = [scan("a"), scan("a")]

        with pytest.raises(ValidationError):
            Scan.objects.bulk_create(made)

        assert made[0].number is not None
        assert content("a") == b"a"

    def test_create_nothing(self, scans, files):
        """Where none was stored, nothing is left."""
        Scan.objects.bulk_create([scan("a")])

        with pytest.raises(ValidationError):
            Scan.objects.bulk_create([scan("a")])

        assert files() == ["a.txt"]

    def test_update(self, scans, files):
        """An update has no document to store a file with: its key is taken, nothing else."""
        Scan.objects.bulk_create([scan("a"), scan("b")])
        a = Scan.objects.filter(name="a")

        with pytest.raises(ValidationError) as caught:
            a.update(page=ContentFile(b"x", name="x"))

        assert list(caught.value.message_dict) == ["page"]
        assert files() == ["a.txt", "b.txt"]
        assert a.update(page=Scan.objects.get(name="b").page) == 1
        assert content("a") == b"b"
