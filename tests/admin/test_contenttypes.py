"""Content types of documents: what hangs on them stays, whatever command is run."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.management.commands import remove_stale_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.core.checks import Warning as CheckWarning
from django.core.management import call_command, get_commands

from docmodels.checks.apps import check_order


@pytest.fixture
def kept(db):
    """Give the content type of a document, with a permission and an entry of the log."""
    content_type = ContentType.objects.get(app_label="library", model="book")
    LogEntry.objects.create(
        user=User.objects.create_user("u"),
        content_type=content_type,
        object_id="1",
        object_repr="A book",
        action_flag=2,
        change_message="",
    )
    return content_type


@pytest.fixture
def stale(db):
    """Give the content type of a class that is declared no more."""
    return ContentType.objects.create(app_label="library", model="scroll")


def exists(content_type):
    """Look it up."""
    return ContentType.objects.filter(pk=content_type.pk).exists()


def test_django_takes_documents_for_stale(kept):
    """Its own command deletes them with their permissions, and orphans the log."""
    call_command(remove_stale_contenttypes.Command(), interactive=False, verbosity=0)

    assert not exists(kept)
    assert not Permission.objects.filter(codename="view_book").exists()
    assert LogEntry.objects.get().content_type is None


def test_ours_keeps_them(kept, stale):
    """What is declared stays; what is not goes, as Django has it."""
    call_command("remove_stale_contenttypes", interactive=False, verbosity=0)

    assert get_commands()["remove_stale_contenttypes"] == "docmodels"
    assert exists(kept)
    assert not exists(stale)
    assert Permission.objects.filter(codename="view_book").exists()
    assert LogEntry.objects.get().content_type == kept


def test_ours_keeps_those_of_apps_that_are_not_installed(db):
    """Documents may be declared outside of apps."""
    inside = ContentType.objects.get(app_label="library", model="author")
    gone = ContentType.objects.create(app_label="nowhere", model="thing")

    call_command(
        "remove_stale_contenttypes", interactive=False, verbosity=0, include_stale_apps=True
    )

    assert exists(inside)
    assert not exists(gone)


def test_it_asks_first(kept, stale, monkeypatch, capsys):
    """Only what is stale is named, and "no" keeps it."""
    monkeypatch.setattr("builtins.input", lambda prompt: "no")

    call_command("remove_stale_contenttypes")

    assert "Content type for library.scroll" in (printed := capsys.readouterr().out)
    assert "library.book" not in printed
    assert exists(stale)


def test_documents_count_only_while_it_runs(kept):
    """Elsewhere the content type of a document has no model, as Django's pages expect."""
    call_command("remove_stale_contenttypes", interactive=False, verbosity=0)

    assert kept.model_class() is None


def test_the_order_of_apps_is_checked(settings):
    """Behind Django's app its command would win."""
    right = check_order()

    settings.INSTALLED_APPS = [
        "django.contrib.contenttypes", "django.contrib.auth", "docmodels",
    ]  # fmt: skip

    assert right == []
    assert check_order() == [
        CheckWarning(
            "settings.INSTALLED_APPS: 'docmodels' stands behind 'django.contrib.contenttypes', "
            "expected it in front: `manage.py remove_stale_contenttypes` would delete the content "
            "types of documents, and so their permissions and the way to their history.",
            hint="Move 'docmodels' in front of 'django.contrib.contenttypes'.",
            id="docmodels.W001",
        )
    ]


def test_projects_without_content_types_are_not_warned(settings):
    """There is nothing to keep."""
    settings.INSTALLED_APPS = ["docmodels"]

    assert check_order() == []
