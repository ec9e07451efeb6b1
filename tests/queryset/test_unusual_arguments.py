"""Arguments that somebody will try, from Django's or MongoDB's habits."""

import pytest
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.documents import (
    Cast,
    DenseRank,
    F,
    Lag,
    Rank,
    RowNumber,
    Value,
    Window,
    ops,
)
from docmodels.exceptions import InvalidPageToken, NotSupportedError
from tests.queryset.models import Book
from tests.queryset.stations import Station

books = Book.objects

#: What is called, the class of the error, and its message.
MISTAKES = {
    "count_up_to text": (
        lambda: books.count_up_to("x"),
        ValueError,
        "Book.count_up_to(): 'x', expected a whole number, 0 or more.",
    ),
    "sample text": (
        lambda: books.sample("2"),
        ValueError,
        "Book.sample(): '2', expected a whole number, 1 or more.",
    ),
    "batch_size text": (
        lambda: books.batch_size("2"),
        ValueError,
        "Book.batch_size(): '2', expected a whole number, 1 or more.",
    ),
    "max_time_ms text": (
        lambda: books.max_time_ms("x"),
        ValueError,
        "Book.max_time_ms(): 'x', expected a whole number, 1 or more.",
    ),
    "no deadline": (
        lambda: books.max_time_ms(0),
        ValueError,
        "Book.max_time_ms(): 0, expected 1 or more.",
    ),
    "a sample beyond all numbers": (
        lambda: books.sample(2**70),
        ValueError,
        f"Book.sample(): {2**70}, expected at most {2**53}.",
    ),
    "a deadline beyond all numbers": (
        lambda: books.max_time_ms(2**40),
        ValueError,
        f"Book.max_time_ms(): {2**40}, expected at most {2**31 - 1}.",
    ),
    "an annotation without a name": (
        lambda: books.annotate(**{"": Value(1)}),
        ValueError,
        "Book: The annotation '', expected a name without '$', '.' and NUL.",
    ),
    "an annotation with NUL": (
        lambda: books.annotate(**{"a\x00": Value(1)}),
        ValueError,
        "Book: The annotation 'a\\x00', expected a name without '$', '.' and NUL.",
    ),
    "page of text": (
        lambda: books.page(size="2"),
        ValueError,
        "Book.page(): size: '2', expected a whole number, 1 or more.",
    ),
    "page after a number": (
        lambda: books.page(after=5),
        InvalidPageToken,
        "5 is no page token, expected the text of one.",
    ),
    "explain": (
        lambda: books.explain("x"),
        ValueError,
        "Book.explain(): 'x', expected how much is told. Choices are: queryPlanner, "
        "executionStats, allPlansExecution.",
    ),
    "a path given twice": (
        lambda: books.filter(pages=1).update({"pages": 1}, pages=2),
        FieldError,
        "Book.pages: given twice, expected it once.",
    ),
    "a rename of numbers to text": (
        lambda: books.filter(pages=1).update(rating=ops.Rename("cover__color")),
        FieldError,
        "Book.rating: Rename('cover__color') moves a number, expected a path for it; "
        "'cover__color' is text.",
    ),
    "unwind of text": (
        lambda: books.unwind("title"),
        FieldError,
        "Book.title: unwind() of text, expected a list.",
    ),
    "rank without an order": (
        lambda: books.annotate(x=Window(Rank())),
        FieldError,
        "Book: Window(Rank()): without an order, expected order_by= of one path.",
    ),
    "rank by two": (
        lambda: books.annotate(x=Window(DenseRank(), order_by=["pages", "title"])),
        FieldError,
        "Book: Window(DenseRank()): ordered by 2 paths, expected order_by= of one path.",
    ),
    "number without an order": (
        lambda: books.annotate(x=Window(RowNumber())),
        FieldError,
        "Book: Window(RowNumber()): without an order, expected order_by= of one or more paths.",
    ),
    "the row before without an order": (
        lambda: books.annotate(x=Window(Lag("pages"))),
        FieldError,
        "Book: Window(Lag(F('pages'))): without an order, expected order_by= of one or more paths.",
    ),
    "distance": (
        lambda: Station.objects.geo_near((7, 46), max_distance="far"),
        ValueError,
        "Station.geo_near(): max_distance 'far', expected metres, 0 or more.",
    ),
    "out to nothing": (
        lambda: books.out(""),
        ValueError,
        "Book.out(): '', expected the name of a collection.",
    ),
    "merge into a class": (
        lambda: books.merge(Book),
        ValueError,
        f"Book.merge(): {Book!r}, expected the name of a collection.",
    ),
    "out to the server's own": (
        lambda: books.out("system.users"),
        NotSupportedError,
        "The collection 'system.users' belongs to the server: it cannot be used here.",
    ),
    "names as text": (
        lambda: books.bulk_update([], "pages"),
        TypeError,
        "Book.bulk_update(): 'pages', expected a list of names.",
    ),
    "a value in annotate": (
        lambda: books.annotate(v=5),
        FieldError,
        "Book.annotate(v=…): 5, expected an expression such as Sum('price') or Value(5).",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake(mistake, mongo, assert_num_commands):
    """It is told before anything is sent."""
    call, error, message = MISTAKES[mistake]

    with assert_num_commands(0), pytest.raises(error) as caught:
        call()

    assert str(caught.value) == message


def test_cast_with_expressions(mongo):
    """What stands for a value that cannot be converted may be computed, too."""
    books.bulk_create([Book(title="7", pages=1), Book(title="x", pages=2)])
    number = documents.IntegerField()

    found = books.order_by("pages").annotate(
        by_path=Cast("title", number, on_error=F("pages")),
        by_value=Cast("title", number, on_error=Value(0)),
        by_python=Cast("title", number, on_error=-1),
        null=Cast("rating", documents.CharField(), on_null=F("title")),
    )

    assert [(b.by_path, b.by_value, b.by_python, b.null) for b in found] == [
        (7, 7, 7, "7"),
        (2, 0, -1, "x"),
    ]


def test_rename_within_a_type(mongo):
    """What fits moves, and with validate=False anything does."""
    books.bulk_create([Book(title="a", day="2024-05-31")])

    assert books.filter(title="a").update(day=ops.Rename("written_at")) == 1
    assert books.get().written_at.day == 31
    assert books.filter(title="a").update(
        {"written_at": ops.Rename("cover__color")}, validate=False
    )
