"""Operators of `update()`, as `ops.Push("x")`, and operations of `bulk_write()`."""

from docmodels.query.operations import (
    DeleteMany,
    DeleteOne,
    InsertOne,
    ReplaceOne,
    UpdateMany,
    UpdateOne,
)
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
    "DeleteMany",
    "DeleteOne",
    "Inc",
    "InsertOne",
    "Max",
    "Min",
    "Mul",
    "Pipeline",
    "Pop",
    "Pull",
    "PullAll",
    "Push",
    "Rename",
    "ReplaceOne",
    "Set",
    "SetOnInsert",
    "Unset",
    "UpdateMany",
    "UpdateOne",
]
