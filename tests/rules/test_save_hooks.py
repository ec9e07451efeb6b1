"""Rules S1 to S4: what runs around a save, in which order, and what its errors do."""

import pytest
from django.core.exceptions import ValidationError
from pymongo.monitoring import CommandListener

from docmodels import documents
from docmodels.testing import record_commands
from tests.documents.machines import LOG, Machine


@pytest.fixture(autouse=True)
def log():
    """Start every test with an empty log."""
    LOG.clear()


def note(event):
    """Return a hook that writes down its event."""

    def hook(self):
        LOG.append(f"{type(self).__name__} {event}")

    return hook


def judge(value):
    """Write down that validators run."""
    LOG.append("validators")


class Child(documents.EmbeddedDocument):
    size = documents.IntegerField()

    pre_validate = documents.pre("validate")(note("pre-validate"))
    pre_save = documents.pre("save")(note("pre-save"))
    post_save = documents.post("save")(note("post-save"))


class Parent(documents.Document):
    name = documents.CharField(validators=[judge])
    child = documents.EmbeddedField(Child)
    updated = documents.DateTimeField(auto_now=True)

    class Meta:
        app_label = "rules"

    pre_validate = documents.pre("validate")(note("pre-validate"))
    post_validate = documents.post("validate")(note("post-validate"))
    pre_save = documents.pre("save")(note("pre-save"))
    post_save = documents.post("save")(note("post-save"))


class Listener(CommandListener):
    """Write down what is sent."""

    def started(self, event):
        LOG.append(event.command_name)

    def succeeded(self, event):
        pass

    failed = succeeded


class TestS1:
    """The order of what runs around one save."""

    @pytest.fixture(autouse=True)
    def listen(self, mongo):
        """Let the commands be noted in the same log."""
        listener = Listener()
        mongo.attach(listener)
        yield
        mongo.detach(listener)

    @pytest.mark.parametrize("command", ["insert", "update"])
    def test_s1_order(self, command):
        """Pre-validate, validators, post-validate, pre-save, the write, post-save."""
        parent = Parent(name="a", child={"size": 1})
        if command == "update":
            parent.save()
            parent.name, parent.child.size = "b", 2
            LOG.clear()

        parent.save()

        expected = [
            "Parent pre-validate", "Child pre-validate", "validators", "Parent post-validate",
            "Child pre-save", "Parent pre-save", command, "Child post-save", "Parent post-save",
        ]  # fmt: skip
        assert expected == LOG

    def test_s1_what_a_hook_changes_is_validated_and_written(self):
        """What a pre-validate hook sets is validated and saved."""
        machine = Machine.objects.create(name="ABC")

        assert machine.slug == "abc"
        assert next(Machine.objects.without_hooks().raw())["slug"] == "abc"


def test_s2_a_pre_save_hook_is_not_validated(mongo):
    """Validation comes before the pre-save hooks, what they change is stored as it is."""
    Machine.objects.create(name="late")

    assert mongo.collection("hooked_machine").find_one()["name"] == "x" * 30


class TestS3:
    """Errors of hooks."""

    def test_s3_a_pre_hook_ends_the_save(self):
        """An error before the write prevents it, and error hooks may replace it."""
        machine = Machine(name="forbidden")
        with record_commands() as commands, pytest.raises(ValueError, match="replaced") as caught:
            machine.save()

        assert commands == []
        assert machine._state.adding
        assert str(caught.value.__cause__) == "not this one"
        assert LOG[-1] == "error 1 not this one"

    def test_s3_a_post_hook_is_shown_to_later_error_hooks_alone(self, mongo):
        """An error hook registered before the failing post hook does not run."""
        with pytest.raises(RuntimeError, match="after"):
            Machine(name="bad post").save()

        assert LOG[-2:] == ["post save", "error 2 after"]
        assert mongo.collection("hooked_machine").count_documents({}) == 1

    def test_s3_an_error_is_never_swallowed(self):
        """A validation error passes all error hooks and is raised."""
        with pytest.raises(ValidationError):
            Machine(name="A", parts=[{"size": 11}]).save()

        assert [entry.split(" {")[0] for entry in LOG[-2:]] == ["error 1", "error 2"]


class TestS4:
    """Save hooks belong to saves."""

    def test_s4_updates_run_no_save_hooks(self):
        """An update runs the hooks of updates, which may narrow it."""
        Machine.objects.create(name="locked")
        Machine.objects.create(name="free")
        LOG.clear()

        count = Machine.objects.filter(name__isnull=False).update(slug="s")

        assert count == 1
        assert LOG == ["pre update"]
        LOG.clear()
        Machine.objects.filter(name="free").find_one_and_update(slug="t")
        assert set(LOG) <= {"init"}

    def test_s4_create_runs_them(self):
        """`create()`, and what calls it, is a save."""
        Parent.objects.create(name="a", child={"size": 1})
        assert LOG[0] == "Parent pre-validate"
        assert LOG[-1] == "Parent post-save"
        LOG.clear()

        Parent.objects.get_or_create(name="b", defaults={"child": {"size": 1}})
        assert LOG[-1] == "Parent post-save"

    def test_s4_bulk_create_validates_and_runs_its_own(self):
        """Many at once run the hooks of bulk writes; each is judged."""
        Machine.objects.bulk_create([Machine(name="a"), Machine(name="b")])
        assert LOG == ["pre query"]

        with pytest.raises(ValidationError) as caught:
            Machine.objects.bulk_create([Machine(name="a"), Machine(name="x" * 21)])
        assert list(caught.value.message_dict) == ["1.name"]

    def test_s4_validation_and_times_without_hooks(self):
        """What needs no hook of the user's is done where they are skipped."""
        Machine(name="forbidden").save(hooks=False)
        parent = Parent(name="a", child={"size": 1})
        parent.save(hooks=False)
        [many] = Parent.objects.bulk_create([Parent(name="b", child={"size": 1})])

        assert set(LOG) == {"validators"}
        assert parent.updated is not None
        assert many.updated is not None
        with pytest.raises(ValidationError):
            Machine(name="x" * 21).save(hooks=False)
        before = parent.updated
        Parent.objects.filter(pk=parent.pk).update(name="c")
        assert Parent.objects.get(pk=parent.pk).updated >= before
