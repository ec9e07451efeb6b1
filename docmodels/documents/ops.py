"""Update operators, as `ops.Push("x")` in `update()`."""

from docmodels.query.updates import (
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

__all__ = [
    "AddToSet",
    "Bit",
    "CurrentDate",
    "Inc",
    "Max",
    "Min",
    "Mul",
    "Pop",
    "Pull",
    "PullAll",
    "Push",
    "Rename",
    "Set",
    "SetOnInsert",
    "Unset",
]
