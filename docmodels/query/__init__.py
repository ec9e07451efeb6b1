"""Compile queries and updates to plain dicts; no server is needed here."""

from docmodels.query.changes import UpdateBuilder
from docmodels.query.expressions import Aggregate, Avg, Count, F, Max, Min, Sum
from docmodels.query.query import Query, Shape

__all__ = [
    "Aggregate",
    "Avg",
    "Count",
    "F",
    "Max",
    "Min",
    "Query",
    "Shape",
    "Sum",
    "UpdateBuilder",
]
