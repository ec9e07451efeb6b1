"""References whose class the document tells, to another field of all their targets."""

import uuid

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.checks.documents import check_documents
from docmodels.documents import by_field
from docmodels.registry import registry
from docmodels.testing import record_commands


class Plane(documents.Document):
    sign = documents.CharField(unique=True)
    code = documents.IntegerField(blank=True)

    class Meta:
        app_label = "told_targets"


class Train(documents.Document):
    sign = documents.IntegerField()
    code = documents.UUIDField(unique=True, default=uuid.uuid4)

    class Meta:
        app_label = "told_targets"
        indexes = [documents.Index(fields=["-sign"], unique=True)]


class Ticket(documents.Document):
    kind = documents.CharField(blank=True)
    ride = documents.ReferenceField(
        by_field("kind"),
        targets=[Plane, "Train"],
        to_field="sign",
        on_delete=documents.CASCADE,
        blank=True,
    )

    class Meta:
        app_label = "told_targets"
        ordering = ["kind", "id"]


@pytest.fixture
def rides(mongo):
    """Store a plane and a train with a ticket each."""
    plane, train = Plane.objects.create(sign="7"), Train.objects.create(sign=7)
    for ride in (plane, train):
        Ticket.objects.create(ride=ride)
    return plane, train


class TestToField:
    """Keys are the values of a unique field."""

    def test_stored(self, rides):
        """As the field of the class stores them."""
        assert [(t.kind, t.ride_id) for t in Ticket.objects.all()] == [
            ("told_targets.Plane", "7"),
            ("told_targets.Train", 7),
        ]

    def test_read(self, rides):
        """They are looked up there, also ahead."""
        with record_commands() as commands:
            assert [t.ride for t in Ticket.objects.all()] == [*rides]
            assert [t.ride for t in Ticket.objects.populate("ride")] == [*rides]

        assert [sent.command["filter"] for sent in commands if sent.command["filter"]] == [
            {"sign": {"$in": ["7"]}},
            {"sign": {"$in": [7]}},
        ] * 2

    def test_filter(self, rides):
        """By a document, and by its field."""
        plane, train = rides

        assert Ticket.objects.get(kind="told_targets.Plane", ride=plane).ride == plane
        assert Ticket.objects.get(ride__sign=train.sign).ride == train

    def test_validated(self, rides):
        """A key must be one of the class that is told."""
        with pytest.raises(ValidationError) as caught:
            Ticket(kind="told_targets.Train", ride_id="x7").full_clean()
        assert caught.value.message_dict == {
            "ride": ["str as the key of told_targets.Train, expected a whole number."]
        }

    def test_deleted(self, rides):
        """The rule looks for the field's value, with the name of the class beside it."""
        plane, train = rides
        with record_commands() as commands:
            assert plane.delete()[0] == 2

        assert commands[0].command["filter"] == {
            "ride": {"$in": ["7"]},
            "kind": {
                "$in": ["told_targets.Plane", "told_targets.plane", "Plane", "plane"],
            },
        }
        assert [ticket.ride for ticket in Ticket.objects.all()] == [train]


@pytest.fixture
def scratch(monkeypatch):
    """Forget what a test declares."""
    monkeypatch.setattr(registry, "_documents", dict(registry._documents))


def declare(targets, **options):
    """Declare a class with a reference to some of `targets`."""
    told = options.pop("told", by_field("kind"))

    class Wrong(documents.Document):
        kind = documents.CharField(blank=True)
        ride = documents.ReferenceField(told, targets=targets, **options)

        class Meta:
            app_label = "told_targets"

    return Wrong


MISTAKES = [
    (
        {"to_field": "sing"},
        "told_targets.Wrong.ride: to_field='sing', expected a field of told_targets.Plane, which "
        "is one of the targets.",
    ),
    (
        {"to_field": "code"},
        "told_targets.Wrong.ride: to_field='code', but told_targets.Plane.code is not unique; "
        "expected unique=True.",
    ),
    (
        {"to_field": "sign", "told": lambda ticket: Plane, "on_delete": documents.PROTECT},
        "told_targets.Wrong.ride: on_delete=PROTECT, where a function tells the class and "
        "told_targets.Plane.sign holds text, which another target may have as well; expected "
        "by_field(), or ObjectIds or UUIDs in all targets.",
    ),
]


class TestDeclaration:
    """Mistakes are told where they are made."""

    @pytest.mark.parametrize(("options", "message"), MISTAKES)
    def test_classes(self, scratch, options, message):
        """At once, where the classes are there."""
        with pytest.raises(TypeError) as caught:
            declare([Plane, Train], **options)

        assert str(caught.value) == message

    @pytest.mark.parametrize(("options", "message"), MISTAKES)
    def test_labels(self, scratch, options, message):
        """By `manage.py check`, where they have names only."""
        wrong = declare(["Plane", "Train"], **options)

        found = [error for error in check_documents() if error.obj is wrong._meta.by_name["ride"]]
        assert (found[0].msg, found[0].id) == (message, "docmodels.E113")

    def test_sound(self, scratch):
        """Keys that no two classes share are enough for a function."""
        declare([Plane, Train], told=lambda ticket: Plane, on_delete=documents.PROTECT)
        declare([Train], told=lambda ticket: Train, on_delete=documents.PROTECT, to_field="sign")
