"""What the server cannot compute of what is stored: the error says of which document, and where."""

import pytest

from docmodels import documents
from docmodels.documents import F
from docmodels.exceptions import OperationFailed


class Book(documents.Document):
    title = documents.CharField(max_length=20)
    pages = documents.IntegerField()

    class Meta:
        app_label = "computed_failures"


READS = {
    "annotate": lambda: list(Book.objects.annotate(double=F("pages") * 2)),
    "a few": lambda: list(Book.objects.annotate(double=F("pages") * 2)[:5]),
    "iterator": lambda: list(Book.objects.annotate(double=F("pages") * 2).iterator()),
    "order_by": lambda: list(Book.objects.order_by(F("pages") * 2)),
    "raw": lambda: list(Book.objects.annotate(double=F("pages") * 2).raw()),
}


@pytest.fixture
def text_for_a_number(mongo):
    """Store a number of pages as text, beside right ones."""
    mongo.collection(Book._meta.collection).insert_many(
        [{"title": "right", "pages": 7}, {"title": "wrong", "pages": "seven"}]
    )


@pytest.mark.parametrize("name", READS)
def test_wrong_type(text_for_a_number, name):
    """The document, the paths, what the server says, and what leaves the value out."""
    with pytest.raises(OperationFailed) as caught:
        READS[name]()

    message = str(caught.value)
    assert message.startswith("Book: ")
    assert "$multiply only supports numeric types, not string. " in message
    assert message.endswith(
        "Something is computed of pages, where a stored value may be of another type than is "
        'declared; filter(<path>__type="number"), or the type that is meant, leaves it out.'
    )
    assert caught.value.code == caught.value.__cause__.code


def test_way_out(text_for_a_number):
    """What the message says helps."""
    books = Book.objects.filter(pages__type="number").annotate(double=F("pages") * 2)

    assert [book.double for book in books] == [14]


def test_other_failures(text_for_a_number):
    """An error about something else stays as it is."""
    with pytest.raises(OperationFailed) as caught:
        list(Book.objects.annotate(double=F("pages") * 2).filter(pages=7).hint("no_such_index"))

    assert "Something is computed" not in str(caught.value)
