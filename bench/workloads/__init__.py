"""What is measured: one class for each workload, on any system."""

from bench.workloads.base import Sizes, Target, Workload
from bench.workloads.output import RestPage, ToJson
from bench.workloads.reads import (
    Get,
    Page,
    ReadAll,
    ReadAllTouchAll,
    ReadAllTouchScalars,
    ReadWithCustomers,
)
from bench.workloads.writes import ChangeOne, Insert, InsertMany

#: The workloads in the order of the report.
WORKLOADS: tuple[type[Workload], ...] = (
    ReadAll,
    ReadAllTouchScalars,
    ReadAllTouchAll,
    Get,
    Insert,
    InsertMany,
    ChangeOne,
    Page,
    ReadWithCustomers,
    ToJson,
    RestPage,
)

__all__ = ["WORKLOADS", "Sizes", "Target", "Workload"]
