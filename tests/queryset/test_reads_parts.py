"""Parts of lists in projections, and documents that are decoded when they are touched."""

import copy
import gc
import pickle
import threading

import pytest
from bson import ObjectId
from django.core.exceptions import FieldError

from docmodels import documents, signals
from docmodels.documents import Count, ElemMatch, Q, Slice
from docmodels.exceptions import IncompleteList
from docmodels.testing import record_commands
from tests.queryset.models import Book

TAGS = ["a", "b", "c", "d"]
CHAPTERS = [
    {"title": "one", "p": 1, "marks": [1, 2, 3]},
    {"title": "two", "p": 9, "marks": [4, 5, 6]},
]


def held_bytes(document):
    """Return how many bytes of what was fetched a document keeps."""
    return max(
        (
            len(inner)
            for held in gc.get_referents(document)
            if type(held) is tuple
            for inner in held
            if type(inner) is bytes
        ),
        default=0,
    )


class Shelf(documents.Document):
    """Lists with rules, inside of each other."""

    label = documents.CharField(max_length=20)
    rows = documents.ListField(documents.IntegerField(), min_items=2)

    class Meta:
        app_label = "shelf"


@pytest.fixture
def stored(books):
    """Store one book with lists."""
    return books(
        {"title": "x", "n": 3, "tags": TAGS, "chapters": CHAPTERS, "grid": [[1], [2]], "zzz": 1}
    )


class TestProjection:
    """What is sent."""

    @pytest.mark.parametrize(
        ("queryset", "projection"),
        [
            (Book.objects.only("title", Slice("tags", 2)),
             {"_id": 1, "__v": 1, "title": 1, "tags": {"$slice": 2}}),
            (Book.objects.only("title", Slice("tags", 1, 2)),
             {"_id": 1, "__v": 1, "title": 1, "tags": {"$slice": [1, 2]}}),
            (Book.objects.only(ElemMatch("chapters", Q(pages__gt=3))),
             {"_id": 1, "__v": 1, "chapters": {"$elemMatch": {"p": {"$gt": 3}}}}),
            (Book.objects.select("+secret", Slice("chapters__marks", -1)),
             {"chapters.marks": {"$slice": -1}}),
            (Book.objects.select(Slice("tags", 1)).select("+secret", Slice("tags", 3)),
             {"tags": {"$slice": 3}}),
            (Book.objects.select("+secret", ElemMatch("tags", gte="b")),
             {"tags": {"$elemMatch": {"$gte": "b"}}, "__docmodels_nothing": 0}),
            (Book.objects.defer("title").select(ElemMatch("chapters", title="two")),
             {"title": 0, "secret": 0, "chapters": {"$elemMatch": {"title": "two"}}}),
            (Book.objects.only(Slice("tags", 2)).defer(None).select("+secret"), None),
            (Book.objects.only(Slice("tags", 2)).values("title"), {"_id": 0, "title": 1}),
        ],
        ids=["slice", "window", "match", "inside", "twice", "all", "defer", "none", "rows"],
    )  # fmt: skip
    def test_compiled(self, queryset, projection):
        """The server's own operators, beside the fields."""
        assert queryset.query.projection() == projection

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: Book.objects.only(Slice("title", 1)),
             "Book.title: a CharField, expected a list."),
            (lambda: Book.objects.only(Slice("grid__0", 1)),
             "Book.grid__0: a ListField, expected a list."),
            (lambda: Book.objects.select(Slice("tagz", 1)),
             "Book.tagz: Book has no field 'tagz'. Did you mean 'tags'?"),
            (lambda: Book.objects.select(ElemMatch("tags")),
             "Book.tags: no condition, expected ElemMatch('tags', Q(…))."),
            (lambda: Book.objects.select(ElemMatch("chapters__marks", Q(gt=1))),
             "Book.chapters__marks: inside of another field, expected a list of the document."),
            (lambda: Book.objects.only(Slice("chapters__marks", 1)),
             "Book.only(): a part of 'chapters.marks', expected a list of the document itself; "
             "select() takes paths inside."),
            (lambda: list(Book.objects.select(Slice("tags", 1)).annotate(n=Count("tags"))),
             "Book: a part of 'tags' beside annotate(), unwind() or union(), expected one of "
             "them."),
        ],
        ids=["text", "element", "unknown", "empty", "match-inside", "only-inside", "annotate"],
    )  # fmt: skip
    def test_mistakes(self, make, message):
        """Whatever is no list, or cannot be a part, is named."""
        with pytest.raises(FieldError) as caught:
            make()

        assert str(caught.value) == message

    def test_limit(self):
        """A limit of nothing makes no sense."""
        with pytest.raises(ValueError) as caught:
            Slice("tags", 3, 0)

        assert str(caught.value) == "Slice('tags', 3, 0): expected a limit of 1 or more."
        assert repr(Slice("tags", 3, 1)) == "Slice('tags', 3, 1)"
        assert repr(ElemMatch("tags", gt="a")) == "ElemMatch('tags', <Q: (AND: ('gt', 'a'))>)"


class TestParts:
    """What is loaded."""

    @pytest.mark.parametrize(
        ("part", "tags"),
        [
            (Slice("tags", 2), ["a", "b"]),
            (Slice("tags", -1), ["d"]),
            (Slice("tags", 1, 2), ["b", "c"]),
            (Slice("tags", 0), []),
            (ElemMatch("tags", Q(gt="b", lt="d")), ["c"]),
        ],
        ids=str,
    )
    def test_values(self, stored, part, tags):
        """The elements that were asked for; everything else is as `only` or `select` say."""
        some = Book.objects.only(part).get()
        whole = Book.objects.select(part).get()

        assert some.tags == whole.tags == tags
        assert (whole.title, whole.undeclared["zzz"]) == ("x", 1)
        assert some._source.loaded == {"id", "tags"}

    def test_elements(self, stored):
        """An element of embedded documents, with all of it."""
        book = Book.objects.only(ElemMatch("chapters", title="two")).get()

        assert [(chapter.title, chapter.pages) for chapter in book.chapters] == [("two", 9)]

    def test_inside(self, stored):
        """Lists inside of lists."""
        book = Book.objects.select(Slice("chapters__marks", 1)).get()

        assert [chapter.marks for chapter in book.chapters] == [[1], [4]]
        assert all(chapter.marks.is_incomplete for chapter in book.chapters)
        assert not book.chapters.is_incomplete

    def test_no_write_depends_on_what_is_not_there(self, stored):
        """Adding is allowed, replacing the list is not (T6)."""
        book = Book.objects.only(Slice("tags", 1)).get()
        book.tags.append("e")
        book.save()

        assert Book.objects.get().tags == [*TAGS, "e"]
        book.tags.sort(reverse=True)
        with pytest.raises(IncompleteList):
            book.save()

    def test_stored_otherwise(self, books):
        """What is no list is shown as it is."""
        books({"title": "x", "tags": "none", "chapters": ["a", {"marks": 3}]})

        book = Book.objects.select(Slice("tags", 1), Slice("chapters__marks", 1)).get()

        assert book.tags == "none"

    def test_rules_of_length(self, mongo):
        """A list that was loaded in part is not judged by its length."""
        shelf = Shelf.objects.create(label="a", rows=[1, 2])
        part = Shelf.objects.select(Slice("rows", 1)).get()
        part.label = "b"

        part.save()

        shelf.refresh_from_db()
        assert (shelf.label, shelf.rows) == ("b", [1, 2])

    def test_pages(self, stored):
        """Pages of partly loaded documents."""
        page = Book.objects.order_by("title").only("pages", Slice("tags", 1)).page()

        assert page.items[0].tags == ["a"]
        assert page.items[0].tags.is_incomplete


class TestLazy:
    """`lazy()`."""

    @pytest.fixture
    def book(self, stored):
        """Give the stored book, untouched."""
        (book,) = Book.objects.lazy()
        assert is_untouched(book)
        return book

    def test_one_command(self, stored):
        """The same command as ever; nothing is decoded."""
        with record_commands() as lazily:
            list(Book.objects.lazy())
        with record_commands() as eagerly:
            list(Book.objects.all())

        assert lazily[0].command["filter"] == eagerly[0].command["filter"]
        assert lazily[0].command["projection"] == eagerly[0].command["projection"]

    def test_bytes_of_the_batch(self, mongo):
        """One untouched document keeps the bytes of its batch, a touched one does not."""
        collection = mongo.collection(Book._meta.collection)
        collection.insert_many([{"title": f"{n}", "extra": "x" * 1000} for n in range(50)])
        kept, other = list(Book.objects.lazy())[:2]

        assert held_bytes(kept) > 50_000
        assert kept.pk
        assert held_bytes(kept) == 0
        assert held_bytes(other) > 50_000
        first, *_rest = Book.objects.batch_size(2).lazy().iterator()
        assert held_bytes(first) < 5_000

    def test_same_document(self, book):
        """Touched, it is what it would have been."""
        whole = Book.objects.get()

        assert isinstance(book, Book)
        assert book == whole
        assert not is_untouched(book)
        assert book.to_dict() == whole.to_dict()
        assert book.undeclared["zzz"] == 1
        assert (book._state.adding, book._state.db) == (False, "default")
        assert book._source.loaded == whole._source.loaded

    @pytest.mark.parametrize(
        "touch",
        [
            lambda book: book.title == "x",
            lambda book: book == Book.objects.get(),
            lambda book: Book.objects.get() == book,
            lambda book: book in Book.objects.all(),
            lambda book: book in {Book.objects.get(): 1},
            lambda book: repr(book) == repr(Book.objects.get()),
            lambda book: str(book) == str(Book.objects.get()),
            lambda book: pickle.loads(pickle.dumps(book)).title == "x",
            lambda book: copy.copy(book).title == "x",
            lambda book: copy.deepcopy(book).title == "x",
            lambda book: book.__class__ is Book,
            lambda book: book.is_set("tags"),
            lambda book: book.undeclared == {"zzz": 1},
            lambda book: book.modified_paths() == [],
            lambda book: book == next(iter(Book.objects.lazy())),
        ],
        ids=[
            "attribute", "equals", "equalled", "member", "hash", "repr", "str", "pickle", "copy",
            "deepcopy", "class", "is_set", "undeclared", "modified", "both",
        ],
    )  # fmt: skip
    def test_every_touch(self, book, touch):
        """Whatever is asked of it finds the document."""
        assert touch(book)
        assert type(book) is Book

    def test_write(self, book):
        """It is written as any other."""
        book.title = "y"
        book.tags.append("e")
        del book.pages
        book.save()

        stored = Book.objects.get()
        assert (stored.title, stored.tags, stored.is_set("pages")) == ("y", [*TAGS, "e"], False)

    def test_embedded_documents_know_it(self, book):
        """The document that embedded ones are in is this one."""
        assert book.chapters[0].parent is book

    def test_partly(self, stored, assert_num_commands):
        """With `only`, what was left out is loaded when it is read."""
        with assert_num_commands(2):
            (book,) = Book.objects.only("title").lazy()
            assert (book.title, book.pages) == ("x", 3)

    def test_threads(self, stored):
        """Threads that touch one at the same time see one document."""
        for _round in range(20):
            (book,) = Book.objects.lazy()
            seen = []

            def look(found=book, into=seen):
                into.append((found.title, found.tags))

            threads = [threading.Thread(target=look) for _number in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

            assert len({id(tags) for _title, tags in seen}) == 1
            assert [title for title, _tags in seen] == ["x"] * 4

    def test_bad_values(self, books):
        """A value that cannot be read ends nothing."""
        books({"_id": ObjectId(), "title": 5, "n": "many"})

        (book,) = Book.objects.lazy()

        assert book.pages == "many"
        assert set(book.read_errors) == {"title", "pages"}

    def test_told(self, stored):
        """Whoever is told of each loaded document still is."""
        seen = []

        def receive(instance, **_kwargs):
            seen.append(instance.title)

        signals.post_init.connect(receive, sender=Book)
        try:
            (book,) = Book.objects.lazy()
        finally:
            signals.post_init.disconnect(receive, sender=Book)

        assert seen == ["x"]
        assert not is_untouched(book)

    def test_other_results(self, stored):
        """Rows, pages, computed values and parts of lists are as without it."""
        lazy = Book.objects.lazy()

        assert list(lazy.values_list("title", flat=True)) == ["x"]
        assert lazy.annotate(n=Count("tags")).get().n == 4
        assert lazy.select(Slice("tags", 1)).get().tags == ["a"]
        assert lazy.page().items[0].title == "x"
        assert lazy.get(title="x").title == "x"


def is_untouched(document):
    """Tell whether nobody has looked into a document."""
    return type(document) is not Book and issubclass(type(document), Book)
