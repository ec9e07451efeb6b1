"""Update operators, as `ops.Push("x")` in `update()`."""

from docmodels.query.operators import (
    AddToSet,
    Bit,
    CurrentDate,
    Inc,
    Max,
    Min,
    Mul,
    Pop,
    Pull,
    PullAll,
    Push,
    Rename,
    Set,
    SetOnInsert,
    Unset,
)
from docmodels.query.updates import Pipeline

__all__ = [
    "AddToSet",
    "Bit",
    "CurrentDate",
    "Inc",
    "Max",
    "Min",
    "Mul",
    "Pipeline",
    "Pop",
    "Pull",
    "PullAll",
    "Push",
    "Rename",
    "Set",
    "SetOnInsert",
    "Unset",
]
