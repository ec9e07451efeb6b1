"""`populate()`: what references lead to, loaded with the result."""

import pytest
from bson import ObjectId
from django.core.exceptions import FieldError
from django.test import override_settings

from docmodels import documents
from docmodels.connections import connections
from docmodels.testing import record_commands
from tests.queryset.library import Author, Book, Country, Cover, Note, Publisher, make_authors


@pytest.fixture
def authors(mongo):
    """Give four stored authors."""
    return make_authors("Ann", "Bob", "Cid", "Dan")


@pytest.fixture
def reports(settings):
    """Give a second alias, on another database."""
    default = settings.MONGO_DATABASES["default"]
    other = {**default, "NAME": f"{default['NAME']}_reports"}
    settings.MONGO_DATABASES = {**settings.MONGO_DATABASES, "reports": other}
    yield connections["reports"]
    connections["reports"].client.drop_database(other["NAME"])


class TestSingle:
    """A reference of the document itself."""

    def test_one_command_for_all(self, authors, assert_num_commands):
        """The documents are read by one command, what they refer to by another."""
        ann, bob, *_others = authors
        Book.objects.bulk_create([Book(title=f"B{n}", author=(ann, bob)[n % 2]) for n in range(30)])

        with assert_num_commands(2):
            books = list(Book.objects.populate("author"))
        with assert_num_commands(0):
            names = [book.author.name for book in books]

        assert names == ["Ann" if int(book.title[1:]) % 2 == 0 else "Bob" for book in books]

    def test_more_than_a_first_answer(self, mongo, assert_num_commands):
        """Hundreds of different ones come in one answer, of a server that would send 101."""
        authors = make_authors(*(f"A{n:03}" for n in range(350)))
        Book.objects.bulk_create([Book(title=author.name, author=author) for author in authors])
        books = Book.objects.batch_size(1000)

        with assert_num_commands(2):
            populated = list(books.populate("author"))
        with assert_num_commands(2):
            read_later = [(book.title, book.author.name) for book in list(books)]

        assert all(book.author.name == book.title for book in populated)
        assert all(title == name for title, name in read_later)
        assert len(populated) == len(read_later) == 350

    def test_shared_instance(self, authors):
        """Documents with the same key share one object."""
        Book.objects.bulk_create([Book(title="A", author=authors[0]) for _n in range(3)])

        first, second, third = Book.objects.populate("author")

        assert first.author is second.author is third.author

    def test_nothing_to_ask(self, mongo, assert_num_commands):
        """Without keys, and without documents, nothing is sent."""
        with assert_num_commands(1):
            assert list(Book.objects.populate("author")) == []
        Book(title="A").save()
        with assert_num_commands(1):
            assert Book.objects.populate("author").get().author is None

    @pytest.mark.parametrize("method", ["populate", "select_related", "prefetch_related"])
    def test_names_that_django_has(self, authors, assert_num_commands, method):
        """`select_related` and `prefetch_related` are `populate`."""
        Book(title="A", author=authors[0]).save()

        book = getattr(Book.objects, method)("author").get()

        with assert_num_commands(0):
            assert book.author == authors[0]

    def test_select_related_without_names(self):
        """There is no `select_related()` of everything."""
        with pytest.raises(TypeError) as caught:
            Book.objects.select_related()

        assert str(caught.value) == (
            "Book.select_related(): without names, expected those of the references to load, as of "
            "populate()."
        )

    def test_other_field_and_alias(self, mongo, reports):
        """`to_field` is followed, through the alias of the class."""
        Country(code="NO", name="Norway").save()
        Book.objects.bulk_create([Book(title="A", country="NO") for _n in range(3)])

        with record_commands("reports") as others, record_commands() as own:
            book, *_rest = Book.objects.populate("country")

        assert [command.name for command in others] == ["find"]
        assert [command.name for command in own] == ["find"]
        assert book.country.name == "Norway"
        assert book.country._state.db == "reports"

    def test_changed_key(self, authors):
        """Another key forgets what was populated."""
        Book(title="A", author=authors[0]).save()
        book = Book.objects.populate("author").get()

        book.author_id = authors[1].pk

        assert book.author == authors[1]

    def test_alias_of_the_queryset(self, authors):
        """What is read through another alias has its references read there, too."""
        Book(title="A", author=authors[0]).save()

        with record_commands("slow") as commands:
            book = Book.objects.using("slow").populate("author").get()

        assert [command.name for command in commands] == ["find", "find"]
        assert book.author._state.db == "slow"

    def test_find_and_modify(self, authors, assert_num_commands):
        """What a find-and-modify returns is populated, too."""
        Book(title="A", author=authors[0]).save()

        book = Book.objects.populate("author").find_one_and_update(title="B", allow_all=True)

        with assert_num_commands(0):
            assert book.author == authors[0]

    def test_reached_by_every_read(self, authors, assert_num_commands):
        """`first`, `in_bulk`, slices and `iterator` populate as well."""
        Book(title="A", author=authors[0]).save()
        queryset = Book.objects.populate("author")

        found = [
            queryset.first(), queryset.last(), queryset[0], *queryset[:1], *queryset.iterator(),
            *queryset.in_bulk().values(), *queryset.page(size=5).items,
        ]  # fmt: skip

        with assert_num_commands(0):
            assert {book.author.name for book in found} == {"Ann"}

    def test_rows(self, authors):
        """Rows have nothing to populate."""
        Book(title="A", author=authors[0]).save()

        with pytest.raises(TypeError) as caught:
            Book.objects.values("title").populate("author")

        assert (
            str(caught.value) == "Book: Cannot call populate() after .values() or .values_list()."
        )
        assert list(Book.objects.populate("author").values("title")) == [{"title": "A"}]

    def test_taken_away(self, authors, assert_num_commands):
        """`populate(None)` takes all paths away."""
        Book(title="A", author=authors[0]).save()

        with assert_num_commands(1):
            list(Book.objects.populate("author").populate(None))

    def test_lazy(self, authors, assert_num_commands):
        """Documents that wait to be decoded are touched by it."""
        Book(title="A", author=authors[0]).save()

        books = list(Book.objects.lazy().populate("author"))

        with assert_num_commands(0):
            assert books[0].author == authors[0]


class TestContainers:
    """References in lists and maps."""

    def test_list(self, authors, assert_num_commands):
        """A list reads as the documents; the keys are at `editors_ids`."""
        Book(title="A", editors=authors[:2]).save()

        with assert_num_commands(2):
            book = Book.objects.populate("editors").get()

        assert book.editors == authors[:2]
        assert book.editors_ids == [authors[0].pk, authors[1].pk]

    def test_unpopulated_list(self, authors, assert_num_commands):
        """A list that was not populated reads as its keys, and sends nothing."""
        Book(title="A", editors=authors[:2]).save()
        book = Book.objects.get()

        with assert_num_commands(0):
            assert book.editors == book.editors_ids == [authors[0].pk, authors[1].pk]

    def test_map_and_list_of_lists(self, authors, assert_num_commands):
        """A map and lists of lists read as documents in the same shape."""
        ann, bob, cid, _dan = authors
        Book(title="A", roles={"text": ann, "art": bob}, grid=[[ann, cid], []]).save()

        with assert_num_commands(3):
            book = Book.objects.populate("roles", "grid").get()

        assert book.roles == {"text": ann, "art": bob}
        assert book.roles_ids == {"text": ann.pk, "art": bob.pk}
        assert book.grid == [[ann, cid], []]

    def test_wrong_types(self, mongo):
        """What is stored as another type is shown as it is."""
        mongo.collection(Book._meta.collection).insert_one(
            {"title": "A", "editors": 5, "roles": [1], "author": {"no": "key"}, "notes": [7]}
        )

        book = Book.objects.populate("editors", "roles", "author", "notes__by").get()

        assert book.editors == 5
        assert book.roles == [1]
        assert book.author is None

    def test_changes_go_to_the_keys(self, authors):
        """A document that is put in or taken out changes the stored keys."""
        ann, bob, cid, dan = authors
        Book(title="A", editors=[ann, bob]).save()

        book = Book.objects.populate("editors").get()
        book.editors.append(cid)
        assert book.pending_update()[1]["$push"] == {"editors": cid.pk}
        book.editors.remove(bob)
        book.editors[0] = dan
        book.save()

        assert book.editors == [dan, cid]
        assert Book.objects.get().editors_ids == [dan.pk, cid.pk]

    def test_positions(self, authors):
        """Sorting, turning around, inserting and popping change both sides."""
        ann, bob, cid, dan = authors
        Book(title="A", editors=[cid, ann, bob]).save()
        book = Book.objects.populate("editors").get()

        book.editors.sort(key=lambda author: author.name)
        book.editors.reverse()
        book.editors.insert(0, dan)
        assert book.editors.pop() == ann
        del book.editors[0]
        book.editors += [ann]

        assert book.editors == [cid, bob, ann]
        assert book.editors_ids == [cid.pk, bob.pk, ann.pk]

    def test_map_changes(self, authors):
        """A map is changed in the same way."""
        ann, bob, cid, _dan = authors
        Book(title="A", roles={"text": ann, "art": bob}).save()
        book = Book.objects.populate("roles").get()

        book.roles["art"] = cid
        assert book.roles.pop("text") == ann
        book.roles.update(ink=bob)
        book.roles.setdefault("ink", ann)

        assert book.roles == {"art": cid, "ink": bob}
        assert book.roles_ids == {"art": cid.pk, "ink": bob.pk}
        book.save()
        assert Book.objects.get().roles_ids == {"art": cid.pk, "ink": bob.pk}

    def test_assigned_list(self, authors):
        """An assigned list is shown by its keys."""
        Book(title="A", editors=authors[:1]).save()
        book = Book.objects.populate("editors").get()

        book.editors = authors[1:3]

        assert book.editors == [authors[1].pk, authors[2].pk]


class TestDepth:
    """References in embedded documents, and behind other references."""

    def test_embedded(self, authors, assert_num_commands):
        """One command for each path, in whatever embedded documents it is."""
        ann, bob, cid, dan = authors
        Book(
            title="A",
            notes=[{"by": ann, "seen_by": [bob, cid]}, {"by": bob}, {}],
            cover=Cover(artist=dan, notes=[Note(by=cid)]),
            by_place={"top": {"by": ann}},
        ).save()

        with assert_num_commands(6):
            book = Book.objects.populate(
                "notes__by", "notes.seen_by", "cover__artist", "cover__notes__by", "by_place__by"
            ).get()

        with assert_num_commands(0):
            assert [note.by for note in book.notes] == [ann, bob, None]
            assert book.notes[0].seen_by == [bob, cid]
            assert book.cover.artist == dan
            assert book.cover.notes[0].by == cid
            assert book.by_place["top"].by == ann

    def test_levels(self, mongo, assert_num_commands):
        """Each level is one command, however many documents it has."""
        publishers = [Publisher(name=name) for name in "PQ"]
        Publisher.objects.bulk_create(publishers)
        authors = make_authors("Ann", "Bob", publisher=publishers[0])
        friend = Author(name="Eve", publisher=publishers[1], friends=authors)
        friend.save()
        Book.objects.bulk_create([Book(title="A", author=a) for a in [*authors, friend]])

        with assert_num_commands(5):
            books = list(Book.objects.populate("author__publisher", "author.friends.publisher"))

        with assert_num_commands(0):
            assert [book.author.publisher.name for book in books] == ["P", "P", "Q"]
            assert [a.publisher.name for a in books[2].author.friends] == ["P", "P"]

    def test_commands_by_number(self, mongo):
        """N parents, depth d and k paths: 1 + d * k commands."""
        authors = make_authors(*"ABCDEFGH")
        for author in authors:
            author.friends = authors[:3]
            author.save()
        Book.objects.bulk_create(
            [Book(title="T", author=authors[n % 8], editors=authors[:4]) for n in range(40)]
        )

        with record_commands() as commands:
            list(Book.objects.populate("author__friends__friends", "editors__friends__friends"))

        assert [command.name for command in commands] == ["find"] * 7

    def test_split(self, authors):
        """Above `POPULATE_BATCH` keys several commands ask for them, in order still."""
        Book(title="A", editors=[authors[n] for n in (3, 0, 2, 1)]).save()

        with override_settings(DOCMODELS={"POPULATE_BATCH": 3}), record_commands() as commands:
            book = Book.objects.populate("editors").get()

        assert len(commands) == 3
        assert [author.name for author in book.editors] == ["Dan", "Ann", "Cid", "Bob"]


class TestObjects:
    """Documents that are there already."""

    def test_objects(self, authors, assert_num_commands):
        """`documents.populate()` takes any documents, new ones as well."""
        Book(title="A", author=authors[0]).save()
        books = [Book.objects.get(), Book(title="B", author_id=authors[1].pk)]

        with assert_num_commands(1):
            assert documents.populate(books, "author") == books
        with assert_num_commands(0):
            assert [book.author.name for book in books] == ["Ann", "Bob"]

    def test_one_document(self, authors, assert_num_commands):
        """A document populates itself, and is returned."""
        book = Book(title="A", author_id=authors[0].pk)

        with assert_num_commands(1):
            assert book.populate("author") is book
        with assert_num_commands(0):
            assert book.author == authors[0]

    def test_several_classes(self, authors, assert_num_commands):
        """Documents of several classes are asked for one after the other."""
        publisher = Publisher(name="P")
        publisher.save()
        found = [Author(name="X", publisher=publisher.pk), Publisher(name="Q")]

        with pytest.raises(FieldError):
            documents.populate(found, "publisher")
        with assert_num_commands(1):
            documents.populate(found[:1], "publisher")

    def test_left_out_reference(self, authors):
        """A key that was left out is loaded."""
        Book(title="A", author=authors[0]).save()
        book = Book.objects.only("title").get()

        assert book.populate("author").author == authors[0]


def test_dangling_key_everywhere(mongo):
    """A key that leads nowhere is no error of anything that is populated."""
    Book(title="A", author_id=ObjectId(), editors=[ObjectId()], roles={"x": ObjectId()}).save()

    book = Book.objects.populate("author", "editors", "roles").get()

    assert (book.author, book.editors, book.roles) == (None, [], {})
