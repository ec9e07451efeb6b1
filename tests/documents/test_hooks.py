"""Hooks of documents and queries (semantics S1 to S4)."""

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.testing.commands import record_commands

LOG = []


@pytest.fixture(autouse=True)
def log():
    """Start every test with an empty log."""
    LOG.clear()
    return LOG


class Part(documents.EmbeddedDocument):
    size = documents.IntegerField(max_value=10)

    @documents.pre("validate", "save")
    def note_part(self):
        LOG.append("part pre")

    @documents.post("save")
    def note_part_saved(self):
        LOG.append("part post")


class Machine(documents.Document):
    name = documents.CharField(max_length=20)
    slug = documents.CharField(blank=True)
    parts = documents.EmbeddedListField(Part)

    class Meta:
        app_label = "hooked"

    @documents.pre("validate")
    def make_slug(self):
        LOG.append("pre validate")
        self.slug = self.name.lower()

    @documents.post("validate")
    def validated(self):
        LOG.append("post validate")

    @documents.pre("save")
    def before_save(self):
        LOG.append("pre save")
        if self.name == "forbidden":
            raise RuntimeError("not this one")
        if self.name == "late":
            self.name = "x" * 30

    @documents.on_error("save")
    def first_error(self, error):
        LOG.append(f"error 1 {error}")
        if str(error) == "not this one":
            raise ValueError("replaced") from error

    @documents.post("save")
    def after_save(self):
        LOG.append("post save")
        if self.name == "bad post":
            raise RuntimeError("after")

    @documents.on_error("save")
    def second_error(self, error):
        LOG.append(f"error 2 {error}")

    @documents.pre("delete")
    def before_delete(self):
        LOG.append("pre delete")

    @documents.post("delete")
    def after_delete(self):
        LOG.append("post delete")

    @documents.post("init")
    def loaded(self):
        LOG.append("init")

    @documents.pre("update")
    @classmethod
    def before_update(cls, queryset):
        LOG.append("pre update")
        return queryset.exclude(name="locked")

    @documents.pre("find", "find_one", "count", "distinct", "aggregate", "bulk")
    @classmethod
    def before_query(cls, queryset, *rest):
        LOG.append("pre query")


class TestS1:
    """The order of the hooks around one save."""

    def test_order(self):
        """Parent before child in validation, child before parent in saving."""
        Machine(name="A", parts=[{"size": 1}]).save()

        assert LOG == [
            "pre validate", "part pre", "post validate",
            "part pre", "pre save", "part post", "post save",
        ]  # fmt: skip

    def test_validation_hook_may_change(self):
        """What a pre-validate hook sets is validated and saved."""
        machine = Machine.objects.create(name="ABC")

        assert machine.slug == "abc"
        assert next(Machine.objects.without_hooks().raw())["slug"] == "abc"


def test_S2_save_hook_is_not_validated():
    """What a pre-save hook changes is not validated again."""
    machine = Machine.objects.create(name="late")

    assert machine.name == "x" * 30


class TestS3:
    """Errors of hooks."""

    def test_pre_hook_ends_the_save(self):
        """An error before the write prevents it, and error hooks may replace it."""
        with record_commands() as commands, pytest.raises(ValueError, match="replaced"):
            Machine(name="forbidden").save()

        assert commands == []
        assert LOG[-1] == "error 1 not this one"

    def test_post_hook_error_is_shown_to_later_hooks_alone(self):
        """An error hook registered before the failing post hook does not run."""
        with pytest.raises(RuntimeError, match="after"):
            Machine(name="bad post").save()

        assert LOG[-2:] == ["post save", "error 2 after"]

    def test_error_is_never_swallowed(self):
        """A validation error passes all error hooks and is raised."""
        with pytest.raises(ValidationError):
            Machine(name="A", parts=[{"size": 11}]).save()

        assert [entry.split(" {")[0] for entry in LOG[-2:]] == ["error 1", "error 2"]


class TestS4:
    """Save hooks belong to saves."""

    def test_updates_run_no_save_hooks(self):
        """An update runs the hooks of updates, which may narrow it."""
        Machine.objects.create(name="locked")
        Machine.objects.create(name="free")
        LOG.clear()

        count = Machine.objects.filter(name__isnull=False).update(slug="s")

        assert count == 1
        assert LOG == ["pre update"]

    def test_bulk_create_runs_its_own(self):
        """Many at once run the hooks of bulk writes."""
        Machine.objects.bulk_create([Machine(name="a"), Machine(name="b")])

        assert LOG == ["pre query"]

    def test_switched_off(self):
        """A save without hooks validates nevertheless."""
        Machine(name="forbidden").save(hooks=False)
        assert LOG == []

        with pytest.raises(ValidationError):
            Machine(name="x" * 21).save(hooks=False)


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
