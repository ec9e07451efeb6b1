"""What stands for a computed value: paths, literals, functions, aggregates."""

from docmodels.query.expressions.aggregates import (
    Aggregate,
    Avg,
    Count,
    Max,
    Min,
    Sum,
    check_aggregate,
    count_lists,
    reference,
)
from docmodels.query.expressions.base import (
    DOCUMENT,
    Accumulators,
    Combined,
    Context,
    Expression,
    F,
    Raw,
    Value,
)
from docmodels.query.expressions.functions import Function

__all__ = [
    "DOCUMENT",
    "Accumulators",
    "Aggregate",
    "Avg",
    "Combined",
    "Context",
    "Count",
    "Expression",
    "F",
    "Function",
    "Max",
    "Min",
    "Raw",
    "Sum",
    "Value",
    "check_aggregate",
    "count_lists",
    "reference",
]
