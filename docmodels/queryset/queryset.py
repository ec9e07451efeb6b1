"""The queryset class, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from docmodels.queryset.asynchronous import AsyncMixin
from docmodels.queryset.combining import CombiningMixin
from docmodels.queryset.dates import DatesMixin
from docmodels.queryset.relations import RelationsMixin
from docmodels.queryset.searching import SearchMixin
from docmodels.queryset.shaping import ShapingMixin
from docmodels.queryset.stages import StagesMixin
from docmodels.queryset.tuning import TuningMixin

if TYPE_CHECKING:
    from docmodels.queryset.manager import CustomManager

D = TypeVar("D")


class QuerySet(
    ShapingMixin[D],
    RelationsMixin[D],
    StagesMixin[D],
    TuningMixin[D],
    AsyncMixin[D],
    CombiningMixin[D],
    DatesMixin[D],
    SearchMixin[D],
):
    """
    A lazy result: documents of one class, narrowed, ordered and cut.

    Each method that narrows returns a new queryset; nothing is sent before
    the result is iterated, counted, indexed or printed.
    """

    if TYPE_CHECKING:

        @classmethod
        def as_manager(cls) -> CustomManager[D, Self]: ...
