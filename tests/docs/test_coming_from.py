"""The tables for newcomers: what each row says of docmodels runs."""

import datetime
import re
from pathlib import Path

import pytest

from docmodels.registry import registry
from docmodels.testing import sync_indexes
from tests.docs.coming import django, mongoengine, mongoose
from tests.docs.coming.models import Author, Order

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "coming-from.md"
TABLES = {
    "Mongoose": mongoose.ROWS,
    "MongoEngine": mongoengine.ROWS,
    "Django's ORM": django.ROWS,
}
RUNS = [(name, row) for name, rows in TABLES.items() for row in rows]


def rows_of(name):
    """Give what stands on the left of a table."""
    part = PAGE.read_text().split(f"## From {name}\n", 1)[1].split("\n## ", 1)[0]
    lines = re.findall(r"^\| (.*?) \| .* \|$", part, re.MULTILINE)
    return [line for line in lines[1:] if not line.startswith("--")]


@pytest.fixture
def stored(mongo, monkeypatch):
    """Store two authors and two orders, with their indexes; forget what rows declare."""
    monkeypatch.setattr(registry, "_documents", dict(registry._documents))
    monkeypatch.setattr(registry, "_embedded", dict(registry._embedded))
    sync_indexes(Author, Order)
    ann = Author.objects.create(name="Ann", bio="long")
    Author.objects.create(name="Bob")
    Order.objects.create(
        number="1", author=ann, stock=5, tags=["a", "b"], place=(7, 46), label="x",
        lines=[{"sku": "a", "price": "2.50"}, {"sku": "b", "price": "1"}],
        at=datetime.datetime(2024, 5, 31, tzinfo=datetime.UTC), data={"key": 1},
    )  # fmt: skip
    Order.objects.create(number="2", about=ann, stock=1, readers=[ann])


@pytest.mark.parametrize("name", TABLES)
def test_complete(name):
    """Each row has a test, and each test a row."""
    assert list(TABLES[name]) == rows_of(name)


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(("name", "row"), RUNS)
def test_row(name, row):
    """What stands on the right works."""
    assert TABLES[name][row]()
