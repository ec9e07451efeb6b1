"""References whose class the document tells, on the pages of the site."""

import pytest

from tests.admin.library.models import Author, Book, Remark


@pytest.fixture
def remarks(mongo, authors):
    """Browse three remarks: on an author, on a book, on nothing that is known."""
    author = Author.objects.first()
    book = Book.objects.create(title="Cosmicomics")
    made = [
        Remark.objects.create(text="a", about=author, others=[author]),
        Remark.objects.create(text="b", about=book),
        Remark.objects.create(text="c", kind="Author"),
    ]
    mongo.collection(Remark._meta.collection).insert_one(
        {"text": "d", "kind": "Nothing", "about": book.pk}
    )
    return author, book, made


URL = "/admin/library/remark/"


def test_list(visitor, remarks, assert_num_commands):
    """Each cell is the name and a link; one query names those of each class."""
    author, book, _made = remarks
    visitor.get(URL)
    with assert_num_commands(3):
        page = visitor.get(URL)

    rows = {row[0]: row[2] for row in page.rows}
    assert str(author) in rows["a"]
    assert str(book) in rows["b"]
    assert f'href="/admin/library/author/{author.pk}/"' in page.html
    assert f'href="/admin/library/book/{book.pk}/"' in page.html
    assert str(book.pk) in rows["d"]


def test_detail(visitor, remarks):
    """The tree links to the document."""
    _author, book, made = remarks

    page = visitor.get(f"{URL}{made[1].pk}/")

    assert page.status == 200
    assert f'href="/admin/library/book/{book.pk}/"' in page.html
    assert "Cosmicomics" in page.text


def test_change(visitor, remarks):
    """The key can be edited; suggestions wait until the class is told."""
    _author, _book, made = remarks

    page = visitor.get(f"{URL}{made[1].pk}/change/")

    assert page.status == 200
    assert "Cosmicomics" in page.text
    assert visitor.get(f"{URL}{made[1].pk}/change/?autocomplete=about&q=c").status == 200
