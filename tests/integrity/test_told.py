"""`manage.py checkreferences` and references whose class each document tells."""

import io

import pytest
from bson import ObjectId
from django.core.management import call_command

from docmodels import documents
from docmodels.documents import by_field

GONE = ObjectId("0123456789abcdef01234567")


class Ship(documents.Document):
    class Meta:
        app_label = "integrity_told"


class Tug(Ship):
    class Meta:
        app_label = "integrity_told"


class Quay(documents.Document):
    code = documents.CharField(unique=True, null=True)

    class Meta:
        app_label = "integrity_told"


class Note(documents.Document):
    kind = documents.CharField(db_field="k", blank=True)
    about = documents.ReferenceField(by_field("kind"), blank=True)
    others = documents.ListField(documents.ReferenceField(by_field("kind")))

    class Meta:
        app_label = "integrity_told"


class Item(documents.EmbeddedDocument):
    kind = documents.CharField(blank=True)
    what = documents.ReferenceField(
        by_field("kind"), targets={"s": Ship, "q": Quay}, on_delete=documents.SET_NULL, null=True
    )

    class Meta:
        app_label = "integrity_told"


class Log(documents.Document):
    kind = documents.CharField(blank=True)
    about = documents.ReferenceField(
        by_field("kind"), targets=[Ship, Quay], on_delete=documents.CASCADE, blank=True
    )
    items = documents.EmbeddedListField(Item)
    seen = documents.ListField(
        documents.ReferenceField(
            lambda log: Ship if log.kind else Quay, targets=[Ship, Quay], on_delete=documents.PULL
        )
    )

    class Meta:
        app_label = "integrity_told"


@pytest.fixture
def check(mongo):
    """Give a function that runs the command on this module's documents; it returns the output."""

    def run(label, **options):
        out = io.StringIO()
        call_command("checkreferences", label, stdout=out, stderr=io.StringIO(), **options)
        return out.getvalue().splitlines()

    return run


@pytest.fixture
def ship(mongo):
    """Store a ship."""
    return Ship.objects.create()


@pytest.fixture
def quay(mongo):
    """Store a quay."""
    return Quay.objects.create(code="a")


@pytest.fixture
def notes(mongo, ship, quay):
    """Store notes, two of which lead nowhere."""
    found = mongo.collection("integrity_told_note")
    found.insert_many(
        [
            {"_id": 1, "k": "integrity_told.Ship", "about": ship.pk, "others": [ship.pk]},
            {"_id": 2, "k": "integrity_told.Ship", "about": quay.pk},
            {"_id": 3, "k": "integrity_told.Quay", "about": quay.pk, "others": [ship.pk]},
            {"_id": 4, "about": ship.pk},
            {"_id": 5, "k": "nothing", "about": ship.pk},
        ]
    )
    return found


class TestByField:
    """A field beside the reference tells the class."""

    def test_found(self, check, notes):
        """It is looked up there; without a rule nothing mends it."""
        before = list(notes.find())

        assert check("integrity_told.Note", mend=True) == [
            "Note.about: 1 document(s) broken, 0 mended (DO_NOTHING)",
            "  2",
            "Note.others: 1 document(s) broken, 0 mended (DO_NOTHING)",
            "  3",
            "5 document(s) checked, 2 broken, 0 mended.",
        ]
        assert list(notes.find()) == before

    def test_given_rule(self, check, notes, ship):
        """`--rule` mends what leads nowhere in the class that is told, and nothing else."""
        assert check("integrity_told.Note", mend=True, rule="pull")[-1] == (
            "5 document(s) checked, 2 broken, 2 mended."
        )

        assert notes.find_one(2) == {"_id": 2, "k": "integrity_told.Ship"}
        assert notes.find_one(3)["others"] == []
        assert notes.find_one(1)["others"] == [ship.pk]
        assert notes.find_one(4)["about"] == notes.find_one(5)["about"] == ship.pk

    def test_own_rules(self, check, mongo, ship, quay):
        """Each path is mended as it says, one key of each class at a time."""
        logs = mongo.collection("integrity_told_log")
        sound = {"_id": 1, "kind": "integrity_told.Tug", "about": Tug.objects.create().pk}
        logs.insert_many(
            [
                sound,
                {"_id": 2, "kind": "integrity_told.Tug", "about": ship.pk},
                {
                    "_id": 3,
                    "items": [
                        {"kind": "s", "what": quay.pk},
                        {"kind": "q", "what": quay.pk},
                        {"kind": "q", "what": GONE},
                        {"what": GONE},
                    ],
                },
            ]
        )

        assert check("integrity_told.Log", mend=True) == [
            "Log.about: 1 document(s) broken, 1 mended (CASCADE)",
            "  2",
            "Log.items.what: 1 document(s) broken, 1 mended (SET_NULL)",
            "  3",
            "3 document(s) checked, 2 broken, 2 mended.",
        ]
        assert list(logs.find()) == [
            sound,
            {
                "_id": 3,
                "items": [
                    {"kind": "s", "what": None},
                    {"kind": "q", "what": quay.pk},
                    {"kind": "q", "what": None},
                    {"what": GONE},
                ],
            },
        ]


class TestByFunction:
    """A function tells the class, which a stored document does not show."""

    def test_targets(self, check, mongo, ship, quay):
        """What is a key of none of the targets is broken."""
        logs = mongo.collection("integrity_told_log")
        logs.insert_one({"_id": 1, "seen": [ship.pk, GONE, quay.pk]})

        assert check("integrity_told.Log", mend=True) == [
            "Log.seen: 1 document(s) broken, 1 mended (PULL)",
            "  1",
            "1 document(s) checked, 1 broken, 1 mended.",
        ]
        assert logs.find_one()["seen"] == [ship.pk, quay.pk]
