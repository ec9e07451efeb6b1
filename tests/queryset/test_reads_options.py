"""Options of a query: which command takes which, and what they do."""

import gc
import pickle

import pytest
from pymongo import ReadPreference
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern

from docmodels import transaction
from docmodels.connections import connections
from docmodels.documents import Count
from docmodels.exceptions import NotSupportedError, OperationFailed
from docmodels.queryset.options import COMMANDS
from docmodels.testing import record_commands
from tests.queryset.models import Author, Event


@pytest.fixture
def ranked(events):
    """Store events of rank 1 to 9."""
    events.insert_many([{"rank": n, "kind": n % 3} for n in range(1, 10)])
    return Event.objects.order_by()


#: What reads, with the command it sends and what that takes.
READS = {
    "list": ("find", lambda queryset: list(queryset)),
    "slice": ("find", lambda queryset: list(queryset[:3])),
    "get": ("find", lambda queryset: queryset.filter(rank=1).get()),
    "first": ("find", lambda queryset: queryset.first()),
    "last": ("find", lambda queryset: queryset.last()),
    "latest": ("find", lambda queryset: queryset.latest("rank")),
    "iterator": ("find", lambda queryset: list(queryset.iterator())),
    "raw": ("find", lambda queryset: list(queryset.raw())),
    "lazy": ("find", lambda queryset: list(queryset.lazy())),
    "values": ("find", lambda queryset: list(queryset.values("rank"))),
    "page": ("find", lambda queryset: queryset.page(size=2)),
    "in_bulk": ("find", lambda queryset: queryset.in_bulk()),
    "annotate": ("aggregate", lambda queryset: list(queryset.annotate(n=Count("kind")))),
    "group": ("aggregate", lambda queryset: list(queryset.values("kind").annotate(Count("pk")))),
    "aggregate": ("aggregate", lambda queryset: queryset.aggregate(n=Count("pk"))),
    "pipeline": ("aggregate", lambda queryset: list(queryset.pipeline([{"$match": {}}]))),
    "union": ("aggregate", lambda queryset: list(queryset.union(queryset))),
    "sample": ("aggregate", lambda queryset: list(queryset.sample(2))),
    "count": ("count", lambda queryset: queryset.count()),
    "count_up_to": ("count", lambda queryset: queryset.count_up_to(3)),
    "exists": ("count", lambda queryset: queryset.exists()),
    "contains": ("count", lambda queryset: queryset.contains(Event(pk="65" * 12))),
    "distinct": ("distinct", lambda queryset: queryset.distinct("rank")),
    "estimated_count": ("estimate", lambda queryset: queryset.estimated_count()),
}

#: Each option as it is called, with the key of the command that tells of it and its value there.
OPTIONS = {
    "hint": (lambda q: q.hint([("_id", 1)]), "hint", {"_id": 1}),
    "comment": (lambda q: q.comment("why"), "comment", "why"),
    "collation": (lambda q: q.collation("de"), "collation", {"locale": "de"}),
    "batch_size": (lambda q: q.batch_size(4), "batchSize", 4),
    "allow_disk_use": (lambda q: q.allow_disk_use(False), "allowDiskUse", False),
}


class TestTable:
    """Every option at every command."""

    @pytest.mark.parametrize("read", READS)
    @pytest.mark.parametrize("option", OPTIONS)
    def test_sent(self, ranked, read, option):
        """An option is in the command where the command takes it, and nowhere else."""
        command, run = READS[read]
        set_option, key, value = OPTIONS[option]
        if (option, command) == ("hint", "distinct"):
            with record_commands() as commands, pytest.raises(OperationFailed):
                run(set_option(ranked))
        else:
            with record_commands() as commands:
                run(set_option(ranked))

        sent = commands[0].command
        if option == "batch_size" and (command == "aggregate" or read == "iterator"):
            # The driver asks for the first batch of an undecoded aggregation by itself.
            assert sent.get(key, sent.get("cursor", {}).get(key)) in {value, 0}
        elif option in COMMANDS[command]:
            assert sent[key] == value
        else:
            assert sent.get(key, None) is None

    @pytest.mark.parametrize("read", READS)
    def test_read_concern(self, ranked, read):
        """The concern goes with each command."""
        _command, run = READS[read]

        with record_commands() as commands:
            run(ranked.read_concern("majority"))

        assert commands[0].command["readConcern"]["level"] == "majority"

    @pytest.mark.parametrize("read", READS)
    def test_read_preference(self, ranked, read, monkeypatch):
        """The preference goes with each command, to the collection that is read."""
        _command, run = READS[read]
        seen = []
        collection = type(connections["default"].collection("x"))
        original = collection.with_options

        def note(self, **options):
            seen.append(options.get("read_preference"))
            return original(self, **options)

        monkeypatch.setattr(collection, "with_options", note)

        run(ranked.read_preference("secondaryPreferred"))

        assert ReadPreference.SECONDARY_PREFERRED in seen


class TestValues:
    """What the options take."""

    @pytest.mark.parametrize(
        "given",
        ["primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest",
         ReadPreference.NEAREST],
        ids=str,
    )  # fmt: skip
    def test_read_preferences(self, given):
        """Names as in a connection string, and the driver's own."""
        queryset = Event.objects.read_preference(given)

        mode = given if isinstance(given, str) else "nearest"
        assert queryset.query.options["read_preference"].mongos_mode == mode

    def test_read_concerns(self):
        """Levels, and the driver's own."""
        given = ReadConcern("majority")

        assert Event.objects.read_concern(given).query.options["read_concern"] is given
        assert Event.objects.read_concern("local").query.options["read_concern"].level == "local"

    @pytest.mark.parametrize(
        ("make", "error", "message"),
        [
            (lambda: Event.objects.read_preference("nowhere"), ValueError,
             "Event.read_preference(): 'nowhere', expected a mode or a read preference of the "
             "driver. "
             "Choices are: primary, primaryPreferred, secondary, secondaryPreferred, nearest."),
            (lambda: Event.objects.read_concern(3), ValueError,
             "Event.read_concern(): 3, expected a level. Choices are: local, available, majority, "
             "linearizable, snapshot."),
            (lambda: Event.objects.batch_size(0), ValueError,
             "Event.batch_size(): 0, expected 1 or more."),
            (lambda: Event.objects.hint(3), TypeError,
             "Event.hint(): 3, expected the name of an index, or a list of pairs of a stored key "
             "and 1 "
             "or -1."),
            (lambda: Event.objects.count_up_to(-1), ValueError,
             "Event.count_up_to(): -1, expected 0 or more."),
            (lambda: Event.objects.all()[:2].in_bulk(), TypeError,
             "Event: Cannot use 'limit' or 'offset' with in_bulk()."),
            (lambda: Event.objects.values("rank").in_bulk(), TypeError,
             "Event.in_bulk() cannot be used with values() or values_list()."),
            (lambda: Event.objects.contains(Event()), ValueError,
             "Event: QuerySet.contains() cannot be used on unsaved objects."),
            (lambda: Event.objects.values("rank").contains(Event()), TypeError,
             "Event: Cannot call QuerySet.contains() after .values() or .values_list()."),
        ],
        ids=["preference", "concern", "batch", "hint", "count", "bulk", "bulk-values", "contains",
             "contains-values"],
    )  # fmt: skip
    def test_mistakes(self, make, error, message):
        """Whatever the server would refuse later is refused at once."""
        with pytest.raises(error) as caught:
            make()

        assert str(caught.value) == message

    def test_copies(self, ranked):
        """Options are those of a copy, and survive pickling."""
        tuned = ranked.read_preference("nearest").read_concern("local").comment("why")

        assert "comment" not in ranked.all().query.options
        again = pickle.loads(pickle.dumps(tuned))
        assert again.all().count() == 9
        assert again.query.options == tuned.query.options

    def test_read_only_alias(self, ranked):
        """A collection with options of its own is still one that refuses writes."""
        slow = Event.objects.using("slow").read_preference("nearest").read_concern("local")

        assert slow.count() == 9
        assert len(slow) == 9


class TestTransactions:
    """Inside `atomic()` one snapshot of the primary is read."""

    @pytest.mark.parametrize(
        ("tune", "said", "expected"),
        [
            (lambda q: q.read_concern("majority"), "read_concern('majority')", "'snapshot'"),
            (lambda q: q.read_preference("secondary"), "read_preference('secondary')", "'primary'"),
        ],
        ids=["concern", "preference"],
    )
    @pytest.mark.parametrize("read", ["list", "count", "distinct", "group"])
    def test_refused(self, ranked, tune, said, expected, read):
        """What would have no effect is told."""
        _command, run = READS[read]

        with transaction.atomic(), pytest.raises(NotSupportedError) as caught:
            run(tune(ranked))

        assert str(caught.value) == (
            f"Event: {said} inside atomic(), expected none or {expected}: a transaction reads "
            f"from the primary, with the concern that atomic() was given."
        )

    def test_the_same(self, ranked):
        """Asking for what it is anyway is fine."""
        with transaction.atomic():
            assert ranked.read_concern("snapshot").read_preference("primary").count() == 9

    def test_other_alias(self, ranked):
        """A transaction of one alias is none of another."""
        with transaction.atomic():
            assert Author.objects.using("slow").read_concern("majority").count() == 0


class TestCounts:
    """Counts that look at no more than they must."""

    def test_bounded(self, ranked, events):
        """`count_up_to` is one limited count, on an index where there is one."""
        events.create_index("rank", name="rank")
        try:
            with record_commands() as commands:
                assert ranked.filter(rank__gt=2).count_up_to(3) == 4
            pipeline = commands[0].command["pipeline"]
            explained = events.database.command(
                "explain",
                {"aggregate": events.name, "pipeline": pipeline, "cursor": {}},
                verbosity="executionStats",
            )
        finally:
            events.drop_index("rank")

        assert pipeline == [
            {"$match": {"rank": {"$gt": 2}}},
            {"$limit": 4},
            {"$group": {"_id": 1, "n": {"$sum": 1}}},
        ]
        stats = (
            explained.get("executionStats") or explained["stages"][0]["$cursor"]["executionStats"]
        )
        assert stats["totalKeysExamined"] <= 5
        assert stats["totalDocsExamined"] == 0

    def test_no_sort(self, ranked):
        """Nothing is sorted to be counted."""
        with record_commands() as commands:
            ranked.order_by("-rank").values("kind").annotate(n=Count("pk")).order_by("n").count()
            ranked.order_by("-rank").count()

        assert not any("$sort" in str(sent.command.get("pipeline")) for sent in commands)

    def test_cached(self, ranked, assert_num_commands):
        """A result that is there is not counted again."""
        queryset = ranked.all()
        len(queryset)

        with assert_num_commands(0):
            assert (queryset.count(), queryset.count_up_to(3), queryset.count_up_to(9)) == (9, 4, 9)
            assert queryset.exists()


class Killed(CommandListener):
    """Note the cursors that are closed on the server."""

    def __init__(self):
        self.cursors = []

    def started(self, event):
        """Note."""
        if event.command_name == "killCursors":
            self.cursors += event.command["cursors"]

    def succeeded(self, event):
        """Ignore the answer."""

    def failed(self, event):
        """Ignore the failure."""


class TestAbandoned:
    """Whoever stops reading leaves no cursor open on the server."""

    @pytest.mark.parametrize("leave", ["close", "break", "error", "delete"])
    @pytest.mark.parametrize(
        "read",
        [
            lambda queryset: queryset.iterator(batch_size=2),
            lambda queryset: queryset.lazy().iterator(2),
            lambda queryset: queryset.batch_size(2).raw(),
            lambda queryset: queryset.batch_size(2).pipeline([{"$match": {}}]),
            lambda queryset: queryset.values_list("rank").iterator(chunk_size=2),
            lambda queryset: queryset.annotate(n=Count("kind")).iterator(2),
        ],
        ids=["iterator", "lazy", "raw", "pipeline", "rows", "annotate"],
    )
    def test_closed(self, ranked, mongo, leave, read):
        """However it is left."""
        killed = Killed()
        mongo.attach(killed)
        try:
            rows = read(ranked)
            next(rows)
            if leave == "close":
                rows.close()
            elif leave == "break":
                for _row in rows:
                    break
            elif leave == "error":
                with pytest.raises(TypeError):
                    sum(rows)
            del rows
            gc.collect()
        finally:
            mongo.detach(killed)

        assert len(killed.cursors) == 1
