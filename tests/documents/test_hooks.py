"""Hooks of deletions and queries; those of saves are in the rules."""

import pytest

from docmodels import documents
from tests.documents.machines import LOG, Machine


@pytest.fixture(autouse=True)
def log():
    """Start every test with an empty log."""
    LOG.clear()


def test_reads():
    """Queries run the hooks of their event once, loading those of init."""
    machine = Machine.objects.create(name="a")
    LOG.clear()

    list(Machine.objects.all())
    assert LOG == ["pre query", "init"]

    LOG.clear()
    Machine.objects.get(pk=machine.pk)
    assert LOG == ["pre query", "init"]

    LOG.clear()
    Machine.objects.count()
    Machine.objects.distinct("name")
    Machine.objects.aggregate(documents.Count("pk"))
    assert LOG == ["pre query"] * 3

    LOG.clear()
    list(Machine.objects.without_hooks())
    assert LOG == ["init"]


def test_delete():
    """Deleting runs its hooks, also through a queryset."""
    Machine.objects.create(name="a").delete()
    assert LOG[-2:] == ["pre delete", "post delete"]

    Machine.objects.create(name="b")
    Machine.objects.delete(allow_all=True)
    assert LOG[-2:] == ["pre delete", "post delete"]


def test_misuse():
    """An unknown event, or one of the other kind, is told at once."""
    with pytest.raises(ValueError, match="'sav' is no event of a hook"):
        documents.pre("sav")

    with pytest.raises(TypeError) as caught:

        class Wrong(documents.Document):
            class Meta:
                app_label = "hooked"

            @documents.pre("find")
            def before(self):
                pass

    assert str(caught.value).startswith(
        "Wrong.before: a hook of 'find', expected a classmethod. Choices here are: init, "
    )
