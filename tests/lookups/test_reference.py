"""The tables of the reference and of the guide say what is sent."""

import json
import re
from pathlib import Path

import pytest
from django.db.models import Q
from django.utils.dateparse import parse_datetime

from docmodels import documents
from docmodels.fields import Field
from docmodels.query.where import compile_q
from docmodels.registry import registry
from tests.docs.examples import app_of, examples_of

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = [DOCS / "reference" / "lookups.md", DOCS / "guides" / "filters.md"]
ROW = re.compile(
    r"^\|(?: [^|`]*(?:`[^`]*`[^|`]*)* \|)? `([^`]+)` \| `(\{[^`]+\})` \|", re.MULTILINE
)
ROWS = [(page, *row) for page in PAGES for row in ROW.findall(page.read_text())]


@pytest.fixture
def order(request, monkeypatch):
    """Return a function that gives the class that a page is about."""
    monkeypatch.setattr(registry, "_documents", dict(registry._documents))
    monkeypatch.setattr(registry, "_embedded", dict(registry._embedded))

    def declare(page):
        declaration = examples_of(page)[0].source.partition("\n\n\nOrder.objects")[0]
        with app_of(page) as module:
            exec(declaration, vars(module))
            return module.Order

    return declare


def as_date(value):
    """Return the date of an `ISODate`, anything else as it is."""
    return parse_datetime(value["ISODate"]) if "ISODate" in value else value


@pytest.mark.parametrize(
    ("page", "example", "sent"), ROWS, ids=[f"{page.stem} {row}"[:70] for page, row, _ in ROWS]
)
def test_row(page, example, sent, order):
    """Each row's condition compiles to the filter beside it."""
    condition = example.replace("\\|", "|")
    if not condition.startswith(("Q(", "~", "json_schema(")):
        condition = f"Q({condition})"
    text = re.sub(r'ISODate\(("[^"]+")\)', r'{"ISODate": \1}', sent.replace("\\|", "|"))

    q = eval(condition, {**vars(documents), "Q": Q})

    assert compile_q(order(page)._meta, q) == json.loads(text, object_hook=as_date)


def test_complete():
    """Every registered lookup has a row."""
    page = PAGES[0].read_text()
    names = {"elemmatch"}
    classes = [Field]
    for cls in classes:
        names.update(cls.get_lookups())
        classes.extend(cls.__subclasses__())

    assert {
        name for name in names if f"| `{name}`" not in page and f", `{name}`" not in page
    } == set()
