"""What reading a reference does that was not populated."""

import pickle

import pytest
from bson import ObjectId
from django.test import override_settings

from docmodels import documents
from docmodels.documents import deferred
from docmodels.exceptions import FieldFetchBlocked
from docmodels.queryset import accessing
from docmodels.testing import record_commands
from tests.queryset.library import Author, Book, make_authors


@pytest.fixture
def authors(mongo):
    """Give four stored authors."""
    return make_authors("Ann", "Bob", "Cid", "Dan")


@pytest.fixture
def books(authors):
    """Give a hundred stored books with references in several places."""
    Book.objects.bulk_create(
        [
            Book(
                title=f"{n:03}",
                author=authors[n % 4],
                notes=[{"by": authors[(n + 1) % 4]}, {"by": authors[(n + 2) % 4]}],
                by_place={"top": {"by": authors[n % 4]}},
            )
            for n in range(100)
        ]
    )
    return Book.objects.all()


class TestPeers:
    """The default: one load for all the documents of a result."""

    def test_loop(self, books, assert_num_commands):
        """A loop over 100 documents reading a reference sends 1 command, not 100."""
        found = list(books)

        with assert_num_commands(1):
            names = [book.author.name for book in found]

        assert names[:5] == ["Ann", "Bob", "Cid", "Dan", "Ann"]

    def test_shared(self, books):
        """Documents with the same key share one object."""
        found = list(books)

        assert found[0].author is found[4].author

    def test_next_level(self, books, authors, assert_num_commands):
        """What was loaded for all loads the next level for all."""
        for author in authors:
            author.friends, author.publisher_id = [authors[0]], ObjectId()
            author.save()
        found = list(books)

        with assert_num_commands(2):
            for book in found:
                with pytest.raises(Exception, match="Publisher matching query does not exist"):
                    book.author.publisher

    def test_embedded(self, books, assert_num_commands):
        """References in embedded documents, lists and maps of them: one load for each path."""
        found = list(books)

        with assert_num_commands(1):
            for book in found:
                assert book.notes[0].by != book.notes[1].by
                assert book.by_place["top"].by == book.by_place["top"].by

    def test_keys_never_query(self, books, assert_num_commands):
        """The key asks nothing."""
        found = list(books)

        with assert_num_commands(0):
            assert all(book.author_id for book in found)

    def test_no_more_than_a_bound(self, books, monkeypatch):
        """One read loads a bounded number, those that come next first."""
        monkeypatch.setattr(accessing, "PEERS_AT_ONCE", 2)
        found = list(books)

        with record_commands() as commands:
            names = [book.author.name for book in found[1:5]]

        assert names == ["Bob", "Cid", "Dan", "Ann"]
        assert [len(c.command["filter"]["_id"]["$in"]) for c in commands] == [2, 2]

    def test_changed_key(self, books, assert_num_commands):
        """A key that no other document has is loaded by itself."""
        eve = Author(name="Eve")
        eve.save()
        found = list(books)
        found[0].author_id = eve.pk

        with assert_num_commands(1):
            assert found[0].author.name == "Eve"
            assert found[1].author.name == "Bob"

    def test_missing(self, books, authors):
        """A key that leads nowhere raises `DoesNotExist`, each time and for itself only."""
        authors[0].delete()
        found = list(books)

        for _again in range(2):
            with pytest.raises(Author.DoesNotExist) as caught:
                found[0].author
        assert found[1].author.name == "Bob"
        assert str(caught.value) == "Author matching query does not exist."

    def test_pickled(self, books):
        """A document that travels leaves its peers behind, and can load its own."""
        found = list(books)

        copy = pickle.loads(pickle.dumps(found[0]))

        assert copy._source.peers is None
        assert copy.author.name == "Ann"

    def test_iterator(self, books, assert_num_commands):
        """In a stream the documents of one batch load together."""
        with assert_num_commands(3 + 2):
            for book in books.iterator(chunk_size=50):
                book.author.name

    def test_after_save(self, books, assert_num_commands):
        """A document that was saved is still one of them."""
        found = list(books)
        found[0].title = "x"
        found[0].save()

        with assert_num_commands(1):
            assert [book.author.name for book in found[:2]] == ["Ann", "Bob"]


class TestDeferred:
    """Fields that the query left out."""

    def test_peers(self, books, assert_num_commands):
        """A loop over documents loads the field once, for all."""
        found = list(books.only("author"))

        with assert_num_commands(1):
            assert [book.title for book in found][:3] == ["000", "001", "002"]
        with assert_num_commands(1):
            assert all(len(book.notes) == 2 for book in found)

    def test_own_value(self, books):
        """Each document has containers of its own."""
        found = list(books.only("author")[:2])

        assert [book.editors for book in found] == [[], []]
        found[0].editors.append(found[0].author_id)
        found[0].save()

        assert found[1].editors == []
        assert Book.objects.get(title="000").editors_ids == [found[0].author_id]

    def test_gone(self, books):
        """A document that was deleted meanwhile raises `DoesNotExist`, the others do not."""
        found = list(books.only("author"))
        Book.objects.filter(title="000").delete()

        assert found[1].title == "001"
        with pytest.raises(Book.DoesNotExist):
            found[0].title

    def test_read_again(self, books):
        """`refresh_from_db()` reads what is stored now, whatever the peers read before."""
        found = list(books.only("author"))
        assert found[0].title == "000"
        Book.objects.filter(title="001").update(title="x")

        found[1].refresh_from_db(fields=["title"])

        assert found[1].title == "x"

    def test_bound(self, books, monkeypatch):
        """One read loads a bounded number."""
        monkeypatch.setattr(deferred, "PEERS_AT_ONCE", 40)
        found = list(books.only("author"))

        with record_commands() as commands:
            assert [book.title for book in found[50:]] == [f"{n:03}" for n in range(50, 100)]

        assert [len(c.command["filter"]["_id"]["$in"]) for c in commands] == [40, 40]

    def test_one(self, books, assert_num_commands):
        """`FETCH_ONE` loads it for each."""
        found = list(books.only("author").fetch_mode(documents.FETCH_ONE)[:4])

        with assert_num_commands(4):
            for book in found:
                book.title

    def test_raise(self, books):
        """`RAISE` forbids it, and says so."""
        book = books.only("author").fetch_mode(documents.RAISE).first()

        with pytest.raises(FieldFetchBlocked) as caught:
            book.title

        assert str(caught.value) == (
            "Book.title: left out by the query, and fetch_mode(RAISE) forbids to load it; "
            "expected it among those of only() or select()."
        )
        assert (caught.value.document, caught.value.path) == (book, "title")


class TestOne:
    """`FETCH_ONE` loads for the one document."""

    def test_queryset(self, books, assert_num_commands):
        """Each document sends its own command."""
        found = list(books.fetch_mode(documents.FETCH_ONE)[:5])

        with assert_num_commands(5):
            for book in found:
                book.author.name
        with assert_num_commands(0):
            assert found[0].author.name == "Ann"

    def test_setting(self, books, assert_num_commands):
        """`DOCMODELS["FETCH_MODE"]` is for all querysets that do not say."""
        with override_settings(DOCMODELS={"FETCH_MODE": "one"}):
            found = list(books[:3])
            with assert_num_commands(3):
                for book in found:
                    book.author.name


class TestRaise:
    """`RAISE` forbids it."""

    def test_message(self, books):
        """The error names document, path and the way out."""
        book = books.fetch_mode(documents.RAISE).first()

        with pytest.raises(FieldFetchBlocked) as caught:
            book.author

        assert str(caught.value) == (
            "Book.author: not populated, and fetch_mode(RAISE) forbids to load it; expected "
            "populate('author') before."
        )
        assert caught.value.document is book
        assert caught.value.path == "author"

    def test_what_is_there(self, books, authors, assert_num_commands):
        """Keys, populated and assigned documents, and None, can be read."""
        book = books.fetch_mode(documents.RAISE).populate("author").first()
        book.notes[0].by = authors[3]

        with assert_num_commands(0):
            assert book.author.name == "Ann"
            assert book.author_id == book.author.pk
            assert book.next is None
            assert book.notes[0].by == authors[3]

    def test_passed_on(self, books, authors):
        """What was populated is under the same rule, and so is what it holds."""
        authors[0].publisher_id = ObjectId()
        authors[0].save()
        book = books.fetch_mode(documents.RAISE).populate("author").first()

        with pytest.raises(FieldFetchBlocked) as caught:
            book.author.publisher
        with pytest.raises(FieldFetchBlocked):
            book.notes[0].by

        assert caught.value.path == "publisher"

    def test_setting(self, books):
        """The setting holds for `get()` and for new documents as well."""
        with override_settings(DOCMODELS={"FETCH_MODE": "raise"}):
            with pytest.raises(FieldFetchBlocked):
                Book.objects.get(title="000").author
            with pytest.raises(FieldFetchBlocked):
                Book(author_id=ObjectId()).author

    def test_after_save(self, books):
        """Saving changes nothing about it."""
        book = books.fetch_mode(documents.RAISE).first()
        book.title = "x"
        book.save(using="default")

        with pytest.raises(FieldFetchBlocked):
            book.author

    def test_unknown_mode(self):
        """Another mode is refused."""
        with pytest.raises(ValueError, match="expected FETCH_PEERS") as caught:
            Book.objects.fetch_mode("all")

        assert str(caught.value) == (
            "Book.fetch_mode(): 'all', expected FETCH_PEERS, FETCH_ONE or RAISE."
        )
