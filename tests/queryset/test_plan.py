"""`explain()`, `plan()`, and the index that a plan suggests."""

import pytest

from docmodels import documents
from docmodels.documents import Count, Q
from docmodels.query.plans import Plan
from docmodels.query.suggestions import suggest_index
from docmodels.testing import record_commands
from tests.queryset.models import Author, Book, Event


@pytest.fixture
def plans(mongo):
    """Store events and give them indexes; give their manager."""
    collection = mongo.collection(Event._meta.collection)
    collection.drop_indexes()
    collection.insert_many([{"rank": n, "kind": n % 5} for n in range(60)])
    collection.create_index([("kind", 1), ("rank", 1)], name="kind_rank")
    yield Event.objects.order_by()
    collection.drop_indexes()


class TestPlan:
    """What the server does, in words that are the same for all queries."""

    def test_index(self, plans):
        """Found through an index, and no more examined than found."""
        plan = plans.filter(kind=2).order_by("rank").plan()

        assert (plan.stage, plan.index, plan.indexes) == ("IXSCAN", "kind_rank", ("kind_rank",))
        assert (plan.keys_examined, plan.documents_examined, plan.returned) == (12, 12, 12)
        assert (plan.is_collscan, plan.sorts_in_memory, plan.specificity) == (False, False, 1.0)
        assert plan.milliseconds >= 0
        assert plan.suggestion is None
        assert str(plan).startswith(
            "IXSCAN kind_rank, 12 keys and 12 documents examined, 12 returned, "
        )
        assert str(plan) in repr(plan)
        assert plan.raw["ok"] == 1

    def test_whole_collection(self, plans):
        """Without an index, with the sort and with what would help."""
        plan = plans.filter(rank=2).order_by("-at").plan()

        assert (plan.stage, plan.index, plan.is_collscan) == ("COLLSCAN", None, True)
        assert (plan.documents_examined, plan.returned) == (60, 1)
        assert plan.sorts_in_memory
        assert plan.specificity == pytest.approx(1 / 60)
        assert plan.suggestion == 'documents.Index(fields=["rank", "-at"])'
        assert "COLLSCAN, 0 keys and 60 documents examined, 1 returned, sorted in memory, " in str(
            plan
        )

    def test_only_planned(self, plans):
        """Without running the query there are no numbers."""
        plan = plans.filter(kind=1).plan(execute=False)

        assert str(plan) == "IXSCAN kind_rank"
        assert (plan.returned, plan.keys_examined, plan.milliseconds) == (None, None, None)
        assert plan.specificity is None

    def test_key(self, plans):
        """By the key, which is an index as well."""
        plan = plans.filter(pk=plans.first().pk).plan()

        assert (plan.stage, plan.index, plan.returned) == ("IDHACK", "_id_", 1)

    def test_several_indexes(self, plans, events):
        """An alternative may use an index for each branch."""
        events.create_index("at", name="at")

        plan = plans.filter(Q(kind=1) | Q(at=None)).plan()

        assert set(plan.indexes) == {"kind_rank", "at"}

    def test_nothing(self, mongo, assert_num_commands):
        """A collection that is not there, and a queryset that asks nobody."""
        mongo.database.drop_collection(Author._meta.collection)

        assert Author.objects.plan().stage == "EOF"
        with assert_num_commands(0):
            plan = Author.objects.none().plan()
        assert (plan.stage, plan.returned, plan.specificity) == ("EOF", 0, None)

    def test_aggregation(self, plans):
        """Groups: what was examined, whatever engine ran it."""
        plan = plans.filter(kind=2).values("rank").annotate(n=Count("pk")).order_by("-n").plan()

        assert plan.index == "kind_rank"
        assert (plan.keys_examined, plan.returned) == (12, 12)
        assert plan.sorts_in_memory

    @pytest.mark.parametrize("framework", ["forceClassicEngine", "trySbeEngine"])
    def test_both_engines(self, plans, mongo, framework):
        """The classic engine and the one of slots say it differently."""
        admin = mongo.client.admin
        name = "internalQueryForceClassicEngine"
        before = admin.command({"getParameter": 1, name: 1})[name]
        admin.command({"setParameter": 1, name: framework == "forceClassicEngine"})
        try:
            found = plans.filter(kind=2).order_by("rank").plan()
            groups = plans.values("kind").annotate(n=Count("pk")).plan()
        finally:
            admin.command({"setParameter": 1, name: before})

        assert (found.index, found.returned, found.sorts_in_memory) == ("kind_rank", 12, False)
        assert (groups.is_collscan, groups.returned) == (True, 5)

    def test_options(self, plans):
        """What the query demands is in its plan."""
        with record_commands() as commands:
            plan = plans.filter(rank=3).hint("kind_rank").comment("why").plan()

        assert plan.index == "kind_rank"
        assert commands[0].command["explain"]["hint"] == "kind_rank"
        assert commands[0].command["comment"] == "why"

    def test_explain(self, plans):
        """The server's own words."""
        assert plans.filter(rank=1).explain()["queryPlanner"]["namespace"].endswith("shelf_event")
        stats = plans.filter(rank=1)[:2].explain("executionStats")["executionStats"]
        assert stats["nReturned"] == 1
        assert plans.values("kind").distinct().explain()["ok"] == 1


INDEX_SCAN = {"stage": "FETCH", "inputStage": {"stage": "IXSCAN", "indexName": "a_1"}}
STATS = {"nReturned": 3, "totalKeysExamined": 4, "totalDocsExamined": 5, "executionTimeMillis": 6}


def find(winning, stats=STATS):
    """Give the `explain` of a find."""
    return {"queryPlanner": {"winningPlan": winning}, "executionStats": stats}


class TestForms:
    """The forms that servers give their plans."""

    @pytest.mark.parametrize(
        ("explained", "line"),
        [
            (find(INDEX_SCAN),
             "IXSCAN a_1, 4 keys and 5 documents examined, 3 returned, 6 ms"),
            (find({"queryPlan": INDEX_SCAN, "slotBasedPlan": {"stages": "…"}}),
             "IXSCAN a_1, 4 keys and 5 documents examined, 3 returned, 6 ms"),
            (find({"stage": "SUBPLAN", "inputStage": {"stage": "OR", "inputStages": [
                {"stage": "IXSCAN", "indexName": "a_1"},
                {"stage": "IXSCAN", "indexName": "b_1"}]}}),
             "IXSCAN a_1, b_1, 4 keys and 5 documents examined, 3 returned, 6 ms"),
            (find({"stage": "SORT_MERGE", "inputStages": [INDEX_SCAN, INDEX_SCAN]}),
             "IXSCAN a_1, 4 keys and 5 documents examined, 3 returned, 6 ms"),
            (find({"stage": "SINGLE_SHARD", "shards": [
                {"shardName": "s1", "winningPlan": {"stage": "SHARDING_FILTER",
                                                    "inputStage": INDEX_SCAN}}]}),
             "IXSCAN a_1, 4 keys and 5 documents examined, 3 returned, 6 ms"),
            (find({"stage": "SHARD_MERGE_SORT", "shards": [
                {"winningPlan": {"queryPlan": INDEX_SCAN, "slotBasedPlan": {}}},
                {"winningPlan": {"stage": "SORT", "inputStage": {"stage": "COLLSCAN"}}}]}),
             "COLLSCAN a_1, 4 keys and 5 documents examined, 3 returned, sorted in memory, 6 ms"),
            (find({"stage": "EQ_LOOKUP", "strategy": "IndexedLoopJoin", "indexName": "b_1",
                   "inputStage": INDEX_SCAN}),
             "IXSCAN a_1, b_1, 4 keys and 5 documents examined, 3 returned, 6 ms"),
            (find({"stage": "EQ_LOOKUP", "strategy": "HashJoin", "inputStage": INDEX_SCAN}),
             "COLLSCAN a_1, 4 keys and 5 documents examined, 3 returned, 6 ms"),
            (find({"stage": "EXPRESS_IXSCAN", "indexName": "_id_"}),
             "EXPRESS_IXSCAN _id_, 4 keys and 5 documents examined, 3 returned, 6 ms"),
            ({"stages": [{"$cursor": find(INDEX_SCAN), "nReturned": 3},
                         {"$group": {}, "nReturned": 2, "executionTimeMillisEstimate": 9}]},
             "IXSCAN a_1, 4 keys and 5 documents examined, 2 returned, 9 ms"),
            ({"stages": [{"$cursor": find(INDEX_SCAN), "nReturned": 3},
                         {"$unionWith": {"coll": "b", "pipeline": [
                             {"$cursor": find({"stage": "COLLSCAN"})}]}, "nReturned": 6},
                         {"$sort": {}, "nReturned": 6}]},
             "COLLSCAN a_1, 8 keys and 10 documents examined, 6 returned, sorted in memory, 6 ms"),
            ({"stages": [{"$geoNearCursor": find({"stage": "GEO_NEAR_2DSPHERE",
                                                  "indexName": "at_2dsphere"}), "nReturned": 3}]},
             "GEO_NEAR_2DSPHERE at_2dsphere, 4 keys and 5 documents examined, 3 returned, 6 ms"),
            ({"stages": [{"$cursor": find(INDEX_SCAN), "nReturned": 3},
                         {"$lookup": {}, "nReturned": 3, "collectionScans": 0,
                          "totalDocsExamined": 2, "totalKeysExamined": 2,
                          "indexesUsed": ["b_1"]},
                         {"$facet": {"x": [{"$sort": {}}]}, "nReturned": 1}]},
             "IXSCAN a_1, b_1, 6 keys and 7 documents examined, 1 returned, sorted in memory, "
             "6 ms"),
            ({"stages": [{"$cursor": find(INDEX_SCAN), "nReturned": 3},
                         {"$lookup": {}, "nReturned": 3, "collectionScans": 3,
                          "totalDocsExamined": 9, "totalKeysExamined": 0}]},
             "COLLSCAN a_1, 4 keys and 14 documents examined, 3 returned, 6 ms"),
            ({"shards": {"s1": find(INDEX_SCAN),
                         "s2": {"stages": [{"$cursor": find(INDEX_SCAN), "nReturned": 2}]}}},
             "IXSCAN a_1, 8 keys and 10 documents examined, 5 returned, 6 ms"),
            ({"queryPlanner": {"winningPlan": INDEX_SCAN}}, "IXSCAN a_1"),
            ({"stages": [{"$cursor": {"queryPlanner": {"winningPlan": INDEX_SCAN}}}]},
             "IXSCAN a_1"),
            ({"queryPlanner": {"winningPlan": {"stage": "EOF"}}}, "EOF"),
            ({}, "EOF"),
        ],
        ids=["classic", "slots", "or", "sort-merge", "one-shard", "shards", "join-index",
             "join-scan", "express", "group", "union", "near", "facet", "lookup-scan",
             "shards-aggregate", "planned", "planned-aggregate", "nothing", "empty"],
    )  # fmt: skip
    def test_form(self, explained, line):
        """Each is read to the same line."""
        assert str(Plan(explained)) == line


class Place(documents.Document):
    """What indexes of kinds of their own are for."""

    at = documents.PointField(blank=True)
    city = documents.CharField(max_length=20)

    class Meta:
        app_label = "shelf"
        collation = {"locale": "de"}


class TestSuggestion:
    """Equality, sort, range."""

    @pytest.mark.parametrize(
        ("queryset", "fields"),
        [
            (Book.objects.filter(pages__gt=3, title="a").order_by("-rating"),
             '["title", "-rating", "pages"]'),
            (Book.objects.filter(title__in=["a", "b"], pages__gte=1, pages__lt=9),
             '["title", "pages"]'),
            (Book.objects.filter(title__in=[str(n) for n in range(300)]).order_by("rating"),
             '["rating", "title"]'),
            (Book.objects.filter(title="a").order_by("title", "pk"), '["title", "id"]'),
            (Book.objects.filter(title__startswith="a", cover__color="red"),
             '["cover__color", "title"]'),
            (Book.objects.filter(title__isnull=True), '["title"]'),
            (Book.objects.filter(chapters__elemmatch=Q(title="a", pages__gt=3)),
             '["chapters__title", "chapters__pages"]'),
            (Book.objects.filter(tags__elemmatch=Q(gt="a", lt="b")), '["tags"]'),
            (Book.objects.filter(tags__0="x"), '["tags"]'),
            (Book.objects.filter(counts__red=3), '["counts__red"]'),
            (Book.objects.order_by("-pages", "title"), '["-pages", "title"]'),
            (Book.objects.filter(title="a").values("pages").annotate(n=Count("pk")).order_by("-n"),
             '["title"]'),
            (Place.objects.raw_filter({"at": {"$geoWithin": {}}}).filter(city="x"),
             '["at:2dsphere", "city"]'),
        ],
        ids=["esr", "in", "large-in", "same", "prefix", "null", "element", "scalar-element",
             "position", "map", "sort", "group", "geo"],
    )  # fmt: skip
    def test_fields(self, queryset, fields):
        """Paths of names, in the order of the rule."""
        plan = Plan(find({"stage": "COLLSCAN"}), suggestion_of(queryset))

        assert plan.suggestion == f"documents.Index(fields={fields})"

    def test_alternatives(self):
        """Each branch needs an index of its own; one without any spoils all."""
        both = Book.objects.filter(Q(title="a") | Q(pages=3))

        assert suggestion_of(both) == (
            'documents.Index(fields=["title"]), documents.Index(fields=["pages"])'
        )
        assert suggestion_of(both.filter(rating=2)) == 'documents.Index(fields=["rating"])'
        assert suggestion_of(Book.objects.raw_filter({"$or": [{"n": 1}, {"$expr": {}}]})) is None

    def test_none(self):
        """Nothing to suggest: everything is wanted, or found by the key."""
        assert suggestion_of(Book.objects.order_by()) is None
        assert suggestion_of(Book.objects.filter(pk__gt="650000000000000000000001")) is None

    def test_collation(self):
        """An index serves one collation only; that of the collection needs no word."""
        assert suggestion_of(Book.objects.filter(title="a").collation("de")) == (
            "documents.Index(fields=[\"title\"], collation={'locale': 'de'})"
        )
        assert suggestion_of(Place.objects.filter(city="a")) == 'documents.Index(fields=["city"])'

    def test_helps(self, plans, events):
        """What is suggested is used, and nothing is sorted any more."""
        queryset = plans.filter(kind__gt=1, rank__in=[3, 4]).order_by("-at")
        assert queryset.plan().suggestion == 'documents.Index(fields=["rank", "-at", "kind"])'

        events.create_index([("rank", 1), ("at", -1), ("kind", 1)], name="made")
        plan = queryset.plan()

        assert (plan.index, plan.sorts_in_memory, plan.suggestion) == ("made", False, None)


def suggestion_of(queryset):
    """Give what is suggested for a queryset, without a server."""
    return suggest_index(queryset.query)
