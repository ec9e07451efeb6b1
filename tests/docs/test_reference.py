"""The reference is complete: names, fields with their options and types, members of classes."""

import inspect

import pytest

from docmodels import documents
from docmodels.documents import ops
from docmodels.fields import Field, NumberField
from tests.docs.public import classes, members
from tests.docs.reference import names_on, rows_of

FIELDS = {
    name: cls
    for name, cls in classes().items()
    if issubclass(cls, Field) and cls not in {Field, NumberField}
}


def own_options(cls):
    """Return the arguments that a field takes beside those of every field."""
    common = inspect.signature(Field).parameters
    found = {}
    for base in cls.__mro__:
        if base is not Field and "__init__" in vars(base):
            found |= inspect.signature(base.__init__).parameters
        if base is Field:
            break
    hidden = {"self", "options", "fields", *common}
    return [name for name in found if name not in hidden]


def test_every_public_name_is_in_the_reference():
    """Whatever `docmodels.documents` exports is on some page, and so is each operator."""
    shown = names_on()

    missing = [name for name in (*documents.__all__, *ops.__all__) if name not in shown]

    assert missing == []


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("documents.md", "Document"),
        ("documents.md", "EmbeddedDocument"),
        ("documents.md", "TrackedList"),
        ("documents.md", "TrackedDict"),
        ("fields.md", "Field"),
        ("fields.md", "StoredFile"),
        ("querysets.md", "QuerySet"),
        ("querysets.md", "Manager"),
        ("querysets.md", "Page"),
    ],
)
def test_every_member_is_on_the_page_of_its_class(page, name):
    """Each public method and attribute of the class is named."""
    shown = names_on(page)

    assert name in shown
    assert [member for member in members(classes()[name]) if member not in shown] == []


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_a_row(name):
    """The row of a field has its own options and its BSON types."""
    row = rows_of("fields.md")[name]

    lacking = [option for option in own_options(FIELDS[name]) if option not in row]
    lacking += [kind for kind in FIELDS[name].bson_types if kind not in row]

    # "Those of `CharField`" stands for the options of a base.
    bases = [
        base.__name__ for base in FIELDS[name].__mro__[1:] if f"those of `{base.__name__}`" in row
    ]
    known = "".join(rows_of("fields.md")[base] for base in bases)
    if name == "EmbeddedListField":
        known += "base_field"
    assert [word for word in lacking if word not in known] == []


def test_options_of_every_field_have_a_row():
    """Each argument of Field is in the table, and the table has no other."""
    rows = rows_of("fields.md")
    parameters = inspect.signature(Field).parameters.values()
    options = [option.name for option in parameters if option.kind != option.VAR_KEYWORD]

    assert [name for name in options if name not in rows] == []
