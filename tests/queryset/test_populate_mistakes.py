"""What `populate()` refuses, and what it says."""

import pytest
from django.core.exceptions import FieldError

from tests.queryset.library import Book


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
