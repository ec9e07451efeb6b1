"""The queryset class, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from docmodels.queryset.aggregation import AggregationMixin
from docmodels.queryset.bulk import BulkMixin
from docmodels.queryset.combining import CombiningMixin
from docmodels.queryset.modifying import FindAndModifyMixin
from docmodels.queryset.paging import PagingMixin
from docmodels.queryset.planning import PlanningMixin
from docmodels.queryset.reads import ReadsMixin
from docmodels.queryset.relations import RelationsMixin
from docmodels.queryset.searching import SearchMixin
from docmodels.queryset.shaping import ShapingMixin
from docmodels.queryset.stages import StagesMixin
from docmodels.queryset.tuning import TuningMixin
from docmodels.queryset.watching import WatchMixin
from docmodels.queryset.writes import WritesMixin

if TYPE_CHECKING:
    from docmodels.queryset.manager import CustomManager

D = TypeVar("D")


class QuerySet(
    ShapingMixin[D],
    RelationsMixin[D],
    StagesMixin[D],
    TuningMixin[D],
    ReadsMixin[D],
    WritesMixin[D],
    FindAndModifyMixin[D],
    BulkMixin[D],
    AggregationMixin[D],
    CombiningMixin[D],
    PagingMixin[D],
    SearchMixin[D],
    PlanningMixin[D],
    WatchMixin[D],
):
    """
    A lazy result: documents of one class, narrowed, ordered and cut.

    Each method that narrows returns a new queryset; nothing is sent before
    the result is iterated, counted, indexed or printed.
    """

    if TYPE_CHECKING:

        @classmethod
        def as_manager(cls) -> CustomManager[D, Self]: ...
