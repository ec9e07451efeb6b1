"""Rule S7 at large: after an abort nothing is stored, and every object is as before."""

import random

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents, transaction
from docmodels.documents import ops
from docmodels.exceptions import OperationFailed


class Seat(documents.EmbeddedDocument):
    row = documents.IntegerField()
    guests = documents.ListField(documents.CharField())


class Hall(documents.Document):
    name = documents.CharField()
    size = documents.IntegerField(default=0)
    tags = documents.ListField(documents.CharField())
    seats = documents.EmbeddedListField(Seat)
    stage = documents.EmbeddedField(Seat, blank=True)
    extra = documents.MapField(blank=True)

    class Meta:
        app_label = "aborted"
        timestamps = True


#: Changes of an object before it is saved.
EDITS = [
    lambda hall: setattr(hall, "size", hall.size + 1),
    lambda hall: hall.tags.append("new"),
    lambda hall: hall.tags.clear(),
    lambda hall: hall.seats.append({"row": 9}),
    lambda hall: hall.seats[0].guests.append("Ann") if hall.seats else None,
    lambda hall: setattr(hall.seats[0], "row", 77) if hall.seats else None,
    lambda hall: hall.seats.pop() if hall.seats else None,
    lambda hall: setattr(hall, "stage", {"row": 1}),
    lambda hall: setattr(hall, "extra", {"a": {"b": [1]}}),
    lambda hall: hall.increment("size", 3),
    lambda hall: hall.undeclared.update(note="n"),
]


class State:
    """What an object says of itself that a save changes."""

    def __init__(self, hall):
        self.pk = hall.pk
        self.adding, self.db = hall._state.adding, hall._state.db
        self.version = hall._version
        self.pending = None if self.adding else hall.pending_update()
        self.paths = sorted(hall.modified_paths()) if not self.adding else None
        self.stored = hall.to_mongo()

    def __eq__(self, other):
        return vars(self) == vars(other)

    def __repr__(self):
        return repr(vars(self))


def make_halls(count):
    """Give new objects, not stored."""
    return [
        Hall(
            name=f"h{number}",
            tags=["a", "b"],
            seats=[{"row": 1, "guests": ["x"]}, {"row": 2}],
            extra={"k": number},
        )
        for number in range(count)
    ]


def stored():
    """Give all that is stored, as it is."""
    return sorted(Hall.objects.all().raw(), key=lambda raw: raw["name"])


def save(hall, chance):
    """Save it, or some of its fields."""
    if hall._state.adding or chance.random() < 0.7:
        hall.save()
    else:
        hall.save(update_fields=["size", "tags"])


class Mixed:
    """A hundred operations on objects, of every kind."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.old = make_halls(30)
        Hall.objects.bulk_create(self.old)
        self.old = list(Hall.objects.order_by("name"))
        Hall.objects.bulk_create(Hall(name=f"gone{number}") for number in range(10))
        self.new = make_halls(15)
        self.before = {}
        for hall in self.old[:15]:
            # Changed, and not saved yet, when the block begins.
            self.chance.choice(EDITS)(hall)

    def remember(self, hall):
        """Keep what the object is when the block first touches what is stored of it."""
        self.before.setdefault(id(hall), (hall, State(hall)))

    def run(self):
        """Do them."""
        acts = [
            self.save_old, self.save_old, self.save_old, self.save_new, self.delete,
            self.bulk_create, self.bulk_update, self.bulk_save, self.update, self.remove,
            self.nested, self.refused,
        ]  # fmt: skip
        for number in range(100):
            # Each kind at least several times.
            acts[number % len(acts)]()

    def stored_old(self):
        """Give one of the objects that are stored."""
        return self.chance.choice([hall for hall in self.old if not hall._state.adding])

    def save_old(self):
        """Save a stored object, the first time with what was pending before."""
        hall = self.stored_old()
        self.remember(hall)
        save(hall, self.chance)

    def save_new(self):
        """Insert a new object, or save it again."""
        hall = self.chance.choice(self.new[:5])
        self.remember(hall)
        hall.save()

    def delete(self):
        """Delete an object."""
        hall = self.stored_old()
        self.remember(hall)
        hall.delete()

    def bulk_create(self):
        """Insert two new objects at once."""
        halls = [hall for hall in self.new[5:] if hall._state.adding][:2]
        for hall in halls:
            self.remember(hall)
        Hall.objects.bulk_create(halls)

    def bulk_update(self):
        """Update some fields of several objects at once."""
        halls = self.some()
        Hall.objects.bulk_update(halls, ["size"])

    def bulk_save(self):
        """Save several at once."""
        Hall.objects.bulk_save(self.some())

    def some(self):
        """Give several stored objects."""
        halls = [hall for hall in self.old if not hall._state.adding][:3]
        for hall in halls:
            self.remember(hall)
        return halls

    def update(self):
        """Update by a query, without objects."""
        Hall.objects.filter(size__lt=50).update(size=documents.F("size") + 1, tags=ops.Push("q"))

    def remove(self):
        """Delete by a query."""
        Hall.objects.filter(name=f"gone{self.chance.randrange(10)}").delete()

    def nested(self):
        """Save in an inner block, which joins."""
        with transaction.atomic():
            self.save_new()

    def refused(self):
        """Refuse one on our side: nothing was sent, the transaction goes on."""
        hall = Hall(name="")
        with pytest.raises(ValidationError):
            hall.save()


@pytest.mark.parametrize("seed", range(5))
def test_abort(mongo, seed):
    """A hundred mixed operations, then an error: nothing is left of them."""
    mixed = Mixed(seed)
    before = stored()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        run_and_fail(mixed)

    assert stored() == before
    assert len(mixed.before) > 20
    for hall, state in mixed.before.values():
        assert State(hall) == state


def run_and_fail(mixed):
    """Do the operations, and raise."""
    mixed.run()
    raise ZeroDivisionError


@pytest.mark.parametrize("seed", range(3))
def test_again(mongo, seed):
    """After an abort the objects can be saved, and store what they hold."""
    mixed = Mixed(seed)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        run_and_fail(mixed)

    touched = [hall for hall, _state in mixed.before.values()]
    for hall in touched:
        hall.save()

    found = {raw["_id"]: raw for raw in stored()}
    for hall in touched:
        expected = {key: value for key, value in hall.to_mongo().items() if key != "updated_at"}
        assert expected.items() <= found[hall.pk].items()


@pytest.mark.parametrize("seed", range(3))
def test_commit(mongo, seed):
    """The same operations, committed, are stored, and the objects know."""
    mixed = Mixed(seed)

    with transaction.atomic():
        mixed.run()

    for hall, _state in mixed.before.values():
        assert hall._state.adding is not Hall.objects.filter(pk=hall.pk).exists()
        assert hall._state.adding or not hall.is_modified() or hall.modified_paths()


def test_server_aborts(mongo):
    """What the server ends by itself is as if it had been aborted here."""
    mixed = Mixed(9)
    before = stored()

    with pytest.raises(OperationFailed) as caught, transaction.atomic() as session:  # noqa: PT012
        mixed.run()
        mongo.client.admin.command("killSessions", [session.session_id])

    assert caught.value.has_error_label("TransientTransactionError")
    assert stored() == before
    for hall, state in mixed.before.values():
        assert State(hall) == state
