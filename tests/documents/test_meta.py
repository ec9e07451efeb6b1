"""`Meta`: inherited, with the managers, permissions and orders that it names."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission

from docmodels import documents
from docmodels.admin.permissions import create_permissions
from docmodels.documents.options import META_NAMES


class Published(documents.Manager):
    """Leaves drafts out."""

    def get_queryset(self):
        return super().get_queryset().filter(published=True)


class Base(documents.Document):
    published = documents.BooleanField(default=False)
    at = documents.DateTimeField(blank=True)

    objects = documents.Manager()
    live = Published()

    class Meta:
        abstract = True
        app_label = "metaoptions"
        ordering = ["-at"]
        get_latest_by = "at"
        version_key = "rev"
        read_preference = "nearest"
        default_manager_name = "live"
        verbose_name = "thing"


class Article(Base):
    """Inherits without a Meta of its own."""


class Post(Base):
    class Meta:
        ordering = ["at"]
        permissions = [("publish_post", "Can publish posts")]
        default_permissions = ["view"]


class Page(Base):
    class Meta(Base.Meta):
        version_key = None


class Mixin:
    minimize = False


class Note(documents.Document):
    place = documents.AnyField(blank=True)

    class Meta(Mixin):
        app_label = "metaoptions"


class TestInheritance:
    """Options of an abstract base hold for its children."""

    def test_without_meta(self):
        """A child without a Meta has the base's."""
        meta = Article._meta

        assert (meta.ordering, meta.get_latest_by, meta.version_key) == (["-at"], "at", "rev")
        assert list(meta.collection_options) == ["read_preference"]
        assert (meta.abstract, meta.verbose_name) == (False, "article")
        assert meta.collection == "metaoptions_article"

    def test_with_meta(self):
        """A child's Meta changes what it names, the rest stays."""
        assert (Post._meta.ordering, Post._meta.version_key) == (["at"], "rev")

    def test_subclass_of_the_bases_meta(self):
        """`class Meta(Base.Meta)` takes over everything but `abstract`, as in Django."""
        meta = Page._meta

        assert (meta.ordering, meta.version_key) == (["-at"], None)
        assert (meta.abstract, meta.verbose_name) == (False, "thing")

    def test_mixin(self):
        """Any class may be a base of a Meta."""
        assert Note._meta.minimize is False

    def test_misspelt_option(self):
        """An unknown option fails with a suggestion."""
        with pytest.raises(TypeError) as caught:

            class Wrong(documents.Document):
                class Meta:
                    colation = "de"

        assert str(caught.value) == (
            "Wrong.Meta.colation: unknown option. Did you mean 'collation'?"
        )


class TestManagers:
    """`default_manager_name` chooses whom Django's own code asks."""

    def test_default_manager(self, mongo):
        """References, populates and generic views use it."""
        Article.objects.bulk_create([Article(published=True), Article()])

        assert Article._default_manager.name == "live"
        assert (Article._default_manager.count(), Article.objects.count()) == (1, 2)


class TestLatest:
    """`get_latest_by` is what `latest()` and `earliest()` order by."""

    def test_latest(self, mongo):
        """They need no argument then."""
        times = [f"2024-01-0{day}T00:00:00Z" for day in (2, 3, 1)]
        Article.objects.bulk_create([Article(at=time) for time in times])

        assert Article.objects.latest().at.day == 3
        assert Article.objects.earliest().at.day == 1


@pytest.mark.django_db
def test_permissions():
    """Both kinds become rows after `migrate`, as for models."""
    create_permissions(apps.get_app_config("docmodels"))

    found = Permission.objects.filter(content_type__app_label="metaoptions")
    assert set(found.filter(content_type__model="post").values_list("codename", "name")) == {
        ("view_post", "Can view post"),
        ("publish_post", "Can publish posts"),
    }
    assert found.filter(content_type__model="article").count() == 4


def test_reference_has_every_option():
    """The page of the reference has a row for each option, in alphabetical order."""
    page = Path(__file__).resolve().parents[2] / "docs" / "reference" / "meta.md"

    rows = re.findall(r"^\| `(\w+)` \|", page.read_text(), re.MULTILINE)

    assert rows == sorted(META_NAMES)
