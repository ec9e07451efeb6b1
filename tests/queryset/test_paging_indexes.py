"""Keyset paging: every page is found through the index, whatever narrows the list."""

import pytest
from bson import ObjectId

from docmodels.queryset.keyset import join_page
from docmodels.queryset.paging import _write_token
from tests.queryset.models import Event


def store(events, rows):
    """Store events of a kind and a rank, with their number as the key."""
    events.insert_many(
        {"_id": ObjectId(f"{number:024x}"), "kind": kind, "rank": rank}
        for number, (kind, rank) in enumerate(rows)
    )


class TestIndex:
    """A page is found through the index, at any depth."""

    @pytest.mark.parametrize("way", ["", "-"])
    @pytest.mark.parametrize("back", [False, True])
    def test_keys_examined(self, mongo, events, way, back):
        """Neither documents nor keys are examined beyond the page, but for the odd one."""
        events.drop_indexes()
        events.create_index([("rank", 1), ("_id", 1)])
        store(events, [(None, n) for n in range(2000)])
        queryset = Event.objects.order_by(f"{way}rank")
        stored = {"rank": 1000, "_id": ObjectId(f"{1000:024x}")}
        token = _write_token([stored["rank"], stored["_id"]], queryset._mark())

        clone = queryset._page_query(token, back=back, size=25)
        stats = clone.explain("executionStats")["executionStats"]

        assert stats["nReturned"] == 26
        assert stats["totalDocsExamined"] <= 30
        assert stats["totalKeysExamined"] <= 40

    @pytest.mark.parametrize("back", [False, True])
    @pytest.mark.parametrize(
        "narrow",
        [
            lambda queryset: queryset.filter(kind="x"),
            lambda queryset: queryset.filter(kind__in=["x", "z"]),
            lambda queryset: queryset.filter(kind__in=["x", "y"], rank__gte=5),
            lambda queryset: queryset.order_by("-rank").filter(kind="y"),
        ],
        ids=["equal", "in", "in-and-range", "downwards"],
    )
    def test_filtered(self, mongo, events, narrow, back):
        """So it is in a filtered list that has an index for its conditions and its order."""
        events.drop_indexes()
        events.create_index([("kind", 1), ("rank", 1), ("_id", 1)])
        store(events, [("xy"[n % 2], n // 3) for n in range(3000)])
        queryset = narrow(Event.objects.all())
        stored = {"rank": 500, "_id": ObjectId(f"{1500:024x}")}
        token = _write_token([stored["rank"], stored["_id"]], queryset._mark())

        plan = queryset._page_query(token, back=back, size=25).plan()

        assert plan.returned == 26
        assert plan.documents_examined <= 4 * 26
        assert not plan.is_collscan

    def test_conditions_that_stay(self, events):
        """What a filter may have only once stays outside; so does what is long."""
        page = {"$or": [{"a": 1}, {"b": 2}]}

        assert join_page({"c": 3}, page) == {"$or": [{"c": 3, "a": 1}, {"c": 3, "b": 2}]}
        assert join_page({"c": {"$in": [3, 4]}, "d": 5}, {"$or": [{"a": 1}, {"b": 2}]}) == {
            "$or": [
                {"c": {"$in": [3]}, "d": 5, "a": 1},
                {"c": {"$in": [3]}, "d": 5, "b": 2},
                {"c": {"$in": [4]}, "d": 5, "a": 1},
                {"c": {"$in": [4]}, "d": 5, "b": 2},
            ]
        }
        assert join_page({}, page) == page
        assert join_page({"c": 3}, {"a": 1}) == {"c": 3, "a": 1}
        for condition in (
            {"$text": {"$search": "x"}},
            {"place": {"$near": [1, 2]}},
            {"c": {"$in": list(range(5000))}},
        ):
            assert join_page(condition, page) == {**condition, **page}
