"""Rules R1 to R5 of populate, and P3 of projections."""

import pytest
from bson import ObjectId
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.documents import Populate, Q
from docmodels.exceptions import IncompleteList
from docmodels.testing import record_commands
from tests.queryset.library import Author, Book, make_authors


@pytest.fixture
def authors(mongo):
    """Give four stored authors."""
    return make_authors("Ann", "Bob", "Cid", "Dan")


def test_r1_one_query_in_the_order_of_the_ids(authors):
    """One query; the documents come in the order of the keys, duplicates repeated."""
    ann, bob, cid, _dan = authors
    Book(title="A", editors=[cid, ann, cid, bob]).save()
    Book(title="B", editors=[bob, cid]).save()

    with record_commands() as commands:
        first, second = Book.objects.populate("editors")

    assert len(commands) == 2
    assert [author.name for author in first.editors] == ["Cid", "Ann", "Cid", "Bob"]
    assert first.editors[0] is first.editors[2] is second.editors[1]


def test_r1_explicit_sort_wins(authors):
    """An order that is asked for takes the place of that of the keys."""
    Book(title="A", editors=[authors[2], authors[0], authors[1]]).save()

    book = Book.objects.populate(Populate("editors", order_by=["-rank"])).get()

    assert [author.name for author in book.editors] == ["Cid", "Bob", "Ann"]


def test_r2_missing_target(authors):
    """What is gone is None for a single reference, and left out of a list."""
    gone = ObjectId()
    Book(title="A", author_id=gone, editors=[authors[0].pk, gone, authors[1].pk]).save()

    book = Book.objects.populate("author", "editors").get()

    assert book.author is None
    assert [author.name for author in book.editors] == ["Ann", "Bob"]
    assert book.editors_ids == [authors[0].pk, gone, authors[1].pk]


def test_r2_keep_missing(authors):
    """`keep_missing=True` keeps None in its place."""
    Book(title="A", editors=[authors[0].pk, ObjectId()]).save()

    book = Book.objects.populate(Populate("editors", keep_missing=True)).get()

    assert book.editors == [authors[0], None]


def test_r2_reverse_without_any(mongo):
    """Where nobody refers, many is `[]`, one is None, a count is 0."""

    class Writer(documents.Document):
        books = documents.Related(Book, foreign_field="author")
        last = documents.Related(Book, foreign_field="author", many=False)
        number = documents.RelatedCount(Book, foreign_field="author")

        class Meta:
            app_label = "library_of_refs"
            collection = Author._meta.collection

    Writer().save()

    writer = Writer.objects.populate("books", "last", "number").get()

    assert (writer.books, writer.last, writer.number) == ([], None, 0)


def test_r3_match_filters_children(authors):
    """Parents are all there; children are those that match."""
    ann, bob, *_others = authors
    Book(title="A", author=ann, editors=[ann, bob]).save()
    Book(title="B", author=bob).save()

    books = list(
        Book.objects.populate(
            Populate("author", match=Q(name="Bob")), Populate("editors", match={"rank": 0})
        )
    )

    assert [book.author for book in books] == [None, bob]
    assert books[0].editors == [ann]


def test_r3_limit_and_skip_per_parent(authors):
    """Each parent gets as many, from the same place in its own list on."""
    Book(title="A", editors=authors).save()
    Book(title="B", editors=authors[2:]).save()

    books = list(Book.objects.populate(Populate("editors", skip=1, limit=2)))

    assert [[a.name for a in book.editors] for book in books] == [["Bob", "Cid"], ["Dan"]]


def test_r4_unknown_path(mongo):
    """A path that does not exist raises at once, with the nearest name."""
    with pytest.raises(FieldError) as caught:
        Book.objects.populate("author__publsher")

    assert str(caught.value) == (
        "Author.author__publsher: Author has no field 'publsher'. Did you mean 'publisher'?"
    )


def test_r4_second_replaces_the_first(authors):
    """The later options of one path count."""
    Book(title="A", editors=authors[:2]).save()
    queryset = Book.objects.populate(Populate("editors", match=Q(name="Ann")))

    with record_commands() as commands:
        book = queryset.populate("editors").get()

    assert len(commands) == 2
    assert book.editors == authors[:2]


def test_r5_saves_ids(mongo, authors):
    """What was populated is stored as keys."""
    Book(title="A", author=authors[0], editors=authors[:1]).save()
    book = Book.objects.populate("author", "editors").get()

    book.title = "B"
    book.author = authors[1]
    book.editors.append(authors[2])
    book.save()

    stored = mongo.collection(Book._meta.collection).find_one()
    assert stored["author"] == authors[1].pk
    assert stored["editors"] == [authors[0].pk, authors[2].pk]
    assert book.to_mongo()["editors"] == stored["editors"]


def test_r5_appending_an_id_depopulates(authors):
    """A list that is given a key shows keys again."""
    Book(title="A", editors=authors[:1]).save()
    book = Book.objects.populate("editors").get()
    editors = book.editors

    editors.append(authors[1].pk)

    assert book.editors == editors == [authors[0].pk, authors[1].pk]
    book.save()
    assert Book.objects.get().editors_ids == [authors[0].pk, authors[1].pk]


def test_t6_populated_in_part(authors):
    """What depends on positions is refused; adding and removing are not."""
    Book(title="A", editors=authors[:3]).save()
    book = Book.objects.populate(Populate("editors", limit=1)).get()

    with pytest.raises(IncompleteList) as caught:
        book.editors.pop()
    for change in (book.editors.clear, book.editors.reverse, book.editors.sort):
        with pytest.raises(IncompleteList):
            change()
    book.editors.append(authors[3])
    book.editors.remove(authors[0])
    book.save()

    assert str(caught.value) == (
        "library_of_refs.Book.editors.[]: populated in part or in an order of its own, expected "
        "append(), extend() or remove(), or a change of the keys."
    )
    assert Book.objects.get().editors_ids == [a.pk for a in authors[1:]]


def test_p3_populated_paths_are_loaded(authors):
    """A projection that includes fields includes the populated references, too."""
    Book(title="A", author=authors[0], notes=[{"by": authors[1]}]).save()

    with record_commands() as commands:
        book = Book.objects.only("title").populate("author", "notes__by").get()
        later = Book.objects.populate("author").only("title").get()
        left_out = Book.objects.defer("author").populate("author").get()
        assert [b.author.name for b in (book, later, left_out)] == ["Ann"] * 3
        assert book.notes[0].by.name == "Bob"

    assert len(commands) == 7
    assert commands[0].command["projection"].keys() >= {"title", "author", "notes"}


def test_p3_only_of_the_children(authors):
    """`only` of a path is about the documents that are found."""
    Book(title="A", author=authors[0]).save()

    with record_commands() as commands:
        Book.objects.populate(Populate("author", only=["name"])).get()

    assert commands[1].command["projection"] == {"_id": 1, "name": 1, "__v": 1}


def test_r4_nested_options(authors):
    """Options inside of options are for the level below; a model may be chosen."""
    authors[0].friends = authors[1:]
    authors[0].save()
    Book(title="A", author=authors[0]).save()

    class Named(documents.Document):
        name = documents.CharField()

        class Meta:
            app_label = "library_of_refs"
            collection = Author._meta.collection

    wanted = Populate("friends", match=Q(name__gt="Bob"), model=Named)
    book = Book.objects.populate(Populate("author", populate=[wanted])).get()

    assert [(type(f), f.name) for f in book.author.friends] == [(Named, "Cid"), (Named, "Dan")]
