"""Assertions on how a queryset is answered."""

import pytest

from docmodels import documents
from docmodels.documents import Count
from docmodels.registry import registry
from docmodels.testing import SimpleTestCase, sync_indexes


class Ticket(documents.Document):
    """Tickets, found by their number."""

    number = documents.CharField(max_length=20)
    place = documents.CharField(max_length=20)

    class Meta:
        app_label = "testing"
        indexes = [documents.Index(fields=["number"], name="by_number")]


@pytest.fixture
def tickets(mongo):
    """Store two tickets, with the indexes that they declare."""
    sync_indexes(Ticket)
    for number in ("1", "2"):
        Ticket.objects.create(number=number, place="x")
    return Ticket.objects


class TestUsesIndex:
    """`assert_uses_index`."""

    def test_passes(self, tickets, assert_uses_index):
        """The index is used."""
        assert_uses_index(tickets.filter(number="1"), "by_number")
        assert_uses_index(tickets.filter(number="1").values("place").distinct(), "by_number")
        assert_uses_index(tickets.order_by("pk"), "_id_")

    def test_any_index(self, tickets, assert_uses_index):
        """Without a name it is enough that there is one."""
        assert_uses_index(tickets.filter(number="1"))
        assert_uses_index(tickets.filter(pk="0" * 24))

        with pytest.raises(AssertionError, match=r"^No index is used\.\nQuery: "):
            assert_uses_index(tickets.filter(place="x"))

    def test_fails(self, tickets, assert_uses_index):
        """The failure shows the query, the plan, and what would serve."""
        with pytest.raises(AssertionError) as caught:
            assert_uses_index(tickets.filter(place="x"), "by_number")

        first, query, plan, indexes, serves = str(caught.value).splitlines()
        assert first == "The index 'by_number' is not used."
        assert query == "Query: db.testing_ticket.find({'place': 'x'})"
        assert plan.startswith("Plan: COLLSCAN, 0 keys and 2 documents examined, 2 returned, ")
        assert indexes == "Indexes: _id_, by_number"
        assert serves == 'Would serve: documents.Index(fields=["place"])'

    def test_other_index(self, tickets, assert_uses_index):
        """Another index than the named one is a failure as well."""
        with pytest.raises(AssertionError) as caught:
            assert_uses_index(tickets.filter(number="1"), "by_place")

        assert str(caught.value).startswith("The index 'by_place' is not used.\n")

    def test_and_a_scan(self, tickets, mongo, assert_uses_index):
        """An index does not excuse that something else is read whole."""
        mongo.collection("testing_other").insert_one({"x": 1})
        stages = [{"$unionWith": "testing_other"}]

        class Both:
            """A queryset with another collection behind it."""

            query, model, db = tickets.filter(number="1").query, Ticket, "default"

            def plan(self):
                """Return the plan of both."""
                command = {"aggregate": "testing_ticket", "cursor": {}}
                command["pipeline"] = [{"$match": {"number": "1"}}, *stages]
                found = mongo.database.command({"explain": command, "verbosity": "executionStats"})
                return type(tickets.plan())(found)

        with pytest.raises(AssertionError) as caught:
            assert_uses_index(Both(), "by_number")

        assert str(caught.value).startswith(
            "The index 'by_number' is used, but a whole collection is read as well.\n"
        )

    def test_no_collection(self, mongo, assert_uses_index):
        """A collection that is not there is named as the reason."""
        mongo.database.drop_collection("testing_ticket")

        with pytest.raises(AssertionError) as caught:
            assert_uses_index(Ticket.objects.filter(number="1"), "by_number")

        assert str(caught.value).splitlines()[-1] == (
            "The collection 'testing_ticket' is not there. Store a document, or call "
            "sync_indexes(Ticket)."
        )


class TestNoCollscan:
    """`assert_no_collscan`."""

    def test_passes(self, tickets, assert_no_collscan):
        """Through an index, or nothing at all."""
        assert_no_collscan(tickets.filter(number="1"))
        assert_no_collscan(tickets.none())

    def test_fails(self, tickets, assert_no_collscan):
        """The failure shows the plan."""
        with pytest.raises(AssertionError) as caught:
            assert_no_collscan(tickets.order_by("place"))

        lines = str(caught.value).splitlines()
        assert lines[0] == "A whole collection is read."
        assert lines[1] == "Query: db.testing_ticket.find({}).sort({'place': 1})"
        assert lines[-1] == 'Would serve: documents.Index(fields=["place"])'


class TestPipeline:
    """`assert_pipeline`."""

    def test_passes(self, assert_pipeline):
        """The stages of a group, and those that say the same as a find."""
        assert_pipeline(
            Ticket.objects.filter(place="x").order_by("-number")[:5],
            [{"$match": {"place": "x"}}, {"$sort": {"number": -1}}, {"$limit": 5}],
        )

    def test_fails(self, assert_pipeline):
        """The failure shows both, line by line."""
        with pytest.raises(AssertionError) as caught:
            assert_pipeline(Ticket.objects.filter(place="x"), [{"$match": {"place": "y"}}])

        lines = str(caught.value).splitlines()
        assert lines[0] == "Other stages (- expected, + found):"
        assert "- [{'$match': {'place': 'y'}}]" in lines
        assert "+ [{'$match': {'place': 'x'}}]" in lines

    def test_order_of_keys(self, assert_pipeline):
        """A sort by other keys first is another sort."""
        queryset = Ticket.objects.order_by("place", "number")

        with pytest.raises(AssertionError):
            assert_pipeline(queryset, [{"$sort": {"number": 1, "place": 1}}])


class TestMixin(SimpleTestCase):
    """The same as methods of a test case."""

    def test_assertions(self):
        """Each has the name that Django would give it."""
        sync_indexes(Ticket)
        Ticket.objects.create(number="1", place="x")
        found = Ticket.objects.filter(number="1")

        self.assertUsesIndex(found, "by_number")
        self.assertNoCollscan(found)
        self.assertPipeline(found, [{"$match": {"number": "1"}}])
        with pytest.raises(AssertionError):
            self.assertNoCollscan(Ticket.objects.values("place").annotate(n=Count("pk")))


class TestIndexes:
    """`sync_indexes`."""

    def test_all(self, mongo, monkeypatch):
        """Without names those of all declared documents are made."""
        mongo.database.drop_collection("testing_ticket")
        monkeypatch.setattr(registry, "_documents", {"testing.ticket": Ticket})

        sync_indexes()

        assert "by_number" in mongo.collection("testing_ticket").index_information()
