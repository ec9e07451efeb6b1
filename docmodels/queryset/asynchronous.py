"""The asynchronous twin of each call that reaches the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeVar

from docmodels.connections.bridging import arun
from docmodels.connections.rows import AsyncRows
from docmodels.connections.twins import lasting_twin, rows_twin, twin
from docmodels.connections.watching import AsyncWatch
from docmodels.queryset.aggregation import AggregationMixin
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.bulk import BulkMixin
from docmodels.queryset.modifying import FindAndModifyMixin
from docmodels.queryset.paging import PagingMixin
from docmodels.queryset.planning import PlanningMixin
from docmodels.queryset.reads import ReadsMixin
from docmodels.queryset.updating import UpdatingMixin
from docmodels.queryset.watching import WatchMixin
from docmodels.queryset.writes import WritesMixin

D = TypeVar("D")


class AsyncMixin(
    ReadsMixin[D],
    WritesMixin[D],
    FindAndModifyMixin[D],
    BulkMixin[D],
    AggregationMixin[D],
    PagingMixin[D],
    PlanningMixin[D],
    WatchMixin[D],
):
    """`async for`, `aget`, `acreate`, `aupdate` …"""

    def __aiter__(self) -> AsyncIterator[D]:
        return self._each()

    async def _each(self) -> AsyncIterator[D]:
        for found in await arun(self._fetch_all):
            yield found

    # Reads

    aiterator = rows_twin(BaseQuerySet[D].iterator)
    aget = twin(ReadsMixin[D].get)
    afirst = twin(ReadsMixin[D].first)
    alast = twin(ReadsMixin[D].last)
    aearliest = twin(ReadsMixin[D].earliest)
    alatest = twin(ReadsMixin[D].latest)
    acount = twin(ReadsMixin[D].count)
    acount_up_to = twin(ReadsMixin[D].count_up_to)
    aestimated_count = twin(ReadsMixin[D].estimated_count)
    aexists = twin(ReadsMixin[D].exists)
    acontains = twin(ReadsMixin[D].contains)
    ain_bulk = twin(ReadsMixin[D].in_bulk)
    araw = rows_twin(ReadsMixin[D].raw)
    apage = twin(PagingMixin[D].page)
    apage_beside = twin(PagingMixin[D].page_beside)
    aaggregate = twin(AggregationMixin[D].aggregate)
    afacet = twin(AggregationMixin[D].facet)
    aplan = twin(PlanningMixin[D].plan)
    aexplain = twin(PlanningMixin[D].explain)
    awatch = lasting_twin(WatchMixin[D].watch, AsyncWatch, gives="AsyncWatch")

    async def adistinct(self, path: str) -> list[Any]:
        """Return the distinct values at a path; of list elements, each one."""
        return await arun(self.distinct, path)

    def apipeline(self, stages: list[dict[str, Any]]) -> AsyncRows[dict[str, Any]]:
        """
        Run an aggregation pipeline on what the queryset matches; yield dicts.

        A stage that writes (`$out`, `$merge`) needs a writable alias. Nothing
        is sent before the rows are awaited, or the first one.
        """
        return AsyncRows(lambda: self.pipeline(stages))

    # Writes

    acreate = twin(WritesMixin[D].create)
    aget_or_create = twin(WritesMixin[D].get_or_create)
    aupdate_or_create = twin(WritesMixin[D].update_or_create)
    aupdate = twin(UpdatingMixin[D].update)
    aupdate_one = twin(UpdatingMixin[D].update_one)
    aupsert = twin(UpdatingMixin[D].upsert)
    adelete = twin(WritesMixin[D].delete)
    adelete_one = twin(FindAndModifyMixin[D].delete_one)
    afind_one_and_update = twin(FindAndModifyMixin[D].find_one_and_update)
    afind_one_and_replace = twin(FindAndModifyMixin[D].find_one_and_replace)
    afind_one_and_delete = twin(FindAndModifyMixin[D].find_one_and_delete)
    abulk_create = twin(WritesMixin[D].bulk_create)
    abulk_update = twin(BulkMixin[D].bulk_update)
    abulk_save = twin(BulkMixin[D].bulk_save)
    abulk_write = twin(BulkMixin[D].bulk_write)
    aout = twin(AggregationMixin[D].out)
    amerge = twin(AggregationMixin[D].merge)
