"""Writes behave alike over both APIs; see `apis`."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models import ProtectedError

from docmodels import documents
from docmodels.documents import ops
from docmodels.exceptions import BulkError, VersionConflict
from tests.aio.models import NOTES, Author, Book, Chapter, Kept, Noted, Numbered


class TestDocuments:
    """The life of one document."""

    def test_save_and_delete(self, api, mongo):
        """A document is inserted, changed and deleted."""
        book = Book(title="d")

        api.call(book, "save")
        book.pages = 7
        api.call(book, "save")
        stored = mongo.collection("aio_book").find_one({"_id": book.pk})
        deleted = api.call(book, "delete")

        assert (stored["title"], stored["pages"]) == ("d", 7)
        assert deleted == (1, {"aio.Book": 1})
        assert mongo.collection("aio_book").count_documents({}) == 0

    def test_validation(self, api):
        """What is wrong is told by path, and nothing is sent."""
        book = Book(title="x" * 50, chapters=[Chapter(title="")])

        with pytest.raises(ValidationError) as excinfo:
            api.call(book, "save")

        assert set(excinfo.value.message_dict) == {"title", "chapters.0.title"}

    def test_a_taken_value(self, api, shelf):
        """A duplicate key is an error of its field."""
        with pytest.raises(ValidationError) as excinfo:
            api.call(Book.objects, "create", title="a")

        assert list(excinfo.value.message_dict) == ["title"]

    def test_a_conflict(self, api, shelf):
        """The second of two editors is told."""
        mine, theirs = shelf.get(title="a"), shelf.get(title="a")
        theirs.tags = ["z"]
        theirs.save()
        mine.tags = ["w"]

        with pytest.raises(VersionConflict):
            api.call(mine, "save")

        assert shelf.get(title="a").tags == ["z"]

    def test_a_merge(self, api, shelf):
        """Changes of other paths are kept by a merge."""
        mine, theirs = shelf.get(title="a"), shelf.get(title="a")
        theirs.chapters = [Chapter(title="i")]
        theirs.save()
        mine.tags = ["w"]

        api.call(mine, "save", on_conflict="merge")

        stored = shelf.get(title="a")
        assert (stored.tags, stored.chapters[0].title) == (["w"], "i")
        assert mine.chapters[0].title == "i"

    def test_a_document_that_is_gone(self, api, shelf):
        """A save never inserts what was deleted meanwhile."""
        book = shelf.get(title="a")
        shelf.filter(title="a").delete()
        book.pages = 5

        with pytest.raises(Book.DoesNotExist):
            api.call(book, "save")

    def test_rules_of_references(self, api, shelf):
        """A deletion takes what refers to it along, or is refused."""
        ben = Author.objects.get(name="Ben")
        Book.objects.create(title="e", chapters=[Chapter(title="i", editor=ben)])

        with pytest.raises(ProtectedError):
            api.call(ben, "delete")
        assert api.call(Author.objects.get(name="Ann"), "delete") == (
            3, {"aio.Author": 1, "aio.Book": 2},
        )  # fmt: skip

    def test_hooks_that_call_the_synchronous_api(self, api, notes):
        """They run around the write, and may read; query hooks run, too."""
        api.call(Noted(name="a"), "save")
        with pytest.raises(ValidationError):
            api.call(Noted(), "save")

        assert NOTES == [
            ("pre", "a", 100), ("post", "a", 101), ("error", None, "ValidationError"),
        ]  # fmt: skip
        assert api.call(Noted.objects, "count") == 101

    def test_numbers_of_a_sequence(self, api):
        """Numbers are taken with the insert, or before."""
        first, second = Numbered(), Numbered()
        api.call(first, "save")
        taken = api.call(Numbered._meta.get_field("number"), "reserve", 2)
        api.call(second, "save")

        assert [first.number, *taken, second.number] == [1, 2, 3, 4]

    def test_soft_deletion(self, api):
        """A document is marked, restored and removed."""
        kept = api.call(Kept.objects, "create", name="a")

        api.call(kept, "delete")
        assert api.call(Kept.objects, "count") == 0
        api.call(kept, "restore")
        assert api.call(Kept.objects, "count") == 1
        assert api.call(kept, "hard_delete")[0] == 1


class TestFiles:
    """Files in GridFS."""

    def test_a_file(self, api, mongo):
        """A file is stored with its document, read and deleted."""
        book = Book(title="d", cover=ContentFile(b"picture" * 70_000, name="cover.png"))
        api.call(book, "save")
        loaded = Book.objects.get(pk=book.pk)

        api.call(loaded.cover, "open")
        head = api.call(loaded.cover, "read", 7)
        content = b"".join(api.rows(loaded.cover, "chunks"))

        assert (loaded.cover.name, loaded.cover.size, head) == ("cover.png", 490_000, b"picture")
        assert content == b"picture" * 70_000
        api.call(loaded.cover, "close")
        api.call(loaded.cover, "delete")
        assert mongo.collection("fs.files").count_documents({}) == 0

    def test_orphans(self, api, mongo):
        """Files that no document has are found and deleted."""
        import datetime

        book = Book(title="d", cover=ContentFile(b"picture", name="cover.png"))
        api.call(book, "save")
        mongo.collection("aio_book").delete_one({"_id": book.pk})
        field, age = Book._meta.get_field("cover"), datetime.timedelta(0)

        assert api.rows(field, "orphans", None, age) == [book.cover.id]
        assert api.call(field, "delete_orphans", None, age) == 1


class TestQueries:
    """Writes of querysets."""

    def test_update(self, api, shelf):
        """Many are updated in one command, or the first one."""
        assert api.call(shelf.filter(pages__gt=10), "update", pages=documents.F("pages") + 1) == 2
        assert api.call(shelf, "update_one", pages=0) == 1
        assert [book.pages for book in shelf.all()] == [0, 21, 41]

    def test_an_update_without_a_filter(self, api, shelf):
        """It has to be asked for."""
        with pytest.raises(ValueError, match="allow_all=True"):
            api.call(Book.objects, "update", pages=1)

    def test_get_or_create(self, api, shelf):
        """Found, made, updated."""
        found, is_new = api.call(Book.objects, "get_or_create", title="a")
        made, made_is_new = api.call(Book.objects, "get_or_create", {"pages": 5}, title="n")
        changed, _ = api.call(Book.objects, "update_or_create", {"pages": 6}, title="n")
        stored, _ = api.call(Book.objects, "upsert", {"pages": 8}, title="n")

        assert (found.pages, is_new, made.pages, made_is_new) == (10, False, 5, True)
        assert (changed.pages, stored.pages) == (6, 8)

    def test_find_and_modify(self, api, shelf):
        """One document is changed, replaced and deleted by its filter."""
        one = shelf.filter(title="a")

        before = api.call(one, "find_one_and_update", pages=ops.Inc(1))
        after = api.call(one, "find_one_and_update", pages=ops.Inc(1), return_new=True)
        api.call(one, "find_one_and_replace", Book(title="a", pages=3))
        gone = api.call(one, "find_one_and_delete")

        assert (before.pages, after.pages, gone.pages) == (10, 12, 3)
        assert api.call(shelf, "delete_one")[0] == 1
        assert api.call(Book.objects, "count") == 1

    def test_delete(self, api, shelf):
        """What matches is deleted."""
        assert api.call(shelf.filter(pages__gte=20), "delete") == (2, {"aio.Book": 2})

    def test_bulk(self, api, shelf):
        """Many are created, updated, saved and written at once."""
        made = api.call(Book.objects, "bulk_create", [Book(title=f"n{n}") for n in range(5)])
        for book in made:
            book.pages = 50
        updated = api.call(Book.objects, "bulk_update", made, ["pages"])
        made[0].tags = ["q"]
        saved = api.call(Book.objects, "bulk_save", [made[0], Book(title="s")])
        written = api.call(
            Book.objects,
            "bulk_write",
            [ops.DeleteMany({"pages": 50}), ops.InsertOne(Book(title="t"))],
        )

        assert (updated, saved.inserted, saved.modified) == (5, 1, 1)
        assert (written.deleted, written.inserted) == (5, 1)

    def test_a_bulk_with_mistakes(self, api, shelf):
        """The errors tell the positions."""
        books = [Book(title="n"), Book(title="a"), Book(title="m")]

        with pytest.raises(ValidationError) as excinfo:
            api.call(Book.objects, "bulk_create", books, ordered=False)
        with pytest.raises(BulkError) as bulk:
            api.call(Book.objects, "bulk_save", [Book(title="b")])

        assert list(excinfo.value.message_dict) == ["1.title"]
        assert list(bulk.value.errors) == [0]
        assert [book._state.adding for book in books] == [False, True, False]

    def test_into_collections(self, api, shelf, mongo):
        """Results are written into collections by the server."""
        api.call(shelf, "out", "aio_copy")
        api.call(shelf.filter(title="a"), "merge", "aio_merged")
        api.rows(shelf, "pipeline", [{"$out": "aio_third"}])

        names = ["aio_copy", "aio_merged", "aio_third"]
        assert [mongo.collection(name).count_documents({}) for name in names] == [3, 1, 3]
