"""What `atomic()` takes beside the alias: concerns, the preference, the time of the commit."""

# ruff: noqa: PT012 - what is tested is the end of a block that did something before

import asyncio

import pytest
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from docmodels import documents
from docmodels.connections import connections
from docmodels.exceptions import DeadlineExceeded, NotSupportedError
from docmodels.testing import record_commands
from docmodels.transaction import atomic, session

OPTIONS = {"read_concern": "majority", "write_concern": 1, "max_commit_time_ms": 4_000}


class Coin(documents.Document):
    name = documents.CharField(max_length=9)

    class Meta:
        app_label = "transaction_options"


@pytest.fixture
def coins(mongo):
    """Store a coin, so that the collection is there."""
    Coin.objects.create(name="penny")


def sent(commands):
    """Return what the start and the end of a transaction were told."""
    first, last = commands[0].command, commands[-1].command
    assert first["startTransaction"] is True
    assert last["commitTransaction"] == 1
    assert [item.command.get("txnNumber") for item in commands] == [first["txnNumber"]] * len(
        commands
    )
    return first["readConcern"]["level"], last["writeConcern"], last.get("maxTimeMS")


class TestSent:
    """What the commands of a transaction carry."""

    def test_nothing_told(self, coins):
        """A snapshot, a majority, the deadline of the alias."""
        with record_commands() as commands, atomic():
            Coin.objects.create(name="dime")

        level, concern, milliseconds = sent(commands)
        assert (level, concern) == ("snapshot", {"w": "majority"})
        assert milliseconds > 4_000

    def test_context_manager(self, coins):
        """The first command has the read concern, the commit the rest."""
        with record_commands() as commands, atomic(**OPTIONS):
            Coin.objects.create(name="dime")
            Coin.objects.filter(name="dime").update(name="cent")

        level, concern, milliseconds = sent(commands)
        assert (level, concern) == ("majority", {"w": 1})
        assert 3_000 < milliseconds <= 4_000
        assert not {"readConcern", "writeConcern"} & commands[1].command.keys()

    @pytest.mark.parametrize("name", ["default", None])
    def test_decorator(self, coins, name):
        """Each call has them."""

        @atomic(using=name, **OPTIONS)
        def work():
            return Coin.objects.count()

        with record_commands() as commands:
            assert work() == 1

        assert sent(commands)[:2] == ("majority", {"w": 1})

    def test_called_with_the_function(self, coins):
        """As the bare decorator is."""
        with record_commands() as commands:
            assert atomic(Coin.objects.count, **OPTIONS)() == 1

        assert sent(commands)[:2] == ("majority", {"w": 1})

    def test_async_context_manager(self, coins):
        """The driver's other client is told the same."""

        async def work():
            with record_commands() as commands:
                async with atomic(**OPTIONS):
                    await Coin.objects.acreate(name="dime")
            return commands

        level, concern, milliseconds = sent(asyncio.run(work()))

        assert (level, concern) == ("majority", {"w": 1})
        assert 3_000 < milliseconds <= 4_000

    def test_async_decorator(self, coins):
        """Coroutine functions, too."""

        @atomic(**OPTIONS)
        async def work():
            return await Coin.objects.acount()

        async def call():
            with record_commands() as commands:
                assert await work() == 1
            return commands

        assert sent(asyncio.run(call()))[:2] == ("majority", {"w": 1})

    @pytest.mark.parametrize(
        ("given", "level"),
        [("local", "local"), (ReadConcern("local"), "local"), ("snapshot", "snapshot")],
    )
    def test_read_concerns(self, coins, given, level):
        """By name, or the driver's own."""
        with record_commands() as commands, atomic(read_concern=given):
            Coin.objects.count()

        assert sent(commands)[0] == level

    @pytest.mark.parametrize(
        ("given", "concern"),
        [
            ("majority", {"w": "majority"}),
            (1, {"w": 1}),
            ({"w": 1, "j": True}, {"w": 1, "j": True}),
            (WriteConcern(1), {"w": 1}),
        ],
        ids=str,
    )
    def test_write_concerns(self, coins, given, concern):
        """As in `Meta.write_concern`."""
        with record_commands() as commands, atomic(write_concern=given):
            Coin.objects.create(name="dime")

        assert sent(commands)[1] == concern

    @pytest.mark.parametrize("given", ["primary", ReadPreference.PRIMARY], ids=str)
    def test_read_preference(self, coins, given):
        """The only one that there is may be named."""
        with record_commands() as commands, atomic(read_preference=given):
            Coin.objects.create(name="dime")

        assert sent(commands)[0] == "snapshot"

    def test_a_commit_that_takes_longer(self, coins, fail):
        """It ends at its own time, and what became of it is unknown."""
        with pytest.raises(DeadlineExceeded) as excinfo, atomic(max_commit_time_ms=150) as session:
            Coin.objects.create(name="dime")
            name = session.session_id
            fail(1, failCommands=["commitTransaction"], blockConnection=True, blockTimeMS=600)

        # The server would keep what it did not commit for a minute.
        connections["default"].client.admin.command("killSessions", [name])
        assert excinfo.value.outcome_unknown


class TestMistakes:
    """They are refused before anything is sent."""

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"read_concern": "linearizable"}, ValueError,
             "atomic(read_concern): 'linearizable', expected a level. Choices are: local, "
             "majority, snapshot."),
            ({"read_concern": ReadConcern("available")}, ValueError,
             "atomic(read_concern): ReadConcern(available), expected a level. Choices are: "
             "local, majority, snapshot."),
            ({"read_concern": ["local"]}, ValueError,
             "atomic(read_concern): ['local'], expected a level. Choices are: local, majority, "
             "snapshot."),
            ({"write_concern": True}, ValueError,
             "atomic(write_concern): True, expected 'majority', a number of members, or a dict "
             "with w, j and wtimeout."),
            ({"write_concern": {"x": 1}}, ValueError,
             "atomic(write_concern): {'x': 1}, expected 'majority', a number of members, or a "
             "dict with w, j and wtimeout. WriteConcern.__init__() got an unexpected keyword "
             "argument 'x'."),
            ({"write_concern": 0}, ValueError,
             "atomic(write_concern): 0, expected one that is acknowledged: nobody would know "
             "whether the transaction was committed."),
            ({"read_preference": "secondary"}, NotSupportedError,
             "atomic(read_preference): 'secondary', expected 'primary': a transaction reads "
             "where it writes."),
            ({"read_preference": "first"}, ValueError,
             "atomic(read_preference): 'first', expected a mode or a read preference of the "
             "driver. Choices are: primary, primaryPreferred, secondary, secondaryPreferred, "
             "nearest."),
            ({"max_commit_time_ms": 0}, ValueError,
             "atomic(max_commit_time_ms): 0, expected milliseconds, 1 or more."),
            ({"max_commit_time_ms": True}, ValueError,
             "atomic(max_commit_time_ms): True, expected milliseconds, 1 or more."),
            ({"max_commit_time_ms": "5"}, ValueError,
             "atomic(max_commit_time_ms): '5', expected milliseconds, 1 or more."),
        ],
        ids=str,
    )  # fmt: skip
    def test_values(self, options, error, message):
        """Where `atomic` is called, which is where a decorator stands."""
        with pytest.raises(error) as excinfo:
            atomic(**options)

        assert str(excinfo.value) == message


class TestNested:
    """An inner block joins; what it says must hold already."""

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"read_concern": "snapshot"},
             "atomic(read_concern) on 'default': 'snapshot' inside of a block with 'majority'"),
            ({"write_concern": "majority"},
             "atomic(write_concern) on 'default': 'majority' inside of a block with 1"),
            ({"max_commit_time_ms": 1},
             "atomic(max_commit_time_ms) on 'default': 1 inside of a block with 4000"),
        ],
        ids=str,
    )  # fmt: skip
    def test_others(self, coins, options, message):
        """Others are an error, after which the outer block goes on."""
        with record_commands() as commands, atomic(**OPTIONS):
            with pytest.raises(ValueError) as excinfo, atomic(**options):
                Coin.objects.create(name="never")
            Coin.objects.create(name="dime")

        assert str(excinfo.value) == (
            f"{message}, expected the same or nothing: a nested block joins the transaction of "
            f"the outer one."
        )
        assert [item.name for item in commands] == ["insert", "commitTransaction"]
        assert Coin.objects.count() == 2

    @pytest.mark.parametrize("options", [{}, OPTIONS, {"write_concern": 1}], ids=str)
    def test_the_same(self, coins, options):
        """The same ones, and none, are fine."""
        with atomic(**OPTIONS), atomic(**options):
            Coin.objects.create(name="dime")

        assert Coin.objects.count() == 2

    def test_of_the_default(self, coins):
        """What the outer block has by itself may be named."""
        with atomic(), atomic(read_concern="snapshot", write_concern="majority"):
            Coin.objects.create(name="dime")

        assert Coin.objects.count() == 2

    def test_other_aliases(self, coins):
        """A block on another alias is none inside of it."""
        with atomic(read_concern="majority"), atomic("slow", read_concern="local"):
            assert Coin.objects.using("slow").count() == 1


class TestQuerysets:
    """The concern of a queryset inside of a transaction."""

    def test_the_same(self, coins):
        """What the transaction reads with anyway may be named."""
        with atomic(read_concern="majority"):
            assert Coin.objects.read_concern("majority").count() == 1

    def test_another(self, coins):
        """Another one would have no effect."""
        with atomic(read_concern="majority"), pytest.raises(NotSupportedError) as excinfo:
            Coin.objects.read_concern("snapshot").count()

        assert str(excinfo.value) == (
            "Coin: read_concern('snapshot') inside atomic(), expected none or 'majority': a "
            "transaction reads from the primary, with the concern that atomic() was given."
        )

    def test_in_a_session(self, coins):
        """A session without a transaction takes any."""
        with record_commands() as commands, session():
            tuned = Coin.objects.read_concern("majority").read_preference("primaryPreferred")
            assert tuned.count() == 1

        assert commands[0].command["readConcern"]["level"] == "majority"
