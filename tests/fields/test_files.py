"""`FileField` and `ImageField`: content in GridFS, Django's `File` API."""

import copy
import datetime
import io
import pickle

import pytest
from bson import ObjectId
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.validators import FileExtensionValidator
from PIL import Image

from docmodels import documents, transaction
from docmodels.indexing import plan, sync


class Paper(documents.Document):
    name = documents.CharField(max_length=5, default="x", unique=True)
    scan = documents.FileField(
        blank=True, max_size=2_000_000, validators=[FileExtensionValidator(["txt", "bin"])]
    )
    photo = documents.ImageField(
        blank=True, null=True, bucket="photos", url=lambda file: f"/photos/{file.id}/"
    )

    class Meta:
        collection = "papers"


def png(width=3, height=2):
    """Return a small image."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def files(mongo, bucket="fs"):
    """Return the names of all files, and check that each chunk belongs to one."""
    found = {
        entry["_id"]: entry["filename"] for entry in mongo.collection(f"{bucket}.files").find()
    }
    assert set(mongo.collection(f"{bucket}.chunks").distinct("files_id")) <= set(found)
    return sorted(found.values())


def saved(content=b"hello", name="a.txt"):
    """Return a stored paper, loaded anew."""
    paper = Paper(scan=ContentFile(content, name))
    paper.save()
    return Paper.objects.get(pk=paper.pk)


class TestReading:
    """The attribute of a stored file."""

    def test_file_api(self, mongo):
        """Name, size, content, pieces, lines, seeking and closing, as Django's `File`."""
        scan = saved(b"one\ntwo\n").scan

        assert (scan.name, scan.size, str(scan)) == ("a.txt", 8, "a.txt")
        assert scan.read(3) == b"one"
        assert scan.tell() == 3
        with scan.open() as file:
            assert file.read() == b"one\ntwo\n"
        assert scan.closed
        assert b"".join(scan.chunks(3)) == b"one\ntwo\n"
        scan.seek(0)
        assert list(scan) == [b"one\n", b"two\n"]
        assert isinstance(scan, File)
        assert mongo.collection("papers").find_one()["scan"] == scan.id

    def test_streamed(self, mongo):
        """Large content is stored and read in pieces."""
        content = bytes(range(256)) * 4000
        paper = saved(content, "big.bin")

        chunks = list(paper.scan.chunks())

        assert b"".join(chunks) == content
        assert max(map(len, chunks)) == 255 * 1024
        assert mongo.collection("fs.chunks").count_documents({}) == 4

    def test_nothing_is_read_early(self, assert_num_commands):
        """Loading a document and asking whether it has a file reads no file."""
        key = saved().pk

        with assert_num_commands(1):
            assert Paper.objects.get(pk=key).scan

    def test_none(self):
        """Without a file the attribute is false, and says so where it is used."""
        paper = Paper()

        assert not paper.scan
        assert (paper.scan.name, paper.scan.id, str(paper.scan)) == (None, None, "")
        assert not paper.is_set("scan")
        with pytest.raises(ValueError, match=r"Paper.scan: there is no file\."):
            paper.scan.read()

    def test_gone(self, mongo):
        """A key without a file in GridFS is told when it is read."""
        key = ObjectId("0123456789abcdef01234567")
        mongo.collection("papers").insert_one({"name": "x", "scan": key})
        paper = Paper.objects.get()

        assert paper.scan == key
        with pytest.raises(FileNotFoundError) as caught:
            paper.scan.read()
        assert str(caught.value).endswith("Paper.scan: no file 0123456789abcdef01234567 in GridFS.")
        paper.name = "y"
        paper.save()

    def test_only_reading(self):
        """A stored file cannot be opened for writing."""
        with pytest.raises(ValueError, match="mode 'wb', expected 'rb'"):
            saved().scan.open("wb")

    def test_what_is_known(self):
        """The type that a browser told, the moment, and where it belongs."""
        paper = Paper(scan=SimpleUploadedFile("C:\\x\\b.txt", b"x", "text/plain"))
        paper.save()

        assert paper.scan.name == "b.txt"
        assert paper.scan.content_type == "text/plain"
        assert abs(paper.scan.uploaded_at - datetime.datetime.now(datetime.UTC)).seconds < 60
        assert paper.scan.metadata["field"] == "scan"

    def test_projection(self):
        """A file that was left out is loaded when it is asked for."""
        key = saved().pk

        assert Paper.objects.only("name").get(pk=key).scan.read() == b"hello"

    def test_copies(self):
        """Documents with an open file can be copied and pickled."""
        paper = saved()
        paper.scan.read(1)

        for same in (copy.copy(paper), pickle.loads(pickle.dumps(paper))):
            assert same.scan.read() == b"hello"
            assert same.scan.instance is same


class TestWriting:
    """Assigning and saving."""

    def test_stored_by_the_save(self, mongo):
        """Assigning stores nothing; before the save the new content can be read."""
        paper = Paper(scan=ContentFile(b"hello", "a.txt"))

        assert files(mongo) == []
        assert (paper.scan.name, paper.scan.size, paper.scan.read()) == ("a.txt", 5, b"hello")
        paper.save()
        assert files(mongo) == ["a.txt"]
        assert paper.scan.read() == b"hello"

    def test_replaced(self, mongo):
        """Another file is one more; the old one stays, as in Django."""
        paper = saved()
        paper.scan = ContentFile(b"new", "b.txt")

        assert paper.pending_update()[1] == {"$set": {"scan": paper.scan.id}}
        paper.save()
        assert Paper.objects.get().scan.read() == b"new"
        assert files(mongo) == ["a.txt", "b.txt"]

    def test_save_and_delete_of_the_file(self, mongo):
        """`file.save()` and `file.delete()` save the document too."""
        paper = Paper()
        paper.scan.save("a.txt", ContentFile(b"hello"))
        assert Paper.objects.get().scan.read() == b"hello"

        paper.scan.delete()

        assert not paper.scan
        assert not Paper.objects.get().scan
        assert files(mongo) == []

    def test_invalid(self, mongo):
        """Validation is in front of the upload, and validators see the file."""
        wrong = Paper(name="too long", scan=ContentFile(b"x" * 2_000_001, "a.txt"))
        other = Paper(scan=ContentFile(b"x", "a.exe"))

        with pytest.raises(ValidationError) as caught:
            wrong.save()
        assert caught.value.message_dict["scan"] == [
            "“a.txt” has 2000001 bytes, at most 2000000 are allowed."
        ]
        with pytest.raises(ValidationError) as caught:
            other.save()
        assert caught.value.message_dict == {
            "scan": ["File extension “exe” is not allowed. Allowed extensions are: txt, bin."]
        }
        assert files(mongo) == []

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ("x", "“x” is not valid, expected a file."),
            (b"x", "“b'x'” is not valid, expected a file."),
            (ContentFile(b"x"), "The file has no name."),
        ],
        ids=["text", "bytes", "no name"],
    )
    def test_refused(self, given, message):
        """What is no file, or has no name."""
        with pytest.raises(ValidationError) as caught:
            Paper(scan=given).save()

        assert caught.value.message_dict == {"scan": [message]}

    def test_failed_write(self, mongo):
        """A file whose document could not be stored is removed; the save can be retried."""
        sync(plan(Paper))
        Paper(name="taken").save()
        paper = Paper(name="taken", scan=ContentFile(b"hello", "a.txt"))

        with pytest.raises(ValidationError):
            paper.save()
        assert files(mongo) == []
        paper.name = "free"
        paper.save()

        assert Paper.objects.get(name="free").scan.read() == b"hello"
        mongo.collection("papers").drop_indexes()

    def test_transaction(self, mongo):
        """Files of an aborted transaction are removed, deleted ones are kept."""
        kept = saved()

        @transaction.atomic()
        def edit():
            Paper(name="new", scan=ContentFile(b"x", "b.txt")).save()
            kept.scan.delete()
            raise RuntimeError

        with pytest.raises(RuntimeError):
            edit()

        assert files(mongo) == ["a.txt"]
        assert Paper.objects.get().scan.read() == b"hello"

    def test_bulk_create(self, mongo):
        """Each of many documents has its file."""
        Paper.objects.bulk_create(
            [Paper(name=str(n), scan=ContentFile(b"%d" % n, f"{n}.txt")) for n in range(3)]
        )

        assert [paper.scan.read() for paper in Paper.objects.order_by("name")] == [b"0", b"1", b"2"]

    def test_orphans(self, mongo):
        """What no document has any more can be found and deleted."""
        kept, deleted = saved(), saved(name="b.txt")
        deleted.delete()
        mongo.collection("fs.files").insert_one({"filename": "another program's"})
        field = Paper._meta.get_field("scan")

        assert list(field.orphans()) == []
        assert list(field.orphans(older_than=datetime.timedelta())) == [deleted.scan.id]
        assert field.delete_orphans(older_than=datetime.timedelta()) == 1
        assert files(mongo) == ["a.txt", "another program's"]
        assert Paper.objects.get(pk=kept.pk).scan.read() == b"hello"

    def test_inside(self):
        """An embedded document, or a list, is no place for a file."""
        with pytest.raises(ImproperlyConfigured) as caught:

            class Page(documents.EmbeddedDocument):
                scan = documents.FileField()

        assert str(caught.value) == (
            "Page.scan: a FileField inside of a document, expected one of the document itself, or "
            "a reference to a document that has one."
        )


class TestImage:
    """`ImageField`."""

    def test_dimensions(self, mongo):
        """Width and height are noted beside the content."""
        paper = Paper(photo=ContentFile(png(), "p.png"))
        paper.save()
        photo = Paper.objects.get().photo

        assert (photo.width, photo.height, photo.read()) == (3, 2, png())
        assert photo.url == f"/photos/{photo.id}/"
        assert files(mongo, "photos") == ["p.png"]
        assert files(mongo) == []

    def test_no_image(self):
        """Other content is refused."""
        with pytest.raises(ValidationError) as caught:
            Paper(photo=ContentFile(b"hello", "p.png")).save()

        assert caught.value.message_dict == {
            "photo": ["“p.png” is not an image, or it is damaged."]
        }

    def test_null(self):
        """None is stored as null, where that is allowed."""
        paper = Paper(photo=ContentFile(png(), "p.png"))
        paper.save()
        paper.photo.delete()

        assert Paper.objects.filter(photo__type="null").exists()

    def test_url(self):
        """Without a function there is no URL, as templates and widgets expect it."""
        assert not hasattr(saved().scan, "url")
