"""What `populate()` refuses, and what it says."""

import pytest
from django.core.exceptions import FieldError, ValidationError

from docmodels import documents
from docmodels.documents import Populate
from docmodels.exceptions import FilterValueError
from tests.queryset.library import Author, Book


class TestMistakes:
    """Paths that lead nowhere."""

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("autor", "Book.autor: Book has no field 'autor'. Did you mean 'author'?"),
            (
                "xyz",
                "Book.xyz: Book has no field 'xyz'. Choices are: author, editors, roles, grid, "
                "country, notes, cover, by_place, next.",
            ),
            (
                "title",
                "Book.title: Book.title is a CharField, expected a reference. Choices are: "
                "author, editors, roles, grid, country, notes, cover, by_place, next.",
            ),
            (
                "notes",
                "Book.notes: embedded documents, expected a reference in them. Choices are: by, "
                "seen_by.",
            ),
            (
                "author__frends",
                "Author.author__frends: Author has no field 'frends'. Did you mean 'friends'?",
            ),
        ],
    )
    def test_message(self, path, message):
        """The error comes at once, with the nearest name or all of them."""
        with pytest.raises(FieldError) as caught:
            Book.objects.populate(path)

        assert str(caught.value) == message

    def test_no_path(self):
        """Something else than a path is refused."""
        with pytest.raises(TypeError) as caught:
            Book.objects.populate(5)

        assert str(caught.value) == "Book.populate(): 5, expected a path or a Populate object."


class TestPopulate:
    """Arguments of `Populate`."""

    @pytest.mark.parametrize(
        ("make", "error", "message"),
        [
            (lambda: Populate(5), TypeError, "Populate(): 5, expected a path."),
            (lambda: Populate("author", match="Ann"), TypeError,
             "Populate('author'): match='Ann', expected a Q object or a dict of conditions."),
            (lambda: Populate("author", limit="3"), ValueError,
             "Populate('author'): skip 0 and limit '3', expected a skip of 0 or more and a limit "
             "of 1 or more."),
            (lambda: Populate("author", skip=None), ValueError,
             "Populate('author'): skip None and limit None, expected a skip of 0 or more and a "
             "limit of 1 or more."),
            (lambda: Book.objects.populate(Populate("author", model=5)), TypeError,
             "Populate('author'): model=5, expected a document class or its label."),
        ],
    )  # fmt: skip
    def test_refused(self, make, error, message):
        """They are told at once, with what was given."""
        with pytest.raises(error) as caught:
            make()

        assert str(caught.value) == message

    def test_label_of_a_class(self, mongo):
        """A class may be chosen by its label, and a wrong one is told."""
        author = Author.objects.create(name="Ann")
        Book.objects.create(title="a", author=author)
        label = Author._meta.label

        [book] = Book.objects.populate(Populate("author", model=label))
        assert book.author == author
        with pytest.raises(LookupError, match=rf"Did you mean '{label}'\?"):
            Book.objects.populate(Populate("author", model=label[:-1]))


class TestDocuments:
    """`documents.populate()` of something else."""

    def test_one_document(self):
        """One document has a method."""
        with pytest.raises(TypeError) as caught:
            documents.populate(Book(title="a"), "author")

        assert str(caught.value) == (
            "populate(): <Book: Book object (None)>, expected a list of documents; one has a "
            "populate() of its own."
        )

    def test_no_documents(self):
        """Something that is none, such as arguments in another order."""
        with pytest.raises(TypeError) as caught:
            documents.populate("author", "x")

        assert str(caught.value) == "populate(): 'a', expected a document."


def test_documents_of_another_class(mongo):
    """A filter and a save name both classes."""
    book = Book(title="a")
    label, other = Author._meta.label, Book._meta.label
    told = f"A document of {other}, expected one of {label}."

    with pytest.raises(FilterValueError) as caught:
        Book.objects.filter(author=book).count()
    assert str(caught.value) == f"Book.author: {told}"
    with pytest.raises(ValidationError) as invalid:
        Book(title="a", author=book).full_clean()
    assert invalid.value.message_dict["author"] == [told]
