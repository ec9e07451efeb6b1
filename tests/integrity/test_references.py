"""`manage.py checkreferences`: what it finds, and what it mends."""

import io

import pytest
from bson import Decimal128, ObjectId
from django.core.management import CommandError, call_command

from docmodels import documents
from docmodels.testing import record_commands

GONE = ObjectId("0123456789abcdef01234567")


class Team(documents.Document):
    code = documents.DecimalField(blank=True)

    class Meta:
        app_label = "integrity"


class Captain(Team):
    pass


class Stint(documents.EmbeddedDocument):
    team = documents.ReferenceField(Team, on_delete=documents.SET_NULL, null=True, blank=True)
    year = documents.IntegerField(default=0)

    class Meta:
        app_label = "integrity"


class Player(documents.Document):
    team = documents.ReferenceField(Team, on_delete=documents.SET_NULL, null=True, blank=True)
    others = documents.ListField(documents.ReferenceField(Team, on_delete=documents.PULL))
    stints = documents.EmbeddedListField(Stint)
    by_year = documents.MapField(
        documents.ReferenceField(Team, on_delete=documents.PULL), blank=True
    )
    keeper = documents.ReferenceField(Team, on_delete=documents.PROTECT, blank=True)
    coded = documents.ReferenceField(Team, to_field="code", on_delete=documents.PULL, blank=True)
    led = documents.ReferenceField(Captain, blank=True)

    class Meta:
        app_label = "integrity"


class Contract(documents.Document):
    player = documents.ReferenceField(Player, on_delete=documents.CASCADE)
    team = documents.ReferenceField(Team, on_delete=documents.CASCADE)

    class Meta:
        app_label = "integrity"


class Bonus(documents.Document):
    contract = documents.ReferenceField(Contract, on_delete=documents.PROTECT)

    class Meta:
        app_label = "integrity"


@pytest.fixture
def team(mongo):
    """Store a team."""
    return Team.objects.create(code="7")


@pytest.fixture
def players(mongo):
    """Give the players' collection."""
    return mongo.collection("integrity_player")


@pytest.fixture
def check():
    """Give a function that runs the command on this module's documents; it returns the output."""

    def run(*labels, **options):
        out = io.StringIO()
        call_command(
            "checkreferences",
            *(labels or ["integrity"]),
            stdout=out,
            stderr=io.StringIO(),
            **options,
        )
        return out.getvalue().splitlines()

    return run


class TestFind:
    """Without `--mend`."""

    def test_nothing(self, check, team):
        """What is sound, null or missing is not reported."""
        Player.objects.create(team=team, others=[team], stints=[{"team": team}, {}])
        Player.objects.create(team=None)

        assert check() == ["2 document(s) checked, 0 broken."]

    def test_shapes(self, check, team, players):
        """Every declared path is looked at, the actions of `--mend` are told."""
        players.insert_many(
            [
                {"_id": 1, "team": GONE},
                {"_id": 2, "others": [team.pk, GONE]},
                {"_id": 3, "stints": [{"team": team.pk}, {"team": GONE}]},
                {"_id": 4, "by_year": {"2024": team.pk, "2025": GONE}},
                {"_id": 5, "keeper": GONE},
                {"_id": 6, "coded": Decimal128("8")},
                {"_id": 7, "led": team.pk},
            ]
        )

        assert check("integrity.Player", plan=True) == [
            "Player.by_year: 1 document(s) broken (PULL)",
            "  4",
            "Player.coded: 1 document(s) broken (PULL)",
            "  6",
            "Player.keeper: 1 document(s) broken (PROTECT)",
            "  5",
            "Player.led: 1 document(s) broken (DO_NOTHING)",
            "  7",
            "Player.others: 1 document(s) broken (PULL)",
            "  2",
            "Player.stints.team: 1 document(s) broken (SET_NULL)",
            "  3",
            "Player.team: 1 document(s) broken (SET_NULL)",
            "  1",
            "7 document(s) checked, 7 broken.",
        ]

    @pytest.mark.parametrize("stored", [7, 7.0, Decimal128("7"), Decimal128("7.0")])
    def test_equal_numbers(self, check, team, players, stored):
        """A number that the server finds equal is no broken reference."""
        players.insert_one({"_id": 1, "coded": stored})

        assert check("integrity.Player") == ["1 document(s) checked, 0 broken."]

    def test_keys_of_every_type(self, check, players):
        """No document is passed over, whatever type its key has."""
        keys = [1, 2.5, "a", "b", GONE, ObjectId(), {"a": 1}, True, None, Decimal128("3")]
        players.insert_many([{"_id": key, "team": GONE} for key in keys])

        assert check("integrity.Player", batch_size=3)[-1] == ("10 document(s) checked, 10 broken.")

    def test_limit(self, check, players):
        """Some of the keys are named."""
        players.insert_many([{"_id": number, "team": GONE} for number in range(7)])

        assert check("integrity.Player")[1] == "  0, 1, 2, 3, 4, …"

    def test_check(self, check, players):
        """`--check` makes an exit code of it."""
        assert check(check=True) == ["0 document(s) checked, 0 broken."]
        players.insert_one({"_id": 1, "team": GONE})

        with pytest.raises(CommandError) as caught:
            check(check=True)

        assert str(caught.value) == "1 document(s) are broken; see --mend."

    def test_commands(self, check, team, players):
        """Each batch is one query, and one for each path that holds keys."""
        players.insert_many([{"_id": n, "team": team.pk, "others": [team.pk]} for n in range(40)])

        with record_commands() as commands:
            check("integrity.Player", batch_size=20)

        assert [sent.command["find"] for sent in commands] == [
            "integrity_player", "integrity_team", "integrity_team",
            "integrity_player", "integrity_team", "integrity_team",
        ]  # fmt: skip

    def test_using(self, check, team, players):
        """Another alias may be read; it is told by the one that is written to what is broken."""
        players.insert_many([{"_id": 1, "team": GONE}, {"_id": 2, "team": team.pk}])

        with record_commands("slow") as commands:
            assert check("integrity.Player", using="slow")[-1] == (
                "2 document(s) checked, 1 broken."
            )

        assert [sent.command["find"] for sent in commands] == [
            "integrity_player", "integrity_team"
        ]  # fmt: skip

    def test_mistakes(self, check):
        """Names are checked before anything is sent."""
        with pytest.raises(CommandError) as caught:
            check("integrity.Plyer")
        assert str(caught.value).startswith("No document 'integrity.Plyer' is declared.")
        with pytest.raises(CommandError) as caught:
            check(using="nowhere")
        assert str(caught.value).startswith("--using: no alias 'nowhere'.")


class TestMend:
    """With `--mend`."""

    def test_by_rule(self, check, team, players):
        """Each path is mended as its rule says, the other keys stay."""
        players.insert_many(
            [
                {"_id": 1, "team": GONE},
                {"_id": 2, "others": [team.pk, GONE]},
                {"_id": 3, "stints": [{"team": team.pk}, {"team": GONE, "year": 3}]},
                {"_id": 4, "by_year": {"2024": team.pk, "2025": GONE}},
                {"_id": 5, "keeper": GONE},
            ]
        )

        lines = check("integrity.Player", mend=True)

        assert list(players.find(sort=[("_id", 1)])) == [
            {"_id": 1, "team": None},
            {"_id": 2, "others": [team.pk]},
            {"_id": 3, "stints": [{"team": team.pk}, {"team": None, "year": 3}]},
            {"_id": 4, "by_year": {"2024": team.pk}},
            {"_id": 5, "keeper": GONE},
        ]
        assert lines[2] == "Player.keeper: 1 document(s) broken, 0 mended (PROTECT)"
        assert lines[-1] == "5 document(s) checked, 5 broken, 4 mended."
        with pytest.raises(CommandError):
            check("integrity.Player", mend=True, check=True)

    def test_cascade(self, check, team, mongo):
        """What refers by CASCADE is deleted, with the rules of references to it."""
        player = Player.objects.create(team=team)
        contracts = mongo.collection("integrity_contract")
        contracts.insert_many(
            [
                {"_id": 1, "player": player.pk, "team": team.pk},
                {"_id": 2, "player": GONE, "team": team.pk},
                {"_id": 3, "player": player.pk, "team": GONE},
            ]
        )

        assert check("integrity.Contract", mend=True)[-1] == (
            "3 document(s) checked, 2 broken, 2 mended."
        )
        assert [found["_id"] for found in contracts.find()] == [1]

    def test_protected(self, check, mongo):
        """What may not be deleted is told, and stays."""
        mongo.collection("integrity_contract").insert_one(
            {"_id": GONE, "player": GONE, "team": Team.objects.create().pk}
        )
        Bonus.objects.create(contract=GONE)

        assert check("integrity.Contract", mend=True) == [
            "Contract.player: 1 document(s) broken, 0 mended (CASCADE)",
            f"  {GONE}",
            f"  Cannot delete contract Contract object ({GONE}): it is referenced through the "
            f"protected field Bonus.contract.",
            "1 document(s) checked, 1 broken, 0 mended.",
        ]

    def test_other_rule(self, check, players):
        """`--rule` is done in place of what is declared."""
        players.insert_one({"_id": 1, "keeper": GONE})

        check("integrity.Player", mend=True, rule="pull")

        assert players.find_one() == {"_id": 1}

    def test_slow(self, check, players):
        """Read through a read-only alias, mended through the one that is written to."""
        players.insert_one({"_id": 1, "team": GONE})

        check("integrity.Player", mend=True, using="slow")

        assert players.find_one() == {"_id": 1, "team": None}

    def test_twice(self, check, players):
        """A second run finds nothing."""
        players.insert_many([{"_id": number, "team": GONE} for number in range(25)])

        assert check("integrity.Player", mend=True, batch_size=10)[-1] == (
            "25 document(s) checked, 25 broken, 25 mended."
        )
        assert check("integrity.Player", mend=True)[-1] == (
            "25 document(s) checked, 0 broken, 0 mended."
        )
