"""The tables of the reference say what is sent."""

import json
import re
from pathlib import Path

import pytest

from docmodels import documents
from docmodels.documents import Q
from docmodels.fields import Field, ListField
from docmodels.query.where import compile_q

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "lookups.md"
ROW = re.compile(
    r"^\|(?: [^|`]*(?:`[^`]*`[^|`]*)* \|)? `([^`]+)` \| `(\{[^`]+\})` \|", re.MULTILINE
)
EXAMPLES = ROW.findall(PAGE.read_text())


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=20)
    price = documents.FloatField()

    class Meta:
        app_label = "lookup_reference"


class Order(documents.Document):
    number = documents.CharField(max_length=20)
    total = documents.FloatField(blank=True, null=True)
    tags = documents.ListField(documents.CharField(max_length=20))
    lines = documents.EmbeddedListField(Line)
    extra = documents.AnyField(blank=True)

    class Meta:
        app_label = "lookup_reference"


@pytest.mark.parametrize(("example", "expected"), EXAMPLES, ids=[e for e, _ in EXAMPLES])
def test_row(example, expected):
    """Each row's condition compiles to the filter beside it."""
    condition = example.replace("\\|", "|")
    if not condition.startswith(("Q(", "~Q(")):
        condition = f"Q({condition})"

    q = eval(condition, {"Q": Q})

    assert compile_q(Order._meta, q) == json.loads(expected)


def test_complete():
    """Every registered lookup has a row."""
    page = PAGE.read_text()
    names = set(Field.get_lookups()) | set(ListField.get_lookups()) | {"elemmatch"}

    assert {
        name for name in names if f"| `{name}`" not in page and f", `{name}`" not in page
    } == set()
