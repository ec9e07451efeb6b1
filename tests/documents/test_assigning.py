"""A scalar in the place of another one is assigned by a short way, as by the long one."""

import pytest

from docmodels import documents
from docmodels.documents.assigning import assign_plainly
from docmodels.documents.base import _fill_loaded
from docmodels.tracking import STORED, Source
from tests.fields.plain import VALUES, Thing

NAMES = [field.attname for field in Thing._meta.fields if field.name != "id"]


def loaded(field, old, source=STORED):
    """Return a loaded object with a stored value, and another field that was changed."""
    thing = Thing._meta.load({field.db_field: old}, source)
    _fill_loaded(thing)
    return thing


def state(thing, field):
    """Return what an assignment may change."""
    value = thing._slot_value(field)
    errors = {path: [str(e) for e in found] for path, found in thing._errors.items()}
    return type(value), repr(value), repr(dict(thing._changed)), errors


@pytest.mark.parametrize("name", NAMES)
def test_as_the_long_way(name):
    """For each pair of a stored and a new value the same is known afterwards."""
    meta = Thing._meta
    field = meta.attributes[name]
    short = 0
    for old in VALUES:
        for value in VALUES:
            one, other = loaded(field, old), loaded(field, old)
            assert assign_plainly(one, meta.assigned_plainly.get(name), value) in {True, False}
            if dict(one._changed) or one._slot_value(field) is value:
                short += 1

            setattr(one, name, value)
            other._assign(field, value)
            assert state(one, field) == state(other, field), (old, value)

            setattr(one, name, old)
            other._assign(field, old)
            assert state(one, field) == state(other, field), (old, value, "and back")
    assert short or name not in {"text", "number", "flag", "key", "owner_id"}


def test_what_was_not_loaded():
    """The old value of a field that was left out is not known."""
    field = Thing._meta.by_name["text"]
    thing = loaded(field, "abc", Source(None, frozenset({"number"})))

    assert not assign_plainly(thing, Thing._meta.assigned_plainly["text"], "abd")


def test_cast_once():
    """A function of `set` is called once for each assignment."""
    seen = []

    class Noted(documents.EmbeddedDocument):
        name = documents.CharField(set=lambda value: seen.append(value) or value)

    noted = Noted.from_mongo({"name": "a"})
    noted.name = "b"
    noted.name = "c"

    assert seen == ["b", "c"]
    assert noted._changed == {"name": "a"}


def test_new_objects():
    """Nothing is noted in a new object."""
    thing = Thing(text="abc")
    thing.text = "abd"

    assert not thing._changed
    assert thing.text == "abd"
